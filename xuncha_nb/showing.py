"""How a report's pieces are kept and shown, and shown anew when its figures change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

from xuncha_nb import marks
from xuncha_nb.composition import Composition
from xuncha_nb.document import Block, Chart, Document, Piece, Table
from xuncha_nb.errors import XunchaError


class Showing:
    """The pieces of one document, in the order of the cells; what they say, a subclass knows."""

    #: Attributes that stay when a document takes another one's figures.
    _STAYS: ClassVar[tuple[str, ...]] = ("_composition", "bench")

    def __init__(self) -> None:
        self.bench: Any = None
        self._composition = Composition()
        self._blocks: list[Block] = []

    def _marked(self) -> frozenset[str]:
        """Return the figures that the pieces mark as adjusted."""
        return frozenset()

    def document(self) -> Document:
        """Return the document composed so far, numbered."""
        return self._composition.document()

    def show_live(self, make: Callable[[], None], *, mark: bool = True) -> None:
        """Add what a method shows as one piece, which is made again when figures change."""

        def made() -> Piece:
            self._blocks = []
            make()
            return Piece(blocks=tuple(marks.marked(self._blocks, self._marked() if mark else ())))

        self._composition.add(made(), made)

    def follow(self, other: Self) -> dict[str, str]:
        """Take another report's figures and bring every display up to date, in order.

        Parameters
        ----------
        other : Showing
            The same notebook with other figures, nothing shown of it yet.

        Returns
        -------
        dict of str to str
            The HTML of each piece that changed, by its display.

        Raises
        ------
        XunchaError
            If the document cannot be made of the other figures; then nothing has changed.
        """
        mine = vars(self).copy()
        self.__dict__.update({k: v for k, v in vars(other).items() if k not in self._STAYS})
        try:
            return self._composition.refresh()
        except XunchaError:
            self.__dict__.update(mine)
            raise

    def _show(self, block: Chart | Table | None) -> None:
        if block is not None:
            self._add(block)

    def _add(self, *blocks: Block) -> None:
        self._blocks += blocks
