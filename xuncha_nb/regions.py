"""What lies above the counties: cities, provinces, the country, each with its counties.

A county's code tells where it lies (GB/T 2260): 331124 is in the city 331100 and the province
330000. The country is 000000.
"""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from xuncha_nb import areas
from xuncha_nb.areas import Area

Level = Literal["city", "province", "country"]

_COUNTRY: Final = ("000000", "全国")
#: How a member of each level's table is called, and the whole.
_MEMBERS: Final[dict[Level, str]] = {
    "city": "县（市、区）",
    "province": "市（州）",
    "country": "省（区、市）",
}
_WHOLES: Final = (("自治州", "全州"), ("盟", "全盟"), ("地区", "全地区"), ("自治区", "全区"))


@dataclass(frozen=True)
class Group:
    """A row of a region's tables: a county, or the counties of a city or province.

    Attributes
    ----------
    code, name : str
    counties : tuple of Area
    """

    code: str
    name: str
    counties: tuple[Area, ...]


@dataclass(frozen=True)
class Region:
    """A city, a province or the country.

    Attributes
    ----------
    code : str
        Six digits, as text: 331100, 330000, 000000.
    name : str
    level : {'city', 'province', 'country'}
        A municipality such as 北京市 is a city: its districts are its members.
    groups : tuple of Group
        A city's counties, a province's cities, the country's provinces.
    """

    code: str
    name: str
    level: Level
    groups: tuple[Group, ...]

    @property
    def counties(self) -> tuple[Area, ...]:
        """All counties of the region, in the order of their codes."""
        return tuple(itertools.chain.from_iterable(group.counties for group in self.groups))

    @property
    def member_word(self) -> str:
        """How a member is called: 县（市、区）, 市（州）, 省（区、市）."""
        return _MEMBERS[self.level]

    @property
    def whole_word(self) -> str:
        """How the whole is called: 全市, 全省, 全区, 全国."""
        if self.level == "country":
            return "全国"
        ends = (word for end, word in _WHOLES if self.name.endswith(end))
        return next(ends, f"全{self.name[-1]}")


def find(region: str) -> Region | None:
    """Return the region of that six-digit code or name; None when there is none.

    Examples
    --------
    >>> find("丽水市").code, len(find("331100").counties)
    ('331100', 9)
    >>> find("浙江省").groups[0].name
    '杭州市'
    >>> len(find("全国").groups), len(find("全国").counties)
    (31, 2845)
    >>> find("松阳县") is None
    True
    """
    text = unicodedata.normalize("NFKC", region).strip()
    code = text if text.isdecimal() else _codes().get(text, "")
    return _regions().get(code)


@cache
def _codes() -> dict[str, str]:
    return {region.name: region.code for region in _regions().values()}


@cache
def _regions() -> dict[str, Region]:
    found: dict[str, Region] = {}
    provinces = []
    for head, of_province in itertools.groupby(areas.counties(), lambda area: area.code[:2]):
        members = tuple(of_province)
        name = members[0].province
        code = f"{head}0000"
        provinces.append(Group(code, name, members))
        if members[0].city == name:
            found[code] = Region(code, name, "city", _single(members))
            continue
        cities: list[Group] = []
        for place, of_city in itertools.groupby(members, _city):
            counties = tuple(of_city)
            if not counties[0].city:
                cities += _single(counties)
                continue
            city = Group(f"{place[:4]}00", counties[0].city, counties)
            cities.append(city)
            found[city.code] = Region(city.code, city.name, "city", _single(counties))
        found[code] = Region(code, name, "province", tuple(cities))
    country, name = _COUNTRY
    return found | {country: Region(country, name, "country", tuple(provinces))}


def _city(area: Area) -> str:
    # A county directly below its province is a group of its own.
    return area.code[:4] if area.city else area.code


def _single(counties: tuple[Area, ...]) -> tuple[Group, ...]:
    return tuple(Group(area.code, area.name, (area,)) for area in counties)
