"""The PDF against GB/T 9704-2012, measured from the file itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pdfua
import pypdf
import pytest
import stress_sample
from document_sample import (
    RARE,
    TITLE,
    blocks,
    chart,
    heading,
    long_table,
    paragraph,
    wide_table,
)
from fontTools.cffLib import CFFFontSet
from pages import MM, OPEN_FONTS, boxes, exported, lines_of, read, squeezed, workspace

from xuncha_nb import paper
from xuncha_nb.document import Annex, Chart, Title
from xuncha_nb.errors import FontError
from xuncha_nb.exporters import layout, official
from xuncha_nb.exporters.pdf import XunchaPDFExporter

PDF = XunchaPDFExporter
PROSE = "巡察工作情况汇报" * 28 * 22


def made(folder: Path, options: str, *content: Any) -> pypdf.PdfReader:
    """Export by options of the office's own, in the open fonts."""
    own = options if "fonts:" in options else options + OPEN_FONTS
    place = workspace(folder / "workspace", own)
    return read(exported(PDF, content or None, str(place)))


@pytest.fixture(scope="module")
def sample() -> bytes:
    return exported(PDF)


# ---------------------------------------------------------------- page and grid


def test_the_type_area_is_156_by_225_mm_with_28_and_37_mm_of_margin(tmp_path: Path) -> None:
    found = boxes(exported(PDF, [TITLE, paragraph(PROSE)]), 2, tmp_path)
    body = [box for box in found if "巡察" in box[4]]
    assert len(body) == 22
    assert {len(box[4]) for box in body} == {28}
    assert {round(box[0], 1) for box in body} == {28.0}
    # Tracking takes 0.2 pt from every character, but the last one's is not drawn: 0.07 mm.
    assert all(box[2] == pytest.approx(184.07, abs=0.02) for box in body)
    middles = [(box[1] + box[3]) / 2 for box in body]
    assert middles[-1] - middles[0] == pytest.approx(225 / 22 * 21, abs=0.05)
    assert body[0][1] == pytest.approx(37, abs=0.05), "type begins with the type area"
    assert body[-1][3] == pytest.approx(37 + 225 - (225 / 22 - 16 / MM), abs=0.05)


@pytest.mark.parametrize(("spacing", "rows"), [(28, 22), (30, 21), (26, 24)])
def test_a_fixed_line_spacing_is_kept(tmp_path: Path, spacing: int, rows: int) -> None:
    reader = made(tmp_path, f"line_spacing: {spacing}\n", TITLE, paragraph(PROSE * 2))
    *lines, folio = lines_of(reader.pages[1])
    assert len(lines) == rows
    pitches = {round(a[0] - b[0], 1) for a, b in pairwise(lines)}
    assert pitches == {float(spacing)}
    assert 35 - (folio[0] + 0.38 * 14) / MM == pytest.approx(7, abs=0.3), "it stays where it is"


@pytest.mark.parametrize("style", ["outside", "centre", "none"])
def test_page_numbers_stand_where_the_office_wants_them(tmp_path: Path, style: str) -> None:
    reader = made(tmp_path, f"page_number: {style}\n", TITLE, paragraph(PROSE), wide_table())
    edges = []
    for number, page in enumerate(reader.pages[:2], 1):
        last = lines_of(page)[-1]
        assert (squeezed(last[2]) == f"—{number}—") == (style != "none")
        edges.append(round(last[1] / MM))
    if style == "outside":
        # Odd pages right, even pages left, one character of 14 pt in from the edge.
        assert edges[0] > 150
        assert edges[1] == round(28 + 14 / MM)
    if style == "centre":
        assert edges[0] == edges[1] == pytest.approx(28 + 78 - 7, abs=3)


def test_wide_tables_lie_on_landscape_pages_numbered_like_the_others(tmp_path: Path) -> None:
    content = [TITLE, paragraph("文"), wide_table(), paragraph("文"), wide_table(), paragraph("完")]
    file = exported(PDF, content)
    pages = read(file).pages
    turned = [n for n, p in enumerate(pages, 1) if p.mediabox.width > p.mediabox.height]
    assert turned == [2, 4]
    assert [p.mediabox.width > p.mediabox.height for p in pages] == [
        False,
        True,
        False,
        True,
        False,
    ]
    for number in turned:
        marks = [box for box in boxes(file, number, tmp_path) if box[4] in ("—", str(number))]
        # The sheet is turned clockwise: the number reads down its left edge, 7 mm from the type.
        assert all(box[2] <= 35 - 7 + 3 for box in marks if box[0] < 35)
        (own,) = [box for box in marks if box[4] == str(number) and box[0] < 35]
        assert own[1] < 60, "an even page's number is on the side of the table's head"


# ---------------------------------------------------------------- parts of the document


def test_the_title_is_broken_in_shape_and_the_addressee_follows_one_line_below() -> None:
    file = read(exported(PDF, stress_sample.everything()))
    lines = lines_of(file.pages[0])
    title, rest = lines[:4], lines[4:]
    assert squeezed("".join(t for *_, t in title)) == stress_sample.TITLE.title
    widths = [layout.width(text) for *_, text in title]
    assert max(widths) <= 18
    assert len(set(widths)) > 1, "no rectangle"
    for (_, left, _), width in zip(title, widths, strict=True):
        assert left + width * 22 / 2 == pytest.approx((28 + 78) * MM, abs=6), "centred"
    pitch = 225 / 22 * MM
    assert title[-1][0] - rest[0][0] == pytest.approx(2 * pitch - 1.92, abs=0.2)
    assert rest[0][1] == pytest.approx(28 * MM, abs=0.2), "flush left"
    assert rest[1][2].endswith("：")


def test_the_annex_starts_on_line_one_and_its_title_on_line_three() -> None:
    file = read(exported(PDF, [TITLE, paragraph("文"), Annex(title="任务安排"), paragraph("附文")]))
    label, title, body = lines_of(file.pages[1])[:3]
    assert (label[2], title[2]) == ("附件", "任务安排")
    pitch = 225 / 22 * MM
    assert label[1] == pytest.approx(28 * MM, abs=0.2)
    # Type of 16 pt stands 1.92 pt over the foot of its line, type of 22 pt on it.
    assert label[0] - title[0] == pytest.approx(2 * pitch + 1.92, abs=0.15)
    assert title[0] - body[0] == pytest.approx(2 * pitch - 1.92, abs=0.15)


@pytest.mark.parametrize(
    ("chosen", "office", "indents"),
    [
        ("", "中共怀远县委巡察工作领导小组办公室", (2.0, None)),
        ("", "巡察办", (None, 2.0)),
        ("signature: sealed\n", "中共怀远县委巡察办", (None, 4.0)),
        ("signature: sealed\n", "中共怀远县委巡察工作领导小组办公室", (0.0, None)),
    ],
    ids=["unsealed", "date longer", "sealed", "sealed, too long"],
)
def test_office_and_date_stand_as_far_in_as_the_standard_says(
    tmp_path: Path, chosen: str, office: str, indents: tuple[float | None, float | None]
) -> None:
    place = str(workspace(tmp_path / "workspace", chosen + OPEN_FONTS))
    title = TITLE.model_copy(update={"office": office})
    found = boxes(exported(PDF, [title, paragraph("完。")], place), 1, tmp_path)
    *_, name = (box for box in found if box[4] == office)
    (date,) = (box for box in found if box[4] == "2024年7月5日")
    character = 156 / 28
    for box, wanted in zip((name, date), indents, strict=True):
        if wanted is not None:
            # Tracking takes a little of the last character.
            assert (184 - box[2]) / character == pytest.approx(wanted, abs=0.12)
    if not chosen and indents[0] is not None:
        assert (date[0] - name[0]) / character == pytest.approx(2, abs=0.05), "two to the right"
    if chosen:
        assert (date[0] + date[2]) / 2 == pytest.approx((name[0] + name[2]) / 2, abs=0.6)


@pytest.mark.parametrize("end", ["处。", "1处。", "处”。", "处", "处1%。", "1处（甲）。"])
def test_two_lines_of_text_stand_above_the_signature(end: str) -> None:
    for letters in range(77, 84):
        body = [TITLE, *[paragraph("工" * 400)], paragraph("巡" * letters + end)]
        file = read(exported(PDF, body))
        last = [text for _, _, text in lines_of(file.pages[-1])]
        signed = next(place for place, text in enumerate(last) if "中共怀远县委" in text)
        assert signed >= 2, (letters, last)
        # What hangs from the last line changes nothing of it: 26 characters in the first line,
        # then 28, and a closing mark that is one too many at half its width.
        plain = read(
            exported(PDF, [TITLE.model_copy(update={"office": "", "date": ""}), *body[1:]])
        )
        ours, said = (
            [t for page in made.pages for _, _, t in lines_of(page) if set(t) <= set("巡" + end)]
            for made in (file, plain)
        )
        assert len(said) > 2
        assert ours == said


def test_headings_have_the_faces_of_their_levels_and_bold_only_where_asked(tmp_path: Path) -> None:
    content = [TITLE, *(heading(level, "标题") for level in (1, 2, 3, 4)), paragraph("文字。")]
    fonts = [
        f"fonts:\n  first_heading: [Noto Sans CJK SC]\n  body: [Noto Serif CJK SC]\n"
        f"  second_heading: [Noto Sans CJK SC]\nbold_headings: {levels}\n"
        for levels in ("[]", "[3]")
    ]
    plain, bold = (made(tmp_path / str(n), one, *content) for n, one in enumerate(fonts))
    faces = {}

    def visit(text: str, cm: Any, tm: Any, font: Any, size: Any) -> None:
        if font and text.strip():
            faces[text.strip()[:2]] = "Sans" if "Sans" in font["/BaseFont"] else "Serif"

    plain.pages[0].extract_text(visitor_text=visit)
    assert faces["一、"] == faces["（一"] == "Sans"
    assert faces["1."] == faces["（1"] == "Serif"
    strokes = [r.pages[0].get_contents().get_data().count(b"2 Tr") for r in (plain, bold)]
    assert strokes[1] > strokes[0]


def test_digits_can_have_a_face_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xuncha_nb import fonts

    monkeypatch.setitem(fonts._CHAINS, "latin", ("DejaVu Serif", "Noto Sans CJK SC"))  # type: ignore[index]
    fonts.available.cache_clear()
    try:
        reader = made(tmp_path, "digits: times\n", Title(title="题"), paragraph("甲12乙"))
    finally:
        fonts.available.cache_clear()
    names = {str(f["/BaseFont"]) for f in reader.pages[0]["/Resources"]["/Font"].values()}
    assert len(names) >= 2
    assert squeezed(reader.pages[0].extract_text()).startswith("题甲12乙")


def test_nothing_is_parted_from_its_caption_and_no_row_is_left_alone() -> None:
    for filler in range(8, 20):
        content = [TITLE, *[paragraph("工作情况" * 5)] * filler, long_table(14), chart("图")]
        pages = [squeezed(p.extract_text()) for p in read(exported(PDF, content)).pages]
        with_rows = [p for p in pages if re.search(r"(县教育体育局|龙亢镇党委)\d", p)]
        for page in with_rows:
            assert "被巡察党组织" in page, "the head is repeated"
            assert len(re.findall(r"教育体育局|龙亢镇|卫生健康|包集镇|自然资源|合计", page)) >= 3
        (captioned,) = [p for p in pages if "表1第三轮" in p]
        assert re.search(r"表1第三轮.*整改率（%）1县", captioned)
        (drawn,) = [p for p in pages if "图2图" in p or "图1图" in p]
        assert "党的领导" in drawn


@pytest.mark.parametrize("rows", [5, 12, 14, 30, 31, *range(23, 29)])
@pytest.mark.parametrize("note", ["", "截至2024年6月30日。"])
def test_text_below_tables_and_charts_is_on_the_grid_again(rows: int, note: str) -> None:
    pitch = 225 / 22 * MM
    table = long_table(rows).model_copy(update={"note": note})
    content = [TITLE, table, paragraph("甲行。"), chart("图", note=note), paragraph("乙行。")]
    file = read(exported(PDF, [*content, paragraph("完。")]))
    first = (297 - 37) * MM - 0.88 * 16
    for mark in ("甲行。", "乙行。"):
        (y,) = [y for page in file.pages for y, _, text in lines_of(page) if text == mark]
        lines = (first - y) / pitch
        assert lines == pytest.approx(round(lines), abs=0.02), mark
        on_page = next(page for page in file.pages if mark in page.extract_text())
        nearest = min((o - y for o, *_ in lines_of(on_page) if o > y), default=pitch)
        assert nearest > 16 + 4, f"{mark} keeps off what stands above"


@pytest.mark.parametrize(
    ("wide", "rows"), [*((False, n) for n in range(17, 27)), (True, 17), (True, 18), (True, 47)]
)
def test_a_table_that_ends_at_the_foot_of_a_page_leaves_nothing_for_the_next(
    wide: bool, rows: int
) -> None:
    table = long_table(rows).model_copy(update={"wide": wide})
    pages = read(
        exported(PDF, [TITLE, table, Annex(number="附件", title="名单"), paragraph("完。")])
    )
    assert all(len(lines_of(page)) > 1 for page in pages.pages), "a page of nothing but its number"
    if not wide:
        *_, last = read(exported(PDF, [TITLE, table, paragraph("甲行。")])).pages
        ((first, _, text), *_) = lines_of(last)
        if text.startswith("甲行"):
            assert first == pytest.approx((297 - 37) * MM - 0.88 * 16, abs=0.1), "on its first line"


# ---------------------------------------------------------------- list of figures


def test_the_list_of_figures_and_tables_names_the_pages_they_stand_on() -> None:
    pages = [
        squeezed(p.extract_text()) for p in read(exported(PDF, stress_sample.everything())).pages
    ]
    *body, last = pages
    assert last.startswith("图表目录")
    entries = re.findall(r"([图表]\d)([^.]*?)\.+(\d+)", last.removesuffix("—"))
    assert [number for number, *_ in entries] == ["图1", "图2", "图3", "表1", "表2", "表3", "表4"]
    for number, title, page in entries:
        assert f"{number}{title}" in body[int(page) - 1], number


@pytest.mark.parametrize(("option", "there"), [("always", True), ("auto", False), ("never", False)])
def test_short_documents_have_a_list_only_on_request(
    tmp_path: Path, option: str, there: bool
) -> None:
    reader = made(tmp_path, f"contents: {option}\n", TITLE, long_table(3), chart("图"))
    assert ("图表目录" in reader.pages[-1].extract_text()) == there


# ---------------------------------------------------------------- archive and accessibility


def elements(node: Any) -> Iterator[Any]:
    """Give every element of the structure tree."""
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from elements(child)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node["/K"])


def test_the_structure_tells_headings_tables_and_charts(sample: bytes) -> None:
    root = read(sample).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    found = list(elements(root["/StructTreeRoot"]))
    kinds = [str(node["/S"]) for node in found]
    assert kinds.count("/Table") == 3
    assert kinds.count("/TH") == 5 + 10 + 5
    assert {"/H1", "/H2", "/H3", "/H4", "/Caption", "/TR", "/TD", "/P"} <= set(kinds)
    levels = [int(kind[2]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    drawn = [node for node in found if node["/S"] == "/Figure"]
    assert len(drawn) == 2
    for node in drawn:
        assert "柱形图，全面从严治党方面118个" in node["/Alt"]
    assert "/OutputIntents" in root, "PDF/A names its colours"


def test_a_checker_of_pdf_ua_finds_nothing(tmp_path: Path, sample: bytes) -> None:
    # veraPDF comes from no registry; this checks what a program without it can.
    (tmp_path / "report.pdf").write_bytes(sample)
    report = pdfua.validate(tmp_path / "report.pdf")
    assert [finding for one in report.outcomes for finding in one.findings] == []


def test_annexes_are_bookmarks_that_can_be_read() -> None:
    reader = read(exported(PDF))
    titles = [str(i.title) for i in reader.outline if not isinstance(i, list)]
    assert any(t.startswith("附件1\u3000") or t.startswith("附件1 ") for t in titles)


def test_county_characters_have_glyphs_and_can_be_copied() -> None:
    content = [TITLE, heading(1, RARE), heading(2, RARE), paragraph(RARE), Annex(title=RARE)]
    drawn = chart("图").model_copy(update={"svg": chart("图").svg.replace("党的领导", RARE)})
    reader = read(exported(PDF, [*content, long_table(2), drawn, paragraph("文")]))
    text = squeezed("".join(page.extract_text() for page in reader.pages))
    assert text.count(RARE) >= 5
    seen: dict[str, set[str]] = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            cmap = font["/ToUnicode"].get_data().decode("latin-1")
            pairs = re.findall(r"<([0-9A-Fa-f]{4})> ?<([0-9A-Fa-f]{4,})>", cmap)
            program = font["/DescendantFonts"][0]["/FontDescriptor"]["/FontFile3"].get_data()
            glyphs = drawn_glyphs(program)
            for code, said in pairs:
                character = bytes.fromhex(said).decode("utf-16-be")
                if character in RARE:
                    assert int(code, 16) != 0, "not .notdef"
                    assert glyphs[int(code, 16)] > 10, "an outline and no empty box"
                    seen.setdefault(str(font["/BaseFont"])[8:], set()).add(character)
    assert len(seen) == 2, "serif and sans"
    assert all(found == set(RARE) for found in seen.values())


def drawn_glyphs(program: bytes) -> dict[int, int]:
    """Return glyph number → length of its drawing in a font that a PDF carries."""
    import io

    fonts = CFFFontSet()
    if program[:4] == b"OTTO":
        from fontTools.ttLib import TTFont

        cff = TTFont(io.BytesIO(program))["CFF "].cff
    else:
        fonts.decompile(io.BytesIO(program), None)
        cff = fonts
    top = cff[0]
    strings = top.CharStrings
    return {number: len(strings[name].bytecode or b"") for number, name in enumerate(top.charset)}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ([heading(1, "情况"), paragraph("好"), paragraph("甲\U0001f600乙")], "“一、情况”第2段"),
        ([heading(2, "\U0001f600")], "小标题"),
        ([Annex(title="\U0001f600"), paragraph("文")], "附件标题"),
        ([chart("\U0001f600")], "图1名称"),
        ([chart("图", note="\U0001f600")], "图1的注"),
    ],
)
def test_a_missing_glyph_is_said_with_its_place(content: list[Any], place: str) -> None:
    follow = [] if isinstance(content[-1], type(paragraph(""))) else [paragraph("文")]
    with pytest.raises(FontError) as caught:
        exported(PDF, [TITLE, *content, *follow])
    assert f"字体：{place}，" in str(caught.value)
    assert "U+1F600" in str(caught.value)


def test_a_missing_glyph_in_a_table_is_said_with_row_and_column() -> None:
    bad = long_table(4)
    row = (
        bad.rows[0][0],
        bad.rows[0][1].model_copy(update={"text": "县\U0001f600"}),
        *bad.rows[0][2:],
    )
    table = bad.model_copy(update={"rows": (bad.rows[1], row)})
    with pytest.raises(FontError, match="表1第2行第2列，“县"):
        exported(PDF, [TITLE, table])


def test_the_sample_has_no_options_but_the_standards() -> None:
    assert paper.load(Path(__file__).parent.parent) == paper.PaperLayout()
    assert blocks()


@pytest.mark.parametrize("pitch", ["", "line_spacing: 28\n"])
def test_a_chart_that_is_not_measured_stands_where_a_measured_one_does(
    pitch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    charts = [
        chart("短"),
        chart("国" * (official._CAPTION_LINE - 4)),
        chart("W" * (official._CAPTION_LINE - 4), note="W" * (official._NOTE_LINE - 2)),
        chart("有注", note="注"),
    ]
    content = [
        TITLE,
        *(block for made in charts for block in (paragraph("巡察" * 20), made)),
        paragraph("完。"),
        chart("署名在图下", note="注"),
    ]
    place = str(workspace(tmp_path, pitch)) if pitch else ""
    plain = exported(XunchaPDFExporter, content, place)
    monkeypatch.setattr(official, "_is_plain", lambda *_: False)
    assert exported(XunchaPDFExporter, content, place) == plain
    assert read(plain).pages


def test_only_a_chart_with_lines_of_its_own_is_measured() -> None:
    def plain(made: Chart, landscape: bool = False) -> bool:
        return official._is_plain(made, made.height_mm, landscape)

    assert plain(chart("图", note="注"))
    assert not plain(chart("国" * official._CAPTION_LINE + "国"))
    assert not plain(chart("图", note="国" * official._NOTE_LINE))
    tall = chart("图").model_copy(update={"height_mm": 150.0})
    assert plain(tall)
    assert not plain(tall, landscape=True)
