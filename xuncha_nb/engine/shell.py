"""ipykernel's shell as this engine's kernel has it."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

from ipykernel.compiler import (
    XCachingCompiler,
    get_tmp_directory,
    get_tmp_hash_seed,
    murmur2_x86,
)
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.async_helpers import _should_be_async
from IPython.core.inputtransformer2 import TransformerManager
from traitlets import Instance


@lru_cache(maxsize=256)
def _as_python(cell: str) -> str:
    return str(TransformerManager().transform_cell(cell))


@lru_cache(maxsize=256)
def _hashed(cell: str) -> int:
    """Return the number in a cell's file name: ipykernel works it out byte by byte."""
    return int(murmur2_x86(cell, get_tmp_hash_seed()))


@lru_cache(maxsize=256)
def _awaits(cell: str) -> bool:
    """Whether a cell awaits something: IPython compiles it twice to find out."""
    return bool(_should_be_async(cell))


class Compiler(XCachingCompiler):
    """ipykernel's compiler, with the names of cells remembered."""

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        """Return the file name under which a cell stands in tracebacks."""
        if "IPYKERNEL_CELL_NAME" in os.environ:
            return str(super().get_code_name(raw_code, code, number))  # type: ignore[no-untyped-call]
        return f"{get_tmp_directory()}{os.sep}{_hashed(raw_code)}.py"


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The kernel names its own compiler.
        more = kwargs | {"compiler_class": Compiler}
        super().__init__(*args, **more)  # type: ignore[no-untyped-call]

    def should_run_async(
        self, raw_cell: str, *, transformed_cell: Any = None, preprocessing_exc_tuple: Any = None
    ) -> bool:
        """Whether a cell awaits something and so needs the event loop."""
        if self.autoawait and preprocessing_exc_tuple is None and transformed_cell is not None:
            return _awaits(transformed_cell)
        return bool(
            super().should_run_async(
                raw_cell,
                transformed_cell=transformed_cell,
                preprocessing_exc_tuple=preprocessing_exc_tuple,
            )
        )

    def enable_gui(self, gui: Any = None) -> None:
        """Take ``%matplotlib inline`` and refuse what needs an event loop as a kernel does."""
        from ipykernel.eventloops import enable_gui
        from IPython.core.error import UsageError

        try:
            enable_gui(gui, kernel=self.kernel)
        except ValueError as error:
            raise UsageError(f"{error}") from error
