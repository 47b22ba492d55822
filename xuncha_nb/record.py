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
from xuncha_nb.history import histories
from xuncha_nb.material import Material
from xuncha_nb.movements import shares
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
    material: Material,
    verdicts: Iterable[Verdict],
    key_figures: Sequence[str],
    charts: Iterable[ChartChoice],
) -> dict[str, Any]:
    """Return the record.

    Parameters
    ----------
    material : Material
        What the report is made of.
    verdicts : iterable of Verdict
        Of the check, and of the finished text.
    key_figures : sequence of str
        Identifiers of the figures that head the page.
    charts : iterable of ChartChoice
        How the user wants charts of this document drawn.

    Returns
    -------
    dict
        Among the rest ``key_figures``: the figures that head the page, each with its earlier
        periods; ``shares``: figure → its whole and its share in %; ``follows``: derived figure
        → adjusted figures that it is computed from.
    """
    figures, adjustments = material.figures, material.adjustments
    window = figures.window
    listed = [f.to_json() | {"source": tables.source(f)} for f in material.all_figures]
    # Earlier periods come straight from the ledgers: a public edition has not looked at them.
    chosen = () if material.is_public else key_figures
    points = histories(figures, material.book, material.standards, chosen, material.memory)
    return {
        "notebook": material.notebook,
        "county": material.parameters.county,
        "county_name": figures.county_name,
        "period": str(window.period),
        "period_name": window.period.name,
        "cutoff": window.cutoff.isoformat(),
        "edition": material.parameters.edition,
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
        "follows": {} if material.is_public else follows(adjustments, figures),
        "verdicts": [v.to_json() for v in verdicts],
        "adjustments": _audit(adjustments, {str(f["id"]) for f in listed}),
        "source": {"name": material.book.name, "sha256": material.book.fingerprint},
        "version": __version__,
        "charts": [choice.model_dump() for choice in charts],
        "adjustments_file": dict(material.adjusted_from),
    }


def figures_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of ``figures.json``: the head of the record, figures and trends."""
    return {key: record[key] for key in (*HEAD, "figures", "key_figures")}


def figures_json(record: Mapping[str, Any]) -> bytes:
    """Return ``figures.json`` of a record, byte for byte as it is written."""
    return as_json(figures_of(record))


def as_json(content: Any, *, in_order: bool = False) -> bytes:
    """Return JSON as a report's files have it: indented by one, Chinese characters as they are.

    What ``json.dumps`` gives, in a tenth of its time. Only numbers of more than sixteen digits
    before the point or four zeros behind it are spelled in another way, and what is no number is
    null, because JSON has no word for it.

    Parameters
    ----------
    content : object
        Dictionaries, lists, texts, numbers, booleans and None.
    in_order : bool
        Whether names are sorted, as the notebook format has them.
    """
    import msgspec

    try:
        raw = msgspec.json.encode(content, order="sorted" if in_order else None)
    except TypeError:  # names that are no texts
        raw = json.dumps(content, ensure_ascii=False, sort_keys=in_order).encode()
    return msgspec.json.format(raw, indent=1) + b"\n"


def _audit(adjustments: tuple[Adjustment, ...], known: Collection[str]) -> list[dict[str, Any]]:
    """Return the adjustments for the manifest; of a figure that is left out, not its numbers."""
    listed = [dict(item) for item in audit(adjustments)]
    hidden = dict.fromkeys(("original", "adjusted", "reason"), _LEFT_OUT)
    return [item if item["figure"] in known else item | hidden for item in listed]
