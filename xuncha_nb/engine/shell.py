"""ipykernel's shell as this engine's kernel has it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.inputtransformer2 import TransformerManager
from traitlets import Instance


@lru_cache(maxsize=256)
def _as_python(cell: str) -> str:
    return str(TransformerManager().transform_cell(cell))


class Transformers(TransformerManager):
    """IPython's own rewriting of cells into Python, remembered.

    A batch runs the same cells for every county, and IPython asks twice for each. Rewriting
    depends on the text alone as long as nobody has added a rule.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._untouched = self._rules()

    def _rules(self) -> tuple[Any, ...]:
        return (*self.cleanup_transforms, *self.line_transforms, *self.token_transformers)

    def transform_cell(self, cell: str) -> str:
        """Return a cell as Python."""
        if self._rules() == self._untouched:
            return _as_python(cell)
        return str(super().transform_cell(cell))


class Shell(ZMQInteractiveShell):
    """ipykernel's shell, which finds its kernel without an application around it."""

    input_transformer_manager = Instance(Transformers, ())

    def enable_gui(self, gui: Any = None) -> None:
        """Take ``%matplotlib inline`` and refuse what needs an event loop as a kernel does."""
        from ipykernel.eventloops import enable_gui
        from IPython.core.error import UsageError

        try:
            enable_gui(gui, kernel=self.kernel)
        except ValueError as error:
            raise UsageError(f"{error}") from error
