"""Writing that a kill or a power cut leaves whole: aside, flushed, renamed; one writer a time."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from xuncha_nb import workspace
from xuncha_nb.errors import OutputError

#: Seconds to wait for another session that is saving; a save takes milliseconds.
_PATIENCE: Final = 10.0
_WHY: Final = {
    errno.ENOSPC: "没有剩余空间",
    errno.EROFS: "文件系统只读",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EEXIST: "有同名文件",
    errno.ENAMETOOLONG: "路径太长",
    errno.EIO: "磁盘读写出错",
}


def replace_file(path: Path, content: bytes, *, flush: bool = True) -> None:
    """Put content in place of a file; a reader sees the old file or the new one, whole.

    ``flush`` waits until it is on the disk and outlives a power cut; without, it outlives the
    process alone, and nobody who types has to wait.

    Raises
    ------
    OSError
        With the old file as it was.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            if flush:
                os.fsync(stream.fileno())
        aside.replace(path)
    finally:
        with contextlib.suppress(OSError):
            aside.unlink()
    if flush:
        flush_folder(path.parent)


def append_line(path: Path, line: bytes) -> None:
    """Append a line to a file and flush it; a torn last line of a killed writer goes first.

    Raises
    ------
    OSError
    """
    is_new = not path.exists()
    with path.open("a+b") as stream:
        size = stream.seek(0, os.SEEK_END)
        if size:
            stream.seek(size - 1)
            if stream.read(1) != b"\n":
                stream.seek(0)
                stream.truncate(stream.read().rfind(b"\n") + 1)
        stream.write(line + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    if is_new:
        flush_folder(path.parent)


def write_early(path: Path, content: bytes) -> None:
    """Write a file of a folder that nobody sees yet, and have the disk begin with it at once.

    The report's next file takes longer to make than this one to reach the disk, so that
    :func:`flush_files` then finds little left to wait for.
    """
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def flush_files(folder: Path) -> None:
    """Wait until a folder's files are on the disk, so that a power cut leaves them whole.

    In one call for all of them where the system has one (Linux): half a millisecond instead of
    fourteen for a report's seven files.

    Raises
    ------
    OSError
        If the disk could not take them.
    """
    if _synced(folder):
        return
    for path in folder.iterdir():
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())
    flush_folder(folder)


def _synced(folder: Path) -> bool:
    """Have the whole file system flushed; False where there is no such call."""
    call = system_call("syncfs")
    if call is None:
        return False
    import ctypes

    handle = os.open(folder, os.O_RDONLY)
    try:
        if call(handle):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        os.close(handle)
    return True


def system_call(name: str) -> Callable[..., int] | None:
    """Return a call of Linux that Python has no name for; None where there is no such call."""
    if sys.platform != "linux":
        return None
    import ctypes

    try:
        call: Callable[..., int] = getattr(ctypes.CDLL(None, use_errno=True), name)
    except (AttributeError, OSError):
        return None
    return call


def flush_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    with contextlib.suppress(OSError, AttributeError):  # Windows opens no folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file while it is read, compared and written.

    Raises
    ------
    OutputError
        If the folder cannot be written, or another session does not let go.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=_PATIENCE):
            yield
    except Timeout:
        raise OutputError(
            f"{workspace.display_path(path)}：另一个窗口正在保存，等了{_PATIENCE:.0f}秒仍未结束，"
            "没有保存，请稍后再试"
        ) from None
    except OSError as error:
        raise unwritable(path, error) from None


@contextlib.contextmanager
def held(path: Path) -> Iterator[bool]:
    """Hold a lock file for as long as a job runs, if nobody else does: whether it is held.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        # The file stays: taken away, two jobs could hold a lock each on two of them.
        lock.release()


def why(error: OSError) -> str:
    """Return in plain words why something cannot be written."""
    return _WHY.get(error.errno or 0) or error.strerror or type(error).__name__


def unwritable(path: Path, error: OSError) -> OutputError:
    """Return the error of a file that cannot be written."""
    return OutputError(
        f"{workspace.display_path(path)}：不能写入（{why(error)}），"
        "没有保存，请检查文件夹权限和磁盘空间"
    )
