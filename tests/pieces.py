"""Builders for tests above the figures: figures, composed cells, reports without a kernel."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat

from xuncha_nb import sources
from xuncha_nb.bench import Bench
from xuncha_nb.case import Case
from xuncha_nb.document import Block, Document, Heading, Paragraph, Run
from xuncha_nb.figures import Figure
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.narrative import Composer
from xuncha_nb.parameters import RunParameters, Thresholds, load_standards
from xuncha_nb.quantities import Quantity
from xuncha_nb.report import Report

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
HALF_YEAR_SUMMARY = ROOT / "notebooks" / "half_year_summary.ipynb"
MOBILIZATION_BRIEF = ROOT / "notebooks" / "mobilization_brief.ipynb"
PLAIN = Thresholds()


def figure(id: str, text: str, base: str | None = None, **printed: str) -> Figure:
    """Return a figure as printed, with its base and its printed growth, change or share."""
    stem, _, member = id.partition("@")[0].partition("[")
    unit = INDICATORS[stem].unit
    units = {"growth": "%", "share": "%", "change": "百分点" if unit == "%" else unit}
    return Figure(
        id,
        INDICATORS[stem],
        Quantity.parse(text, unit),
        base=None if base is None else Quantity.parse(base, unit),
        member=member.removesuffix("]"),
        **{f"printed_{what}": Quantity.parse(said, units[what]) for what, said in printed.items()},
    )


def composed(template: str, *figures: Figure, **variables: Any) -> tuple[Block, ...]:
    """Compose a narrative cell of 2024 from figures and other variables."""
    known: dict[str, Any] = {f.id: f for f in figures}
    return Composer(known | variables, PLAIN, 2024).blocks(template)


def text_of(block: Block) -> str:
    """Return the text of a heading or paragraph."""
    assert isinstance(block, Heading | Paragraph)
    return "".join(run.text for run in block.runs)


def said(template: str, *figures: Figure, **variables: Any) -> list[str]:
    """Return the texts that a narrative cell comes to."""
    return [text_of(block) for block in composed(template, *figures, **variables)]


def runs_of(blocks: Iterable[Block]) -> Iterator[Run]:
    """Yield the runs of all headings and paragraphs."""
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            yield from block.runs


def prose(document: Document) -> str:
    """Return all headings and paragraphs of a document, a line each."""
    return "\n".join(
        text_of(block) for block in document.blocks if isinstance(block, Heading | Paragraph)
    )


#: Dates, years and names of periods: the only numbers that no figure prints.
_DATED = re.compile(r"\d{4}年|\d{1,2}月|\d{1,2}日")


def stray_numbers(document: Document) -> list[str]:
    """Return texts of a document with an Arabic digit that is neither a figure's nor a date's."""
    return [
        run.text
        for run in runs_of(document.blocks)
        if run.figure is None
        and any(unicodedata.category(c) == "Nd" for c in _DATED.sub("", run.text))
    ]


def without_kernel(notebook: Path, **parameters: Any) -> Report:
    """Run a notebook's cells as plain Python and return its report."""
    names: dict[str, Any] = {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        magic, _, rest = cell.source.partition("\n")
        if magic.startswith("%%narrative"):
            names["report"].narrative(rest)
            continue
        exec(compile(cell.source, notebook.name, "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            names |= parameters
    report = names["report"]
    assert isinstance(report, Report)
    return report


def parameters(county: str, period: str, **more: str) -> RunParameters:
    """Return the parameters of a run."""
    return RunParameters(county=county, period=period, **more)


def live(bench: Bench) -> Report:
    """Run the half-year summary's cells on a bench's report, as a kernel would."""
    report = bench.report
    for cell in nbformat.read(HALF_YEAR_SUMMARY, as_version=4).cells:
        if cell.cell_type != "code" or "open_report" in cell.source:
            continue
        magic, _, rest = cell.source.partition("\n")
        if magic.startswith("%%narrative"):
            report.narrative(rest)
        elif "report." in cell.source and "panel()" not in cell.source:
            exec(cell.source, {"report": report})
    return report


def sample_case(**more: str) -> Case:
    """Return the case of 松阳县's half-year, which the panel opens with."""
    asked = parameters("331124", "2024H1", **more)
    book = sources.read(sources.locate(asked.source, asked.county))
    return Case("half_year_summary", asked, book, load_standards())
