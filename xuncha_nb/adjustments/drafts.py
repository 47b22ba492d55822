"""Changes that are not saved yet, kept beside the adjustments file so that nothing is lost.

Every session writes its own draft and holds its lock while it lives. A draft whose lock nobody
holds was left by a session that ended in the middle of an edit: the next one offers it.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from xuncha_nb.adjustments import durable
from xuncha_nb.adjustments.model import ChartChoice


class Edit(BaseModel):
    """A change of one figure that is not saved.

    Attributes
    ----------
    text : str
        The number as it was typed; empty takes an adjustment back.
    reason : str
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = ""
    reason: str = ""


class Content(BaseModel):
    """What a draft holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    notebook: str
    time: str
    edits: dict[str, Edit] = {}
    looks: tuple[ChartChoice, ...] = ()

    @property
    def count(self) -> int:
        """Number of changes."""
        return len(self.edits) + len(self.looks)


class Draft:
    """The draft of this session; its file exists only while there is something in it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._path = file.with_name(f".{file.stem}.draft-{secrets.token_hex(4)}.json")
        # A kernel may take messages on another thread than it runs cells on.
        self._lock = FileLock(_lock_of(self._path), thread_local=False)
        #: Why the last write failed; empty if it did not.
        self.fault = ""

    def write(self, content: Content) -> None:
        """Keep the changes; a folder that cannot be written is remembered, not raised."""
        try:
            if not content.count:
                self.clear()
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if not self._lock.is_locked:
                self._lock.acquire(timeout=2)  # another session may be looking for leftovers
            text = json.dumps(content.model_dump(), ensure_ascii=False)
            durable.replace_file(self._path, text.encode(), flush=False)
            self.fault = ""
        except (OSError, Timeout) as error:
            why = "被占用" if isinstance(error, Timeout) else error.strerror
            self.fault = f"没有保存的修改存不了草稿（{why}），关闭窗口就会丢失，请先检查文件夹权限"

    def clear(self) -> None:
        """Remove the draft: its changes were saved, or given up."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
            self.let_go()
            Path(_lock_of(self._path)).unlink(missing_ok=True)

    def let_go(self) -> None:
        """Release the draft, so that another session may offer it."""
        self._lock.release(force=True)


@dataclass(frozen=True)
class Left:
    """A draft that a session left behind."""

    path: Path
    content: Content

    def remove(self) -> None:
        """Remove it."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
            Path(_lock_of(self.path)).unlink(missing_ok=True)


def left_behind(file: Path) -> Iterator[Left]:
    """Yield the drafts of an adjustments file that no living session holds, newest first."""
    found = []
    for path in file.parent.glob(f".{file.stem}.draft-*.json"):
        with (
            contextlib.suppress(OSError, Timeout, ValidationError),
            FileLock(_lock_of(path), timeout=0),
        ):
            found.append(Left(path, Content.model_validate_json(path.read_bytes())))
    yield from sorted(found, key=lambda left: left.content.time, reverse=True)


def abandoned(folder: Path) -> Iterator[Path]:
    """Yield the files of all drafts below a folder that no living session holds."""
    for path in sorted(folder.rglob(".*.draft-*.json")):
        lock = Path(_lock_of(path))
        was_there = lock.exists()
        with contextlib.suppress(OSError, Timeout):
            with FileLock(lock, timeout=0):
                pass
            if was_there:
                yield lock
            else:
                lock.unlink(missing_ok=True)  # looking leaves nothing behind
            yield path


def _lock_of(path: Path) -> str:
    return str(path.with_suffix(".lock"))
