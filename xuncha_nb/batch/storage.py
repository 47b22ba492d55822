"""Inputs and outputs at an address instead of in a folder: whatever fsspec knows.

``s3://bucket/data/{code}.xlsx``, ``sftp://host/outputs``, ``ftp://…``: the machine that makes a
county's report fetches its ledger, makes the report in a folder of its own, and delivers it. What
the batch itself keeps (summary, index, log, partial notebooks) lies at the address too. An address
may carry a password, so messages name it without.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeVar, cast

from xuncha_nb import areas, outputs, workspace
from xuncha_nb.errors import ParameterError, SourceError, StorageError, XunchaError
from xuncha_nb.sources import database

#: Requests at once: an address answers slowly, a disk that has to look too, and each county waits
#: for its own.
_REQUESTS: Final = 16
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.:-]*://", re.IGNORECASE)
_MANIFEST: Final = "manifest.json"
T = TypeVar("T")
R = TypeVar("R")


class UnreachableError(SourceError):
    """An address that does not answer at the moment."""

    transient = True


def is_address(text: str) -> bool:
    """Whether a source or an output folder is an address, and neither a path nor a database."""
    return bool(_ADDRESS.match(text)) and not database.is_address(text)


def is_far(path: Path) -> bool:
    """Whether a path came from an address, so that no call of the system reaches it."""
    return not isinstance(path, Path)


def place(text: str) -> Path:
    """Return the folder that a path or an address means.

    Returns
    -------
    Path
        For an address fsspec's counterpart of one (``UPath``), which has a path's methods.

    Raises
    ------
    ParameterError
        If nothing here knows that kind of address.
    """
    if not is_address(text):
        return Path(text)
    if text.startswith(("file://", "local://")):
        return Path(text.partition("://")[2])
    kind = text.partition("://")[0]
    try:
        from upath import UPath

        made = UPath(text)
        _ = made.fs
    except ImportError as error:
        told = str(error)
        more = told.split()[1] if told.startswith("Install ") else "'xuncha_nb[cluster]'"
        raise ParameterError(f"{kind}:// 的地址需要另装：pip install {more}") from None
    except ValueError:
        raise ParameterError(
            f"不认识 {kind}:// 这种地址，应为文件夹，或 s3://、sftp://、ftp:// 等 fsspec 支持的地址"
        ) from None
    except Exception as error:
        raise unreachable(text, error) from None
    return cast(Path, made)


def public(text: str) -> str:
    """Return an address as it may be printed: without user, password and query."""
    return workspace.display_path(text)


def unreachable(address: str, error: BaseException) -> UnreachableError:
    """Return the error of an address that does not answer; only the kind of trouble is told."""
    return UnreachableError(
        f"{public(address)}：连接不上或不能读写（{type(error).__name__}），"
        "请核对地址、用户和权限，确认服务正在运行"
    )


def each(work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """Do the same for every item, several at once; return what each gave, in order."""
    with ThreadPoolExecutor(_REQUESTS) as pool:
        return list(pool.map(work, items))


def own(path: Path) -> Path:
    """Return a path whose connection belongs to this thread: most kinds bear no second one."""
    if not is_far(path):
        return path
    from upath import UPath

    there: Any = path
    return cast(Path, UPath(str(there), protocol=there.protocol, **there.storage_options))


def or_none(work: Callable[[T], R]) -> Callable[[T], R | None]:
    """Return what does the same, and gives None where a user error would be raised."""

    def tried(item: T) -> R | None:
        try:
            return work(item)
        except XunchaError:
            return None  # the run itself says what is wrong with it

    return tried


def fetch(source: str, county: str, folder: Path) -> Path:
    """Fetch a source into a local folder.

    Parameters
    ----------
    source : str
        Address of a file or of a folder, with ``{code}`` or ``{county}`` for the county's.
    county : str
        Code or name.
    folder : Path
        Where to put it, under its own name.

    Raises
    ------
    SourceError
        If nothing is there.
    UnreachableError
        If the address does not answer.
    """
    area = areas.find(county) if "{" in source else None
    if area is not None:
        source = source.replace("{code}", area.code).replace("{county}", area.name)
    there: Any = place(source)
    here = folder / PurePosixPath(source).name
    if isinstance(there, Path):
        return there
    try:
        there.fs.invalidate_cache()
        if there.fs.isdir(there.path):
            for file in there.fs.ls(there.path, detail=False):
                here.mkdir(parents=True, exist_ok=True)
                there.fs.get_file(file, str(here / PurePosixPath(file).name))
        elif there.fs.exists(there.path):
            here.parent.mkdir(parents=True, exist_ok=True)
            there.fs.get_file(there.path, str(here))
        else:
            raise SourceError(f"{public(source)}：文件不存在，请核对 source 的地址和文件名")
    except XunchaError:
        raise
    except Exception as error:
        # Every kind of address has errors of its own.
        raise unreachable(source, error) from None
    return here


def deliver(folder: Path, target: Path) -> None:
    """Put a finished folder at its address: first beside its place, then renamed.

    Where renaming is one step (sftp, ftp, shared disks) nobody sees half of it. Object stores
    copy file by file; a report that was torn there has files of another size than its manifest
    says, and is made anew.

    Raises
    ------
    UnreachableError
        If the address does not answer; the last report is then where it was.
    StorageError
        If it has no space left.
    """
    there: Any = target
    fs, place_ = there.fs, str(there.path)
    parent, _, name = place_.rpartition("/")
    token = secrets.token_hex(4)
    stage = f"{parent}/.{name}.{token}{outputs.PART}"
    old = f"{parent}/.{name}.{token}{outputs.OLD}"
    try:
        fs.makedirs(stage, exist_ok=True)
        # The manifest is the last word of a report.
        for file in sorted(folder.iterdir(), key=lambda p: (p.name == _MANIFEST, p.name)):
            fs.put_file(str(file), f"{stage}/{file.name}")
        fs.invalidate_cache()
        there_before = fs.exists(place_)
        if there_before:
            fs.mv(place_, old, recursive=True)
        try:
            fs.mv(stage, place_, recursive=True)
        except Exception:
            if there_before:
                fs.mv(old, place_, recursive=True)
            raise
        if there_before:
            fs.rm(old, recursive=True)
    except Exception as error:
        with contextlib.suppress(Exception):
            fs.rm(stage, recursive=True)
        if outputs.is_full(error):
            raise StorageError(f"{public(str(target))}：磁盘已满，请腾出空间后重新执行") from None
        raise unreachable(str(target), error) from None
    finally:
        fs.invalidate_cache()


def write(path: Path, content: bytes) -> None:
    """Write a file of the batch's own: in place of the old one, whole.

    Raises
    ------
    OSError
    """
    if is_far(path):
        there: Any = path
        there.fs.makedirs(str(there.parent.path), exist_ok=True)
        there.fs.pipe_file(str(there.path), content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    outputs.replace(path, content)


def read(path: Path) -> bytes:
    """Return a file's content, empty if there is none.

    Raises
    ------
    UnreachableError
        If the address does not answer.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except Exception as error:
        raise unreachable(str(path), error) from None


def remove(path: Path) -> None:
    """Take a folder away, if it is there."""
    if not is_far(path):
        shutil.rmtree(path, ignore_errors=True)
        return
    there: Any = path
    with contextlib.suppress(Exception):
        there.fs.rm(str(there.path), recursive=True)
    there.fs.invalidate_cache()


def remove_empty(path: Path) -> None:
    """Take a folder away, if nothing is in it."""
    with contextlib.suppress(Exception):
        path.rmdir()


@contextlib.contextmanager
def prepared(path: Path) -> Iterator[None]:
    """Make a notebook's folder at its address, and take away what killed deliveries left there.

    Raises
    ------
    UnreachableError
        If the address does not answer or cannot be written.
    """
    there: Any = path
    try:
        there.fs.makedirs(str(there.path), exist_ok=True)
        sweep(path)
    except Exception as error:
        raise unreachable(str(path), error) from None
    yield


def sweep(path: Path) -> None:
    """Take away what killed deliveries left; an old report whose place is empty goes back."""
    there: Any = path
    fs = there.fs
    fs.invalidate_cache()
    with contextlib.suppress(FileNotFoundError):
        names = {PurePosixPath(found).name for found in fs.ls(str(there.path), detail=False)}
        for leftover in sorted(n for n in names if n.startswith(".")):
            name, _, _ = leftover[1:].partition(".")
            if leftover.endswith(outputs.OLD) and name not in names:
                fs.mv(f"{there.path}/{leftover}", f"{there.path}/{name}", recursive=True)
            elif leftover.endswith((outputs.PART, outputs.OLD)):
                fs.rm(f"{there.path}/{leftover}", recursive=True)
    fs.invalidate_cache()
