"""The pieces of a document as cells produce them, each shown where it was produced.

A piece is shown through a display handle. When a later cell changes how an earlier piece looks
(a heading gets content, a number shifts), the earlier display is updated in place; a cell that
runs again replaces what it showed before. What is on the screen is what will be exported.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from xuncha_nb import confidential, guard, views
from xuncha_nb.displays import LateUpdates
from xuncha_nb.document import Block, Copies, Document, Piece, Title, compose, composed_pieces
from xuncha_nb.errors import XunchaError
from xuncha_nb.personal import watched

#: Environment variable by which ``xuncha lab`` and ``xuncha app`` mark their kernels.
INTERACTIVE: Final = "XUNCHA_INTERACTIVE"


@dataclass
class _Shown:
    """A piece with its display, how it is made again, and the cell run that produced it."""

    piece: Piece
    again: Callable[[], Piece]
    handle: str
    cell: str
    execution: int
    blocks: tuple[Block, ...] = ()
    displayed: bool = False


class Composition:
    """The document so far, and its displays when a kernel runs."""

    def __init__(self) -> None:
        self._items: list[_Shown] = []
        self._made = 0
        #: Handles are unique on the page: JupyterLab may show several notebooks at once.
        self._name = f"xuncha-{uuid4().hex[:8]}"
        self._on_page = False
        self._told: Callable[[], str] | None = None
        self._told_last = ""
        self._copies: Copies = {}
        self._late = LateUpdates(self._update)

    def add(self, piece: Piece, again: Callable[[], Piece] | None = None) -> None:
        """Add a piece at the place of its cell, show it, and bring earlier displays up to date.

        Parameters
        ----------
        piece : Piece
        again : callable, optional
            Makes the piece again when the figures have changed.
        """
        shell = running_shell()
        self._made += 1
        handle = f"{self._name}-{self._made}"
        item = _Shown(piece, again or (lambda: piece), handle, *_cell_of(shell))
        place = self._place(item)
        self._items.insert(place, item)
        if shell is None:
            return
        # Messages of the panel do not tell the cell that JupyterLab names with each run.
        self._on_page = self._on_page or is_interactive()
        if piece.blocks or piece.record is not None or self._on_page:
            # What left itself out has no display, unless it may come back.
            item.blocks = self._composed()[place]
            _guarded(item)
            item.displayed = True
            from IPython.display import display

            display(self._bundle(item), raw=True, display_id=item.handle)
        for moved in self._moved({}):
            self._update(moved.handle)

    def tell(self, text: Callable[[], str]) -> None:
        """Show a text that is no part of the document, and follows it."""
        if running_shell() is not None:
            from IPython.display import display

            self._told, self._told_last = text, text()
            display({"text/plain": self._told_last}, raw=True, display_id=self._name)

    def refresh(self) -> dict[str, str]:
        """Make every piece again; the displays of those that changed follow in the next pause.

        Returns
        -------
        dict of str to str
            The HTML of each changed piece by its handle, for the page to show at once.

        Raises
        ------
        XunchaError
            If a piece cannot be made; nothing has changed then.
        """
        old = [item.piece for item in self._items]
        try:
            for item in self._items:
                # In order: the record, which comes last, looks at the document before it.
                item.piece = item.again()
        except XunchaError:
            for item, piece in zip(self._items, old, strict=True):
                item.piece = piece
            raise
        pairs = zip(self._items, old, strict=True)
        before = {item.handle: piece for item, piece in pairs if item.piece != piece}
        moved = self._moved(before)
        if running_shell() is not None and not os.environ.get("VOILA_BASE_URL"):
            # A page of Voila has no displays.
            self._late.put([*(item.handle for item in moved), self._name])
        shown = (item for item in moved if item.piece.record is None)
        return {item.handle: views.page(item.blocks, item.handle) for item in shown}

    def _moved(self, changed: Mapping[str, Piece]) -> list[_Shown]:
        """Return the items whose piece has changed or looks different in the whole."""
        moved = []
        for item, blocks in zip(self._items, self._composed(), strict=True):
            if item.blocks != blocks or item.handle in changed:
                item.blocks = blocks
                moved.append(item)
        return moved

    def _update(self, handle: str) -> None:
        """Bring a display up to date; one whose cell was run again meanwhile is gone."""
        if running_shell() is None:
            return
        from IPython.display import update_display

        if handle == self._name:
            text = "" if self._told is None else self._told()
            if text != self._told_last:
                self._told_last = text
                update_display({"text/plain": text}, raw=True, display_id=handle)
            return
        for item in self._items:
            if item.handle == handle and item.displayed:
                update_display(self._bundle(item), raw=True, display_id=handle)

    def _bundle(self, item: _Shown) -> dict[str, Any]:
        bundle = views.bundle(item.piece, item.blocks)
        if self._on_page:
            bundle["text/html"] = views.page(item.blocks, item.handle)
        return bundle

    @property
    def titled(self) -> bool:
        """Whether there is a title, without which pieces are no document."""
        blocks = (block for item in self._items for block in item.piece.blocks)
        return any(isinstance(block, Title) for block in blocks)

    def say(self, text: str) -> None:
        """Show a text to the editor that is no part of the document."""
        if running_shell() is not None:
            from IPython.display import display

            display({"text/plain": text}, raw=True)

    def document(self) -> Document:
        """Return the document composed so far, numbered."""
        return compose(item.piece for item in self._items)

    def _composed(self) -> Sequence[tuple[Block, ...]]:
        return composed_pieces([item.piece for item in self._items], self._copies)

    def _place(self, item: _Shown) -> int:
        """Return where a piece goes, dropping what an earlier run of its cell produced."""
        stale = [
            place
            for place, other in enumerate(self._items)
            if item.cell and other.cell == item.cell and other.execution != item.execution
        ]
        if stale:
            self._items = [x for place, x in enumerate(self._items) if place not in stale]
            return stale[0]
        same = [
            place
            for place, other in enumerate(self._items)
            if item.cell and other.cell == item.cell
        ]
        return same[-1] + 1 if same else len(self._items)


def running_shell() -> Any:
    """Return the running IPython shell, or None in plain Python.

    Whoever runs notebooks without a kernel (ploomber-engine) has a shell all the same.
    """
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def is_interactive() -> bool:
    """Whether somebody sits before the notebook: JupyterLab or Voila, not a batch.

    JupyterLab names the cell with each run; our servers and Voila set variables that their
    kernels inherit.
    """
    shell = running_shell()
    told = (INTERACTIVE, "VOILA_BASE_URL")
    return shell is not None and (
        bool(_cell_of(shell)[0]) or any(os.environ.get(name) for name in told)
    )


def _guarded(item: _Shown) -> None:
    """Keep what must not leave out of a notebook that plain papermill saves.

    Our own runner looks at the finished notebook, and nothing is saved of what an editor sees.
    """
    if os.environ.get(guard.LATER) or is_interactive():
        return
    record = guard.of_record(item.piece.record) if item.piece.record is not None else ()
    texts = itertools.chain(guard.of_blocks(item.blocks), record)
    guard.refuse(texts, confidential.load().allowed, watched())


def _cell_of(shell: Any) -> tuple[str, int]:
    """Return the cell being run and the number of its run; JupyterLab tells which cell it is."""
    if shell is None:
        return "", 0
    # Only a kernel is asked by somebody.
    parent = (shell.get_parent() if hasattr(shell, "get_parent") else None) or {}
    return str(parent.get("metadata", {}).get("cellId", "")), int(shell.execution_count)
