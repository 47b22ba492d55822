"""What a cell prints: Python's own streams, and what goes past them to the file descriptors."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

Name = Literal["stdout", "stderr"]
_NUMBERS: Final[dict[Name, int]] = {"stdout": 1, "stderr": 2}


class CellStream(io.TextIOBase):
    """A text stream whose content becomes ``stream`` outputs of the running cell.

    Text is held until something flushes, as a kernel's stream does: a display, a result, or
    the end of the cell. What a subprocess wrote to the file descriptor in the meantime comes in
    the order in which it was written.

    Parameters
    ----------
    name : {'stdout', 'stderr'}
    send : callable
        Takes the name and the text of a flush.
    """

    def __init__(self, name: Name, send: Callable[[Name, str], None]) -> None:
        super().__init__()
        self._name: Name = name
        self._send = send
        self._held: list[str] = []
        self._file: Any = None
        self._watched = False
        self._read = 0

    @property
    def name(self) -> Name:
        """Which of the two it is."""
        return self._name

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Always UTF-8, as in a kernel."""
        return "UTF-8"

    def fileno(self) -> int:
        """Return the process's own file descriptor, for programs that are started."""
        return _NUMBERS[self._name]

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Hold a text until the next flush."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self._drain()
        self._held.append(text)
        return len(text)

    def flush(self) -> None:
        """Send what is held as one output."""
        self._drain()
        text = "".join(self._held)
        self._held.clear()
        if text:
            self._send(self._name, text)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Take in what is written past Python while the block runs (not on Windows)."""
        if sys.platform == "win32":
            yield
            return
        number = _NUMBERS[self._name]
        try:
            kept = os.dup(number)
        except OSError:  # a service without standard streams has nothing to watch
            yield
            return
        # A file and not a pipe: nobody has to read it while the cell runs, so no thread is
        # needed, and a cell that floods it does not stop for ever. One for all cells.
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by finish()
        os.dup2(self._file.fileno(), number)
        self._watched = True
        try:
            yield
        finally:
            self._drain()
            self._watched = False
            os.dup2(kept, number)
            os.close(kept)
            if self._read:
                os.ftruncate(self._file.fileno(), 0)
                self._read = os.lseek(self._file.fileno(), 0, os.SEEK_SET)

    def finish(self) -> None:
        """Give back the file; nothing is watched any more."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _drain(self) -> None:
        if not self._watched:
            return
        size = os.fstat(self._file.fileno()).st_size
        if size > self._read:
            raw = os.pread(self._file.fileno(), size - self._read, self._read)
            self._read = size
            self._held.append(raw.decode("utf-8", "replace"))
