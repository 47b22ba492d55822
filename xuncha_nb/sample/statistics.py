"""Petition and discipline statistics of a sample county, by half-year and year.

Every half-year is drawn figure by figure so that its relations hold; a year is the sum of
its halves, which keeps them. Totals are the sums of their parts.
"""

from __future__ import annotations

from random import Random
from typing import Final

Row = dict[str, object]
Half = dict[str, int]

_CHANNELS: Final = ("letter", "net", "call", "visit")
#: Figures of the year before the ledgers that the sample reports as printed numbers.
_REPORTED: Final = (
    "petitions_total",
    "petitions_own",
    "petitions_from_above",
    "clues_handled",
    "cases_filed",
    "persons_disciplined",
    "forms_total",
    "form1",
    "form2",
    "form3",
    "form4",
)
_CONVENTION: Final = "sanction_convention"
_REPORTED_SOURCE: Final = "2022年上半年工作总结"
#: Printed with one decimal; drawn in tenths, so that halves add up exactly.
_TENTHS: Final = "funds_surrendered"


def split(total: int, weights: tuple[float, ...], rng: Random) -> list[int]:
    """Split a whole number into whole parts, roughly by weight; the first takes the rest."""
    scale = [weight * rng.uniform(0.8, 1.2) for weight in weights]
    parts = [int(total * weight / sum(scale)) for weight in scale]
    parts[0] += total - sum(parts)
    return parts


def petition_half(size: float, rng: Random) -> Half:
    """Return the petition figures of a half-year.

    own + from above = the four channels + other = the five classes = total.
    """
    total = round(110 * size * rng.uniform(0.85, 1.15))
    own, above = split(total, (0.6, 0.4), rng)
    letter, net, call, visit, other = split(total, (0.35, 0.25, 0.18, 0.18, 0.04), rng)
    classes = split(total, (0.55, 0.2, 0.13, 0.09, 0.03), rng)
    channels = dict(zip(_CHANNELS, (letter, net, call, visit), strict=True))
    return {
        "petitions_total": total,
        "petitions_own": own,
        "petitions_from_above": above,
        **{f"petitions_total_{name}": count for name, count in channels.items()},
        "petitions_total_other": other,
        "accusations": classes[0],
        "petitions_out_of_scope": classes[1],
        "petitions_no_substance": classes[2],
        "petitions_suggestions": classes[3],
        "petitions_appeals": classes[4],
    }


def discipline_half(size: float, rng: Random) -> Half:
    """Return the discipline figures of a half-year.

    Sanctions follow the inclusive convention: party + admin - dual = the sum over ranks.
    """

    def around(count: float) -> int:
        return round(count * size * rng.uniform(0.8, 1.2))

    handled, filed = around(95), around(38)
    county = 1 if rng.random() < 0.15 else 0
    township, general, other = around(5), around(9), around(20)
    total = county + township + general + other
    dual = round(total * rng.uniform(0.04, 0.1))
    admin = dual + round(total * rng.uniform(0.08, 0.15))
    second = max(3, round(total * rng.uniform(0.75, 0.85)))
    third = max(2, round(second * rng.uniform(0.12, 0.2)))
    return {
        "clues_handled": handled,
        "talk_inquiry": round(handled * rng.uniform(0.1, 0.2)),
        "preliminary_verifications": round(handled * rng.uniform(0.6, 0.75)),
        "cases_filed": filed,
        "cases_concluded": max(0, filed + rng.randint(-4, 4)),
        "persons_disciplined": total,
        "party_sanction": total - admin + dual,
        "admin_sanction": admin,
        "dual_sanction": dual,
        "disciplined_ministerial": 0,
        "disciplined_bureau": 0,
        "disciplined_county": county,
        "disciplined_township": township,
        "disciplined_general": general,
        "disciplined_other": other,
        "discipline_suggestions": around(4),
        "supervisory_suggestions": around(5),
        **_forms(around(90) + second, second, third, rng),
        "gang_clues": around(1.5),
        "umbrella_persons": rng.choice((0, 0, 0, 1)),
        "gang_party_members": rng.choice((0, 0, 1)),
        "poverty_cases": around(9),
        "poverty_sanctioned": around(4),
        "poverty_organisational": around(6),
        "poverty_accountable": around(2),
        "env_accountable": around(1.5),
        "issue_items": around(30),
        "issue_checks": around(14),
        "voluntary_statements": around(2),
        _TENTHS: around(160),
        "weddings_filed": around(35),
        "integrity_talks": around(60),
        "integrity_opinions": around(320),
    }


def _forms(first: int, second: int, third: int, rng: Random) -> Half:
    fourth = rng.randint(0, third)
    return {
        "forms_total": first + second + third + fourth,
        "form1": first,
        "form2": second,
        "form3": third,
        "form4": fourth,
    }


def statistics_rows(area_label: str, rng: Random) -> dict[str, list[Row]]:
    """Return ``petition_stats``, ``discipline_stats`` and ``reported``.

    Parameters
    ----------
    area_label : str
        How the reported figures name the county: its name, or its code when the name occurs
        more than once in the country.
    rng : random.Random
    """
    size = rng.uniform(0.6, 1.9)
    petitions: dict[str, Half] = {}
    discipline: dict[str, Half] = {}
    for year in (2022, 2023, 2024):
        for half in ("H1", "H2"):
            size *= rng.uniform(0.96, 1.08)
            petitions[f"{year}{half}"] = petition_half(size, rng)
            discipline[f"{year}{half}"] = discipline_half(size, rng)
        for table in (petitions, discipline):
            first, second = table[f"{year}H1"], table[f"{year}H2"]
            table[str(year)] = {name: first[name] + second[name] for name in first}
    shown = ("2023H1", "2023", "2024H1", "2024")
    before = petitions["2022H1"] | discipline["2022H1"]
    # How party, administrative and dual sanctions add up here: see discipline_half.
    declared: list[Row] = [
        {"period": period, "figure": _CONVENTION, "value": "含双重处分"} for period in shown
    ]
    return {
        "petition_stats": _rows(petitions, shown),
        "discipline_stats": _rows(discipline, shown) + declared,
        "reported": [
            {
                "area": area_label,
                "period": "2022H1",
                "figure": name,
                "value": _printed(name, before[name]),
                "source": _REPORTED_SOURCE,
            }
            for name in _REPORTED
        ],
    }


def _rows(table: dict[str, Half], periods: tuple[str, ...]) -> list[Row]:
    return [
        {"period": period, "figure": name, "value": _printed(name, value)}
        for period in periods
        for name, value in table[period].items()
    ]


def _printed(name: str, value: int) -> str:
    return f"{value / 10:.1f}" if name == _TENTHS else str(value)
