"""The pieces of a document as cells produce them, each shown where it was produced.

A piece is shown through a display handle. When a later cell changes how an earlier piece looks
(a heading gets content, a number shifts), the earlier display is updated in place; a cell that
runs again replaces what it showed before. What is on the screen is what will be exported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xuncha_nb import views
from xuncha_nb.document import Block, Document, Piece, Title, compose, composed_pieces


@dataclass
class _Shown:
    """A piece with its display and the cell run that produced it."""

    piece: Piece
    handle: str
    cell: str
    execution: int
    blocks: tuple[Block, ...] = ()


class Composition:
    """The document so far, and its displays when a kernel runs."""

    def __init__(self) -> None:
        self._items: list[_Shown] = []
        self._made = 0

    def add(self, piece: Piece) -> None:
        """Add a piece at the place of its cell, show it, and bring earlier displays up to date."""
        shell = running_shell()
        self._made += 1
        item = _Shown(piece, f"xuncha-{self._made}", *_cell_of(shell))
        place = self._place(item)
        self._items.insert(place, item)
        if shell is None:
            return
        from IPython.display import display, update_display

        for other, blocks in zip(self._items, self._composed(), strict=True):
            if other is item:
                if not piece.blocks and piece.record is None:
                    continue  # everything in the cell left itself out
                bundle = views.bundle(item.piece, blocks)
                display(bundle, raw=True, display_id=item.handle)
            elif other.blocks != blocks:
                bundle = views.bundle(other.piece, blocks)
                update_display(bundle, raw=True, display_id=other.handle)
            other.blocks = blocks

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
        return composed_pieces([item.piece for item in self._items])

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
    """Return the running IPython shell of a kernel, or None outside one."""
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    return shell if shell is not None and hasattr(shell, "kernel") else None


def _cell_of(shell: Any) -> tuple[str, int]:
    """Return the cell being run and the number of its run; JupyterLab tells which cell it is."""
    if shell is None:
        return "", 0
    parent = shell.get_parent() or {}
    return str(parent.get("metadata", {}).get("cellId", "")), int(shell.execution_count)
