"""The quick look at a ledger and its pandera schema agree on what is right."""

from __future__ import annotations

import warnings
from datetime import datetime

import pandera.errors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xuncha_nb.ledgers import LEDGERS, Column, Ledger
from xuncha_nb.ledgers.rows import Rows
from xuncha_nb.sources import validation


def cells(column: Column, wrong: bool) -> st.SearchStrategy[object]:
    """Draw a cell as it is held after reading: of the column's type, its content perhaps wrong."""
    kinds: dict[str, st.SearchStrategy[object]] = {
        "count": st.integers(-2 if wrong else 0, 5),
        "number": st.floats(-1.5 if wrong else 0, 5, allow_nan=False),
        "date": st.datetimes(datetime(2020, 1, 1), datetime(2025, 1, 1)),
        "flag": st.booleans(),
    }
    text: st.SearchStrategy[object] = st.text("甲乙丙丁AB1", min_size=1, max_size=4)
    drawn = kinds.get(column.type, text)
    if column.allowed:
        allowed = st.sampled_from(column.allowed)
        drawn = st.one_of(allowed, text) if wrong else allowed
    return st.one_of(st.none(), drawn) if wrong or not column.required else drawn


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[Ledger, Rows]:
    """Draw a ledger with some rows; as a rule one of its columns may have wrong cells."""
    ledger = LEDGERS[draw(st.sampled_from(sorted(LEDGERS)))]
    count = draw(st.integers(1, 4))
    suspect = draw(st.sampled_from([*(c.name for c in ledger.columns), ""]))
    columns = {}
    for column in ledger.columns:
        wrong = column.name == suspect
        unique = column.unique and not wrong
        drawn = st.lists(
            cells(column, wrong), min_size=count, max_size=count,
            unique_by=(lambda cell: cell) if unique else None,
        )  # fmt: skip
        columns[column.name] = draw(drawn)
    return ledger, Rows.of_cells(ledger, columns, list(range(2, count + 2)))


def passes(ledger: Ledger, rows: Rows) -> bool:
    """Whether the schema finds nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ledger.schema().validate(rows.frame(ledger), lazy=True)
        except pandera.errors.SchemaErrors:
            return False
    return True


seen: set[bool] = set()


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(ledgers())
def both_agree(drawn: tuple[Ledger, Rows]) -> None:
    right = passes(*drawn)
    seen.add(right)
    assert validation._is_plainly_right(*drawn) == right


def test_the_quick_look_agrees_with_the_schema() -> None:
    both_agree()
    assert seen == {True, False}, "both kinds of ledgers were drawn"


def test_what_is_held_as_another_type_is_a_doubt() -> None:
    ledger = LEDGERS["units"]
    row = {c.name: (c.allowed[0] if c.allowed else c.example or None) for c in ledger.columns}
    row |= {c.name: None for c in ledger.columns if c.type in ("date", "count", "number", "flag")}
    right = Rows.of_cells(ledger, {name: [cell] for name, cell in row.items()}, [2])
    key = next(c.name for c in ledger.columns if c.unique)
    doubtful = Rows.of_cells(ledger, {n: [1 if n == key else c] for n, c in row.items()}, [2])
    assert validation._is_plainly_right(ledger, right) == passes(ledger, right)
    assert not validation._is_plainly_right(ledger, doubtful)
