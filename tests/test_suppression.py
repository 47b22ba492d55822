"""No hidden count can be had back from what is published: proved by a solver that knows it all.

The solver is not ours (scipy's integer programming), and it does not use our list of relations:
it reads ``relations.yaml`` as text and takes every number of the public record, value, base,
change, growth, share and rate, with the precision in which it is printed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from books import given
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from pieces import NOTEBOOKS, without_kernel
from scipy.optimize import Bounds, LinearConstraint, milp

from xuncha_nb.editions import public
from xuncha_nb.figures import Figure
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.report import Report
from xuncha_nb.riddles import Constraint, tellable
from xuncha_nb.suppression import hidden, is_sensitive, published

RELATIONS = yaml.safe_load((resources.files("xuncha_nb") / "relations.yaml").read_text("utf-8"))
MOST = 10**7
K = 5

Row = tuple[dict[str, float], float, float]


# -- an attacker ------------------------------------------------------------------------------


def expanded(side: str, known: Mapping[str, Any], scope: str, member: str) -> dict[str, int]:
    """Return the terms of one side of a relation, families one by one."""
    terms: dict[str, int] = {}
    tail = f"@{scope}" if scope else ""
    for sign, word in re.findall(r"([+-]?)\s*([a-z_0-9]+(?:\([a-z_]+\))?)", side):
        k = -1 if sign == "-" else 1
        call = re.fullmatch(r"(sum|each)\((\w+)\)", word)
        if call is None:
            names = [f"{word}{tail}"]
        elif call[1] == "each":
            names = [f"{call[2]}[{member}]{tail}"]
        else:
            names = [n for n in known if n.startswith(f"{call[2]}[") and n.endswith(f"]{tail}")]
        for name in names:
            if name in known:
                terms[name] = terms.get(name, 0) + k
    return terms


def facts(truth: Mapping[str, int], convention: str) -> Iterator[Row]:
    """Yield what a reader knows of numbers that are true, published or not.

    A reader believes in one convention of counting sanctions, whichever it is.
    """
    scopes = sorted({name.partition("@")[2] for name in truth})
    families = set(re.findall(r"\[([^\]]*)\]", " ".join(truth)))
    for line in RELATIONS["relations"]:
        if "/" in line["check"] or line.get("when", convention) != convention:
            continue
        equal = "<=" not in line["check"]
        left, right = re.split("<=|=", line["check"])
        members = sorted(families) if "each(" in left else [""]
        for scope, member in itertools.product(scopes, members):
            one, two = (expanded(side, truth, scope, member) for side in (left, right))
            if not one or not two:
                continue
            row = {name: float(k) for name, k in one.items()}
            for name, k in two.items():
                row[name] = row.get(name, 0) - k
            value = sum(k * truth[name] for name, k in row.items())
            if value == 0 or (not equal and value < 0):
                yield row, (0 if equal else -np.inf), 0
    for stem in {name.partition("@")[0] for name in truth if "@" in name} & set(truth):
        scoped = [name for name in truth if name.startswith(f"{stem}@")]
        if sum(truth[name] for name in scoped) == truth[stem]:
            yield dict.fromkeys(scoped, 1.0) | {stem: -1.0}, 0, 0


def ratio(part: str, whole: str, text: str) -> Row:
    """Return what a printed percentage tells of its operands."""
    digits = len(text.partition(".")[2])
    half = 0.5 * 10**-digits + 1e-9
    rate = float(text)
    # part * 100 - rate * whole lies within half a unit times the whole: two rows in one would
    # need the whole twice, so the two bounds are yielded by the caller.
    return {part: 100.0, whole: -(rate - half)}, 0, np.inf


def ranges(
    names: list[str], rows: list[Row], fixed: Mapping[str, float], target: str
) -> tuple[float, float]:
    """Return the smallest and largest value of a number under everything that is known."""
    place = {name: at for at, name in enumerate(names)}
    matrix = np.zeros((len(rows), len(names)))
    for at, (row, _, _) in enumerate(rows):
        for name, k in row.items():
            matrix[at, place[name]] += k
    low = np.array([fixed.get(n, 0.0) for n in names])
    high = np.array([fixed.get(n, float(MOST)) for n in names])
    known = LinearConstraint(matrix, [r[1] for r in rows], [r[2] for r in rows])
    found = []
    for sense in (1, -1):
        cost = np.zeros(len(names))
        cost[place[target]] = sense
        solved = milp(
            cost, constraints=known, bounds=Bounds(low, high), integrality=np.ones(len(names))
        )
        assert solved.status in (0, 3), solved.message
        found.append(sense * solved.fun if solved.status == 0 else float(MOST))
    return found[0], found[1]


def assert_safe(every: Mapping[str, Figure], kept: Mapping[str, Figure], period: str) -> int:
    """Attack one period's numbers; return how many hidden counts withstood."""
    return min(attacked(every, kept, period, way) for way in ("inclusive", "exclusive"))


def attacked(
    every: Mapping[str, Figure], kept: Mapping[str, Figure], period: str, convention: str
) -> int:

    def number(figure: Figure) -> Any:
        return figure.value if period == "now" else figure.base

    counts = {
        id: int(number(f).value)
        for id, f in every.items()
        if number(f) is not None and f.unit not in ("%", "") and number(f).value.denominator == 1
    }
    told = {id: float(n) for id, n in counts.items() if id in kept and number(kept[id]) is not None}
    rows = list(facts(counts, f"sanction_convention={convention}"))
    for id, figure in kept.items():
        printed = number(figure)
        if figure.unit != "%" or printed is None:
            continue
        scope = id.partition("@")[2]
        needs = [n for n in figure.indicator.needs if n in INDICATORS]
        names = [f"{n}@{scope}" if scope else n for n in needs]
        if len(names) == 2 and all(n in counts for n in names):
            row, low, high = ratio(names[0], names[1], printed.text)
            rate = float(printed.text)
            half = 0.5 * 10 ** -len(printed.text.partition(".")[2]) + 1e-9
            # Cut before 100 and 0, not rounded: a unit instead of half.
            rows += [
                (row, low, high),
                ({names[0]: 100.0, names[1]: -(rate + 2 * half)}, -np.inf, 0),
            ]
    small = {id for id, n in counts.items() if is_sensitive(every[id]) and 0 < n < K}
    veiled: set[str] = set()
    for row, low, high in rows:
        wholes = [name for name, k in row.items() if k < 0]
        if low == high == 0 and len(wholes) == 1 and wholes[0] in small:
            veiled |= {name for name, k in row.items() if k > 0}
    withstood = 0
    names = sorted(counts)
    for target in sorted(set(counts) - set(told)):
        # The attacker knows the threshold, and which of the hidden counts are small.
        # Of a small total every part is hidden, so that a hidden part may be zero.
        knowing = rows + [
            ({id: 1.0}, 0 if id in veiled else 1, K - 1) for id in small | veiled if id not in told
        ]
        least, most = ranges(names, knowing, told, target)
        assert least <= counts[target] <= most
        assert least < most, f"{target} is {counts[target]}"
        withstood += 1
    assert not small & set(told), "a small count is published"
    return withstood


def everything(report: Report) -> dict[str, Figure]:
    scoped = [f for r in report.rounds for f in r.figures.values()]
    members = [f for m in report.material.members for f in m.figures.values()]
    return {f.id: f for f in (*report.figures.values(), *scoped, *members)}


@pytest.mark.parametrize("county", ["331124", "320507", "500236"])
@pytest.mark.parametrize("period", ["2023H1", "2024H1"])
def test_a_countys_hidden_counts_cannot_be_had_back(county: str, period: str) -> None:
    report = without_kernel(NOTEBOOKS[-1], county=county, period=period)
    every = everything(report)
    made = public(report.figures, report.rounds, K)
    kept = dict(made.figures) | {f.id: f for r in made.rounds for f in r.figures.values()}
    assert assert_safe(every, kept, "now") > 5
    assert_safe(every, kept, "base")


def test_a_citys_hidden_counts_cannot_be_had_back() -> None:
    (rollup,) = (path for path in NOTEBOOKS if path.stem == "city_rollup")
    report = without_kernel(rollup)
    made = public(report.figures, (), K, report.material.rollup)
    assert made.rollup is not None
    kept = dict(made.figures) | {f.id: f for m in made.rollup.members for f in m.figures.values()}
    assert assert_safe(everything(report), kept, "now") > 10


RANKS = (
    "disciplined_county",
    "disciplined_township",
    "disciplined_general",
    "disciplined_other",
)


@settings(max_examples=150, deadline=None)
@drawn(st.lists(st.integers(0, 12), min_size=4, max_size=4), st.integers(0, 9), st.integers(0, 9))
def test_any_small_set_withstands(parts: list[int], admin: int, dual: int) -> None:
    total = sum(parts)
    values = dict(zip(RANKS, map(str, parts), strict=True)) | {"persons_disciplined": str(total)}
    if dual <= admin <= total:
        party = total - admin + dual
        values |= {"party_sanction": str(party), "admin_sanction": str(admin)}
        values |= {"dual_sanction": str(dual)}
    figures = dict(given(values))
    kept = published(figures, hidden(figures, K))
    assert_safe(figures, kept, "now")


# -- our own solver ---------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@drawn(st.data())
def test_the_riddle_is_solved_as_by_trying_everything(data: st.DataObject) -> None:
    names = ["a", "b", "c"]
    truth = {n: data.draw(st.integers(0, 5)) for n in names}
    constraints = []
    for _ in range(data.draw(st.integers(1, 3))):
        terms = tuple((n, k) for n in names if (k := data.draw(st.sampled_from((-1, 0, 1)))))
        if not terms:
            continue
        value = sum(k * truth[n] for n, k in terms)
        equal = data.draw(st.booleans())
        slack = 0 if equal else data.draw(st.integers(0, 2))
        constraints.append(Constraint(terms, value + slack, equal))
    domains = dict.fromkeys(names, (0, 5))

    def holds(values: dict[str, int]) -> bool:
        sums = [(sum(k * values[n] for n, k in c.terms), c) for c in constraints]
        return all(s == c.bound if c.equal else s <= c.bound for s, c in sums)

    solutions = [
        found
        for numbers in itertools.product(range(6), repeat=3)
        if holds(found := dict(zip(names, numbers, strict=True)))
    ]
    expected = tuple(n for n in names if len({s[n] for s in solutions}) == 1)
    assert tellable(constraints, domains, truth) == expected


# -- what is hidden ---------------------------------------------------------------------------


def gone(values: dict[str, str], **companions: str) -> set[str]:
    return set(hidden(dict(given(values, **companions)), K).now)


def test_small_counts_go_and_one_more_with_them() -> None:
    ranks = {"disciplined_township": "2", "disciplined_general": "9", "disciplined_other": "20"}
    assert gone(ranks | {"persons_disciplined": "31"}) == {
        "disciplined_township",
        "disciplined_general",
    }
    assert gone(ranks) == {"disciplined_township"}, "without a total nothing gives it away"


def test_zero_is_told_and_large_counts_stay() -> None:
    assert gone({"clues_found": "0", "clues_transferred": "0"}) == set()
    assert gone({"clues_found": "12", "clues_transferred": "9"}) == set()


def test_what_counts_no_persons_stays_however_small() -> None:
    assert gone({"rounds_total": "2", "teams_count": "3", "posts_filled": "4"}) == set()


def test_a_rate_goes_with_its_operand() -> None:
    forms = {"form1": "90", "form2": "9", "form3": "4", "form4": "2", "forms_total": "105"}
    shares = {"form1_share": "85.7%", "form3_share": "3.8%"}
    found = gone(forms | shares)
    assert {"form3", "form4", "form3_share"} <= found
    assert "form1_share" not in found


def test_a_small_base_takes_the_movement_with_it() -> None:
    figures = dict(given({"cases_filed": "12"}, cases_filed__base="3"))
    (kept,) = published(figures, hidden(figures, K)).values()
    assert kept.value.text == "12"
    assert kept.base is None
    assert kept.change is None
    assert kept.growth() is None


def test_last_years_document_and_this_years_base_hide_the_same() -> None:
    values = {"disciplined_township": "2", "disciplined_general": "9", "disciplined_other": "20",
              "persons_disciplined": "31"}  # fmt: skip
    then = gone(values)
    now = dict.fromkeys(values, "50") | {"persons_disciplined": "150"}
    bases = {f"{id}__base": text for id, text in values.items()}
    assert set(hidden(dict(given(now, **bases)), K).base) == then


def test_the_order_of_the_figures_does_not_matter(tmp_path: Path) -> None:
    values = {"disciplined_township": "9", "disciplined_general": "9", "disciplined_other": "1",
              "persons_disciplined": "19"}  # fmt: skip
    backwards = dict(reversed(list(values.items())))
    assert gone(values) == gone(backwards)
