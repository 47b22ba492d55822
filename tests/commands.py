"""The commands of the environment that the tests run in, as a user calls them."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

_BIN = Path(sys.executable).parent
Done = subprocess.CompletedProcess[str]


def call(command: str, *arguments: str | Path, cwd: Path, **environment: str) -> Done:
    """Run a command beside the interpreter, in a folder, and return what became of it."""
    program = Path(sys.executable) if command == "python" else _BIN / command
    return subprocess.run(
        [program, *map(str, arguments)],
        cwd=cwd,
        # With a TERM: a batch without one takes itself for a job of cron, and is quiet.
        env=os.environ | {"PYTHONIOENCODING": "utf-8", "TERM": "dumb"} | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=180,
    )


def xuncha(*arguments: str | Path, cwd: Path) -> Done:
    """Run the command line."""
    return call("xuncha", *arguments, cwd=cwd)


def refused(done: Done, code: int) -> str:
    """Return what a refused command told; it must be Chinese lines without a traceback."""
    told = done.stderr
    assert done.returncode == code, told
    assert "Traceback" not in told
    assert told.startswith(("错误：", "用法有误：", "警告：")), told
    return told


def texts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of a file, or of every part of it when it is a zip file."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{path.name}/{name}", archive.read(name).decode("utf-8", "replace")
    else:
        yield path.name, path.read_bytes().decode("utf-8", "replace")


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, hidden ones too, with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
