"""A folder for what was fetched: gone with the process it serves, however that ends.

A ledger is confidential, and a process that is killed takes nothing away. So every such folder is
held by a lock while it is used, and whoever makes one takes those away that nobody holds.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from xuncha_nb.adjustments import durable

_PREFIX: Final = "xuncha-near-"
_LOCK: Final = ".lock"


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Give an empty folder that only this user can read, and take it away afterwards.

    Raises
    ------
    OSError
        If the system's folder for such things cannot be written.
    """
    _sweep()
    while True:
        made = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, made, ignore_errors=True)
            if stack.enter_context(durable.held(made / _LOCK)):
                stack.callback(_empty, made)
                yield made
                return
        # Somebody sweeps, and has seen it before it was held.


def _empty(made: Path) -> None:
    """Take away all but the lock, which Windows does not give up while it is held."""
    for path in made.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != _LOCK:
            path.unlink(missing_ok=True)


def _sweep() -> None:
    """Take away this user's folders whose process is gone."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if not _own(left) or not (left / _LOCK).exists():
                continue  # another user's, or just being made
            with durable.held(left / _LOCK) as nobodys:
                if nobodys:
                    _empty(left)
            if nobodys:
                shutil.rmtree(left, ignore_errors=True)


def _own(path: Path) -> bool:
    """Whether a path is a folder of this user's, and not a link to one."""
    found = path.lstat()
    mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return stat.S_ISDIR(found.st_mode) and mine
