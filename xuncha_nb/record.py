"""The record of a report: what ``figures.json``, the manifest and the exporters read.

Beside the figures it says what explains them: trends, shares, what follows an adjustment.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from xuncha_nb import __version__, tables
from xuncha_nb.adjustments.following import follows
from xuncha_nb.adjustments.model import Adjustment, ChartChoice, audit
from xuncha_nb.figures import Figure, Figures
from xuncha_nb.history import histories
from xuncha_nb.movements import shares
from xuncha_nb.parameters import RunParameters, Standards
from xuncha_nb.sources import Book
from xuncha_nb.verdicts import Verdict

#: What heads ``figures.json`` and the manifest: of what, for when, by which version.
HEAD: Final = (
    "notebook",
    "county",
    "county_name",
    "period",
    "period_name",
    "cutoff",
    "edition",
    "declared",
    "version",
)

#: In place of what the public edition does not say.
_LEFT_OUT: Final = "公开版不列"


def complete(
    notebook: str,
    parameters: RunParameters,
    figures: Figures,
    shown: Iterable[Figure],
    verdicts: Iterable[Verdict],
    adjustments: tuple[Adjustment, ...],
    book: Book,
    standards: Standards,
    key_figures: Sequence[str],
    charts: Iterable[ChartChoice],
    adjusted_from: Mapping[str, str],
) -> dict[str, Any]:
    """Return the record.

    Parameters
    ----------
    notebook : str
    parameters : RunParameters
    figures : Figures
        Of the whole period.
    shown : iterable of Figure
        All figures of the report, those of rounds included.
    verdicts : iterable of Verdict
    adjustments : tuple of Adjustment
    book : Book
    standards : Standards
    key_figures : sequence of str
        Identifiers of the figures that head the page.
    charts : iterable of ChartChoice
        How the user wants charts of this document drawn.
    adjusted_from : mapping of str to str
        Name and SHA-256 of the adjustments file.

    Returns
    -------
    dict
        Among the rest ``key_figures``: the figures that head the page, each with its earlier
        periods; ``shares``: figure → its whole and its share in %; ``follows``: derived figure
        → adjusted figures that it is computed from.
    """
    window = figures.window
    listed = [figure.to_json() | {"source": tables.source(figure)} for figure in shown]
    # Earlier periods come straight from the ledgers: a public edition has not looked at them.
    internal = parameters.edition == "内部"
    chosen = key_figures if internal else ()
    points = histories(figures, book, standards, chosen)
    return {
        "notebook": notebook,
        "county": parameters.county,
        "county_name": figures.county_name,
        "period": str(window.period),
        "period_name": window.period.name,
        "cutoff": window.cutoff.isoformat(),
        "edition": parameters.edition,
        "declared": dict(figures.declared),
        "figures": listed,
        "key_figures": [
            {"id": id, "history": [p.to_json() for p in points.get(id, ())]}
            for id in key_figures
            if id in figures
        ],
        "shares": {
            id: {"whole": whole, "text": share.text}
            for id, (whole, share) in shares(figures).items()
        },
        "follows": follows(adjustments, figures) if internal else {},
        "verdicts": [v.to_json() for v in verdicts],
        "adjustments": _audit(adjustments, {str(f["id"]) for f in listed}),
        "source": {"name": book.name, "sha256": book.fingerprint},
        "version": __version__,
        "charts": [choice.model_dump() for choice in charts],
        "adjustments_file": adjusted_from,
    }


def figures_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of ``figures.json``: the head of the record, figures and trends."""
    return {key: record[key] for key in (*HEAD, "figures", "key_figures")}


def figures_json(record: Mapping[str, Any]) -> bytes:
    """Return ``figures.json`` of a record, byte for byte as it is written."""
    return indented(json.dumps(figures_of(record), ensure_ascii=False))


def indented(text: str) -> bytes:
    """Indent JSON by one: json's own indenting runs in Python, many times slower."""
    import msgspec

    return msgspec.json.format(text.encode(), indent=1) + b"\n"


def _audit(adjustments: tuple[Adjustment, ...], known: Collection[str]) -> list[dict[str, Any]]:
    """Return the adjustments for the manifest; of a figure that is left out, not its numbers."""
    listed = [dict(item) for item in audit(adjustments)]
    hidden = dict.fromkeys(("original", "adjusted", "reason"), _LEFT_OUT)
    return [item if item["figure"] in known else item | hidden for item in listed]
