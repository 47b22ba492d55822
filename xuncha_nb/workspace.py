"""Where notebooks, parameters and samples lie: the user's workspace, or what came packaged.

A workspace is a folder with ``notebooks/`` and ``parameters/`` in it; ``xuncha init`` makes
one. Without a workspace, what the wheel carries is used; in a checkout that is the checkout.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from xuncha_nb.errors import ParameterError

_PACKAGE: Final = Path(__file__).resolve().parent
#: Folders that the wheel carries under ``xuncha_nb/packaged`` and a checkout at its top.
FOLDERS: Final = ("notebooks", "parameters")
#: Environment variable by which a runner tells the kernel its workspace.
VARIABLE: Final = "XUNCHA_WORKSPACE"


def packaged() -> Path:
    """Return the folder that holds the packaged ``notebooks`` and ``parameters``."""
    wheel = _PACKAGE / "packaged"
    return wheel if wheel.is_dir() else _PACKAGE.parent


def samples() -> Path:
    """Return the folder of the packaged sample: ``data/<code>.xlsx``, ``plan.yaml``."""
    return _PACKAGE / "samples"


def root(start: Path | None = None) -> Path:
    """Return the workspace around a folder, or the packaged one if there is none.

    Parameters
    ----------
    start : Path, optional
        Folder to start from, going up; the current folder by default. A kernel starts in
        the folder of its notebook, hence the way up.
    """
    told = os.environ.get(VARIABLE)
    if start is None and told and Path(told).is_dir():
        return Path(told)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if all((folder / name).is_dir() for name in FOLDERS):
            return folder
    return packaged()


def is_there(path: Path) -> bool:
    """Whether something is at a path; a name that no file can have is nowhere."""
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, a NUL in it, a folder that may not be looked into
        return False


def notebook(name: str, start: Path | None = None) -> Path:
    """Return the path of a notebook by its name or by a path to it.

    Raises
    ------
    ParameterError
        If there is no such notebook; the message names those that exist.
    """
    if name.endswith(".ipynb") and is_there(Path(name)) and Path(name).is_file():
        return Path(name)
    stem = name.removesuffix(".ipynb")
    for folder in (root(start), packaged()):
        path = folder / "notebooks" / f"{stem}.ipynb"
        if is_there(path) and path.is_file() and path.parent == folder / "notebooks":
            return path
    known = "、".join(notebooks(start)) or "（无）"
    raise ParameterError(f"没有名为“{name[:60]}”的报告笔记本：应为 {known} 之一，请改正")


def notebooks(start: Path | None = None) -> tuple[str, ...]:
    """Return the names of the notebooks that can be run, the workspace's and the packaged."""
    found = {
        path.stem
        for folder in (root(start), packaged())
        for path in (folder / "notebooks").glob("*.ipynb")
    }
    return tuple(sorted(found))


def display_path(path: Path | str) -> str:
    """Return a path for a message or a record: relative to here, else its name alone.

    Absolute paths of the machine never enter an output (``domain.md``, Confidentiality). The
    packaged sample is called the same wherever it is asked for. An address is returned without
    user and password.
    """
    kind, is_address, rest = str(path).partition("://")
    if is_address:
        host, slash, tail = rest.partition("?")[0].partition("/")
        return f"{kind}://{host.rpartition('@')[2]}{slash}{tail}"
    sample = Path(path)
    if sample.is_absolute() and sample.is_relative_to(_PACKAGE):
        return f"{_PACKAGE.name}/{sample.relative_to(_PACKAGE).as_posix()}"
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive on Windows
        return Path(path).name
    return Path(relative).as_posix() if not relative.startswith("..") else Path(path).name
