"""Hostile ledgers: every payload in every text column, printed as text, executed by nothing.

A handful runs with every test; ``make slow`` runs them all.
"""

from __future__ import annotations

import html
import io
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import books
import nbformat
import pypdf
import pytest
from hostile import PAYLOADS, WITHOUT_GLYPH
from pieces import HALF_YEAR_SUMMARY, without_kernel

from xuncha_nb import views
from xuncha_nb.document import Document, Paragraph, Table
from xuncha_nb.errors import FontError, XunchaError
from xuncha_nb.exporters.docx import XunchaDocxExporter
from xuncha_nb.exporters.html import XunchaHTMLExporter
from xuncha_nb.exporters.pdf import XunchaPDFExporter
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.sources.cells import shown

FEW = PAYLOADS[:: max(1, len(PAYLOADS) // 10)]
MARK = "始"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def laden(payload: str) -> books.Rows:
    """Return the tiny county with a payload in every text column, keys kept apart."""
    rows = books.county()
    rows["rule_documents"][0]["name"] = "名"
    for name, ledger in LEDGERS.items():
        texts = [c for c in ledger.columns if c.type == "text"]
        for row in rows.get(name, []):
            for column in texts:
                fixed = name in ("findings", "assessments") and column.name in ("category", "grade")
                if fixed or (name == "reported" and column.name == "area"):
                    continue
                if row.get(column.name) or column.name in ("theme", "name"):
                    # In front of what was there: keys stay different and references hold.
                    row[column.name] = f"{MARK}{payload}{row.get(column.name, '')}"
    return rows


class Reader(HTMLParser):
    """Collects what a browser would see: elements, their attributes, their text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.handlers += [v or "" for _, v in attrs if (v or "").startswith("javascript:")]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def squeezed(text: str) -> str:
    """Return a text without white space: lines break where the page ends."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def report(payload: str, folder: Path) -> tuple[Document, Any]:
    source = books.folder(folder / books.CODE, laden(payload))
    made = without_kernel(HALF_YEAR_SUMMARY, county=books.CODE, period="2024H1", source=str(source))
    return made.document(), made


def notebook_of(document: Document) -> Any:
    from xuncha_nb.document import MIME, Piece

    pieces = [Piece(blocks=(document.title, *document.blocks)), Piece(record=document.record)]
    cells = [
        nbformat.v4.new_code_cell(
            outputs=[nbformat.v4.new_output("display_data", {MIME: p.to_json()})]
        )
        for p in pieces
    ]
    return nbformat.v4.new_notebook(cells=cells)


def words(document: Document) -> str:
    found = [views.plain(b) for b in document.blocks if isinstance(b, Paragraph)]
    for table in (b for b in document.blocks if isinstance(b, Table)):
        found += [cell.text for row in table.rows for cell in row]
    return "".join(found)


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, int], int]:
    """Return the elements of the page and the paragraphs of the Word file of a harmless text."""
    document, _ = report("平常文字", tmp_path_factory.mktemp("plain"))
    page = Reader()
    page.feed(XunchaHTMLExporter().from_notebook_node(notebook_of(document))[0])
    package, _ = XunchaDocxExporter().from_notebook_node(notebook_of(document))
    return {tag: page.tags.count(tag) for tag in page.tags}, paragraphs(package)


def paragraphs(package: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return len(list(ET.fromstring(archive.read("word/document.xml")).iter(f"{W}p")))


def attack(payload: str, folder: Path, harmless: tuple[dict[str, int], int]) -> None:
    document, made = report(payload, folder)
    told = shown(f"{MARK}{payload}")
    assert told in words(document), "printed as it was read"
    notebook = notebook_of(document)
    elements, expected_paragraphs = harmless

    page = Reader()
    page.feed(XunchaHTMLExporter().from_notebook_node(notebook)[0])
    counts = {tag: page.tags.count(tag) for tag in page.tags}
    assert counts == elements, "not one element more or less"
    assert page.handlers == []
    assert squeezed(told) in squeezed("".join(page.text))

    pdf, _ = XunchaPDFExporter().from_notebook_node(notebook)
    read = "".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert squeezed(told) in squeezed(read)

    package, _ = XunchaDocxExporter().from_notebook_node(notebook)
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ET.fromstring(archive.read(name))
        root = ET.fromstring(archive.read("word/document.xml"))
    assert squeezed(told) in squeezed("".join(t.text or "" for t in root.iter(f"{W}t")))
    assert paragraphs(package) == expected_paragraphs
    assert not list(root.iter(f"{W}instrText")) or "DDE" not in str(ET.tostring(root)).replace(
        html.escape("DDE"), ""
    )

    record = made.document().record
    assert record is not None
    assert json.loads(json.dumps(record, ensure_ascii=False)) == record
    from xuncha_nb.workbook import figures_workbook

    with zipfile.ZipFile(io.BytesIO(figures_workbook(record, {}))) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                sheet = archive.read(name).decode()
                ours = re.findall(r"<f[^>]*>([^<]*)</f>", sheet)
                assert not [formula for formula in ours if "calc" in formula or "HYPER" in formula]


@pytest.mark.parametrize("payload", FEW, ids=[ascii(p)[:40] for p in FEW])
def test_a_payload_is_text_everywhere(
    payload: str, tmp_path: Path, harmless: tuple[dict[str, int], int]
) -> None:
    attack(payload, tmp_path, harmless)


@pytest.mark.slow
@pytest.mark.parametrize("payload", PAYLOADS, ids=[ascii(p)[:40] for p in PAYLOADS])
def test_every_payload_is_text_everywhere(
    payload: str, tmp_path: Path, harmless: tuple[dict[str, int], int]
) -> None:
    attack(payload, tmp_path, harmless)


@pytest.mark.parametrize("payload", WITHOUT_GLYPH, ids=ascii)
def test_a_character_without_a_glyph_is_named_and_never_a_box(payload: str, tmp_path: Path) -> None:
    document, _ = report(payload, tmp_path)
    with pytest.raises(FontError, match="没有字形"):
        XunchaPDFExporter().from_notebook_node(notebook_of(document))


def test_there_are_well_over_a_hundred() -> None:
    assert len(set(PAYLOADS)) >= 120


def test_a_megabyte_in_a_cell_is_one_clear_line(tmp_path: Path) -> None:
    rows = books.county()
    rows["rule_documents"][0]["name"] = "长" * 1_000_000
    with pytest.raises(XunchaError) as caught:
        without_kernel(
            HALF_YEAR_SUMMARY,
            county=books.CODE,
            period="2024H1",
            source=str(books.folder(tmp_path / books.CODE, rows)),
        )
    assert "过长" in str(caught.value)
    assert len(str(caught.value)) < 1000
