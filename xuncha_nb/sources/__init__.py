"""The only reader of data: a source becomes a :class:`Book` of validated ledgers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from xuncha_nb import areas, confidential, regions, workspace
from xuncha_nb.errors import SourceError
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.ledgers.rows import Rows
from xuncha_nb.parameters import SAMPLE
from xuncha_nb.periods import Period, Window
from xuncha_nb.personal import Watchlist, begin_watch, watched
from xuncha_nb.sources import database, tables, validation, withheld
from xuncha_nb.verdicts import Verdict

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Book", "book", "fingerprint", "locate", "periods_in", "read", "require"]

#: How much of a name that leads nowhere a message prints.
_LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class Book:
    """All ledgers of one source.

    Attributes
    ----------
    name : str
        The source for messages: relative path or file name, never an absolute path.
    rows : dict of str to Rows
        Every declared ledger; columns as declared in :mod:`xuncha_nb.ledgers`, with the
        row numbers of the file. A ledger that the source lacks has no rows.
    where : dict of str to str
        Place of each ledger that the source has, for messages.
    verdicts : tuple of Verdict
        Faults of cells and rows.
    fingerprint : str
        SHA-256 of the content.
    """

    name: str
    rows: dict[str, Rows]
    where: dict[str, str]
    verdicts: tuple[Verdict, ...]
    fingerprint: str

    def __getitem__(self, ledger: str) -> Rows:
        return self.rows[ledger]

    def frame(self, ledger: str) -> pd.DataFrame:
        """Return a ledger as a data frame, indexed by row number in the file."""
        return self.rows[ledger].frame(LEDGERS[ledger])


def locate(source: str, county: str, base: Path | None = None) -> Path:
    """Return the path of a source.

    Parameters
    ----------
    source : str
        A path, relative to ``base`` (the current folder) or else to the workspace; ``sample``
        stands for the packaged sample of the county.
    county : str
        County code or name, filled in for ``{code}`` or ``{county}``.

    Raises
    ------
    SourceError
        If nothing is there; names what was looked for.
    """
    if source == SAMPLE:
        return _sample(county)
    here = base or Path.cwd()
    area = areas.find(county) if "{" in source else None
    code, name = (county, county) if area is None else (area.code, area.name)
    relative = Path(source.replace("{code}", code).replace("{county}", name))
    for folder in (here, workspace.root(here)):
        path = folder / relative
        if workspace.is_there(path):
            if area is not None:
                _refuse_second(path, area)
            return path
    told = workspace.display_path(here / relative)
    if len(told) > _LONGEST_NAME:
        told = f"{told[:_LONGEST_NAME]}…"
    raise SourceError(f"{told}：文件不存在，请核对 source 的路径和文件名")


def _sample(county: str) -> Path:
    """Return the packaged sample of a county, of a bulletin's area, or of a region's counties."""
    place = areas.find(county) or regions.find(county)
    code = county if place is None else place.code
    data, below = workspace.samples() / "data", workspace.samples() / "regions"
    for path in (data / f"{code}.xlsx", data / f"{code}.csv", below / code):
        if workspace.is_there(path):
            return path
    known = "、".join(sorted([p.stem for p in data.iterdir()] + [p.name for p in below.iterdir()]))
    raise SourceError(
        f"自带样例没有“{county}”：有样例的是 {known}，请改 county 或用 source 指明自己的台账"
    )


def _refuse_second(path: Path, area: areas.Area) -> None:
    """Refuse to choose between two files of one county: the other one may be the newer."""
    stems = [area.code] if areas.repeated(area.name) else [area.code, area.name]
    beside = (path.with_name(f"{stem}{end}") for stem in stems for end in tables.ENDINGS)
    others = [other.name for other in beside if other != path and other.exists()]
    if path.stem in stems and others:
        raise SourceError(
            f"{area.name}有两份台账：{workspace.display_path(path)} 与同一文件夹里的"
            f" {'、'.join(others)}，应只有一份，请留下正确的一份再出报告"
        )


def fingerprint(source: str, county: str, base: Path | None = None) -> str:
    """Return the SHA-256 of a source's content; the arguments are those of :func:`locate`.

    Raises
    ------
    SourceError
        If nothing is there.
    """
    return tables.fingerprint(locate(source, county, base))


def require(source: str, county: str, base: Path | None = None) -> None:
    """Refuse a source that is not there: a file, or a county that the database does not have.

    Raises
    ------
    SourceError
    """
    if not database.is_address(source):
        locate(source, county, base)
        return
    with database.connected(database.absolute(source, base or Path.cwd())) as connection:
        if database.ledgers_of(connection, _code(county)) is None:
            raise _not_loaded(source, county)


def book(source: str, county: str, window: Window | None = None) -> Book:
    """Read and validate a source, whatever it is.

    Parameters
    ----------
    source, county : str
        As for :func:`locate`, or the address of a database (:mod:`xuncha_nb.sources.database`).
    window : Window, optional
        What the report is about: a database then gives no rows that it cannot see.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    if not database.is_address(source):
        return read(locate(source, county))
    address, code = database.whole(source), _code(county)
    with database.connected(address) as connection:
        present = database.ledgers_of(connection, code)
        if present is None:
            raise _not_loaded(address, county)
        rows = {
            name: database.rows(connection, ledger, code, window) if name in present
            else Rows.empty(ledger)
            for name, ledger in LEDGERS.items()
        }  # fmt: skip
    name = f"{database.name_of(address)}（{code}）"
    where = {ledger: f"{name} 台账“{LEDGERS[ledger].sheet}”" for ledger in present}
    digest = hashlib.sha256()
    for ledger in present:
        digest.update(f"{ledger}\n".encode())
        for record in rows[ledger].records():
            digest.update(repr(vars(record)).encode())
    verdicts = validation.faults({ledger: rows[ledger] for ledger in present}, where)
    return Book(name, rows, where, tuple(verdicts), digest.hexdigest())


def _code(county: str) -> str:
    area = areas.find(county)
    return county if area is None else area.code


def _not_loaded(address: str, county: str) -> SourceError:
    return SourceError(
        f"{database.name_of(address)}：没有 {county} 的台账，请先用 xuncha load 导入，或改 county"
    )


def read(path: Path) -> Book:
    """Read and validate a workbook, CSV or Parquet file, or a folder of them.

    Faults of cells do not raise: they are in ``Book.verdicts``, all of them.

    Raises
    ------
    SourceError
        If the source cannot be read at all, or a sheet or column is missing.
    """
    rows: dict[str, Rows] = {}
    where: dict[str, str] = {}
    verdicts: list[Verdict] = []
    try:
        content = tables.fingerprint(path) if path.exists() else ""
        watch = begin_watch(content)
        declared = confidential.load()
        raw = [withheld.without_confidential(t, declared, watch) for t in tables.read(path)]
    except PermissionError:
        raise SourceError(
            f"{workspace.display_path(path)}：没有读取权限，请关闭正在使用它的程序或调整权限"
        ) from None
    unreadable: list[str] = []
    for table in raw:
        verdicts += table.remarks
        try:
            cells, faults = validation.typed(table)
        except SourceError as error:
            unreadable.append(str(error))
            continue
        rows[table.ledger.name] = cells
        where[table.ledger.name] = table.where
        verdicts += faults
    if unreadable:
        raise SourceError("\n".join(unreadable))  # of every sheet, in one go
    # A cell that could not be read is empty in the frame: one fault, not two.
    told = {v.where for v in verdicts if v.rule == "cell_type"}
    verdicts += [
        v
        for v in validation.faults(rows, where)
        if not (v.rule == "cell_required" and v.where in told)
    ]
    for name, ledger in LEDGERS.items():
        if name not in rows:
            rows[name] = Rows.empty(ledger)
    return Book(workspace.display_path(path), rows, where, tuple(verdicts), content)


def watch_of(digest: str, source: str, county: str, base: Path | None = None) -> Watchlist | None:
    """Return what the confidential columns of a source hold, as hashes.

    Parameters
    ----------
    digest : str
        The source's fingerprint, by which a source that this process has read is known; another
        one is read for its confidential columns.
    source, county, base
        As for :func:`locate`.

    Returns
    -------
    Watchlist or None
        None for a database, which holds no such column, and for a source that has changed.
    """
    if known := watched(digest):
        return known[0]
    if database.is_address(source):
        return None
    path = locate(source, county, base)
    if path.suffix == "" and not tables.data_files(path):
        return None  # a folder of reports
    return watched(read(path).fingerprint)[0]


def blank(name: str, fingerprint: str = "") -> Book:
    """Return a book without a single row, for a report that is made from other reports."""
    rows = {ledger.name: Rows.empty(ledger) for ledger in LEDGERS.values()}
    return Book(name, rows, {}, (), fingerprint)


def periods_in(book: Book) -> tuple[Period, ...]:
    """Return the periods a book says something about: reported ones, and half-years of events.

    What ``xuncha check`` goes through when no period is asked for.
    """
    found: set[Period] = set()
    for ledger in ("reported", "petition_stats", "discipline_stats"):
        found |= {Period.parse(text) for text in book[ledger].filled("period")}
    for ledger, column in (("rounds", "start"), ("findings", "found_on"), ("activities", "date")):
        found |= {_half_year(day) for day in book[ledger].filled(column)}
    return tuple(sorted(found))


def _half_year(day: date) -> Period:
    return Period.parse(f"{day.year}H{1 if day.month <= 6 else 2}")
