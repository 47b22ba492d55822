"""A Jupyter kernel without sockets, threads or a process of its own.

The kernel, shell, display publisher and display hook are ipykernel's; only the transport is
ours: a session that hands every message on as the other side would have read it from the wire.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from ipykernel.ipkernel import IPythonKernel
from jupyter_client.session import Session
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

from xuncha_nb import optional
from xuncha_nb.engine import wire
from xuncha_nb.engine.shell import Shell
from xuncha_nb.engine.streams import CellStream, Name

#: No history file (a report's wording is confidential) and no thread that would write one.
_CONFIG: Final = {"HistoryManager": {"enabled": False}}
#: What a kernel sets so that pyplot draws into the notebook.
_BACKEND: Final = ("MPLBACKEND", "module://matplotlib_inline.backend_inline")


class _Session(Session):
    """A session whose messages arrive at once, as the wire leaves them."""

    arrived = AnyTrait()

    def send(
        self,
        stream: Any,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        ident: Any = None,
        buffers: Any = None,
        track: bool = False,
        header: Any = None,
        metadata: Any = None,
    ) -> Any:
        """Build a message and hand it to ``arrived``."""
        if isinstance(msg_or_type, dict):
            message = msg_or_type
            buffers = buffers or message.get("buffers")
        else:
            message = self.msg(msg_or_type, content, parent, header, metadata)
        self.arrived(wire.as_received(self, message, buffers or ()))
        return message


class _Kernel(IPythonKernel):
    """ipykernel's kernel, called directly."""

    shell_class = Type(Shell)

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """Do nothing: no request is queued behind the running cell."""


class _Channel:
    """One direction of messages, already there when they are asked for."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self.waiting: deque[dict[str, Any]] = deque()
        self.send = tell

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Return the next message."""
        return self.waiting.popleft()


def _load_without_debugger() -> None:
    """Load ipykernel's debugger module as if debugpy were not installed.

    A kernel without sockets cannot be debugged, and debugpy would cost a third of a second,
    warn on the clerk's screen, and hook into every thread.
    """
    if "ipykernel.debugger" in sys.modules:
        return
    with optional.without("debugpy"):
        import ipykernel.debugger  # noqa: F401


class InProcessClient:
    """What nbclient needs of a kernel and its client: it runs a cell when asked to."""

    allow_stdin = False

    def __init__(self) -> None:
        _load_without_debugger()
        self.iopub_channel, self.shell_channel = _Channel(self._told), _Channel(self._told)
        self.session = _Session(key=b"", arrived=self._arrived)
        self._kernel: Any = _Kernel.instance(
            session=self.session,
            config=Config(_CONFIG),
            log=logging.getLogger(__name__),
            # Asked only whether cells run in the thread that gets signals.
            shell_channel_thread=SimpleNamespace(parent_thread=None),
        )
        self._kernel._execute_sleep = 0.0
        self._streams = CellStream("stdout", self._printed), CellStream("stderr", self._printed)

    @property
    def language_info(self) -> dict[str, Any]:
        """What an executed notebook says of its language."""
        return dict(self._kernel.language_info)

    def _arrived(self, message: dict[str, Any]) -> None:
        reply = message["msg_type"] == "execute_reply"
        (self.shell_channel if reply else self.iopub_channel).waiting.append(message)

    def _printed(self, name: Name, text: str) -> None:
        content = {"name": name, "text": text}
        self.session.send(None, "stream", content, self._kernel.get_parent())

    def _told(self, message: dict[str, Any]) -> None:
        """Take what the client tells the kernel: a widget's state coming back."""
        received = wire.as_received(self.session, message, ())
        handler = self._kernel.shell_handlers.get(received["msg_type"])
        if handler is not None:
            self._kernel.set_parent([], received)
            handler(None, [], received)

    def take_over(self) -> None:
        """Do to the process what making the kernel did to it, for one that was made ahead."""
        shell = self._kernel.shell
        for one in (self._kernel, shell):
            for kind in type(one)._walk_mro():
                kind._instance = one
        shell.init_environment()
        shell.init_virtualenv()
        shell.init_sys_modules()
        # Whoever runs the cells is in another context than whoever made the kernel.
        self._kernel.set_parent([], {})

    def close(self) -> None:
        """Give back what the streams hold."""
        for stream in self._streams:
            stream.finish()

    async def is_alive(self) -> bool:
        """Return True: a kernel in this process lives as long as the caller."""
        return True

    async def execute(
        self, code: str, store_history: bool = True, stop_on_error: bool = True
    ) -> str:
        """Run a cell to its end; afterwards its messages can be fetched.

        Returns
        -------
        str
            The identifier of the request, which every message of the cell carries.
        """
        content = {
            "code": code,
            "silent": False,
            "store_history": store_history,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": stop_on_error,
        }
        request = self.session.msg("execute_request", content)
        kernel = self._kernel
        kernel.set_parent([], request)
        kernel._publish_status("busy", "shell")
        with self._redirected():
            await kernel.execute_request(None, [], request)
        kernel._publish_status("idle", "shell")
        return str(request["header"]["msg_id"])

    @contextlib.contextmanager
    def _redirected(self) -> Iterator[None]:
        kept = sys.stdout, sys.stderr
        for stream in kept:
            if stream is not None:
                stream.flush()
        out, err = self._streams
        with out.watching(), err.watching():
            sys.stdout, sys.stderr = out, err
            try:
                yield
            finally:
                out.flush()
                err.flush()
                sys.stdout, sys.stderr = kept


#: A kernel that was made ahead, for the next notebook of this process or of its child.
_ahead: Final[list[InProcessClient]] = []


def _before_packages(path: list[str]) -> int:
    """Return where a kernel puts its folder: behind Python's own modules, as IPython does."""
    found = (i for i, p in enumerate(path) if Path(p).name in ("site-packages", "dist-packages"))
    return next(found, 0)


@contextlib.contextmanager
def _as_found() -> Iterator[None]:
    """Let a kernel change the process while the block runs, and put back what it found."""
    before_env, before_path = dict(os.environ), list(sys.path)
    main, hooks = sys.modules["__main__"], (sys.displayhook, sys.excepthook)
    os.environ.setdefault(*_BACKEND)
    sys.path.insert(_before_packages(sys.path), "")
    with warnings.catch_warnings():
        try:
            yield
        finally:
            _Kernel.clear_instance()
            Shell.clear_instance()
            sys.modules["__main__"] = main
            sys.displayhook, sys.excepthook = hooks
            sys.path[:] = before_path
            os.environ.clear()
            os.environ.update(before_env)


def prepare() -> None:
    """Make a kernel ahead, which the next notebook gets: for a process about to fork.

    Until then nothing of it can be seen in the process.
    """
    if not _ahead:
        with _as_found():
            _ahead.append(InProcessClient())


def _fresh() -> InProcessClient:
    """Return a kernel that has run nothing."""
    if not _ahead:
        return InProcessClient()
    client = _ahead.pop()
    client.take_over()
    return client


@contextlib.contextmanager
def kernel_client() -> Iterator[InProcessClient]:
    """Give a client with a fresh kernel, and leave the process as it was found.

    Modules that the notebook imported stay loaded: who wants to be rid of them, too, calls from
    a process of its own.
    """
    with _as_found(), contextlib.closing(_fresh()) as client:
        yield client
