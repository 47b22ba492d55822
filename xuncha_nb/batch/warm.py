"""What the process that counties are forked from does first: load everything, then stand still.

Whatever happens once in a process happens here and not per county: imports, templates, fonts,
and everything that a first notebook sets up. Typst starts threads with its first page, and a
process with threads must not be forked: so no PDF is made here.
"""

from __future__ import annotations

import contextlib
import gc
import tempfile
from pathlib import Path

from xuncha_nb.batch import pages


def thread_count() -> int:
    """Return how many threads this process has, native ones included where that is known."""
    try:
        return sum(1 for _ in Path("/proc/self/task").iterdir())
    except OSError:
        import threading

        return threading.active_count()


def load() -> None:
    """Load everything and run the packaged sample once; :func:`settle` is to follow.

    Until then the collector stands still: all that is loaded stays, and to look through it again
    and again takes a tenth of the time. Nothing that goes wrong here is told: the first county
    will meet it again, and say so.
    """
    gc.disable()
    from xuncha_nb import optional

    optional.load_nbformat()

    from xuncha_nb import exporters, outputs, provenance, workspace
    from xuncha_nb.engine import kernel
    from xuncha_nb.execution import Watch, execute

    with contextlib.suppress(Exception), tempfile.TemporaryDirectory() as folder:
        exporters.preload()
        path = workspace.packaged() / "notebooks" / "half_year_summary.ipynb"
        given = {"county": "331124", "period": "2024H1"}
        environment = {workspace.VARIABLE: str(workspace.packaged())}
        notebook = execute(path, given, Path(folder), "xuncha", Watch(), environment)
        outputs.preload(notebook)
        kernel.prepare()
        provenance.program()
        provenance.font_hashes(workspace.packaged())


def settle() -> None:
    """Move everything alive out of the collector's sight: children then share the pages."""
    gc.collect()
    gc.freeze()
    gc.enable()
    pages.collapse()
