"""The engine itself: papermill's notebook client on a kernel in this process."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import signal
import threading
from collections.abc import Iterator
from datetime import datetime
from types import FrameType
from typing import Any

from jupyter_core.utils import ensure_event_loop
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine
from papermill.utils import merge_kwargs, remove_args

from xuncha_nb.engine import cell_output
from xuncha_nb.engine.kernel import InProcessClient, kernel_client


class CellTimeLimit(BaseException):
    """A cell ran longer than it may; no ``except Exception`` of the notebook holds it up."""


class _Manager:
    """Papermill's manager of a run, which need not guess how it wrote a cell's time itself."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager

    def __getattr__(self, name: str) -> Any:
        return getattr(self._manager, name)

    def cell_complete(self, cell: Any, cell_index: int | None = None) -> None:
        """Note when a cell ended, and how long it took."""
        noted = cell.metadata.papermill
        started = noted["start_time"]
        # Without a time papermill works out nothing; it would take a millisecond to read it.
        noted["start_time"] = None
        self._manager.cell_complete(cell, cell_index=cell_index)
        noted["start_time"] = started
        if not started:  # it could not even begin, which is told by another
            return
        ended = datetime.fromisoformat(noted["end_time"])
        noted["duration"] = (ended - datetime.fromisoformat(started)).total_seconds()


class _Client(PapermillNotebookClient):  # type: ignore[misc]
    """Papermill's client, whose kernel is already there."""

    def execute(self, **kwargs: Any) -> Any:
        """Run every cell; the notebook is changed in place."""
        # A context of its own makes nbclient draw a fresh event loop. It is closed afterwards:
        # a process that forks later would share an open one's selector with every child.
        return contextvars.Context().run(self._executed)

    def _executed(self) -> Any:
        try:
            return self._run()
        finally:
            with contextlib.suppress(RuntimeError):  # called from within a running loop
                ensure_event_loop().close()
                asyncio.set_event_loop(None)

    def _run(self) -> Any:
        self.reset_execution_trackers()
        with kernel_client() as client:
            self.kc = _Limited(client, self)
            if self.on_notebook_start is not None:
                self.on_notebook_start(notebook=self.nb)
            self.papermill_execute_cells()
            self.nb.metadata["language_info"] = client.language_info
            self.set_widgets_metadata()
        return self.nb

    def output(
        self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> Any:
        """Take in an output: what a kernel of this process shows is of the format's shape.

        Nbclient has the notebook format's schema confirm every single output, which costs more
        than all else that it does with it. Whatever is not as plain goes its way.
        """
        node = None
        if not self.clear_before_next_output:
            node = cell_output.as_node(msg["msg_type"], msg["content"])
        if node is None or self.output_hook_stack[msg["parent_header"].get("msg_id")]:
            return super().output(outs, msg, display_id, cell_index)
        if display_id:
            there = self._display_id_map.setdefault(display_id, {})
            there.setdefault(cell_index, []).append(len(outs))
        outs.append(node)
        return node


class _Limited:
    """A client that stops a cell when papermill's ``execution_timeout`` is over."""

    def __init__(self, client: InProcessClient, owner: _Client) -> None:
        self._client, self._owner = client, owner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def execute(self, code: str, **kwargs: Any) -> str:
        with _limited(self._owner._get_timeout(None)):
            return await self._client.execute(code, **kwargs)


@contextlib.contextmanager
def _limited(seconds: float | None) -> Iterator[None]:
    """Raise :class:`CellTimeLimit` in the block after some seconds, where signals exist."""
    main = threading.current_thread() is threading.main_thread()
    if not seconds or not main or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise CellTimeLimit(f"超过单元格时限 {seconds:g} 秒")

    handler = signal.signal(signal.SIGALRM, stop)
    outer = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *outer)
        signal.signal(signal.SIGALRM, handler)


class XunchaEngine(Engine):  # type: ignore[misc]
    """``papermill --engine xuncha``: no kernel process, the same result."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Execute a notebook that papermill has prepared.

        Parameters
        ----------
        nb_man : papermill.engines.NotebookExecutionManager
            Holds the notebook, which is changed in place.
        kernel_name : str
            Only recorded: cells run in this Python.
        log_output, stdout_file, stderr_file, execution_timeout
            As for papermill's own engine; ``execution_timeout`` in seconds for each cell.
        start_timeout : int
            Ignored: nothing has to start.
        """
        safe = remove_args(["timeout", "startup_timeout", "input_path"], **kwargs)
        client = _Client(
            _Manager(nb_man),
            **merge_kwargs(
                safe,
                timeout=execution_timeout or kwargs.get("timeout"),
                kernel_name=kernel_name,
                log_output=log_output,
                stdout_file=stdout_file,
                stderr_file=stderr_file,
            ),
        )
        client.execute()
