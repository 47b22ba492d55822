"""How large a file may be that somebody gave us: it is measured before it is read.

The limits are far above what an office writes (the largest county's workbook of the samples is
0.2 MB, its parameters are some kilobytes) and far below what would hurt the machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from xuncha_nb import workspace
from xuncha_nb.errors import SourceError, XunchaError

MEGABYTE: Final = 2**20
#: A workbook, a CSV or a Parquet file.
SOURCE: Final = 32 * MEGABYTE
#: Cells of a source between its first and its last one, empty ones counted: each takes memory.
CELLS: Final = 3_000_000
#: Text of a source, once every cell has its own.
TEXT: Final = 64 * MEGABYTE
#: A file under ``parameters/``, a plan, an adjustments file.
PARAMETERS: Final = MEGABYTE // 2
#: A notebook without outputs; an executed one with its pictures.
NOTEBOOK: Final = 16 * MEGABYTE
REPORT: Final = 256 * MEGABYTE


def content(path: Path, most: int, error: type[XunchaError] = SourceError) -> bytes:
    """Return the bytes of a file that is not too large.

    Parameters
    ----------
    path : Path
    most : int
        Bytes that it may have.
    error : type, optional
        Of which class the refusal is.

    Raises
    ------
    XunchaError
        If it is larger, or no plain file: a pipe or a device has no end.
    OSError
        If it is not there or cannot be read.
    """
    check(path, most, error)
    with path.open("rb") as stream:
        raw = stream.read(most + 1)
    if len(raw) > most:  # it has grown since
        check(path, most, error)
    return raw


def check(path: Path, most: int, error: type[XunchaError] = SourceError) -> None:
    """Refuse a file that is too large; the arguments are those of :func:`content`.

    Raises
    ------
    XunchaError, OSError
    """
    size = path.stat().st_size
    if not path.is_file():
        raise error(f"{workspace.display_path(path)}：不是普通文件，不能读取，请核对路径")
    if size > most:
        raise error(
            f"{workspace.display_path(path)}：文件过大（{megabytes(size)}），"
            f"应不超过 {megabytes(most)}，请核对是否放错了文件，或删去无关内容"
        )


def megabytes(size: float) -> str:
    """Return a size for a message."""
    return f"{size / MEGABYTE:,.0f} MB"
