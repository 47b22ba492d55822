"""``batch.jsonl``: what happened when, a line of JSON each; the only place besides manifests
where times stand."""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from xuncha_nb.batch import storage
from xuncha_nb.batch.outcomes import Outcome

NAME: Final = "batch.jsonl"
_SEND_SECONDS: Final = 30.0


class Journal:
    """The log of a notebook's folder; every batch adds to its end.

    Parameters
    ----------
    folder : Path
        At an address, where nothing can be added to a file, the log is sent whole: at the end,
        and every half minute.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._file: IO[bytes] | None = None
        self._sent = time.monotonic()

    def __enter__(self) -> Journal:
        if storage.is_far(self._path):
            before = storage.read(self._path)
            self._file = tempfile.TemporaryFile("w+b")
            self._file.write(before)
        else:
            self._file = self._path.open("ab")
            before = self._path.read_bytes()
        if before and not before.endswith(b"\n"):
            self._file.write(b"\n")  # a batch was killed in the middle of a line
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._send()
            self._file.close()

    def note(self, event: str, **details: Any) -> None:
        """Write a line, at once."""
        assert self._file is not None
        now = datetime.now().astimezone().isoformat(timespec="milliseconds")
        line = {"time": now, "event": event} | details
        self._file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        self._file.flush()
        if time.monotonic() - self._sent > _SEND_SECONDS:
            self._send()

    def _send(self) -> None:
        assert self._file is not None
        self._sent = time.monotonic()
        if storage.is_far(self._path):
            self._file.seek(0)
            with contextlib.suppress(OSError):
                storage.write(self._path, self._file.read())

    def outcome(self, outcome: Outcome) -> None:
        """Write what became of a county."""
        error = outcome.error
        details: dict[str, Any] = {
            "code": outcome.code,
            "county": outcome.county,
            "seconds": round(outcome.seconds, 3),
            "attempts": outcome.attempts,
            "memory_mb": outcome.memory_mb,
        }
        if error is not None:
            details |= {"kind": type(error).__name__, "cell": error.cell, "reason": str(error)}
        self.note("failed" if error is not None else "done", **details)
