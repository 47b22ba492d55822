"""Charts and tables of the body: no hole at a page's foot, no order that a reader would miss."""

from __future__ import annotations

import pytest
from document_sample import TITLE, chart, heading, long_table, paragraph

from xuncha_nb.document import Block, Chart, Document, Heading, Paragraph, Table
from xuncha_nb.exporters import (
    entries,
    heights,
    layout,
    official,
    placement,
    titles,
    typesetting,
)
from xuncha_nb.paper import PaperLayout

LINE = "巡察" * 14


def text(lines: int) -> Paragraph:
    """Return a paragraph of so many lines of the grid."""
    return paragraph((LINE * lines)[: 28 * lines - 4])


def placed(*blocks: Block) -> tuple[layout.Item, ...]:
    content = Document(title=TITLE, blocks=blocks)
    return placement.sections(content, PaperLayout())[0].items


def tall(lines: int, title: str = "图") -> Chart:
    """Return a chart that takes so many lines with its caption."""
    return chart(title).model_copy(
        update={"title": title, "height_mm": (lines - 1.2) * 10.2, "width_mm": 150.0, "note": ""}
    )


def kinds(items: tuple[layout.Item, ...]) -> str:
    names = {Paragraph: "p", Chart: "C", Table: "T", Heading: "H"}
    return "".join(names.get(type(item), "") for item in items)


def test_what_fits_stays_where_it_is() -> None:
    assert kinds(placed(text(5), tall(6), text(5))) == "pCp"


def test_the_text_behind_a_chart_fills_the_page_before_it() -> None:
    assert kinds(placed(text(12), tall(14), text(3), text(4), text(2))) == "pppCp"


def test_no_text_crosses_a_heading() -> None:
    assert kinds(placed(text(12), tall(14), heading(1, "题"), text(4), text(4))) == "pCHpp"


def test_a_chart_never_comes_before_the_text_that_leads_to_it() -> None:
    assert kinds(placed(text(9), text(9), tall(14), text(2))) == "ppCp"


def test_the_last_paragraph_stays_with_the_signature() -> None:
    items = placed(text(12), tall(14), text(4))
    assert kinds(items) == "pCp"
    assert isinstance(items[-1], layout.Signature)


def test_a_chart_that_nearly_fits_gets_smaller_within_limits() -> None:
    before = tall(10)
    (after,) = (i for i in placed(text(9), before, text(2)) if isinstance(i, Chart))
    assert entries.LEAST_SCALE <= after.height_mm / before.height_mm < 1
    share = after.height_mm / before.height_mm
    assert after.width_mm / before.width_mm == pytest.approx(share)
    (whole,) = (i for i in placed(text(12), before, heading(1, "题")) if isinstance(i, Chart))
    assert whole.height_mm == before.height_mm, "too much is lacking: it goes overleaf as it is"


def sizes(items: tuple[layout.Item, ...], *before: Chart) -> list[float]:
    """Return how many times as high as before each chart is printed."""
    after = [item for item in items if isinstance(item, Chart)]
    return [a.height_mm / b.height_mm for a, b in zip(after, before, strict=True)]


def test_no_page_is_begun_for_a_line_and_the_signature() -> None:
    # Title 4 with the line below, chart 10, text 4, signature 3 with the line above: one too many.
    first = 4
    for lines, smaller in ((22 - first - 10 - 3, False), (22 - first - 10 - 2, True)):
        (share,) = sizes(placed(tall(10), text(lines)), tall(10))
        assert (share < 1) is smaller
        assert share >= entries.LEAST_SCALE


def test_charts_share_what_stays_blank_at_the_foot_of_their_page() -> None:
    one, two, three = tall(9, "甲").model_copy(update={"width_mm": 120.0}), tall(12), tall(14)
    items = placed(text(4), one, heading(1, "题"), text(1), two, heading(1, "题"), three, text(9))
    grown, *others = sizes(items, one, two, three)
    assert 1 < grown <= entries.GREATEST_SCALE
    assert others == [1, 1], "a chart as wide as the page grows no more"


def test_charts_keep_their_order_and_tables_theirs() -> None:
    first, second = tall(9, "甲"), tall(4, "乙")
    items = placed(text(12), first, second, long_table(4), heading(1, "题"), text(1))
    assert [i.title for i in items if isinstance(i, Chart)] == ["甲", "乙"]


def test_every_item_is_printed_once() -> None:
    blocks = (text(12), tall(14), text(3), long_table(4), text(9), tall(9, "乙"), text(2))
    plain = layout.sections(Document(title=TITLE, blocks=blocks))[0].items
    assert sorted(map(kinds, ((i,) for i in plain))) == sorted(
        map(kinds, ((i,) for i in placed(*blocks)))
    )


def test_a_paragraph_that_a_page_ends_in_is_known_and_its_ends_have_two_lines() -> None:
    # Four lines above the first: title, the line below, addressee.
    first = len(titles.lines(TITLE.title)) + 1 + bool(layout.addressee(TITLE))
    found = {}
    for room in range(1, 9):
        content = Document(title=TITLE, blocks=(text(22 - first - room), text(6)))
        section = placement.sections(content, PaperLayout())[0]
        assert kinds(section.items) == "pp"
        found[room] = section.stands[1].torn
    # All six stand on the page where there is room for them, whatever becomes of the signature.
    assert found == {1: False} | dict.fromkeys(range(2, 6), True) | dict.fromkeys((6, 7, 8), False)


@pytest.mark.parametrize("letter", ["国", "W", "—", "“", "1"])
def test_a_text_that_is_not_asked_about_takes_the_line_that_typst_gives_it(letter: str) -> None:
    items = [heading(1, letter * 19), paragraph(letter * 22)]
    inputs = {"document": typesetting.packed(official.sample(items, PaperLayout()))}
    asked = typesetting.answer(official.TEMPLATE, inputs)
    assert asked == [entry.high for entry in entries.measured(items, PaperLayout())]
    many = entries.measured([paragraph("国" * 27)], PaperLayout())
    assert many[0].lines == 2, "two blank characters, and then 26"


def test_a_long_table_is_torn_between_its_rows_and_has_its_head_again() -> None:
    def entry(rows: int) -> entries.Entry:
        (made,) = entries.measured([long_table(rows)], PaperLayout())
        return made

    whole, table = entry(5), entry(24)
    assert whole.parts == ()
    head, *rows = table.parts
    assert len(rows) == 24 - layout.LAST_ROWS + 1
    assert rows[-1] > 3 * rows[0], "the last three stay together, with the note"
    assert [table.opens_page(used, 22) for used in (0, 15, 21)] == [False, False, True]
    alone = table.reach(0, 22)
    assert alone == pytest.approx(
        heights.ABOVE_LONG_PT + heights.CAPTION_PT + head + sum(rows), abs=0.01
    )
    foot = 22 * table.pitch
    torn = table.reach(15, 22)
    # What stands overleaf has the head above it.
    left = sum(rows) - (torn - head)
    assert 0 < left <= foot - 15 * table.pitch - heights.CAPTION_PT - head
    assert table.reach(21, 22) == pytest.approx(alone), "not without its first row"
