"""The three exporters: official layout, nothing executed, same bytes twice."""

from __future__ import annotations

import datetime
import io
import itertools
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdf
import pytest
from document_sample import (
    HOSTILE,
    RARE,
    TITLE,
    chart,
    drawn,
    heading,
    long_table,
    notebook,
    paragraph,
    wide_table,
)
from fontTools.ttLib import TTFont
from markup import Page
from nbconvert.exporters import get_exporter
from pages import lines_of, squeezed

from xuncha_nb import areas, document, fonts
from xuncha_nb.document import Annex, Block, Cell
from xuncha_nb.errors import ExportError, FontError
from xuncha_nb.exporters import (
    embedding,
    layout,
    signing,
    svg,
    titles,
    typesetting,
    word_pictures,
)
from xuncha_nb.exporters.docx import XunchaDocxExporter
from xuncha_nb.exporters.html import XunchaHTMLExporter
from xuncha_nb.exporters.pdf import XunchaPDFExporter

MM = 72 / 25.4
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
EXPORTERS = (XunchaHTMLExporter, XunchaPDFExporter, XunchaDocxExporter)


def exported(exporter: type[Any], *content: Block) -> Any:
    """Export the sample, or a title with the given blocks."""
    return exporter().from_notebook_node(notebook(content or None))[0]


@pytest.fixture(scope="module")
def pdf() -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(exported(XunchaPDFExporter)))


@pytest.fixture(scope="module")
def docx() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(exported(XunchaDocxExporter)))


@pytest.fixture(scope="module")
def body(docx: zipfile.ZipFile) -> ET.Element:
    found = ET.fromstring(docx.read("word/document.xml")).find(f"{W}body")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def html() -> str:
    made = exported(XunchaHTMLExporter)
    assert isinstance(made, str)
    return made


def words(element: ET.Element) -> str:
    """Return the text of a Word element."""
    return "".join(node.text or "" for node in element.iter(f"{W}t"))


# ---------------------------------------------------------------- all formats


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_same_notebook_gives_the_same_bytes(exporter: type[Any]) -> None:
    assert exported(exporter) == exported(exporter)


@pytest.mark.parametrize(
    ("exporter", "extension"), list(zip(EXPORTERS, (".html", ".pdf", ".docx"), strict=True))
)
def test_nbconvert_finds_and_uses_the_exporter(exporter: type[Any], extension: str) -> None:
    found = get_exporter(f"{exporter.__module__}.{exporter.__name__}")
    made, resources = found().from_notebook_node(notebook(), {"metadata": {"name": "x"}})
    assert resources["output_extension"] == extension
    assert isinstance(made, str if extension == ".html" else bytes)
    assert resources["metadata"]["name"] == "x"


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_a_notebook_of_another_kind_is_refused_in_one_line(exporter: type[Any]) -> None:
    other = notebook([paragraph("没有标题")])
    with pytest.raises(ExportError) as caught:
        exporter().from_notebook_node(other)
    assert "\n" not in str(caught.value)
    other.cells[1].outputs[0].data[document.MIME] = {"blocks": [{"type": "poem"}]}
    with pytest.raises(ExportError, match="重新执行"):
        exporter().from_notebook_node(other)


def texts_of(exporter: type[Any]) -> str:
    """Return all text of the sample as the format holds it."""
    made = exported(exporter)
    if exporter is XunchaHTMLExporter:
        return Page(made).text
    if exporter is XunchaPDFExporter:
        return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)
    package = zipfile.ZipFile(io.BytesIO(made))
    return words(ET.fromstring(package.read("word/document.xml")))


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_text_is_printed_as_it_is_and_code_is_not(exporter: type[Any]) -> None:
    text = squeezed(texts_of(exporter))
    for hostile in HOSTILE:
        assert squeezed(f"原样文字：{hostile}。") in text
    assert all(character in text for character in RARE)
    assert squeezed("附件：1.") in text
    assert "2024年7月5日" in text
    for absent in ("SECRET_CODE", "面板不导出", "不导出的说明", "没有内容的标题"):
        assert absent not in text
    assert "root:" not in text


@pytest.mark.parametrize("exporter", [XunchaPDFExporter, XunchaDocxExporter])
def test_missing_glyph_stops_the_export(exporter: type[Any]) -> None:
    with pytest.raises(FontError, match=r"U\+1F600"):
        exported(exporter, TITLE, paragraph("笑脸\U0001f600不能用"))
    bad = chart("图").model_copy(update={"svg": drawn().replace("党的领导", "\U0001f600")})
    with pytest.raises(FontError, match=r"U\+1F600"):
        exported(exporter, TITLE, bad)


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_the_shortest_document_is_exported(exporter: type[Any]) -> None:
    assert exported(exporter, document.Title(title="简报"), paragraph("一句话。"))
    assert exported(exporter, document.Title(title="只有标题", office="办公室"))


@pytest.mark.parametrize("exporter", EXPORTERS)
@pytest.mark.parametrize(
    "content",
    [
        [wide_table()],
        [heading(1, "表"), wide_table(), wide_table(), Annex(title="甲"), wide_table()],
        [Annex(title="甲"), paragraph("文")],
        [heading(3, "级别从三开始"), paragraph("文"), heading(1, "一级"), paragraph("文")],
        [chart("图"), chart("图二", "line")],
    ],
    ids=["wide first", "wide last in annex", "annex first", "levels skipped", "charts"],
)
def test_unusual_orders_are_exported(exporter: type[Any], content: list[Block]) -> None:
    assert exported(exporter, TITLE, *content)


# ---------------------------------------------------------------- PDF


def test_pages_are_a4_and_fonts_are_embedded(pdf: pypdf.PdfReader) -> None:
    sizes = [tuple(round(float(side) / MM) for side in p.mediabox[2:]) for p in pdf.pages]
    assert set(sizes) == {(210, 297), (297, 210)}
    assert sizes.count((297, 210)) == 1, "the wide table has a landscape page of its own"
    for page in pdf.pages:
        for font in page["/Resources"]["/Font"].values():
            (inner,) = font["/DescendantFonts"]
            descriptor = inner["/FontDescriptor"]
            assert "/FontFile3" in descriptor or "/FontFile2" in descriptor
            assert "SimHei" not in font["/BaseFont"]


def test_a_page_has_22_lines_of_28_characters() -> None:
    text = "巡察工作情况汇报" * 28 * 22
    reader = pypdf.PdfReader(io.BytesIO(exported(XunchaPDFExporter, TITLE, paragraph(text))))
    for number in (1, 2):
        *lines, folio = lines_of(reader.pages[number])
        assert [len(line) for _, _, line in lines] == [28] * 22
        pitches = [a - b for (a, _, _), (b, _, _) in pairwise(lines)]
        assert pitches == pytest.approx([225 / 22 * MM] * 21, abs=0.11)
        assert {round(x / MM, 1) for _, x, _ in lines} == {28.0}
        top, bottom = lines[0][0], lines[-1][0]
        # The first line starts with the type area, the last is one line above its end.
        assert top == pytest.approx((297 - 37) * MM - 0.88 * 16, abs=0.3)
        assert bottom == pytest.approx(35 * MM + 225 / 22 * MM - 0.88 * 16, abs=0.3)
        assert squeezed(folio[2]) == f"—{number + 1}—"


def test_page_numbers_stand_7_mm_below_on_the_outer_edge() -> None:
    text = "巡察" * 28 * 22
    reader = pypdf.PdfReader(io.BytesIO(exported(XunchaPDFExporter, TITLE, paragraph(text))))
    (even_y, even_x, _), (odd_y, odd_x, _) = (lines_of(reader.pages[n])[-1] for n in (1, 2))
    dash = 0.38 * 14  # a dash stands this high over the baseline
    assert even_y + dash == pytest.approx(odd_y + dash, abs=0.1)
    assert (35 - (even_y + dash) / MM) == pytest.approx(7, abs=0.3)
    assert even_x / MM == pytest.approx(28 + 14 / MM, abs=0.2)
    assert odd_x / MM > 105
    assert odd_x + 2.5 * 14 < (210 - 26) * MM


def test_pdf_is_archival_and_accessible(pdf: pypdf.PdfReader) -> None:
    raw = pdf.trailer["/Root"]["/Metadata"].get_data().decode()
    assert re.search(r"pdfaid:part[>=\"]+2", raw)
    assert re.search(r"pdfaid:conformance[>=\"]+A", raw)
    assert re.search(r"pdfuaid:part[>=\"]+1", raw)
    assert pdf.trailer["/Root"]["/Lang"].lower() == "zh-cn"
    assert pdf.metadata is not None
    assert pdf.metadata.title == TITLE.title
    assert pdf.metadata.author == TITLE.office
    assert pdf.metadata.creation_date == datetime.datetime(2024, 7, 5, tzinfo=datetime.UTC)


def test_headings_are_bookmarks(pdf: pypdf.PdfReader) -> None:
    def flat(items: Any, depth: int = 1) -> Any:
        for item in items:
            if isinstance(item, list):
                yield from flat(item, depth + 1)
            else:
                yield depth, squeezed(str(item.title))

    found = list(flat(pdf.outline))
    assert (1, "一、上半年工作总结") in found
    assert (2, "（一）强化政治监督，扎实开展第三轮巡察") in found
    assert (3, "1.巡察工作量") in found
    assert (4, "（1）信访受理情况") in found
    assert any(depth == 1 and text.startswith("附件1") for depth, text in found)


def test_table_heads_are_repeated_and_captions_stay(pdf: pypdf.PdfReader) -> None:
    pages = [squeezed(page.extract_text()) for page in pdf.pages]
    rows = [p for p in pages if re.search(r"\d(县教育体育局|龙亢镇党委)\d", p)]
    assert len(rows) >= 3
    assert all("被巡察党组织" in page for page in rows)
    (first,) = [p for p in pages if "表1第三轮" in p]
    assert first.index("表1第三轮") < first.index("被巡察党组织发现问题")


@pytest.mark.parametrize("filler", range(12, 24))
def test_nothing_is_left_alone_at_the_end_of_a_page(filler: int) -> None:
    lines = [paragraph("工作情况" * 5) for _ in range(filler)]
    tail = [paragraph("最后一段。"), Annex(title="附表"), paragraph("附件正文")]
    made = exported(
        XunchaPDFExporter, TITLE, *lines, heading(1, "标题"), paragraph("其后文字。"), *tail
    )
    pages = [squeezed(p.extract_text()) for p in pypdf.PdfReader(io.BytesIO(made)).pages]
    (page,) = [p for p in pages if "一、标题" in p]
    assert "其后文字" in page, "a heading stays with what follows it"
    (page,) = [p for p in pages if "2024年7月5日" in p]
    assert "最后一段" in page, "the signature stays with the end of the body"
    assert page.index("最后一段") < page.index("附件：附表") < page.index("办公室2024年7月5日")


@pytest.mark.parametrize("filler", range(5, 12))
def test_a_chart_stays_with_its_caption_and_heading(filler: int) -> None:
    lines = [paragraph("工作情况" * 5) for _ in range(filler)]
    made = exported(XunchaPDFExporter, TITLE, *lines, heading(1, "标题"), chart("问题分类"))
    pages = [squeezed(p.extract_text()) for p in pypdf.PdfReader(io.BytesIO(made)).pages]
    (page,) = [p for p in pages if "图1问题分类" in p]
    assert "一、标题" in page
    assert "党的领导" in page, "the chart's text is live"


_FORKED = """
import os, sys
from pathlib import Path
from xuncha_nb import exporters
exporters.preload()
threads = [l for l in Path("/proc/self/status").read_text().splitlines() if "Threads" in l]
assert threads[0].split() == ["Threads:", "1"], threads
if os.fork() == 0:
    import signal
    signal.alarm(20)
    from xuncha_nb.exporters.typesetting import Picture, rasterise
    source = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'
    (made,) = rasterise([Picture(source, 9, 9)], 300)
    os._exit(0 if made.startswith(b"\\x89PNG") else 3)
print(os.waitstatus_to_exitcode(os.wait()[1]))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to count threads")
def test_a_preloaded_process_has_one_thread_and_may_fork() -> None:
    root = Path(layout.__file__).parents[2]
    made = subprocess.run(
        [sys.executable, "-c", _FORKED], capture_output=True, text=True, check=False, cwd=root
    )
    assert made.stdout.strip() == "0", made.stderr


def test_forking_after_a_compilation_is_an_error_and_not_a_hang(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    typesetting.preload()
    monkeypatch.setattr(typesetting, "_compiled_in", -1)
    with pytest.raises(RuntimeError, match="preload"):
        exported(XunchaPDFExporter)


# ---------------------------------------------------------------- Word


def test_every_style_names_its_font_four_times(docx: zipfile.ZipFile) -> None:
    styles = ET.fromstring(docx.read("word/styles.xml"))
    faces = list(styles.iter(f"{W}rFonts"))
    wanted = {f"{W}{name}" for name in ("ascii", "hAnsi", "eastAsia", "cs")}
    assert all(set(face.attrib) == wanted for face in faces)
    for style in styles.findall(f"{W}style"):
        if style.get(f"{W}type") == "paragraph":
            assert style.find(f"{W}rPr/{W}rFonts") is not None, style.get(f"{W}styleId")
    assert styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}rFonts") is not None
    for name in docx.namelist():
        if name.endswith(".xml"):
            assert not re.search(rb"[tT]heme(Color|Font|Shade|Tint)?=|Theme=", docx.read(name))
    assert not any("theme" in name for name in docx.namelist())


def test_every_style_that_is_used_is_defined(docx: zipfile.ZipFile, body: ET.Element) -> None:
    styles = ET.fromstring(docx.read("word/styles.xml"))
    known = {s.get(f"{W}styleId") for s in styles.findall(f"{W}style")}
    used = {s.get(f"{W}val") for s in body.iter(f"{W}pStyle")}
    used |= {s.get(f"{W}val") for s in body.iter(f"{W}tblStyle")}
    assert used <= known
    assert {"Title", "Heading1", "Heading4", "TableCaption", "ImageCaption"} <= used


@pytest.mark.parametrize(
    ("style", "font", "half_points"),
    [
        ("Normal", "仿宋_GB2312", "32"),
        ("Title", "方正小标宋简体", "44"),
        ("Heading1", "黑体", "32"),
        ("Heading2", "楷体_GB2312", "32"),
        ("Heading3", "仿宋_GB2312", "32"),
        ("Heading4", "仿宋_GB2312", "32"),
        ("Footer", "宋体", "28"),
        ("AnnexLabel", "黑体", None),
    ],
)
def test_styles_follow_the_standard(
    docx: zipfile.ZipFile, style: str, font: str, half_points: str | None
) -> None:
    styles = ET.fromstring(docx.read("word/styles.xml"))
    (found,) = [s for s in styles.findall(f"{W}style") if s.get(f"{W}styleId") == style]
    face = found.find(f"{W}rPr/{W}rFonts")
    assert face is not None
    assert face.get(f"{W}eastAsia") == font
    size = found.find(f"{W}rPr/{W}sz")
    assert (None if size is None else size.get(f"{W}val")) == half_points
    assert found.find(f"{W}rPr/{W}b") is None
    if style.startswith("Heading"):
        level = found.find(f"{W}pPr/{W}outlineLvl")
        assert level is not None
        assert level.get(f"{W}val") == str(int(style[-1]) - 1)
        assert found.find(f"{W}pPr/{W}keepNext") is not None


def test_word_page_is_the_standards(body: ET.Element) -> None:
    portrait, landscape, last = body.iter(f"{W}sectPr")
    for section, size in ((portrait, ("11906", "16838")), (landscape, ("16838", "11906"))):
        page = section.find(f"{W}pgSz")
        assert page is not None
        assert (page.get(f"{W}w"), page.get(f"{W}h")) == size
        assert len(section.findall(f"{W}footerReference")) == 2
        grid = section.find(f"{W}docGrid")
        assert grid is not None
        assert grid.get(f"{W}type") == (None if section is landscape else "linesAndChars")
        assert grid.get(f"{W}charSpace") == "-848"
        # 22 lines have to fit: one twip more a line and only 21 do.
        assert 22 * int(grid.get(f"{W}linePitch", "0")) <= 16838 - 2098 - 1984
    margins = last.find(f"{W}pgMar")
    assert margins is not None
    sides = {
        side: round(int(margins.get(f"{W}{side}", "0")) / 1440 * 25.4)
        for side in ("top", "right", "bottom", "left")
    }
    assert sides == {"top": 37, "right": 26, "bottom": 35, "left": 28}


def test_page_numbers_differ_on_odd_and_even_pages(docx: zipfile.ZipFile) -> None:
    assert b"evenAndOddHeaders" in docx.read("word/settings.xml")
    odd, even = docx.read("word/footer1.xml"), docx.read("word/footer2.xml")
    assert b'w:jc w:val="right"' in odd
    assert b'w:jc w:val="left"' in even
    assert all(b" PAGE " in footer for footer in (odd, even))


def test_tables_have_fixed_widths_and_repeat_their_heads(body: ET.Element) -> None:
    tables = body.findall(f"{W}tbl")
    assert len(tables) == 3
    for table in tables:
        grid = [int(c.get(f"{W}w", "0")) for c in table.findall(f"{W}tblGrid/{W}gridCol")]
        rows = table.findall(f"{W}tr")
        assert grid
        assert all(width > 0 for width in grid)
        assert sum(grid) in (8844, 12756)
        for place, row in enumerate(rows):
            assert row.find(f"{W}trPr/{W}cantSplit") is not None
            assert (row.find(f"{W}trPr/{W}tblHeader") is not None) == (place == 0)
            cells = [int(c.get(f"{W}w", "0")) for c in row.findall(f"{W}tc/{W}tcPr/{W}tcW")]
            assert cells == grid
    number = tables[0].findall(f"{W}tr")[1].findall(f"{W}tc")[2]
    aligned = number.find(f"{W}p/{W}pPr/{W}jc")
    assert aligned is not None
    assert aligned.get(f"{W}val") == "right"


def test_pictures_have_pixels_alternative_text_and_room(
    docx: zipfile.ZipFile, body: ET.Element
) -> None:
    pictures = [n for n in docx.namelist() if n.endswith(".png")]
    assert len(pictures) == 2
    width = int.from_bytes(docx.read(pictures[0])[16:20], "big")
    assert width == pytest.approx(150 / 25.4 * word_pictures.PIXELS_PER_INCH, abs=2)
    described = [n.get("descr", "") for n in body.iter() if n.tag.endswith("}docPr")]
    assert len(described) == 2
    assert all("柱形图" in text for text in described)
    assert b"base64" not in docx.read("word/document.xml")
    styles = ET.fromstring(docx.read("word/styles.xml"))
    (figure,) = [s for s in styles.findall(f"{W}style") if s.get(f"{W}styleId") == "Figure"]
    spacing = figure.find(f"{W}pPr/{W}spacing")
    assert spacing is not None
    assert spacing.get(f"{W}lineRule") == "auto"
    assert figure.find(f"{W}pPr/{W}keepNext") is not None


def test_word_properties_carry_title_author_and_fixed_dates(docx: zipfile.ZipFile) -> None:
    core = docx.read("docProps/core.xml").decode()
    assert f"<dc:title>{TITLE.title}</dc:title>" in core
    assert f"<dc:creator>{TITLE.office}</dc:creator>" in core
    assert core.count("2024-07-05T00:00:00Z") == 2
    days = {info.date_time for info in docx.infolist() if "fonts/" not in info.filename}
    assert days == {(2024, 7, 5, 0, 0, 0)}
    shared = {info.date_time for info in docx.infolist() if "fonts/" in info.filename}
    assert shared == {(1980, 1, 1, 0, 0, 0)}, "the same entries in every file"


def test_package_has_no_loose_ends(docx: zipfile.ZipFile) -> None:
    names = set(docx.namelist())
    relations = ET.fromstring(docx.read("word/_rels/document.xml.rels"))
    assert all(f"word/{r.get('Target')}" in names for r in relations)
    types = ET.fromstring(docx.read("[Content_Types].xml"))
    overrides = {t.get("PartName", "") for t in types if t.tag.endswith("Override")}
    assert all(part.lstrip("/") in names for part in overrides)


def test_bold_runs_are_bold_in_word(body: ET.Element) -> None:
    bold = [words(r) for r in body.iter(f"{W}r") if r.find(f"{W}rPr/{W}b") is not None]
    assert "共发现问题428个" in bold
    assert "合计" in bold


_ALIAS = "<alias binding='same'><family>{}</family><prefer><family>{}</family></prefer></alias>"
_STANDARD = {
    "仿宋_GB2312": fonts.SERIF,
    "楷体_GB2312": fonts.SERIF,
    "宋体": fonts.SERIF,
    "方正小标宋简体": fonts.SERIF,
    "黑体": fonts.SANS,
}


@pytest.fixture
def laid_out(tmp_path: Path) -> Callable[[bytes], pypdf.PdfReader]:
    """Return a way from a Word file to pages, with the open fonts in place of the standard's."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("soffice is not installed: the Word file is not laid out")
    aliases = "".join(itertools.starmap(_ALIAS.format, _STANDARD.items()))
    (tmp_path / "fonts.conf").write_text(
        f"<fontconfig><dir>{fonts.typst_font_dir()}</dir>{aliases}"
        f"<cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>",
        "utf-8",
    )

    def lay_out(word_file: bytes) -> pypdf.PdfReader:
        source = tmp_path / "report.docx"
        source.write_bytes(word_file)
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path]
        settings = {**os.environ, "FONTCONFIG_FILE": str(tmp_path / "fonts.conf")}
        subprocess.run(
            [*command, source], check=True, capture_output=True, timeout=180, env=settings
        )
        return pypdf.PdfReader(tmp_path / "report.pdf")

    return lay_out


def test_libreoffice_lays_the_word_file_out_like_the_pdf(
    laid_out: Callable[[bytes], pypdf.PdfReader],
) -> None:
    text = "巡察工作情况汇报" * 28 * 9
    content = (
        TITLE,
        paragraph(text),
        wide_table(),
        paragraph("完。"),
        Annex(title="甲"),
        TITLE,
        paragraph("附件正文"),
    )
    theirs = laid_out(exported(XunchaDocxExporter, *content))
    ours = pypdf.PdfReader(io.BytesIO(exported(XunchaPDFExporter, *content)))
    sizes, wanted = (
        [[round(float(side) / MM) for side in p.mediabox[2:]] for p in r.pages]
        for r in (theirs, ours)
    )
    assert sizes == wanted
    full = theirs.pages[1].extract_text().split()
    assert [len(line) for line in full if "巡察" in line] == [28] * 22


# ---------------------------------------------------------------- HTML


_SANS_STYLES = (
    *("Heading1", "TableCaption", "ImageCaption", "AnnexLabel", "ContentsTitle"),
    *("TableHead", "TableHeadSmall"),
)


@pytest.mark.parametrize(
    ("number", "name"),
    [(1, "仿宋_GB2312"), (1, "宋体"), (1, "楷体_GB2312"), (1, "方正小标宋简体"), (2, "黑体")],
)
def test_word_file_brings_the_characters_it_shows(
    docx: zipfile.ZipFile, body: ET.Element, number: int, name: str
) -> None:
    table = docx.read("word/fontTable.xml").decode()
    entry = table[table.index(f'w:name="{name}"') :]
    entry = entry[: entry.index("</w:font>")]
    key = re.search(rf'r:id="rId{number}" w:fontKey="\{{([0-9A-F-]+)\}}"', entry)
    assert key is not None
    target = f'Id="rId{number}"[^>]*Target="fonts/font{number}.odttf"'
    assert re.search(target, docx.read("word/_rels/fontTable.xml.rels").decode())
    data = docx.read(f"word/fonts/font{number}.odttf")
    mask = bytes.fromhex(key[1].replace("-", ""))[::-1]
    clear = bytes(b ^ mask[i % 16] for i, b in enumerate(data[:32])) + data[32:]
    shown = set()
    for one in body.iter(f"{W}p"):
        style = one.find(f"{W}pPr/{W}pStyle")
        assert style is not None
        if (style.get(f"{W}val") in _SANS_STYLES) == (name == "黑体"):
            shown |= {ord(c) for c in words(one) if c.isalnum()}
    assert len(shown) > 50
    assert ord(" ") in set(TTFont(io.BytesIO(clear)).getBestCmap()), "else a box stands for it"
    assert shown <= set(TTFont(io.BytesIO(clear)).getBestCmap())


def fonts_of(docx: bytes) -> dict[str, bytes]:
    parts = zipfile.ZipFile(io.BytesIO(docx))
    return {n: parts.read(n) for n in parts.namelist() if n.endswith(".odttf")}


def test_word_files_share_their_fonts() -> None:
    """Word and LibreOffice keep the first of several fonts of one name for all open files."""
    one = fonts_of(exported(XunchaDocxExporter, TITLE, paragraph("本期发现问题167个。")))
    other = fonts_of(exported(XunchaDocxExporter, TITLE, paragraph("另一份报告，鄠邑区反馈意见。")))
    assert one == other
    assert set(one) == {"word/fonts/font1.odttf", "word/fonts/font2.odttf"}


def test_a_rare_character_comes_besides_the_common_ones() -> None:
    rare = "\u6ba1"  # 殡, of the second level of GB 2312
    assert rare not in embedding.common()
    plain, more = embedding.word_font("serif"), embedding.word_font("serif", frozenset(rare))
    assert plain.key != more.key
    made = fonts_of(exported(XunchaDocxExporter, TITLE, paragraph(f"{rare}仪馆党支部。")))
    assert made["word/fonts/font1.odttf"] == more.data


def test_common_characters_are_those_that_are_printed_everywhere() -> None:
    common = embedding.common()
    assert set("巡察整改反馈的一是〇、。“”—…％①（）") <= common
    assert {c for area in areas.counties() for c in area.name} <= common
    assert 4_000 < len(common) < 4_500


# ---------------------------------------------------------------- parts


def test_dangerous_svg_is_made_harmless() -> None:
    source = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'width="10" height="5" onload="a()"><script>b()</script><style>@import url(http://x)</style>'
        '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">c</p></foreignObject>'
        '<a xlink:href="javascript:d()"><text>e</text></a><image href="http://x/y.png"/>'
        '<g id="k"><use xlink:href="#k"/><path style="fill: url(#k)" clip-path="url(http://z)"/></g>'
        "</svg>"
    )
    made = svg.clean(source, "p1-", inline=True)
    for absent in ("script", "style>", "foreignObject", "javascript", "http", "onload", "<a"):
        assert absent not in made
    assert 'id="p1-k"' in made
    assert "url(#p1-k)" in made
    assert 'href="#p1-k"' in made
    assert 'viewBox="0 0 10 5"' in made
    ET.fromstring(svg.clean(source))


@pytest.mark.parametrize("source", ["", "<p/>", "<svg", '<!DOCTYPE s [<!ENTITY a "b">]><svg/>'])
def test_what_is_no_svg_is_refused_in_one_line(source: str) -> None:
    with pytest.raises(ExportError) as caught:
        svg.clean(source)
    assert "\n" not in str(caught.value)


def test_rasterise_draws_as_many_pixels_as_asked() -> None:
    sizes = (50.0, 80.0)
    pictures = [typesetting.Picture(drawn(), width, width * 80 / 150) for width in sizes]
    made = typesetting.rasterise(pictures, ppi=100)
    for width, png in zip(sizes, made, strict=True):
        assert png.startswith(b"\x89PNG")
        assert int.from_bytes(png[16:20], "big") == pytest.approx(width / 25.4 * 100, abs=1)
    assert typesetting.rasterise(pictures[:1], ppi=100) == made[:1]
    assert typesetting.rasterise([], ppi=100) == []


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("巡察工作情况汇报", ("巡察工作情况汇报",)),
        (
            "中共怀远县委巡察工作领导小组办公室2024年上半年工作总结和下半年工作计划",
            ("中共怀远县委巡察工作领导小组办公室", "2024年上半年工作总结和下半年工作计划"),
        ),
    ],
)
def test_titles_break_between_words(title: str, lines: tuple[str, ...]) -> None:
    assert titles.lines(title) == lines


@pytest.mark.parametrize("length", [19, 25, 37, 60, 90])
def test_long_titles_fit_and_lose_nothing(length: int) -> None:
    title = ("关于全县巡察工作整改落实情况的汇报和下一步工作建议" * 5)[:length]
    lines = titles.lines(title)
    assert "".join(lines) == title
    assert max(map(layout.width, lines)) <= 18
    unknown = titles.lines("龘" * length)
    assert "".join(unknown) == "龘" * length
    assert max(map(len, unknown)) <= 18


@pytest.mark.parametrize(
    ("office", "indents"),
    [
        # Date 7.0 wide (five digits and 年月日, half and full).
        ("中共怀远县委巡察工作领导小组办公室", (2.0, 11.0)),
        ("巡察办", (4.0 + 6.0 - 3.0, 2.0)),
        ("", (2.0, 2.0)),
    ],
)
def test_signature_stands_as_the_standard_says(office: str, indents: tuple[float, float]) -> None:
    item = layout.Signature(office, "2024年7月5日")
    assert signing.indents(item) == indents


def test_dates_have_no_zero_in_front_and_wrong_ones_are_refused() -> None:
    assert layout.signed(TITLE).date == "2024年7月5日"
    with pytest.raises(ExportError, match="2024年"):
        layout.day(TITLE.model_copy(update={"date": "2024年7月5日"}))


def test_notes_say_that_they_are() -> None:
    table = long_table(2)
    assert layout.note(table).startswith("注：整改率")
    assert layout.note(table.model_copy(update={"note": "资料来源：台账"})) == "资料来源：台账"
    assert layout.note(table.model_copy(update={"note": " "})) == ""


def test_one_annex_has_no_number_and_several_have() -> None:
    assert layout.annex_lines(layout.AnnexNote(("统计表。",))) == (("", "统计表"),)
    assert layout.annex_lines(layout.AnnexNote(("甲", "乙"))) == (("1.", "甲"), ("2.", "乙"))


def test_control_characters_cannot_break_a_file() -> None:
    text = "甲\x00\x0b乙\ud800丙\uffff"
    assert layout.clean(text) == "甲 乙丙"
    table = long_table(2)
    rows = ((Cell(text=text),) * len(table.columns),)
    content = document.Document(title=TITLE, blocks=(table.model_copy(update={"rows": rows}),))
    package = zipfile.ZipFile(io.BytesIO(XunchaDocxExporter().render(content)))
    assert "甲 乙丙" in words(ET.fromstring(package.read("word/document.xml")))
    assert XunchaPDFExporter().render(content)
    assert XunchaHTMLExporter().render(content)
