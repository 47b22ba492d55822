"""The roster of a sample county: inspection objects, villages, communities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from xuncha_nb.areas import Area
from xuncha_nb.ledgers import OBJECT_TYPES
from xuncha_nb.sample.names import UNIT_NAMES, place_names

#: Share of the pool of names that a county takes, by type.
_SHARES: Final = {
    "县直党群行政": (0.7, 1.0),
    "科级事业": (0.5, 1.0),
    "国有企业": (0.3, 1.0),
    "学校": (0.5, 1.0),
}
#: Units that some counties list for every township, and how many counties in ten do.
_TOWNSHIP_UNITS: Final = (("中心学校", "学校", 5), ("卫生院", "科级事业", 2))
_LEVELS: Final = "县区市旗"
_MERGED_ON: Final = date(2022, 6, 30)
_NEW_FROM: Final = date(2022, 7, 1)


@dataclass(frozen=True)
class Unit:
    """A unit of the roster; ``parent`` is a code, ``valid_*`` its life within the term."""

    code: str
    name: str
    type: str
    term: str
    parent: str | None = None
    former_names: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def is_object(self) -> bool:
        """Whether it counts as an inspection object; villages and communities do not."""
        return self.type in OBJECT_TYPES

    def lasts(self, start: date) -> bool:
        """Whether it exists on that day and for good."""
        return self.valid_to is None and (self.valid_from is None or self.valid_from <= start)

    @property
    def row(self) -> dict[str, object]:
        """The unit as a row of the ledger."""
        return {
            "code": self.code,
            "name": self.name,
            "former_names": self.former_names,
            "type": self.type,
            "parent": self.parent,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "term": self.term,
        }


def level_word(area: Area) -> str:
    """Return the word that units of the area carry in front: 县, 区, 市 or 旗."""
    return area.name[-1] if area.name[-1] in _LEVELS else "县"


def make_units(area: Area, term: str, rng: Random) -> list[Unit]:
    """Return the roster: objects first, then villages and communities by township.

    Two offices that merged in 2022, and some villages, are in it with the day they ended.
    """
    level = level_word(area)
    streets = area.type == "市辖区"
    townships = rng.randint(7, 14) if streets else rng.randint(10, 24)
    villages = rng.randint(100, 230) if streets else rng.randint(130, 400)
    # Every township, village and community has a name of its own.
    places = place_names(rng, townships + villages)
    units: list[Unit] = []

    def add(
        name: str,
        kind: str,
        *,
        parent: str | None = None,
        former: str | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> Unit:
        prefix = "D" if kind in OBJECT_TYPES else "C"
        number = sum(1 for unit in units if unit.code[0] == prefix) + 1
        unit = Unit(f"{prefix}{number:03d}", name, kind, term, parent, former, since, until)
        units.append(unit)
        return unit

    for kind in OBJECT_TYPES:
        if kind == "乡镇":
            continue
        names = UNIT_NAMES[kind]
        low, high = _SHARES[kind]
        for name in names[: round(len(names) * rng.uniform(low, high))]:
            add(name.format(level), kind)
    merged = [
        add(f"{level}{name}", "科级事业", until=_MERGED_ON)
        for name in (
            "建设工程质量服务站",
            "建设工程安全服务站",
        )
    ]
    add(
        f"{level}建设工程服务中心",
        "科级事业",
        since=_NEW_FROM,
        former="、".join(unit.name for unit in merged),
    )
    parents = []
    for place in places[:townships]:
        suffix = "街道" if rng.random() < (0.8 if streets else 0.15) else "镇"
        if not streets and suffix == "镇" and rng.random() < 0.3:
            suffix = "乡"
        parents.append(add(f"{place}{suffix}", "乡镇"))
    for name, kind, tenths in _TOWNSHIP_UNITS:
        if rng.random() * 10 < tenths:
            for place in places[:townships]:
                add(f"{place}{name}", kind)
    for index, place in enumerate(places[townships:]):
        parent = parents[index % townships]
        urban = rng.random() < (0.75 if parent.name.endswith("街道") else 0.12)
        kind, suffix = ("社区", "社区") if urban else ("村", "村")
        # A few villages ended before any round went there.
        ended = _MERGED_ON if kind == "村" and rng.random() < 0.02 else None
        add(f"{place}{suffix}", kind, parent=parent.code, until=ended)
    return units
