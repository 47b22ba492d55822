"""Shares of a set: three methods, what each forces, and that the sum is what it promises."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from books import given, only, rules
from hypothesis import given as drawn
from hypothesis import strategies as st
from pieces import figure

from xuncha_nb import apportioning, movements, wording
from xuncha_nb.apportioning import with_set_shares
from xuncha_nb.figures import Figures
from xuncha_nb.parameters import Thresholds
from xuncha_nb.proof.printed import Recorded, contradictions
from xuncha_nb.quantities import Quantity
from xuncha_nb.shares import apportioned

CHANNELS = {
    "petitions_total_letter": "206",
    "petitions_total_net": "164",
    "petitions_total_call": "41",
    "petitions_total_visit": "50",
    "petitions_total": "461",
}


def counted(values: dict[str, str]) -> Figures:
    """Return figures as if they had been counted."""
    reported = given(values)
    items = {id: replace(f, origin="台账") for id, f in reported.items()}
    return replace(reported, items_by_id=items)


def quantities(*counts: int) -> list[Quantity]:
    return [Quantity.exact(count, "件") for count in counts]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # 34 of 461 is 7.375: plain rounding gives 7.4 and a sum of 100.1.
        ("plain", ("72.5", "19.3", "7.4", "0.9")),
        ("largest_remainder", ("72.4", "19.3", "7.4", "0.9")),
        ("last_absorbs", ("72.5", "19.3", "7.4", "0.8")),
    ],
)
def test_the_published_classes_by_each_method(method: str, expected: tuple[str, ...]) -> None:
    assert apportioned(quantities(334, 89, 34, 4), 1, method) == expected


def test_last_absorbs_passes_over_parts_that_are_zero() -> None:
    assert apportioned(quantities(1, 1, 1, 0), 1, "last_absorbs") == ("33.3", "33.3", "33.4", "0.0")


def test_nothing_can_be_apportioned_of_nothing() -> None:
    assert apportioned(quantities(0, 0), 1, "plain") == ()


@drawn(
    st.lists(st.integers(0, 5000), min_size=1, max_size=9).filter(any),
    st.integers(0, 3),
    st.sampled_from(("largest_remainder", "last_absorbs")),
)
def test_the_shares_of_a_set_make_exactly_100(counts: list[int], places: int, method: str) -> None:
    texts = apportioned(quantities(*counts), places, method)
    assert sum(map(Fraction, texts)) == 100
    whole, unit = sum(counts), Fraction(1, 10**places)
    for count, text in zip(counts, texts, strict=True):
        reach = unit if method == "largest_remainder" else unit * len(counts)
        assert abs(Fraction(text) - Fraction(100 * count, whole)) < reach


def test_plain_leaves_the_figures_as_they_are() -> None:
    known = counted(CHANNELS)
    assert with_set_shares(known, "plain", 1) is known


def test_a_complete_set_gets_its_shares_and_names_the_forced_ones() -> None:
    known = counted({"accusations": "334", "petitions_out_of_scope": "89",
                     "petitions_no_substance": "34", "petitions_suggestions": "4",
                     "petitions_total": "461"})  # fmt: skip
    made = with_set_shares(known, "largest_remainder", 1)
    part = made["accusations"]
    assert part.set_share is not None
    assert part.set_share.share.printed == "72.4%"
    assert part.set_share.forced
    note = only(tuple(apportioning.evaluate(made, "largest_remainder")), "share_apportioned")
    assert note.severity == "note"
    assert note.figures == ("accusations",)
    assert "最大余额法" in note.message
    assert part.to_json()["share"] == "72.4"


@pytest.mark.parametrize(
    "change",
    [
        {"petitions_total": "470"},  # a part is missing
        {"petitions_total_net": "1.6万", "petitions_total": "1.7万"},  # not exact
    ],
)
def test_an_incomplete_set_gets_none(change: dict[str, str]) -> None:
    made = with_set_shares(counted(CHANNELS | change), "largest_remainder", 1)
    assert all(f.set_share is None for f in made.values())


def test_a_share_that_was_printed_stands() -> None:
    known = given(CHANNELS, petitions_total_letter__share="44.7%")
    made = with_set_shares(known, "last_absorbs", 1)
    assert made["petitions_total_net"].set_share is None


def test_the_sentence_prints_the_share_of_the_set_only_of_its_own_whole() -> None:
    made = with_set_shares(
        counted({"form1": "1", "form2": "1", "form3": "1", "form4": "0", "forms_total": "3"}),
        "largest_remainder",
        1,
    )
    printed = wording.share(made["form1"], made["forms_total"], Thresholds())
    assert printed is not None
    assert printed.text == "33.4%"
    other = wording.share(made["form1"], figure("clues_handled", "3"), Thresholds())
    assert other is not None
    assert other.text == "33.3%"


def test_a_share_that_is_a_figure_takes_the_text_and_passes_the_proof() -> None:
    values = {"form1": "1", "form2": "1", "form3": "1", "form4": "0", "forms_total": "3"}
    known = counted(values | {"form1_share": "33.3%"})
    exact = Quantity.rounded(Fraction(100, 3), "%", 1)
    items = dict(known.items_by_id)
    items["form1_share"] = replace(items["form1_share"], value=exact, origin="计算")
    made = with_set_shares(replace(known, items_by_id=items), "largest_remainder", 1)
    share = made["form1_share"]
    assert (share.value.text, share.forced) == ("33.4", True)
    assert share.value.value == Fraction(100, 3)
    record = share.to_json()
    assert not list(contradictions(Recorded({share.id: record})))
    wrong = record | {"forced": False}
    assert list(contradictions(Recorded({share.id: wrong})))


def test_a_forced_share_is_a_note_when_the_data_declare_the_method() -> None:
    values = {"accusations": "334", "petitions_out_of_scope": "89", "petitions_no_substance": "34",
              "petitions_suggestions": "4", "petitions_total": "461"}  # fmt: skip
    shares = {
        "accusations__share": "72.4%",
        "petitions_out_of_scope__share": "19.3%",
        "petitions_no_substance__share": "7.4%",
        "petitions_suggestions__share": "0.9%",
    }
    reported = given(values, **shares)
    undeclared = tuple(movements.evaluate(reported, Thresholds()))
    assert rules(undeclared, "warning") == ["share_forced"]
    declared = replace(reported, declared={"share_method": "largest_remainder"})
    noted = tuple(movements.evaluate(declared, Thresholds()))
    assert rules(noted, "warning") == []
    assert "share_forced" in rules(noted, "note")
