"""Pieces become a document: numbered headings, nothing empty, annexes of their own."""

from __future__ import annotations

import json

import pytest
from document_sample import TITLE, blocks, chart, heading, notebook, paragraph
from pydantic import ValidationError

from xuncha_nb.document import (
    Annex,
    Block,
    Cell,
    Column,
    Copies,
    Document,
    Heading,
    Piece,
    Run,
    Table,
    chinese_number,
    compose,
    composed_pieces,
    from_notebook,
)
from xuncha_nb.errors import ExportError

TABLE = Table(title="表", columns=(Column(header="甲"),), rows=((Cell(text="1"),),))
CHART = chart("图")


def document(*blocks: Block) -> Document:
    return compose([Piece(blocks=(TITLE,)), *(Piece(blocks=(block,)) for block in blocks)])


def outline(*blocks: Block) -> list[str]:
    return [
        b.number + "".join(r.text for r in b.runs)
        for b in document(*blocks).blocks
        if isinstance(b, Heading)
    ]


def test_headings_are_numbered_by_level() -> None:
    assert outline(
        heading(1, "甲"),
        heading(2, "乙"),
        heading(3, "丙"),
        heading(4, "丁"),
        paragraph("文"),
        heading(4, "戊"),
        paragraph("文"),
        heading(2, "己"),
        heading(3, "庚"),
        paragraph("文"),
        heading(1, "辛"),
        heading(2, "壬"),
        paragraph("文"),
    ) == [
        "一、甲",
        "（一）乙",
        "1.丙",
        "（1）丁",
        "（2）戊",
        "（二）己",
        "1.庚",
        "二、辛",
        "（一）壬",
    ]


def test_a_heading_with_nothing_under_it_goes_and_takes_no_number() -> None:
    assert outline(
        heading(1, "空"),
        heading(2, "也空"),
        heading(1, "实"),
        heading(2, "空"),
        heading(2, "实"),
        paragraph("文"),
        heading(1, "尾"),
        heading(2, "尾的尾"),
    ) == ["一、实", "（一）实"]


@pytest.mark.parametrize("content", [TABLE, CHART], ids=["table", "chart"])
def test_a_table_or_a_chart_is_content_enough(content: Block) -> None:
    assert outline(heading(1, "甲"), content) == ["一、甲"]


def test_an_annex_is_no_content_of_the_heading_before_it() -> None:
    assert outline(heading(1, "空"), Annex(title="附"), TABLE) == []


def test_an_annex_starts_the_numbers_of_headings_anew_but_not_those_of_tables() -> None:
    blocks = document(
        heading(1, "甲"), paragraph("文"), TABLE, Annex(title="附"), heading(1, "乙"), TABLE
    ).blocks
    assert [getattr(b, "number", "") for b in blocks] == ["一、", "", "表1", "附件", "一、", "表2"]


def test_several_annexes_are_counted_and_an_empty_one_is_not() -> None:
    blocks = document(
        paragraph("文"), Annex(title="甲"), Annex(title="乙"), TABLE, Annex(title="丙"), CHART
    ).blocks
    assert [(b.number, b.title) for b in blocks if isinstance(b, Annex)] == [
        ("附件1", "乙"),
        ("附件2", "丙"),
    ]


def test_without_a_title_it_is_none_of_our_notebooks() -> None:
    with pytest.raises(ExportError, match="先执行再导出"):
        compose([Piece(blocks=(paragraph("文"),))])


def test_the_last_record_counts() -> None:
    pieces = [Piece(blocks=(TITLE,)), Piece(record={"n": 1}), Piece(record={"n": 2}), Piece()]
    assert compose(pieces).record == {"n": 2}


def test_a_panels_cell_stays_out_of_the_document() -> None:
    executed = notebook([paragraph("留下")])
    executed.cells[-1].metadata["tags"] = ["panel"]
    with pytest.raises(ExportError):
        from_notebook(executed)


def test_a_piece_survives_its_json() -> None:
    piece = Piece(blocks=(paragraph("发现问题", Run(text="7个", figure="findings_total")), CHART))
    assert Piece.model_validate_json(json.dumps(piece.to_json())) == piece
    assert piece.to_json()["blocks"][0] == {
        "type": "paragraph",
        "runs": [{"text": "发现问题"}, {"text": "7个", "figure": "findings_total"}],
    }


@pytest.mark.parametrize(
    "piece", [Piece(), Piece(record={"n": None}), Piece(blocks=tuple(blocks()))]
)
def test_every_kind_of_block_survives_its_json(piece: Piece) -> None:
    assert Piece.model_validate_json(json.dumps(piece.to_json())) == piece


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError):
        Piece.model_validate({"blocks": [], "colour": "red"})


@pytest.mark.parametrize(
    ("number", "said"),
    [
        *((0, "零"), (1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一")),
        *((99, "九十九"), (100, "一百"), (101, "一百零一"), (110, "一百一十"), (1001, "一千零一")),
        *((1010, "一千零一十"), (2024, "二千零二十四"), (9999, "九千九百九十九")),
    ],
)
def test_chinese_numbers(number: int, said: str) -> None:
    assert chinese_number(number) == said


@pytest.mark.parametrize("number", [10_000, -1])
def test_no_list_is_longer_than_ten_thousand(number: int) -> None:
    with pytest.raises(ValueError, match=str(number)):
        chinese_number(number)


def test_a_block_whose_number_stands_is_not_copied_again() -> None:
    first, second = heading(1, "甲"), heading(1, "乙")
    pieces = [Piece(blocks=(b,)) for b in (first, paragraph("文"), second, paragraph("文"))]
    made: Copies = {}
    before = composed_pieces(pieces, made)
    again = composed_pieces(pieces, made)
    assert [b.number for (b,) in before if isinstance(b, Heading)] == ["一、", "二、"]
    assert all(one is other for one, other in zip(before, again, strict=True) for one, other in
               zip(one, other, strict=True))  # fmt: skip
    fewer = composed_pieces(pieces[2:], made)
    assert fewer == composed_pieces(pieces[2:])
    assert [b.number for (b,) in fewer if isinstance(b, Heading)] == ["一、"]
    assert list(made) == [id(second)]
