"""ipykernel's shell as this engine's kernel has it."""

from __future__ import annotations
import __future__

import ast
import contextlib
import copy
import functools
import inspect
import operator
import os
import tempfile
import warnings
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any, Final

from ipykernel.compiler import XCachingCompiler, get_tmp_hash_seed, murmur2_x86
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.async_helpers import _should_be_async
from IPython.core.inputtransformer2 import TransformerManager
from traitlets import Instance

#: Where cells stand in tracebacks and warnings: as for ipykernel, without the process's number,
#: so that a notebook that warns says the same every time.
_FOLDER: Final = str(Path(tempfile.gettempdir()) / "ipykernel_0")
#: What ``from __future__ import …`` leaves in a code.
_FUTURE: Final = functools.reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)


@lru_cache(maxsize=256)
def _as_python(cell: str) -> str:
    return str(TransformerManager().transform_cell(cell))


@lru_cache(maxsize=256)
def _hashed(cell: str) -> int:
    """Return the number in a cell's file name: ipykernel works it out byte by byte."""
    return int(murmur2_x86(cell, get_tmp_hash_seed()))


@contextlib.contextmanager
def _without_objection() -> Iterator[None]:
    """Leave the block where Python objects to a cell or warns of it: that is to be heard."""
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("error")
        yield


@lru_cache(maxsize=256)
def _awaits(cell: str) -> bool | None:
    """Whether a cell awaits something, for which IPython compiles it twice; None: ask again."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        answer = bool(_should_be_async(cell))
    return None if told else answer


def _plain(flags: int) -> Any:
    """Return ipykernel's own compiler, in a state."""
    compiler = XCachingCompiler()
    compiler.flags = flags
    return compiler


@lru_cache(maxsize=256)
def _parsed(cell: str, name: str, flags: int) -> ast.Module | None:
    """Return a cell's tree; nothing if it is to be parsed again every time."""
    with _without_objection():
        tree: ast.Module = _plain(flags).ast_parse(cell, name)
        return tree
    return None


@lru_cache(maxsize=1024)
def _compiled(nodes: tuple[ast.stmt, ...], name: str, symbol: str, flags: int) -> CodeType | None:
    """Return the code of statements of a kept tree; nothing if it is to be compiled again."""
    whole = ast.Interactive(list(nodes)) if symbol == "single" else ast.Module(list(nodes), [])
    with _without_objection():
        code: CodeType = _plain(flags)(whole, name, symbol)
        return code
    return None


class Compiler(XCachingCompiler):
    """ipykernel's compiler, with names, trees and codes of cells remembered.

    A batch runs the same cells for every county. The trees are shared: who changes one takes a
    copy (:meth:`Shell.transform_ast`).
    """

    def ast_parse(self, source: str, filename: str = "<unknown>", symbol: str = "exec") -> ast.AST:
        """Return the tree of a cell."""
        if symbol == "exec" and (tree := _parsed(source, filename, self.flags)) is not None:
            return ast.Module(list(tree.body), [])
        return super().ast_parse(source, filename, symbol)

    def __call__(self, source: Any, filename: str, symbol: str, **kwargs: Any) -> CodeType:
        """Return the code of a tree, or of a text."""
        if isinstance(source, ast.Module | ast.Interactive) and not kwargs:
            code = _compiled(tuple(source.body), filename, symbol, self.flags)
            # A statement from the future holds for the cells that follow: codeop sees to that.
            if code is not None and not code.co_flags & _FUTURE:
                return code
        return super().__call__(source, filename, symbol, **kwargs)

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        """Return the file name under which a cell stands in tracebacks."""
        if "IPYKERNEL_CELL_NAME" in os.environ:
            return str(super().get_code_name(raw_code, code, number))  # type: ignore[no-untyped-call]
        return f"{_FOLDER}{os.sep}{_hashed(raw_code)}.py"


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

    def transform_ast(self, node: ast.AST) -> ast.AST:
        """Have a cell's tree changed by whoever asked for that; the one that is kept stays."""
        if self.ast_transformers:
            node = copy.deepcopy(node)
        return super().transform_ast(node)  # type: ignore[no-any-return,no-untyped-call]

    async def run_cell_async(self, *args: Any, **kwargs: Any) -> Any:
        """Run a cell; ipykernel looks up the parameters of this for every cell."""
        return await super().run_cell_async(*args, **kwargs)

    run_cell_async.__signature__ = (  # type: ignore[attr-defined]
        inspect.signature(ZMQInteractiveShell.run_cell_async)
    )

    def should_run_async(
        self, raw_cell: str, *, transformed_cell: Any = None, preprocessing_exc_tuple: Any = None
    ) -> bool:
        """Whether a cell awaits something and so needs the event loop."""
        if self.autoawait and preprocessing_exc_tuple is None and transformed_cell is not None:
            known = _awaits(transformed_cell)
            return bool(_should_be_async(transformed_cell)) if known is None else known
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
