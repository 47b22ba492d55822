"""The Word file: against the format's schema, the office's rules, and the pages of the PDF."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import openxml_audit
import pytest
import stress_sample
from document_sample import RARE, TITLE, blocks, chart, heading, long_table, paragraph, wide_table
from pages import (
    OPEN_FONTS,
    difference,
    exported,
    pictures,
    read,
    squeezed,
    word_pages,
    workspace,
)

from xuncha_nb import runner
from xuncha_nb import workspace as packaged
from xuncha_nb.document import Annex
from xuncha_nb.exporters import outlines, word
from xuncha_nb.exporters.docx import XunchaDocxExporter
from xuncha_nb.exporters.pdf import XunchaPDFExporter
from xuncha_nb.parameters import RunParameters

DOCX, PDF = XunchaDocxExporter, XunchaPDFExporter
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
ASVG = "{http://schemas.microsoft.com/office/drawing/2016/SVG/main}"
OPTIONS = {
    "standard": "digits: body\n",
    "office's own": (
        "line_spacing: 28\ndigits: times\nbold_headings: [3]\nsignature: sealed\n"
        "page_number: centre\ncontents: always\nfonts:\n  body: [方正仿宋_GBK]\n"
    ),
    "bare": "page_number: none\ncontents: never\n",
}
CONTENTS = {
    "sample": blocks,
    "stress": stress_sample.everything,
    "charts": stress_sample.only_charts,
    "text": stress_sample.no_charts,
    "wide last": lambda: [TITLE, wide_table(), Annex(title="甲"), wide_table()],
}


def package(options: str = "", content: Any = None, folder: Path | None = None) -> zipfile.ZipFile:
    """Export by options of an office's own."""
    place = "" if folder is None else str(workspace(folder / "workspace", options))
    return zipfile.ZipFile(io.BytesIO(exported(DOCX, content, place)))


def body_of(word: zipfile.ZipFile) -> ET.Element:
    """Return the body of the document's part."""
    found = ET.fromstring(word.read("word/document.xml")).find(f"{W}body")
    assert found is not None
    return found


def style_of(node: ET.Element) -> str:
    """Return a paragraph's style."""
    style = node.find(f"{W}pPr/{W}pStyle")
    return "" if style is None else style.get(f"{W}val", "")


def words(node: ET.Element) -> str:
    """Return an element's text."""
    return "".join(text.text or "" for text in node.iter(f"{W}t"))


def properties(word: zipfile.ZipFile, style: str) -> ET.Element:
    """Return a style."""
    root = ET.fromstring(word.read("word/styles.xml"))
    (found,) = [s for s in root.findall(f"{W}style") if s.get(f"{W}styleId") == style]
    return found


# ---------------------------------------------------------------- schema


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_the_file_is_valid_by_the_schema(tmp_path: Path, options: str, content: Any) -> None:
    place = str(workspace(tmp_path / "workspace", options))
    path = tmp_path / "report.docx"
    path.write_bytes(exported(DOCX, content(), place))
    result = openxml_audit.OpenXmlValidator(
        file_format=openxml_audit.FileFormat.MICROSOFT_365
    ).validate(path)
    # The schema would like a theme; theme fonts override explicit ones, so there is none, as in
    # every file that pandoc or docx.js write without one.
    faults = [error for error in result.errors if "relationships/theme" not in str(error)]
    assert faults == []


def test_the_schema_finds_faults(tmp_path: Path) -> None:
    word = package()
    path = tmp_path / "bad.docx"
    with zipfile.ZipFile(path, "w") as bad:
        for name in word.namelist():
            data = word.read(name)
            if name == "word/document.xml":
                data = data.replace(b'<w:jc w:val="center"/>', b'<w:jc w:val="middle"/>', 1)
            bad.writestr(name, data)
    errors = openxml_audit.OpenXmlValidator().validate(path).errors
    assert len([e for e in errors if "relationships/theme" not in str(e)]) >= 1


# ---------------------------------------------------------------- structure


def test_captions_count_themselves_and_the_lists_refer_to_them() -> None:
    word = package(content=stress_sample.everything())
    body = body_of(word)
    codes = [node.text or "" for node in body.iter(f"{W}instrText")]
    assert Counter(code.split()[1] for code in codes if "SEQ" in code) == {"图": 3, "表": 4}
    assert [code.strip() for code in codes if "TOC" in code] == [
        'TOC \\h \\z \\c "图"',
        'TOC \\h \\z \\c "表"',
    ]
    marks = [n.get(f"{W}name") for n in body.iter(f"{W}bookmarkStart")]
    assert len(marks) == len(set(marks)) == 7
    entries = [p for p in body.iter(f"{W}p") if style_of(p) == "TableofFigures"]
    links = [n.get(f"{W}anchor") for p in entries for n in p.iter(f"{W}hyperlink")]
    assert sorted(links, key=str) == sorted(marks, key=str)
    # The results are filled in, and name the pages of the PDF.
    printed = read(exported(PDF, stress_sample.everything())).pages
    pages = [squeezed(page.extract_text()) for page in printed]
    for entry in entries:
        *texts, page = [node.text or "" for node in entry.iter(f"{W}t")]
        assert squeezed("".join(texts)) in pages[int(page) - 1]


def test_fields_are_begun_and_ended() -> None:
    for node in (body_of(package(content=stress_sample.everything())),):
        kinds = [n.get(f"{W}fldCharType") for n in node.iter(f"{W}fldChar")]
        depth = 0
        for kind in kinds:
            depth += {"begin": 1, "separate": 0, "end": -1}[str(kind)]
            assert 0 <= depth <= 2
        assert depth == 0


def test_charts_are_vectors_with_pixels_behind_and_letters_are_shapes() -> None:
    drawn = chart("图").model_copy(update={"svg": chart("图").svg.replace("党的领导", RARE)})
    word = package(content=[TITLE, drawn, paragraph("文")])
    targets = {
        node.get("Id"): f"word/{node.get('Target')}"
        for node in ET.fromstring(word.read("word/_rels/document.xml.rels"))
    }
    (blip,) = body_of(word).iter(f"{A}blip")
    (vector,) = blip.iter(f"{ASVG}svgBlip")
    assert word.read(targets[blip.get(f"{R}embed")]).startswith(b"\x89PNG")
    source = word.read(targets[vector.get(f"{R}embed")]).decode()
    assert "<text" not in source
    assert "font" not in source
    assert b'Extension="svg" ContentType="image/svg+xml"' in word.read("[Content_Types].xml")
    # 84 letters and digits are drawn, the seven county characters among them.
    letters = squeezed("".join(re.findall(r"<text[^>]*>([^<]*)</text>", drawn.svg)))
    assert source.count("scale(") == len(letters)
    for character in RARE:
        ((glyph, _),) = outlines._shaped(character)[0]
        assert glyph != 0
        assert outlines._outline(glyph) in source


def test_outlines_stand_where_the_text_stood(tmp_path: Path) -> None:
    from PIL import Image

    from xuncha_nb.exporters import svg, typesetting

    source = svg.clean(chart("图").svg)
    shapes = outlines.outlined(chart("图").svg)
    one, other = (
        Image.open(io.BytesIO(png)).convert("L")
        for png in typesetting.rasterise(
            [typesetting.Picture(s, 150, 80) for s in (source, shapes)], ppi=100
        )
    )
    assert difference(one, other) < 0.5


def test_styles_are_changed_in_one_place() -> None:
    """Type and indents come from styles: no run names a font or a size, and bold is all it has."""
    body = body_of(package())
    for run in body.iter(f"{W}r"):
        look = run.find(f"{W}rPr")
        assert look is None or {n.tag for n in look} <= {f"{W}b", f"{W}bCs"}
    allowed = {"pStyle", "keepNext", "widowControl", "pageBreakBefore", "spacing", "ind", "jc"} | {
        "sectPr"
    }
    for one in body.iter(f"{W}pPr"):
        assert {n.tag.removeprefix(W) for n in one} <= allowed
        if one.find(f"{W}ind") is not None:
            style = one.find(f"{W}pStyle")
            assert style is not None
            assert style.get(f"{W}val") in ("Office", "SignatureDate")


def test_headings_have_their_levels_and_annexes_are_on_the_first() -> None:
    content = [TITLE, *(heading(n, "题") for n in (1, 2, 3, 4)), paragraph("文")]
    body = body_of(package(content=[*content, Annex(title="甲"), paragraph("文")]))
    styles = [style_of(p) for p in body.iter(f"{W}p")]
    assert [s for s in styles if s.startswith("Heading")] == [f"Heading{n}" for n in (1, 2, 3, 4)]
    level = properties(package(), "AnnexTitle").find(f"{W}pPr/{W}outlineLvl")
    assert level is not None
    assert level.get(f"{W}val") == "0"


def test_rows_of_long_tables_stay_together_at_both_ends() -> None:
    (table,) = body_of(package(content=[TITLE, long_table(20)])).iter(f"{W}tbl")
    rows = table.findall(f"{W}tr")[1:]
    kept = [row.find(f".//{W}keepNext") is not None for row in rows]
    # The last one stays with the note.
    assert kept == [*[False] * 17, True, True, True]
    (short,) = body_of(package(content=[TITLE, long_table(8)])).iter(f"{W}tbl")
    kept = [r.find(f".//{W}keepNext") is not None for r in short.findall(f"{W}tr")[1:]]
    assert kept == [True] * 8
    bare = long_table(8).model_copy(update={"note": ""})
    (plain,) = body_of(package(content=[TITLE, bare, paragraph("文")])).iter(f"{W}tbl")
    kept = [r.find(f".//{W}keepNext") is not None for r in plain.findall(f"{W}tr")[1:]]
    assert kept == [*[True] * 7, False]


def test_numbers_are_not_broken_and_heads_break_before_the_unit() -> None:
    (table,) = body_of(package(content=[TITLE, stress_sample.table(3, 13, wide=True)])).iter(
        f"{W}tbl"
    )
    grid = [int(c.get(f"{W}w", "0")) for c in table.findall(f"{W}tblGrid/{W}gridCol")]
    assert sum(grid) == 12756
    assert min(grid) / 20 - 8 >= 6 * 4.5, "99,991 in 9 pt"
    head = table.findall(f"{W}tr")[0].findall(f"{W}tc")[1]
    lines = "".join("|" if part.tag == f"{W}br" else part.text or "" for part in head.iter())
    assert lines == "第1轮|发现|问题数|（个）"


# ---------------------------------------------------------------- options


def test_the_offices_options_are_in_the_styles(tmp_path: Path) -> None:
    word = package(OPTIONS["office's own"], None, tmp_path)
    normal = properties(word, "Normal")
    spacing = normal.find(f"{W}pPr/{W}spacing")
    assert spacing is not None
    assert (spacing.get(f"{W}line"), spacing.get(f"{W}lineRule")) == ("560", "exact")
    face = normal.find(f"{W}rPr/{W}rFonts")
    assert face is not None
    assert [face.get(f"{W}{n}") for n in ("ascii", "hAnsi", "eastAsia", "cs")] == [
        "Times New Roman",
        "Times New Roman",
        "方正仿宋_GBK",
        "方正仿宋_GBK",
    ]
    bold = [properties(word, f"Heading{n}").find(f"{W}rPr/{W}b") is not None for n in (1, 2, 3, 4)]
    assert bold == [False, False, True, False]
    grids = {g.get(f"{W}linePitch") for g in body_of(word).iter(f"{W}docGrid")}
    assert grids == {"560"}
    date = next(p for p in body_of(word).iter(f"{W}p") if style_of(p) == "SignatureDate")
    indent = date.find(f"{W}pPr/{W}ind")
    assert indent is not None
    # 17 characters centred over 6 would stand out of the type area: both are moved left by 1.5.
    assert indent.get(f"{W}rightChars") == "550"
    assert b'w:jc w:val="center"' in word.read("word/footer1.xml")
    assert "方正仿宋_GBK" in word.read("word/fontTable.xml").decode()
    assert "仿宋_GB2312" not in word.read("word/styles.xml").decode()


def test_no_page_number_where_none_is_wanted(tmp_path: Path) -> None:
    word = package(OPTIONS["bare"], None, tmp_path)
    assert not [name for name in word.namelist() if "footer" in name]
    assert b"footerReference" not in word.read("word/document.xml")


# ---------------------------------------------------------------- pages


def shared(printed: str, word: str) -> float:
    """Return the share of a Word page's characters that its PDF page has.

    The letters of charts are text in the PDF alone; so are the dots of the list of figures, whose
    number differs.
    """
    word = re.sub(r"[.…]{3,}", "", word)
    return sum((Counter(printed) & Counter(word)).values()) / len(word)


def test_libreoffice_shows_the_pages_of_the_pdf(tmp_path: Path) -> None:
    place = str(workspace(tmp_path / "workspace", OPEN_FONTS))
    ours = exported(PDF, None, place)
    theirs = word_pages(exported(DOCX, None, place), tmp_path)
    texts = [[squeezed(p.extract_text()) for p in read(file).pages] for file in (ours, theirs)]
    assert len(texts[0]) == len(texts[1])
    # Here the last paragraph ends where the signature has no room: the PDF lets two lines go with
    # it, as Word does; LibreOffice, which tears no paragraph that is kept with the next, all of it.
    same = [shared(*pages) for pages in zip(*texts, strict=True)]
    assert sorted(same)[1] > 0.93, same
    ours_drawn, theirs_drawn = (pictures(file, tmp_path, 60) for file in (ours, theirs))
    differences = [difference(a, b, 12) for a, b in zip(ours_drawn, theirs_drawn, strict=True)]
    assert max(differences) < 11, differences
    assert sum(differences) / len(differences) < 6, differences
    # Another page of the same paper would not pass.
    turned = [difference(a, b, 12) for a, b in pairwise(ours_drawn[:5])]
    assert min(turned) > 11, turned


@pytest.mark.slow
@pytest.mark.kernel
@pytest.mark.parametrize("name", [n for n in packaged.notebooks() if n != "city_rollup"])
def test_every_document_has_the_pages_of_its_pdf(name: str, tmp_path: Path) -> None:
    """The sample's own reports: page by page the words of the PDF."""
    period = "2024" if name == "annual_summary" else "2024H1"
    parameters = RunParameters(county="331124", period=period)
    place = workspace(tmp_path / "workspace", OPEN_FONTS)
    job = runner.Job(name, parameters, tmp_path / "out", place, ("pdf", "docx"))
    folder = runner.run(job).folder
    theirs = word_pages((folder / "report.docx").read_bytes(), tmp_path)
    texts = [
        [squeezed(page.extract_text()) for page in read(file).pages]
        for file in ((folder / "report.pdf").read_bytes(), theirs)
    ]
    assert len(texts[0]) == len(texts[1])
    # A row of a table, or a mark at a line's end, may stand on the other side of a page's end.
    shares = [shared(*pages) for pages in zip(*texts, strict=True)]
    assert min(shares) > 0.93, shares


def test_landscape_pages_have_their_number_on_the_left_edge(tmp_path: Path) -> None:
    from pages import boxes

    content = [TITLE, paragraph("文"), wide_table(), paragraph("文"), *[wide_table()] * 3]
    laid_out = word_pages(exported(DOCX, content), tmp_path)
    landscape = [
        n for n, p in enumerate(read(laid_out).pages, 1) if p.mediabox.width > p.mediabox.height
    ]
    assert len(landscape) >= 2
    assert {n % 2 for n in landscape} == {0, 1}
    for number in landscape:
        edge = [b for b in boxes(laid_out, number, tmp_path) if b[2] < 35]
        own = next(b for b in edge if b[4].startswith(str(number)))
        assert (own[0] + own[2]) / 2 == pytest.approx(35 - 7, abs=1), "7 mm below the type, turned"
        # Odd pages: at the lower end of the sheet; even pages: at the upper.
        assert (own[1] > 105) == (number % 2 == 1)


def test_parts_are_packed_as_hard_as_asked_for() -> None:
    part = " ".join(str(n * n % 9973) for n in range(5000)).encode()
    moment = (2024, 6, 30, 0, 0, 0)
    sizes = [len(word.packed([("a.xml", part)], moment, level=level)) for level in (1, 3, 9)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3
    assert len(word.packed([("a.xml", part)], moment)) == sizes[1]
