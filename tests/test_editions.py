"""The public edition of a whole report: what is hidden is nowhere in it, and it says so."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from pieces import HALF_YEAR_SUMMARY, NOTEBOOKS, ROOT, parameters, prose, without_kernel

from xuncha_nb import outputs, runner
from xuncha_nb.document import MIME, Chart, Document, Paragraph, Piece, Table
from xuncha_nb.report import Report
from xuncha_nb.suppression import is_sensitive

SMALL = 5
GROUPS = ("clues", "discipline", "forms", "special")


def public(notebook: Path, **given: str) -> Report:
    return without_kernel(notebook, edition="公开", **given)


def shown(document: Document) -> set[str]:
    """Return every figure that a document names, companions with it."""
    found: set[str] = set()
    for block in document.blocks:
        match block:
            case Paragraph():
                found |= {run.figure for run in block.runs if run.figure}
            case Table():
                found |= {cell.figure for row in block.rows for cell in row if cell.figure}
            case Chart():
                found |= set(block.figures)
    return found


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_hidden_is_nowhere(notebook: Path) -> None:
    internal, report = without_kernel(notebook), public(notebook)
    document, record = report.document(), report.record()
    known = {f["id"]: f for f in internal.record()["figures"]}
    kept = {f["id"] for f in record["figures"]}
    gone = set(known) - kept
    assert kept <= set(known)
    assert gone, "the sample has small counts"
    stems = {id.removesuffix(s) for id in shown(document) for s in ("_base", "_yoy", "_share")}
    assert not gone & (shown(document) | stems)
    whole = json.dumps([b.model_dump(mode="json") for b in document.blocks], ensure_ascii=False)
    assert not [id for id in gone if f'"{id}"' in whole]
    assert not [id for id in gone if f'"{id}"' in json.dumps(record, ensure_ascii=False)]
    for figure in record["figures"]:
        if figure["group"] in GROUPS and figure["unit"] in ("人", "人次", "件"):
            for number in (figure["value"], figure["base"] or "0"):
                assert number == "0" or int(number) >= SMALL, figure["id"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_edition_says_what_it_leaves_out_and_nothing_of_the_check(notebook: Path) -> None:
    report = public(notebook)
    assert "公开版不列出小于规定数目的人数、线索数" in prose(report.document())
    assert report.record()["verdicts"] == []
    assert report.record()["adjustments"] == []
    assert "公开版不列出" not in prose(without_kernel(notebook).document())


def test_an_office_chooses_its_threshold() -> None:
    report = public(NOTEBOOKS[0])
    counts = [f for f in report.figures.values() if is_sensitive(f) and not f.value.is_zero]
    assert counts
    assert min(f.value.value for f in counts) >= SMALL


def test_the_two_editions_lie_in_folders_of_their_own(tmp_path: Path) -> None:
    made = [
        runner.Job(
            "half_year_summary", parameters("331124", "2024H1", edition=e), tmp_path, tmp_path
        )
        for e in ("内部", "公开")
    ]
    assert [job.folder.relative_to(tmp_path).as_posix() for job in made] == [
        "2024H1/half_year_summary/331124",
        "2024H1/half_year_summary-public/331124",
    ]


def test_a_public_notebook_has_no_originals_and_its_manifest_has(tmp_path: Path) -> None:
    report = public(HALF_YEAR_SUMMARY)
    record = report.record() | {"adjustments": [{"figure": "findings_total", "original": "7"}]}
    pieces = [Piece(blocks=(report.document().title,)), Piece(record=record)]
    cells = [
        nbformat.v4.new_code_cell(
            outputs=[nbformat.v4.new_output("display_data", {MIME: p.to_json()})]
        )
        for p in pieces
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    folder = ROOT / "parameters"
    outputs.write(tmp_path, notebook, record, (), HALF_YEAR_SUMMARY, folder, 0.0)
    kept = json.loads((tmp_path / "report.ipynb").read_text("utf-8"))
    assert kept["cells"][1]["outputs"][0]["data"][MIME]["record"]["adjustments"] == []
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert manifest["adjustments"] == record["adjustments"]
