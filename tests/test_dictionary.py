"""The dictionary as it is printed: rows, lines, and the page under ``docs/``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commands import xuncha

from xuncha_nb import dictionary
from xuncha_nb.indicators import GROUPS, INDICATORS, Indicator
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.ledgers.statistics import DECLARATIONS

PAGE = Path(__file__).parent.parent / "docs" / "indicators.md"


def tables(page: str) -> dict[str, list[list[str]]]:
    """Return the tables of a page by heading, each a list of rows of cells."""
    found: dict[str, list[list[str]]] = {}
    for section in page.split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        found[heading] = [
            [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in body.splitlines()
            if line.startswith("|")
        ]
    return found


def test_the_committed_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == dictionary.markdown(), "make docs"


def test_every_figure_is_on_the_page_once_in_its_group_and_in_order() -> None:
    found = tables(dictionary.markdown())
    assert list(found)[:-1] == [dictionary.GROUP_NAMES[group] for group in GROUPS]
    assert len(set(found)) == len(GROUPS) + 1
    for group in GROUPS:
        head, rule, *body = found[dictionary.GROUP_NAMES[group]]
        assert head == ["标识", "名称", "单位", "类别", "来源台账", "口径"]
        assert set(rule) == {"---"}
        ids = [row[0].strip("`").partition("[")[0] for row in body]
        assert ids == [i.id for i in INDICATORS.values() if i.group == group]
        assert {len(row) for row in body} == {6}


def test_a_row_says_what_the_definition_says() -> None:
    coverage = tables(dictionary.markdown())["全覆盖"]
    family = INDICATORS["covered_by_type"]
    assert [
        "`covered_by_type[单位类别]`",
        family.label,
        family.unit,
        "填报或点数",
        f"{LEDGERS['units'].sheet}、{LEDGERS['round_units'].sheet}",
        family.definition,
    ] in coverage
    shares = tables(dictionary.markdown())["四种形态"]
    share = next(row for row in shares if row[0] == "`form1_share`")
    assert share[2:5] == ["%", "计算", "—"]


def test_declared_conventions_are_on_the_page() -> None:
    *_, last = tables(dictionary.markdown()).values()
    assert [row[0] for row in last[2:]] == [f"`{id}`" for id in DECLARATIONS]
    assert last[2][2] == "含双重处分（inclusive）或不含双重处分（exclusive）"


def test_a_bar_in_a_definition_does_not_break_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = Indicator("odd", "怪", "个", "plan", "base", ("plan",), "甲|乙\n丙")
    monkeypatch.setitem(INDICATORS, "odd", odd)
    assert tables(dictionary.markdown())["计划"][-1][-1] == r"甲\|乙 丙"


def test_lines_and_rows_tell_the_same() -> None:
    rows, lines = dictionary.rows(), list(dictionary.lines())
    assert len(rows) == len(lines) == len(INDICATORS)
    for row, line in zip(rows, lines, strict=True):
        id, label, unit, kind, definition = line.split("\t")
        assert (id, label, unit, definition) == tuple(
            row[key] for key in ("id", "label", "unit", "definition")
        )
        assert kind == {"base": "填报或点数", "derived": "计算"}[row["kind"]]


def test_the_command_prints_the_page_and_not_two_forms_at_once(tmp_path: Path) -> None:
    assert xuncha("indicators", "--markdown", cwd=tmp_path).stdout == dictionary.markdown()
    both = xuncha("indicators", "--markdown", "--json", cwd=tmp_path)
    assert both.returncode == 2
    assert "只能选一个" in both.stderr
    assert both.stdout == ""
