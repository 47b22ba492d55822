"""Texts of a report's page as markup, each number tied to its explanation.

The template says where things stand. A report has a thousand cells, and calling the template's
macros for each took half of the time of a page: hence what is said a thousand times is here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence

import markupsafe
from markupsafe import Markup

from xuncha_nb.document import Cell, Run, Table
from xuncha_nb.exporters import layout
from xuncha_nb.exporters.explained import Explained, Note


class Marking:
    """Writes the texts of a document whose figures are explained.

    Everything is escaped; what comes back is markup.
    """

    def __init__(self, explained: Explained) -> None:
        self._note = explained.note

    def figure(self, text: str, id: str | None) -> Markup:
        """Return a text: with a link to the explanation of its figure when there is one."""
        return _markup((self._figure(text, id),))

    def runs(self, runs: Iterable[Run]) -> Markup:
        """Return a paragraph's or a heading's text."""
        return _markup(map(self._bold, runs))

    def rows(self, table: Table) -> Markup:
        """Return a table's rows: the cell that names one as its head, rows of totals marked."""
        return _markup(self._rows(table))

    def notes(self, notes: Iterable[Note]) -> Markup:
        """Return the list of explanations."""
        return _markup(map(_explained, notes))

    def _rows(self, table: Table) -> Iterator[str]:
        aligned = [column.align for column in table.columns]
        for row in table.rows:
            head = _head_of(row)
            yield "<tr data-total>\n" if _is_total(row) else "<tr>\n"
            for place, (cell, align) in enumerate(zip(row, aligned, strict=True)):
                text = self._figure(cell.text, cell.figure) if cell.figure else _escaped(cell.text)
                style = f"{align} strong" if cell.bold else align
                if place == head:
                    yield f'<th scope="row" class="{style}">{text}</th>\n'
                else:
                    yield f'<td class="{style}">{text}</td>\n'
            yield "</tr>\n"

    def _bold(self, run: Run) -> str:
        text = self._figure(run.text, run.figure)
        return f"<strong>{text}</strong>" if run.bold else text

    def _figure(self, text: str, id: str | None) -> str:
        shown = _escaped(text)
        if not id:
            return shown
        note = self._note(id)
        if note is None:
            return f'<span data-figure="{_escaped(id)}">{shown}</span>'
        link = f'href="#{note.anchor}" data-note="{note.anchor}"'
        return f'<a class="figure" {link} data-figure="{_escaped(id)}">{shown}</a>'


def _markup(pieces: Iterable[str]) -> Markup:
    return Markup("".join(pieces))  # noqa: S704 - every text in them is escaped


def _explained(note: Note) -> str:
    lines = (
        f'<span class="note-line"><span>{_escaped(term)}</span><span>{_escaped(text)}</span></span>'
        for term, text in note.lines
    )
    name = f'<span class="note-name">{_escaped(note.name)}</span>'
    return (
        f'<li id="{_escaped(note.anchor)}"><span class="note-body">{name}{"".join(lines)}</span>'
        "</li>\n"
    )


@functools.lru_cache(maxsize=8192)
def _escaped(text: str) -> str:
    return str(markupsafe.escape(layout.clean(text)))


def _head_of(row: Sequence[Cell]) -> int:
    """Return the column of the cell that names a row: the first that is no number; else -1."""
    named = (
        place
        for place, cell in enumerate(row)
        if cell.text and not cell.figure and not layout.is_number(cell.text)
    )
    return next(named, -1)


def _is_total(row: Sequence[Cell]) -> bool:
    """Whether a row is one of totals, which sorting leaves in its place."""
    named = [cell for cell in row if cell.text.strip()]
    return bool(named) and all(cell.bold for cell in named)
