"""A notebook executed by papermill, with whichever engine; what failed, said in Chinese."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from xuncha_nb import errors, optional, partial
from xuncha_nb.errors import (
    CrashError,
    ExecutionError,
    MemoryLimitError,
    NarrativeError,
    NotebookUserError,
    ParameterError,
    TimeLimitError,
    XunchaError,
)

#: The engine without a kernel process (:mod:`xuncha_nb.engine`), and papermill's own.
Engine = Literal["xuncha", "nbclient"]
#: For papermill's own engine. No history file: a report's wording is confidential. Nothing of
#: the kernel's own log on the clerk's screen: what a cell raises comes back by the protocol, and
#: the interrupt that a kernel may log while it shuts down is no error.
_KERNEL_ARGUMENTS: Final = ["--HistoryManager.enabled=False", "--IPKernelApp.log_level=50"]
_INJECTED_TAG: Final = "injected-parameters"
_VOLATILE_CELL: Final = ("papermill", "execution")


@dataclass(frozen=True)
class Watch:
    """Who looks on while a notebook runs.

    Attributes
    ----------
    at_cell : callable
        Called with the number of each cell, counted from 1, before it runs.
    partial : Path or None
        Where the notebook is kept, as far as it came, when a cell fails.
    careful : bool
        Whether it is kept after every cell, for a notebook that kills its process.
    """

    at_cell: Callable[[int], None] = lambda number: None
    partial: Path | None = None
    careful: bool = False


def execute(
    path: Path,
    given: dict[str, Any],
    cwd: Path,
    engine: Engine,
    watch: Watch,
    environment: Mapping[str, str],
) -> Any:
    """Run a notebook, without saving it on the way.

    Parameters
    ----------
    path : Path
        The notebook.
    given : dict
        Parameters, by name.
    cwd : Path
        Folder that the cells run in.
    engine : {'xuncha', 'nbclient'}
    watch : Watch
    environment : mapping of str to str
        Variables that are set meanwhile.

    Returns
    -------
    nbformat.NotebookNode
        Without times and paths.

    Raises
    ------
    XunchaError
        If a cell fails; its number is in ``cell``.
    """
    optional.load_nbformat()

    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillException, PapermillExecutionError

    begun: list[Any] = []
    options: dict[str, Any] = {"extra_arguments": _KERNEL_ARGUMENTS}
    if engine == "xuncha":
        # Nothing of a cell's times stays: a notebook of the same figures is the same notebook.
        options = {
            "on_notebook_start": lambda notebook: begun.append(notebook),
            "record_timing": False,
        }
    kept: str | None = None
    if watch.careful and watch.partial is not None:
        watch.partial.parent.mkdir(parents=True, exist_ok=True)
        kept = str(watch.partial)
    with _environment(environment):
        try:
            notebook = _by_papermill(
                path,
                given,
                cwd,
                engine_name=engine,
                output_path=kept,
                progress_bar=False,
                on_cell_start=lambda cell, cell_index: watch.at_cell(cell_index + 1),
                **options,
            )
        except PapermillExecutionError as error:
            if begun and watch.partial is not None:
                _scrub(begun[0], given)
                partial.keep(begun[0], watch.partial)
            raise _translated(path.name, error) from None
        except (XunchaError, OSError, MemoryError):
            raise
        except PapermillException:
            raise ParameterError(
                f"{path.name}：不能执行，笔记本注明的内核或语言不是 Python 3，请恢复原来的笔记本"
            ) from None
        except DeadKernelError:
            raise CrashError(
                f"{path.name}：执行中断（内核退出，可能是内存不足），请关闭其他程序后重试"
            ) from None
        except Exception:
            # Papermill takes a notebook for granted, and stumbles over one that is none.
            if _is_notebook(path):
                raise
            raise ParameterError(
                f"{path.name}：不是正确的 Jupyter 笔记本，请恢复原来的笔记本"
            ) from None
    _scrub(notebook, given)
    return notebook


def _is_notebook(path: Path) -> bool:
    """Whether a file is what the notebook format declares."""
    import nbformat

    try:
        nbformat.validate(nbformat.reads(path.read_text("utf-8"), as_version=4))
    except Exception:
        return False
    return True


def _by_papermill(path: Path, given: dict[str, Any], cwd: Path, **options: Any) -> Any:
    """Execute as ``papermill.execute_notebook`` does, without writing the notebook in the end.

    Papermill serialises the whole notebook even for nobody (a tenth of a report's time); these
    are its own steps, in its order, and ``tests/test_engine.py`` holds them to its result.
    """
    from papermill import execute, iorw
    from papermill.engines import papermill_engines
    from papermill.parameterize import parameterize_notebook
    from papermill.utils import chdir

    engine, output = options["engine_name"], options["output_path"]
    with iorw.local_file_io_cwd():
        notebook = iorw.load_notebook_node(str(path))
        notebook = parameterize_notebook(notebook, given, engine_name=engine)
        notebook = execute.prepare_notebook_metadata(notebook, str(path), output)
        notebook = execute.remove_error_markers(notebook)
        kernel = papermill_engines.nb_kernel_name(engine_name=engine, nb=notebook)
        options |= {"nb": notebook, "kernel_name": kernel, "input_path": str(path)}
        with chdir(str(cwd)):
            notebook = papermill_engines.execute_notebook_with_engine(**options)
        execute.raise_for_execution_errors(notebook, output)
    return notebook


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _translated(notebook: str, error: Any) -> XunchaError:
    """Turn papermill's error into the user error that the cell raised, or name the cell."""
    made = _user_error(notebook, error)
    made.cell = int(error.cell_index) + 1
    return made


def _user_error(notebook: str, error: Any) -> XunchaError:
    kind = getattr(errors, str(error.ename), None)
    if isinstance(kind, type) and issubclass(kind, XunchaError):
        message = str(error.evalue)
        if issubclass(kind, NarrativeError):
            # A notebook has many narrative cells: say which by how it begins.
            begin = re.search(r"[\u4e00-\u9fff][^{}%\n]{0,20}", str(error.source))
            message = f"{notebook} 叙述单元格“{begin[0] if begin else ''}…”：{message}"
        return NotebookUserError(message, int(kind.exit_code))
    first = str(error.evalue).splitlines()[0] if error.evalue else ""
    cell = f"{notebook} 第{int(error.cell_index) + 1}个单元格"
    if error.ename == "TimeLimit":
        return TimeLimitError(f"{cell}：{first}，请检查是否有死循环，或用 --time-limit 放宽")
    if error.ename == "MemoryError":
        return MemoryLimitError(f"{cell}：内存超过限额，请检查数据量，或用 --memory-limit 放宽")
    return ExecutionError(notebook, int(error.cell_index) + 1, f"{error.ename}: {first}")


def _scrub(notebook: Any, given: dict[str, Any]) -> None:
    """Drop times and paths: they belong in the manifest alone."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        for key in _VOLATILE_CELL:
            cell.metadata.pop(key, None)
        if _INJECTED_TAG in cell.metadata.get("tags", []):
            cell.id = _INJECTED_TAG  # papermill draws one by lot
            # Papermill escapes every Chinese character; a reader should see the county.
            lines = (f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in given.items())
            cell.source = "\n".join(["# Parameters", *lines])
