"""The guard: planted anywhere, personal data stop the export, are placed, and are never told.

What the guard looks at is compared with what stands in the finished files: a text that a file
shows and the guard has not seen fails here.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import books
import document_sample as sample
import nbformat
import papermill
import pypdf
import pytest
import yaml
from pieces import HALF_YEAR_SUMMARY

from xuncha_nb import guard, outputs, personal, runner, sources
from xuncha_nb.document import Annex, Block, Cell, Chart, Column, Paragraph, Run, Table, Title
from xuncha_nb.errors import ConfidentialError, XunchaError
from xuncha_nb.exporters.docx import XunchaDocxExporter
from xuncha_nb.exporters.html import XunchaHTMLExporter
from xuncha_nb.exporters.pdf import XunchaPDFExporter
from xuncha_nb.parameters import RunParameters

NUMBER = "13912345678"
NAME = "张三丰"
EXPORTERS = (XunchaHTMLExporter, XunchaPDFExporter, XunchaDocxExporter)


def table(**changes: Any) -> Table:
    plain = Table(
        title="表的名称",
        columns=(Column(header="单位"), Column(header="数量")),
        rows=((Cell(text="甲乡"), Cell(text="3")), (Cell(text="乙乡"), Cell(text="4"))),
        note="注",
    )
    return plain.model_copy(update=changes)


def drawing(text: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>{text}</text></svg>'


def chart(**changes: Any) -> Chart:
    plain = Chart(
        title="图的名称", alt="图的说明", svg=drawing("甲"), width_mm=90, height_mm=40, note="注"
    )
    return plain.model_copy(update=changes)


def title(**changes: Any) -> Title:
    return sample.TITLE.model_copy(update=changes)


#: Each place of a document that can hold a text, and what the message calls it.
PLACES: tuple[tuple[str, list[Block]], ...] = (
    ("标题", [title(title=f"工作总结{NUMBER}")]),
    ("主送", [title(addressee=NUMBER)]),
    ("署名", [title(office=f"办公室{NUMBER}")]),
    ("文件属性", [title(subject=NUMBER)]),
    ("小标题一、", [sample.heading(1, f"情况{NUMBER}"), sample.paragraph("段")]),
    (
        "一、第2段",
        [sample.heading(1, "情况"), sample.paragraph("段"), sample.paragraph("电话", NUMBER)],
    ),
    # Cut into runs, bold in the middle: a reader sees one number.
    ("导语第1段", [sample.paragraph("电话1391", Run(text="234", bold=True), "5678")]),
    ("表1的名称", [table(title=f"联系人{NUMBER}")]),
    ("表1的名称或注", [table(note=NUMBER)]),
    ("表1表头第2列", [table(columns=(Column(header="单位"), Column(header=NUMBER)))]),
    ("表1第1行第2列", [table(rows=((Cell(text="甲"), Cell(text=NUMBER)),))]),
    ("图1的名称", [chart(title=NUMBER)]),
    ("图1的名称、说明", [chart(alt=f"说明{NUMBER}")]),
    ("图1的名称、说明或注", [chart(note=NUMBER)]),
    ("图1里", [chart(svg=drawing(f"乡{NUMBER}"))]),
    ("附件的标题", [Annex(title=f"名单{NUMBER}"), sample.paragraph("段")]),
    ("附件第1段", [Annex(title="名单"), sample.paragraph(NUMBER)]),
)


def planted(blocks: list[Block]) -> Any:
    content = blocks if isinstance(blocks[0], Title) else [sample.TITLE, *blocks]
    return sample.notebook(content, record=False)


@pytest.mark.parametrize(("place", "blocks"), PLACES, ids=[p for p, _ in PLACES])
def test_planted_anywhere_it_stops_every_export(place: str, blocks: list[Block]) -> None:
    for exporter in EXPORTERS:
        with pytest.raises(ConfidentialError) as caught:
            exporter().from_notebook_node(planted(blocks))
        assert place in str(caught.value)
        assert "手机号码" in str(caught.value)
        assert NUMBER not in str(caught.value)
        assert len(str(caught.value).splitlines()) == 2


def test_the_same_document_without_it_is_exported() -> None:
    for _, blocks in PLACES[:3]:
        clean = [title() if isinstance(b, Title) else b for b in blocks]
        assert XunchaHTMLExporter().from_notebook_node(planted(clean))[0]


# -- what stands in the files was looked at -------------------------------------------------


class Page(HTMLParser):
    """Collects what a page shows or tells: text, and attributes with words in them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skipped += tag in ("style", "script")
        self.texts += [v for n, v in attrs if v and n in ("alt", "title", "aria-label")]

    def handle_endtag(self, tag: str) -> None:
        self.skipped -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.texts.append(data)


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", unicodedata.normalize("NFKC", html.unescape(text)))


def texts_of_html(path: Path) -> list[str]:
    page = Page()
    page.feed(path.read_text("utf-8"))
    return page.texts


def texts_of_pdf(path: Path) -> list[str]:
    read = pypdf.PdfReader(path)
    found = [line for page in read.pages for line in page.extract_text().splitlines()]
    return found + [str(value) for value in (read.metadata or {}).values()]


def texts_of_word(path: Path) -> list[str]:
    """Return what a Word file prints, its properties, and what describes its pictures."""
    found: list[str] = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".svg")):
                for node in ET.fromstring(archive.read(name)).iter():
                    printed = node.tag.rpartition("}")[2] in ("t", "title", "creator", "subject")
                    found += [node.text or ""] if printed or name.endswith(".svg") else []
                    found += [v for k, v in node.attrib.items() if k in ("descr", "title")]
    return found


def texts_of_workbook(path: Path) -> list[str]:
    """Return the texts of cells, heads of printed pages, and properties."""
    found: list[str] = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                for node in ET.fromstring(archive.read(name)).iter():
                    if node.tag.rpartition("}")[2] in ("t", "oddHeader", "title", "v"):
                        found.append(node.text or "")
    return [text for text in found if not re.fullmatch(r"-?[\d.eE+-]+", text)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a finished report with adjustments, and everything that the guard looked at."""
    work = tmp_path_factory.mktemp("work")
    seen: list[str] = []
    looked = guard.found

    def recorded(text: str, *more: Any) -> list[personal.Hit]:
        seen.append(text)
        return looked(text, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "found", recorded)
        parameters = RunParameters(county="331124", period="2024H1")
        result = runner.run(runner.Job("half_year_summary", parameters, work, work))
    return result.folder, squeezed("\n".join(seen))


#: A run of characters that belong together: words in Chinese, or a number with its letters.
RUN = re.compile(r"[\u3400-\u9fff]+|[0-9A-Za-z][0-9A-Za-z.%@_]*")
#: Pages, dates of the file's properties, and the names of what made it.
OWN = re.compile(r"\d{1,2}|\d{14}Z|Typst.*|&?[CPN]|D:?\d*.*")


def telling(run: str) -> bool:
    """Whether a run can identify anybody: words can, computed numbers of few digits cannot."""
    return not run[0].isdigit() or sum(c.isdigit() for c in run) >= 7


def package_words() -> str:
    """Return the package's own words, which no ledger decides."""
    folder = Path(outputs.__file__).parent
    kinds = (".py", ".j2", ".typ", ".js", ".yaml")
    files = (p for p in folder.rglob("*") if p.suffix in kinds and "packaged" not in p.parts)
    return squeezed("".join(p.read_text("utf-8") for p in files))


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("report.pdf", texts_of_pdf),
        ("report.docx", texts_of_word),
        ("report.html", texts_of_html),
        ("figures.xlsx", texts_of_workbook),
    ],
)
def test_what_stands_in_a_file_was_looked_at(
    made: tuple[Path, str], name: str, read: Callable[[Path], list[str]]
) -> None:
    folder, seen = made
    texts = read(folder / name)
    found = (r for text in texts for r in RUN.findall(unicodedata.normalize("NFKC", text)))
    runs = {r.rstrip(".") for r in found}  # an ellipsis: the beginning of the source's hash
    assert len(runs) > 100
    known = seen + package_words()
    unseen = sorted(r for r in runs if r not in known and not OWN.fullmatch(r) and telling(r))
    # Texts are put together of those that were seen and of the package's own words.
    assert [r for r in unseen if r[0].isdigit() or not made_of(r, known)] == []


def made_of(run: str, known: str, most: int = 3) -> bool:
    """Whether a run is a few known texts, one behind the other."""
    if run in known:
        return True
    cuts = range(1, len(run)) if most > 1 else ()
    return any(run[:n] in known and made_of(run[n:], known, most - 1) for n in cuts)


@pytest.mark.parametrize("name", ["report.ipynb", "figures.json", "manifest.json"])
def test_every_string_of_a_json_file_was_looked_at(made: tuple[Path, str], name: str) -> None:
    folder, seen = made
    whole = seen.replace('\\"', '"').replace("\\n", "")

    def strings(value: Any) -> list[str]:
        if isinstance(value, str):
            return [value]
        if isinstance(value, dict):
            return [s for v in value.values() for s in strings(v)]
        return [s for v in value for s in strings(v)] if isinstance(value, list) else []

    data = json.loads((folder / name).read_text("utf-8"))
    data.pop("seal", None)  # a hash, made of what was looked at
    missing = [s for s in strings(data) if squeezed(s) not in whole and len(s) > 16]
    assert missing == []


# -- a whole job ----------------------------------------------------------------------------


def job(folder: Path, rows: books.Rows, **more: Any) -> runner.Job:
    source = books.folder(folder / books.CODE, rows)
    parameters = RunParameters(county=books.CODE, period="2024H1", source=source.name)
    return runner.Job("half_year_summary", parameters, folder / "out", folder, **more)


def with_column(folder: Path, ledger: str, header: str, cells: list[str]) -> None:
    """Add a column that no ledger declares to a CSV file."""
    path = next(
        p for p in folder.glob("*.csv") if p.stem in (ledger, sources.LEDGERS[ledger].sheet)
    )
    lines = path.read_text("utf-8-sig").splitlines()
    told = [header, *cells, *[""] * len(lines)]
    path.write_text("\n".join(f"{a},{b}" for a, b in zip(lines, told, strict=False)), "utf-8-sig")


def test_a_number_in_a_ledger_leaves_nothing_behind(tmp_path: Path) -> None:
    rows = books.county()
    rows["rule_documents"][0]["name"] = f"联系{NUMBER}"
    with pytest.raises(ConfidentialError) as caught:
        runner.run(job(tmp_path, rows))
    assert NUMBER not in str(caught.value)
    assert not list((tmp_path / "out").rglob("*"))


@pytest.mark.parametrize("engine", ["xuncha", pytest.param("nbclient", marks=pytest.mark.kernel)])
def test_a_name_of_a_confidential_column_is_found_in_another(tmp_path: Path, engine: Any) -> None:
    rows = books.county()
    rows["rule_documents"][0]["name"] = f"处理{NAME}的办法"
    made = job(tmp_path, rows, engine=engine, formats=("html",))
    with_column(tmp_path / books.CODE, "clues", "被反映人姓名", [NAME])
    with pytest.raises(ConfidentialError) as caught:
        runner.run(made)
    told = str(caught.value)
    assert NAME not in told
    assert "第2行“被反映人姓名”列相同" in told


def test_an_office_lets_a_word_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = books.county()
    rows["rule_documents"][0]["name"] = f"热线{NUMBER}"
    for name in ("notebooks", "parameters"):
        (tmp_path / name).mkdir()
    told = {"columns": ["姓名"], "allowed": [NUMBER]}
    (tmp_path / "parameters" / "confidential.yaml").write_text(yaml.safe_dump(told), "utf-8")
    monkeypatch.chdir(tmp_path)
    result = runner.run(job(tmp_path, rows, formats=("html",)))
    assert NUMBER in (result.folder / "report.html").read_text("utf-8")


def test_what_no_ledger_declares_is_in_no_frame(tmp_path: Path) -> None:
    source = books.folder(tmp_path / books.CODE, books.county())
    with_column(source, "clues", "姓名", [NAME, "李四"])
    with_column(source, "units", "备忘", [f"电话{NUMBER}"])
    read = sources.read(source)
    held = repr([vars(r) for rows in read.rows.values() for r in rows.records()])
    assert NAME not in held
    assert NUMBER not in held
    notes = [v.message for v in read.verdicts if v.rule == "unknown_column"]
    assert notes == ["列“备忘”不是台账的列，没有读入", "列“姓名”不是台账的列，没有读入"]
    (watch,) = personal.watched(read.fingerprint)
    assert [h.origin for h in personal.found(f"找{NAME}", (), [watch])] != []
    assert personal.found("备忘", (), [watch]) == []


def test_persons_are_counted_by_codes(tmp_path: Path) -> None:
    rows = books.county()
    person = {"pool": "组长", "full_time": "是"}
    rows["talent_pool"] = [
        person | {"id": NAME},
        person | {"id": NAME, "pool": "工作人员"},
        person | {"id": "李四"},
        person | {"id": "李 四"},
    ]
    read = sources.read(books.folder(tmp_path / books.CODE, rows))
    assert list(read["talent_pool"]["id"].tolist()) == ["#1", "#1", "#2", "#2"]
    (fault,) = [v for v in read.verdicts if v.severity == "error"]
    assert fault.rule == "duplicate"
    assert "李" not in fault.line
    assert "保密" in fault.line


def test_a_first_row_that_is_no_header_is_not_told(tmp_path: Path) -> None:
    source = tmp_path / "线索.csv"
    source.write_text(f"{NAME},{NUMBER}\n李四,13812345678\n", "utf-8")
    with pytest.raises(XunchaError) as caught:
        sources.read(source)
    assert NAME not in str(caught.value)
    assert NUMBER not in str(caught.value)


def test_a_bad_cell_is_told_without_the_number_in_it(tmp_path: Path) -> None:
    rows = books.county()
    rows["activities"][0]["talks_person_times"] = f"见{NUMBER}"
    with pytest.raises(XunchaError) as caught:
        runner.run(job(tmp_path, rows, formats=("html",)))
    assert NUMBER not in str(caught.value)
    assert "已隐去" in str(caught.value)


# -- notebooks ------------------------------------------------------------------------------


def changed(folder: Path, source: str, place: int = -1) -> Path:
    """Return a copy of the notebook with one more cell."""
    notebook = nbformat.read(HALF_YEAR_SUMMARY, as_version=4)
    cells = notebook.cells
    cells.insert(len(cells) + place, nbformat.v4.new_code_cell(source, id="more"))
    path = folder / HALF_YEAR_SUMMARY.name
    nbformat.write(notebook, path)
    return path


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (f"print('{NUMBER}')", "第{n}个单元格"),
        ("print('1391' + '2345678')", "第{n}个单元格的输出"),
        ("import os; print(os.path.abspath('数据'))", "第{n}个单元格的输出"),
        (
            "import pandas as pd; pd.DataFrame({'电话': ['1391' + '2345678']})",
            "第{n}个单元格的输出",
        ),
    ],
)
def test_what_a_cell_prints_is_looked_at(tmp_path: Path, source: str, place: str) -> None:
    path = changed(tmp_path, source)
    count = len(nbformat.read(path, as_version=4).cells)
    parameters = RunParameters(county="331124", period="2024H1")
    made = runner.Job(str(path), parameters, tmp_path / "out", tmp_path, ("html",))
    with pytest.raises(ConfidentialError) as caught:
        runner.run(made)
    assert NUMBER not in str(caught.value)
    # Papermill puts a cell with the parameters in.
    assert place.format(n=count) in str(caught.value)


def test_plain_papermill_saves_nothing_of_it(tmp_path: Path) -> None:
    path = changed(tmp_path, "%%narrative\n电话{{ literal('1391') }}{{ literal('2345678') }}。")
    out = tmp_path / "out.ipynb"
    with pytest.raises(papermill.PapermillExecutionError) as caught:
        papermill.execute_notebook(
            str(path), str(out), engine_name="xuncha", progress_bar=False, cwd=str(tmp_path)
        )
    assert "ConfidentialError" in str(caught.value)
    assert NUMBER not in out.read_text("utf-8")


def test_a_notebook_that_failed_is_kept_without_it(tmp_path: Path) -> None:
    from xuncha_nb.execution import Watch

    path = changed(tmp_path, f"print('电话{NUMBER}')\nraise ValueError('/srv/data/{NUMBER}')")
    parameters = RunParameters(county="331124", period="2024H1")
    made = runner.Job(str(path), parameters, tmp_path / "out", tmp_path, ("html",))
    kept = tmp_path / "failed" / "report.ipynb"
    with pytest.raises(XunchaError) as caught:
        runner.run(made, Watch(partial=kept))
    for text in (str(caught.value), kept.read_text("utf-8")):
        assert NUMBER not in text
        assert "/srv/" not in text
        assert "已隐去" in text


@pytest.mark.slow
def test_looking_at_a_county_takes_little(made: tuple[Path, str]) -> None:
    import time

    from xuncha_nb.document import from_notebook

    notebook = nbformat.read(made[0] / "report.ipynb", as_version=4)
    document = from_notebook(notebook)
    times = []
    for _ in range(9):
        begun = time.process_time()
        guard.refuse([*guard.of_document(document), *guard.of_notebook(notebook)])
        times.append(time.process_time() - begun)
    assert sorted(times)[4] < 0.02


def test_paragraphs_are_told_by_their_heading() -> None:
    blocks = [sample.heading(1, "一"), Paragraph(runs=(Run(text="段"),))]
    assert [t.place for t in guard.of_blocks(blocks)] == ["小标题", "导语第1段"]
