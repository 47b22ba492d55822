"""``batch.jsonl``: what happened when, a line of JSON each; the only place besides manifests
where times stand."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from xuncha_nb.batch.outcomes import Outcome

NAME: Final = "batch.jsonl"


class Journal:
    """The log of a notebook's folder; every batch adds to its end.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._file: IO[str] | None = None

    def __enter__(self) -> Journal:
        self._file = self._path.open("a", encoding="utf-8")
        if self._path.stat().st_size and not self._path.read_bytes().endswith(b"\n"):
            self._file.write("\n")  # a batch was killed in the middle of a line
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def note(self, event: str, **details: Any) -> None:
        """Write a line, at once."""
        assert self._file is not None
        now = datetime.now().astimezone().isoformat(timespec="milliseconds")
        line = {"time": now, "event": event} | details
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()

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
