"""``summary.csv`` and ``index.html`` beside the counties' folders, without a time in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from xuncha_nb import outputs
from xuncha_nb.batch import storage
from xuncha_nb.batch.outcomes import Outcome
from xuncha_nb.exporters import index
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.periods import Period


def summarise(outcomes: Sequence[Outcome], folder: Path) -> None:
    """Write ``summary.csv`` and ``index.html`` beside the counties' folders, each whole.

    No times are in them, so a batch that was interrupted ends with the bytes of one that was not;
    how long each county took is in the log.
    """
    storage.write(folder / "summary.csv", ("\ufeff" + _summary(outcomes)).encode())
    storage.write(folder / "index.html", _index(outcomes, folder).encode())


def _summary(outcomes: Sequence[Outcome]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(["code", "county", "state", "warnings", "cell", "message"])
    for o in outcomes:
        message = "" if o.error is None else str(o.error).replace("\n", " ")
        state = "完成" if o.error is None else "失败"
        cell = o.error.cell or "" if o.error is not None else ""
        writer.writerow([o.code, o.county, state, o.warnings, cell, _plain(message)])
    return stream.getvalue()


def _plain(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


_KINDS: Final = (("网页", "report.html"), ("PDF", "report.pdf"), ("Word", "report.docx"))


def _index(outcomes: Sequence[Outcome], folder: Path) -> str:
    rows = [
        index.Row(
            outcome.code,
            outcome.county,
            () if outcome.error is None else tuple(str(outcome.error).splitlines()),
            outcome.warnings,
            tuple(outcome.figures.get(id, "—") for id in outputs.KEY_FIGURES),
            tuple(kind for kind in _KINDS if kind[1] in outcome.files),
        )
        for outcome in outcomes
    ]
    labels = [INDICATORS[id].label for id in outputs.KEY_FIGURES]
    return index.page(f"{Period.parse(folder.parent.name).name}报告目录", labels, rows)
