"""The papermill engine: what papermill's own engine gives, cell by cell, without a kernel."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from commands import call
from ipykernel.kernelbase import Kernel
from IPython import get_ipython
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from papermill.exceptions import PapermillExecutionError
from pieces import HALF_YEAR_SUMMARY, NOTEBOOKS

from xuncha_nb.engine import kernel
from xuncha_nb.engine.inprocess import XunchaEngine

#: Everything a cell can do to its outputs; one list item a cell.
HOSTILE = (
    'import sys, os, subprocess\nprint("一"); print("two", file=sys.stderr); 3',
    "from IPython.display import display, update_display, clear_output, HTML, Markdown\n"
    'h = display({"text/plain": "a"}, raw=True, display_id="x")\ndisplay(HTML("<b>1</b>"))',
    'update_display({"text/plain": "b", "application/json": {"a": [1, (2, 3)]}},'
    ' raw=True, display_id="x")',
    'display({"text/plain": "c"}, raw=True, display_id="x")',
    "for i in range(3):\n    clear_output(wait=True)\n    print(i)\n    display(i)",
    # A kernel reads the descriptors in a thread of its own, a little later.
    'import time\nos.system("echo from a subprocess"); time.sleep(0.5)',
    'subprocess.run(["sh", "-c", "echo err >&2"]); time.sleep(0.5)',
    "!echo bang",
    "%%bash\necho magic; echo e >&2",
    'import asyncio\nawait asyncio.sleep(0.01)\nprint("awaited")\n"x"',
    'try:\n    input("?")\nexcept Exception as e:\n    print(type(e).__name__, e)',
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2, 3]); plt.show()",
    "plt.figure(); plt.plot([3, 1]);",
    'import pandas as pd\npd.DataFrame({"a": [1, 2]})',
    "import ipywidgets as w\ns = w.IntSlider(3)\ns",
    'out = w.Output()\ndisplay(out)\nwith out:\n    print("inside"); display(Markdown("**m**"))',
    's.value = 7\nout.append_stdout("more")\nprint(len(out.outputs))',
    'import warnings\nwarnings.warn("careful")',
    'print("a", end=""); display(1); print("b", end=""); sys.stdout.flush(); print("c")',
    'get_ipython().set_next_input("x")\n_ih[-1], Out.get(1), __name__, _',
    "class R:\n    def _repr_html_(self): return '<i>r</i>'\n"
    "    def _repr_mimebundle_(self, **k): return {'text/plain': 'p'}\nR()",
    'print("\\x1b[31mred\\x1b[0m\\r\\b")\n{"n": float("inf")}',
    "import threading\n"
    # In one write: a kernel may flush between a print's text and its end of line.
    't = threading.Thread(target=lambda: sys.stdout.write("from thread\\n")); t.start(); t.join()',
    'import logging\nlogging.warning("log line")',
    "",
    "# only a comment",
    "x = 1;\nx;",
    "1 is 1",
    'display("a"); clear_output(); display("b")',
    # What JSON gives back as something else.
    "import numpy as np\nodd = {'a': np.float64(1.5), 3: True, 's': 'x\\udc80', 't': ((1,), 2)}\n"
    'display({"application/json": odd, "text/plain": "x\\udc80"}, raw=True, metadata={"m": (1,)})',
    'display({"text/plain": ["a\\n", "b"]}, raw=True, display_id="y")',
    'clear_output(wait=True)\nupdate_display({"text/plain": "z"}, raw=True, display_id="y")\n'
    'display({"text/plain": "y"}, raw=True, display_id="y"); display("u", display_id="y")',
    "%who_ls",
    "import builtins, __main__\n__main__.x, sys.stdout.isatty(), sys.stdout.name",
    'os.environ.get("MPLBACKEND"), os.environ.get("TERM"), "" in sys.path',
    "def broken(:\n    pass",
)


def hostile(folder: Path) -> Path:
    """Write the notebook of every trick, with an error that is allowed and one that is not."""
    cells = [new_markdown_cell("# 文字"), *map(new_code_cell, HOSTILE)]
    cells[-1].metadata.tags = ["raises-exception"]
    cells += [new_code_cell("def f(n):\n    return 1 / n\nf(0)"), new_code_cell("print('never')")]
    notebook = new_notebook(cells=cells)
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata.kernelspec = kernelspec
    nbformat.write(notebook, folder / "hostile.ipynb")
    return folder / "hostile.ipynb"


def executed(path: Path, engine: str, folder: Path, timeout: int | None = None) -> Any:
    """Execute a notebook with an engine, and read what papermill wrote, failed or not."""
    made = folder / f"{engine}.ipynb"
    with contextlib.suppress(PapermillExecutionError):
        papermill.execute_notebook(
            str(path),
            str(made),
            engine_name=engine,
            progress_bar=False,
            execution_timeout=timeout,
        )
    return nbformat.read(made, as_version=4)


def by_us(path: Path, folder: Path, first: str = "pass") -> Any:
    """Execute a notebook with this engine, in a process of its own: the hostile leave marks."""
    code = (
        f"{first}; import sys; sys.path.insert(0, sys.argv[1]); from test_engine import executed; "
        "from pathlib import Path; executed(Path(sys.argv[2]), 'xuncha', Path(sys.argv[3]))"
    )
    call("python", "-c", code, Path(__file__).parent, path, folder, cwd=folder)
    return nbformat.read(folder / "xuncha.ipynb", as_version=4)


def by_a_kernel(path: Path, folder: Path) -> Any:
    """Execute a notebook with papermill's own engine.

    Once in some hundred runs on a busy machine a kernel of ipykernel 7.4 is idle and its reply
    never arrives: papermill would wait for ever.
    """
    for _ in range(2):
        with contextlib.suppress(TimeoutError):
            return executed(path, "nbclient", folder, timeout=60)
    return executed(path, "nbclient", folder, timeout=60)


def comparable(part: Any) -> str:
    """Return a part of a notebook as text, identifiers drawn by lot replaced by their order."""
    text = json.dumps(part, ensure_ascii=False, sort_keys=True, indent=1)
    order: dict[str, str] = {}
    text = re.sub(
        r"\b([0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27})\b|0x[0-9a-f]{6,}",
        lambda found: order.setdefault(found[0], f"id{len(order)}"),
        text,
    )
    return re.sub(r"ipykernel_\d+", "ipykernel_N", text)


def status(cell: Any) -> Any:
    """Return what papermill noted of a cell; it notes nothing of its own error markers."""
    return cell.metadata.get("papermill", {}).get("status")


def widgets(notebook: Any) -> list[str]:
    """Return the state of every widget, in an order that no drawn identifier decides."""
    kept = notebook.metadata.get("widgets", {"none": {"state": {}}})
    return sorted(
        re.sub(r"(IPY_MODEL_)?[0-9a-f]{32}", "id", json.dumps(model, sort_keys=True))
        for kind in kept.values()
        for model in kind["state"].values()
    )


@pytest.mark.kernel
@pytest.mark.filterwarnings("ignore")  # what the hostile cells warn of is their own affair
@pytest.mark.parametrize(
    "name",
    [
        "hostile",
        *(
            path.stem
            if path.stem in ("half_year_summary", "city_rollup")
            else pytest.param(path.stem, marks=pytest.mark.slow)
            for path in NOTEBOOKS
        ),
    ],
)
def test_it_gives_what_papermills_own_engine_gives(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # ipykernel does not watch the file descriptors when it believes to be under test itself.
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    path = hostile(tmp_path) if name == "hostile" else HALF_YEAR_SUMMARY.with_name(f"{name}.ipynb")
    made = [by_us(path, tmp_path)]
    if name == "hostile":
        made.append(by_us(path, tmp_path, "from xuncha_nb.engine import kernel; kernel.prepare()"))
    theirs = by_a_kernel(path, tmp_path)
    for ours in made:
        assert len(ours.cells) == len(theirs.cells)
        for our, their in zip(ours.cells, theirs.cells, strict=True):
            for key in ("cell_type", "source", "execution_count"):
                assert our.get(key) == their.get(key)
            assert set(our.metadata) == set(their.metadata)
            assert our.metadata.get("tags") == their.metadata.get("tags")
            assert status(our) == status(their)
            assert comparable(our.get("outputs")) == comparable(their.get("outputs")), our.source
        assert widgets(ours) == widgets(theirs)
        assert ours.metadata.language_info == theirs.metadata.language_info
        assert ours.metadata.papermill.exception == theirs.metadata.papermill.exception
        if name == "hostile":
            assert len(widgets(ours)) == 5
            assert ours.metadata.papermill.exception is True


def source(code: str) -> Any:
    notebook = new_notebook(cells=[new_code_cell(code)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "P", "language": "python"}
    return notebook


def run_here(code: str, **options: Any) -> Any:
    return papermill.execute_notebook(
        source(code), None, engine_name="xuncha", progress_bar=False, **options
    )


def shown(notebook: Any) -> str:
    return str(notebook.cells[0].outputs[0].data["text/plain"])


def surroundings() -> tuple[Any, ...]:
    return (
        dict(os.environ), list(sys.path), sys.modules["__main__"], sys.stdout, sys.displayhook,
        sys.excepthook, Path.cwd(), list(warnings.filters), get_ipython(), Kernel.initialized(),
    )  # fmt: skip


def test_it_leaves_the_process_as_it_was() -> None:
    before = surroundings()
    for _ in range(2):
        run_here("import sys; sys.path.append('x'); leak = 1; print(get_ipython())")
    assert before == surroundings()


def test_a_kernel_made_ahead_is_for_one_notebook_and_seen_by_nobody_else() -> None:
    before = surroundings()
    kernel.prepare()
    kernel.prepare()  # one is enough
    assert before == surroundings()
    # What was set since then is there, and what the kernel sets as well.
    os.environ["SET_SINCE"] = "yes"
    try:
        told = run_here(
            "leak = 1; import os, __main__\n"
            "os.environ['SET_SINCE'], os.environ['PAGER'], __main__.leak,"
            " get_ipython() is get_ipython().kernel.shell, __name__"
        )
    finally:
        del os.environ["SET_SINCE"]
    assert shown(told) == "('yes', 'cat', 1, True, '__main__')"
    assert before == surroundings()
    assert shown(run_here("'leak' in globals()")) == "False"


def test_papermills_times_are_there_as_ever() -> None:
    made = run_here("import time; time.sleep(0.05)")
    (noted,) = (cell.metadata.papermill for cell in made.cells)
    begin, end = (datetime.fromisoformat(noted[key]) for key in ("start_time", "end_time"))
    assert noted.duration == (end - begin).total_seconds() >= 0.05
    assert list(noted) == ["exception", "start_time", "end_time", "duration", "status"]


def test_a_cell_that_cannot_begin_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("papermill.engines.NotebookExecutionManager.cell_start", full)
    with pytest.raises(OSError, match="disk full"):
        run_here("1")


def test_a_notebook_sees_no_name_of_the_one_before() -> None:
    run_here("leak = 1")
    assert shown(run_here("'leak' in globals(), _ih")).startswith("(False, ['', ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no alarm signal")
def test_a_cell_that_never_ends_is_stopped_whatever_it_catches() -> None:
    stubborn = "while True:\n    try:\n        pass\n    except Exception:\n        pass"
    with pytest.raises(PapermillExecutionError, match="超过单元格时限 1 秒"):
        run_here(stubborn, execution_timeout=1)


def test_it_starts_neither_process_nor_thread(tmp_path: Path) -> None:
    code = (
        "import threading, papermill, psutil\n"
        f"papermill.execute_notebook({str(HALF_YEAR_SUMMARY)!r}, None, engine_name='xuncha',"
        " progress_bar=False)\n"
        "print(threading.active_count(), len(psutil.Process().children()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1", "0"]
    assert done.stderr == ""


@pytest.mark.parametrize("first", ["papermill", "xuncha_nb.engine.inprocess"])
def test_papermill_knows_it_whichever_is_imported_first(first: str) -> None:
    code = (
        f"import {first}\nfrom papermill.engines import papermill_engines\n"
        "print(papermill_engines.get_engine('xuncha').__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == XunchaEngine.__name__


@pytest.mark.kernel
def test_papermills_command_takes_it(tmp_path: Path) -> None:
    done = call(
        "papermill", HALF_YEAR_SUMMARY, "out.ipynb", "--engine", "xuncha", "--no-progress-bar",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert nbformat.read(tmp_path / "out.ipynb", as_version=4).metadata.papermill.exception is None


def written(folder: Path, *cells: str) -> Path:
    """Write a notebook of some cells."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "3", "language": "python"}
    nbformat.write(notebook, folder / "cells.ipynb")
    return folder / "cells.ipynb"


def in_turn(folder: Path, *notebooks: tuple[str, ...]) -> list[list[Any]]:
    """Execute notebooks one after the other in one process; return the outputs of their cells."""
    paths = []
    for place, cells in enumerate(notebooks):
        (folder / str(place)).mkdir(parents=True)
        paths.append(written(folder / str(place), *cells))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from test_engine import executed; "
        "from pathlib import Path; "
        "[executed(Path(p), 'xuncha', Path(p).parent) for p in sys.argv[2:]]"
    )
    call("python", "-c", code, Path(__file__).parent, *paths, cwd=folder)
    made = [nbformat.read(path.with_name("xuncha.ipynb"), as_version=4) for path in paths]
    return [[c.outputs for c in one.cells if c.cell_type == "code"] for one in made]


def test_what_python_warns_of_in_a_cell_is_told_every_time(tmp_path: Path) -> None:
    first, second = in_turn(tmp_path, ("1 is 1", "1"), ("1 is 1", "1"))
    assert first == second
    assert first[0][0].text.count('SyntaxWarning: "is" with a literal') == 3


def test_a_statement_from_the_future_holds_for_the_cells_of_its_notebook_only(
    tmp_path: Path,
) -> None:
    asked = "def f(x: unknown): pass\nf.__annotations__"
    future = "from __future__ import annotations"
    *with_it, without = in_turn(tmp_path, (future, asked), (future, asked), (asked,))
    for outputs in with_it:
        assert outputs[1][0].data == {"text/plain": "{'x': 'unknown'}"}
    assert without[0][0].ename == "NameError"


def test_who_changes_a_cells_tree_changes_it_for_himself(tmp_path: Path) -> None:
    change = (
        "import ast\nclass Twice(ast.NodeTransformer):\n"
        "    def visit_Constant(self, node):\n"
        "        if isinstance(node.value, int): node.value *= 2\n"
        "        return node\nget_ipython().ast_transformers.append(Twice())"
    )
    first, *others, last = in_turn(tmp_path, ("21",), (change, "21"), (change, "21"), ("21",))
    assert first == last
    assert last[0][0].data == {"text/plain": "21"}
    for outputs in others:
        assert outputs[1][0].data == {"text/plain": "42"}


def test_a_notebook_that_warns_says_the_same_in_every_process(tmp_path: Path) -> None:
    cells = ('import warnings\nwarnings.warn("x")',)
    told = [in_turn(tmp_path / name, cells) for name in ("a", "b")]
    assert told[0] == told[1]
    assert "UserWarning: x" in told[0][0][0][0].text
