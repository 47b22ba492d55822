"""Workbooks into the shared database: validated first, a transaction a county."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from xuncha_nb import areas, sources, workspace
from xuncha_nb.errors import CheckError, SourceError, XunchaError
from xuncha_nb.sources import database
from xuncha_nb.verdicts import errors


@dataclass(frozen=True)
class Loaded:
    """What became of one file.

    Attributes
    ----------
    name : str
        The file, for a message.
    county : str
        Code and name; empty if it is not known.
    rows : int
        Rows written.
    error : XunchaError or None
        Why nothing was written of it.
    """

    name: str
    county: str = ""
    rows: int = 0
    error: XunchaError | None = None


def load(files: Sequence[Path], address: str) -> Iterator[Loaded]:
    """Load files into a database; a file with errors leaves its county as it was.

    Parameters
    ----------
    files : sequence of Path
        Workbooks or folders of CSV files, each named by the code or the name of its county.
    address : str
        ``sqlite:///…`` or ``postgresql://…``.

    Yields
    ------
    Loaded
        One a file, in order.

    Raises
    ------
    SourceError
        If the database cannot be reached or written, or two files are of one county.
    """
    by_code: dict[str, Path] = {}
    for path in files:
        area = areas.find(path.stem)
        if area is None:
            continue
        if area.code in by_code:
            raise SourceError(
                f"{workspace.display_path(path)}：与 {workspace.display_path(by_code[area.code])}"
                f" 是同一个县（区）{area.name}，应只有一份，请只保留一个"
            )
        by_code[area.code] = path
    with database.connected(address, write=True) as connection:
        database.schema().create_all(connection)
    for path in files:
        yield _one(path, address)


def _one(path: Path, address: str) -> Loaded:
    where = workspace.display_path(path)
    area = areas.find(path.stem)
    if area is None:
        near = "、".join(areas.nearest(path.stem)) or "331124.xlsx"
        told = f"{where}：文件名应为县（区）的代码或名称，如 {near}，请改名"
        return Loaded(where, error=SourceError(told))
    county = f"{area.code} {area.name}"
    try:
        book = sources.read(path)
    except SourceError as error:
        return Loaded(where, county, error=error)
    if errors(book.verdicts):
        return Loaded(where, county, error=CheckError(book.verdicts))
    present = {name: rows for name, rows in book.rows.items() if name in book.where}
    with database.connected(address, write=True) as connection:
        written = database.replace(connection, area.code, present)
    return Loaded(where, county, sum(written.values()))
