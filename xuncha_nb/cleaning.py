"""``xuncha clean``: takes away what the program made in a workspace, and nothing of the user's.

Only what is known by its name is taken: reports with their manifest, what a batch writes beside
them, files begun and never finished, checkpoints of notebooks, drafts of adjustments that no
session holds, settings and histories of our servers. Data, parameters, adjustments with their
history, notebooks and any other file stay.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xuncha_nb import outputs, workspace
from xuncha_nb.adjustments import drafts
from xuncha_nb.errors import OutputError, ParameterError
from xuncha_nb.parameters import FORMATS
from xuncha_nb.periods import Period

#: Files of a report; a folder that holds another one is not taken as a whole.
_REPORT: Final = frozenset(
    {"report.ipynb", "figures.json", "figures.xlsx", outputs.MANIFEST}
    | {f"report.{name}" for name in FORMATS}
)
_BATCH: Final = frozenset({"summary.csv", "index.html", "batch.jsonl", ".lock"})
_KEPT: Final = frozenset({"report.ipynb", "reason.txt"})
_CHECKPOINTS: Final = ".ipynb_checkpoints"
_SERVERS: Final = ".xuncha"
#: Folders of a workspace in which files of ours may have been left half-written.
_WITHIN: Final = ("notebooks", "parameters", "data", "outputs")


@dataclass(frozen=True)
class Item:
    """Something to take away: what it is, and where it lies."""

    kind: str
    path: Path


def workspace_of(folder: Path) -> Path:
    """Return the workspace that a folder is.

    Raises
    ------
    ParameterError
        If it is none: nothing is guessed where something is removed.
    """
    if not all((folder / name).is_dir() for name in workspace.FOLDERS):
        raise ParameterError(
            f"{workspace.display_path(folder)}：不是工作目录（应有 notebooks 和 parameters），"
            "没有清理，请核对路径"
        )
    return folder.resolve()


def found(root: Path) -> list[Item]:
    """Return what can be taken away, in the order of its paths; links are never followed."""
    items = {item.path: item for item in _found(root)}
    # What lies within something that goes, goes with it.
    return [
        item
        for path, item in sorted(items.items())
        if not any(parent in items for parent in path.parents)
    ]


def _found(root: Path) -> Iterator[Item]:
    yield from _reports(root / "outputs")
    if (servers := root / _SERVERS).is_dir() and not servers.is_symlink():
        yield Item("JupyterLab 和网页的设置、历史", servers)
    if (checkpoints := root / _CHECKPOINTS).is_dir() and not checkpoints.is_symlink():
        yield Item("笔记本检查点", checkpoints)
    adjusted = root / "parameters" / "adjustments"
    if adjusted.is_dir() and not any(p.is_symlink() for p in (adjusted, adjusted.parent)):
        for path in drafts.abandoned(adjusted):
            if path.resolve().is_relative_to(root):
                yield Item("没有保存的调整草稿", path)
    for name in _WITHIN:
        for folder, folders, files in _walk(root / name):
            if _CHECKPOINTS in folders:
                yield Item("笔记本检查点", folder / _CHECKPOINTS)
            for file in files:
                if file.startswith(".") and file.endswith((outputs.PART, outputs.OLD)):
                    yield Item("没有写完的文件", folder / file)
            for inner in folders:
                if inner.startswith(".") and inner.endswith((outputs.PART, outputs.OLD)):
                    yield Item("没有写完的文件", folder / inner)


def _walk(start: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Walk through a folder without leaving it by a link."""
    if start.is_symlink():
        return
    for folder, folders, files in os.walk(start, followlinks=False):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not (here / name).is_symlink())
        yield here, list(folders), sorted(f for f in files if not (here / f).is_symlink())
        folders[:] = [name for name in folders if name != _CHECKPOINTS]


def _reports(out: Path) -> Iterator[Item]:
    """Yield reports and what a batch wrote: ``outputs/<period>/<notebook>/<county>``."""
    for period in _folders(out):
        if not _is_period(period.name):
            continue
        for notebook in _folders(period):
            for name in sorted(_BATCH):
                if (notebook / name).is_file() and not (notebook / name).is_symlink():
                    yield Item("批量的目录和记录", notebook / name)
            for county in _folders(notebook):
                if county.name == "failed":
                    for kept in _folders(county):
                        yield from _files_of(kept, _KEPT, "失败的笔记本")
                elif not county.name.startswith("."):
                    yield from _files_of(county, _REPORT, "报告")


def _files_of(folder: Path, known: frozenset[str], kind: str) -> Iterator[Item]:
    """Yield a folder when all in it is ours, else its files that are."""
    names = {path.name for path in folder.iterdir()}
    if not names & known:
        return
    if names <= known and not any((folder / name).is_symlink() for name in names):
        yield Item(kind, folder)
        return
    for name in sorted(names & known):
        if (folder / name).is_file() and not (folder / name).is_symlink():
            yield Item(kind, folder / name)


def _folders(folder: Path) -> list[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.is_symlink())


def _is_period(name: str) -> bool:
    try:
        return str(Period.parse(name)) == name
    except ParameterError:
        return False


def remove(root: Path, items: list[Item]) -> None:
    """Take things away, and the folders under ``outputs`` that are empty then.

    Raises
    ------
    OutputError
        If something cannot be removed; the rest of what came after it is still there.
    """
    for item in items:
        # A link put there since is not followed: it is not what was shown.
        if item.path.is_symlink() or not item.path.resolve().is_relative_to(root):
            continue
        try:
            if item.path.is_dir():
                shutil.rmtree(item.path)
            else:
                item.path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                f"{workspace.display_path(item.path)}：不能删除（{error.strerror}），"
                "请关闭正在使用它的程序或检查权限后再试"
            ) from None
    for period in _folders(root / "outputs"):
        if _is_period(period.name):
            for folder in (*(f for n in _folders(period) for f in _folders(n)), *_folders(period)):
                _remove_empty(folder)
            _remove_empty(period)


def _remove_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()
