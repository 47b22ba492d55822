"""What watches that nothing of ours reaches for a network: a namespace without one, and a guard."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

#: Python imports this in every process before anything else; each attempt is noted and refused.
_GUARD: Final = '''
"""Refuses every connection that would leave this machine, and notes it."""
import os, sys


def _is_outside(host):
    if isinstance(host, bytes):
        host = host.decode()
    local = host in (None, "", "localhost", "::1", "0.0.0.0", os.uname().nodename)
    return not local and not str(host).startswith("127.")


def _watch(event, given):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = given[1]
        if not isinstance(address, tuple) or not _is_outside(address[0]):
            return
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        if not _is_outside(given[0]):
            return
    elif event != "urllib.Request" or given[0].startswith(("http://127.", "http://localhost")):
        return
    with open(os.environ["XUNCHA_GUARD"], "a", encoding="utf-8") as log:
        log.write(f"{event} {given!r} {sys.argv[:3]}\\n")
    raise OSError("nothing here may reach for a network")


sys.addaudithook(_watch)
'''


@cache
def namespace() -> tuple[str, ...]:
    """Return the command that cuts a process off from every network; empty where none can."""
    if shutil.which("unshare") is None:
        return ()
    cut = ("unshare", "-rn")
    works = subprocess.run([*cut, "true"], capture_output=True).returncode == 0
    return cut if works else ()


class Guard:
    """The guard of a test: the environment to start processes in, and what it noted."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "guard.log"
        place = folder / "guard"
        place.mkdir()
        (place / "sitecustomize.py").write_text(_GUARD, "utf-8")
        before = os.environ.get("PYTHONPATH", "")
        self.environment: dict[str, str] = {
            "PYTHONPATH": os.pathsep.join(filter(None, (str(place), before))),
            "XUNCHA_GUARD": str(self.log),
        }

    def noted(self) -> list[str]:
        """Return the attempts to leave this machine."""
        return self.log.read_text("utf-8").splitlines() if self.log.exists() else []
