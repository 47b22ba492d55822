"""How a piece of the document looks in JupyterLab, beside the data the exporters read."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from xuncha_nb.document import (
    MIME,
    Annex,
    Block,
    Chart,
    Heading,
    Paragraph,
    Piece,
    Run,
    Table,
    Title,
)
from xuncha_nb.verdicts import SEVERITY_NAMES, Verdict


def bundle(piece: Piece, shown: Sequence[Block]) -> dict[str, Any]:
    """Return the MIME bundle of a piece.

    Parameters
    ----------
    piece : Piece
        What the exporters read, unnumbered.
    shown : sequence of Block
        The same blocks with their numbers, for the screen.
    """
    data: dict[str, Any] = {MIME: piece.to_json()}
    if piece.record is not None:
        figures = piece.record.get("figures")
        told = "有修改没有保存，暂不记录" if figures is None else f"已记录{len(figures)}个指标"
        data["text/plain"] = told
        return data
    charts = [block for block in shown if isinstance(block, Chart)]
    if len(charts) == 1 == len(shown):
        data["image/svg+xml"] = charts[0].svg
        data["text/plain"] = charts[0].alt
        return data
    data["text/html"] = "".join(_html(block) for block in shown)
    data["text/plain"] = "\n".join(plain(block) for block in shown)
    return data


def told(verdicts: Sequence[Verdict]) -> str:
    """Return the check report as text, a finding a line."""
    lines = [f"{SEVERITY_NAMES[v.severity]}：{v.line}" for v in verdicts]
    return "\n".join(lines) if lines else "校验没有发现问题。"


def page(shown: Sequence[Block], handle: str) -> str:
    """Return a piece as HTML for somebody who sits before it, with a place to find it by.

    Charts come as HTML too, so that their texts use the page's fonts; the panel finds the piece
    by its handle when a figure changes.
    """
    inside = "".join(_html(block) for block in shown)
    return f'<div class="xuncha-piece" data-xuncha="{escape(handle)}">{inside}</div>'


def plain(block: Block) -> str:
    """Return a block as plain text."""
    match block:
        case Heading():
            return block.number + _joined(block.runs)
        case Paragraph():
            return _joined(block.runs)
        case Title():
            return block.title
        case Table():
            return f"{block.number} {block.title}".strip()
        case Chart():
            return block.alt
        case Annex():
            return f"{block.number} {block.title}".strip()


def _joined(runs: Sequence[Run]) -> str:
    return "".join(run.text for run in runs)


def _runs(runs: Sequence[Run]) -> str:
    parts = []
    for run in runs:
        text = escape(run.text)
        if run.figure:
            text = f'<span title="{escape(run.figure)}">{text}</span>'
        parts.append(f"<strong>{text}</strong>" if run.bold else text)
    return "".join(parts)


def _note(text: str) -> str:
    """Return the note below a table or chart; nothing if there is none."""
    return f"<p class='xuncha-note'>注：{escape(text)}</p>" if text else ""


def _html(block: Block) -> str:
    match block:
        case Heading():
            tag = f"h{block.level + 1}"
            return f"<{tag}>{escape(block.number)}{_runs(block.runs)}</{tag}>"
        case Paragraph():
            return f"<p style='text-indent:2em'>{_runs(block.runs)}</p>"
        case Title():
            return f"<h1 style='text-align:center'>{escape(block.title)}</h1>"
        case Table():
            head = "".join(f"<th>{escape(c.header)}</th>" for c in block.columns)
            body = "".join(
                "<tr>"
                + "".join(
                    f"<td style='text-align:{column.align}'>{escape(cell.text)}</td>"
                    for cell, column in zip(row, block.columns, strict=True)
                )
                + "</tr>"
                for row in block.rows
            )
            caption = f"<caption>{escape(f'{block.number} {block.title}'.strip())}</caption>"
            table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            return table + _note(block.note)
        case Chart():
            caption = f"<figcaption>{escape(f'{block.number} {block.title}'.strip())}</figcaption>"
            return f"<figure>{block.svg}{caption}{_note(block.note)}</figure>"
        case Annex():
            return f"<h2>{escape(f'{block.number} {block.title}'.strip())}</h2>"
