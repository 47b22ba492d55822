"""What the formats of a report share is worked out once, and never taken for another report's."""

from __future__ import annotations

import copy

import pytest
from document_sample import TITLE, paragraph
from pages import exported

from xuncha_nb import document
from xuncha_nb.document import Column, Document, Table
from xuncha_nb.errors import ConfidentialError
from xuncha_nb.exporters import base, placement
from xuncha_nb.exporters.kept import kept, kept_of_tables
from xuncha_nb.exporters.pdf import XunchaPDFExporter
from xuncha_nb.paper import PaperLayout
from xuncha_nb.personal import Watchlist


def test_an_answer_is_kept_for_the_same_document_and_the_same_question() -> None:
    asked: list[tuple[str, int]] = []

    @kept
    def width(content: Document, of: int) -> int:
        asked.append((content.title.title, of))
        return of

    one = Document(title=TITLE, blocks=(paragraph("甲"),))
    other = one.model_copy(deep=True)
    assert other == one
    for content, of in ((one, 1), (one, 1), (one, 2), (other, 2), (one, 2)):
        assert width(content, of) == of
    assert len(asked) == 4, "equal is not the same: only identity tells"


def test_answers_about_several_tables_are_kept_but_not_about_all_there_ever_were() -> None:
    asked: list[Table] = []

    @kept_of_tables
    def widths(table: Table, room: float) -> tuple[str, float]:
        asked.append(table)
        return table.title, room

    def table(title: str) -> Table:
        return Table(title=title, number="表1", columns=(Column(header="甲"),), rows=())

    few = [table(f"第{n}张") for n in range(6)]
    for _ in range(2):
        for one in few:
            for room in (156.0, 225.0):
                assert widths(one, room) == (one.title, room)
    assert len(asked) == 12
    equal = few[0].model_copy()
    assert widths(equal, 156.0) == (equal.title, 156.0)
    assert asked[-1] is equal
    for n in range(20):
        widths(table(f"另{n}张"), 156.0)
    widths(few[0], 156.0)
    assert asked[-1] is few[0], "what is long ago is let go"


def test_a_question_that_fails_is_asked_again() -> None:
    tries: list[int] = []

    @kept
    def fails(content: Document) -> None:
        tries.append(1)
        raise ConfidentialError("有不得外传的内容")

    content = Document(title=TITLE, blocks=())
    for _ in range(2):
        with pytest.raises(ConfidentialError):
            fails(content)
    assert len(tries) == 2


def test_a_notebook_is_read_once_for_all_formats_and_anew_when_it_is_changed() -> None:
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    pieces = [document.Piece(blocks=(TITLE,)), document.Piece(blocks=(paragraph("甲行。"),))]
    outputs = [
        new_output("display_data", data={document.MIME: piece.to_json()}) for piece in pieces
    ]
    notebook = new_notebook(cells=[new_code_cell("", outputs=[o]) for o in outputs])
    first = document.from_notebook(notebook)
    assert document.from_notebook(copy.deepcopy(notebook)) is first
    run = notebook.cells[1].outputs[0].data[document.MIME]["blocks"][0]["runs"][0]
    run["text"] = "乙行。"
    second = document.from_notebook(notebook)
    assert second is not first
    assert [r.text for b in second.blocks for r in b.runs] == ["乙行。"]  # type: ignore[union-attr]
    assert placement.sections(second, PaperLayout()) != placement.sections(first, PaperLayout())


def test_what_the_guard_let_pass_is_looked_at_again_when_more_is_watched() -> None:
    content = Document(title=TITLE, blocks=(paragraph("组长由欧阳某担任。"),))
    watch = Watchlist()
    for _ in range(2):
        base._guarded(content, frozenset(), (watch,), len(watch))
    watch.add("欧阳某", "名册.xlsx 第2行“姓名”列")
    with pytest.raises(ConfidentialError, match="名册"):
        base._guarded(content, frozenset(), (watch,), len(watch))


def test_two_reports_in_turn_are_each_their_own() -> None:
    one, two = ([TITLE, paragraph(text)] for text in ("甲行。", "乙行。"))
    first, second = exported(XunchaPDFExporter, one), exported(XunchaPDFExporter, two)
    assert first != second
    assert exported(XunchaPDFExporter, one) == first
