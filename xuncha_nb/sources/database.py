"""Ledgers of all counties in one database, through SQLAlchemy: a table a ledger.

Each table has the ledger's columns, the county they are of, and the row number in the file they
came from. A run reads the rows of its county up to the end of its period, no others.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xuncha_nb.errors import DatabaseError, SourceError
from xuncha_nb.ledgers import LEDGERS, Ledger
from xuncha_nb.ledgers.columns import Type
from xuncha_nb.ledgers.rows import Rows
from xuncha_nb.periods import Window

if TYPE_CHECKING:
    import sqlalchemy as sa

#: Environment variable with the whole address, for a process whose notebook shows it without
#: user and password.
VARIABLE: Final = "XUNCHA_DATABASE"
#: From a frame's scalars to what every driver knows.
_PLAIN: Final[Mapping[Type, Callable[[Any], Any]]] = {
    "count": int,
    "number": float,
    "date": lambda day: day.date(),
    "flag": bool,
}
_SCHEMES: Final = ("sqlite", "postgresql")
_DRIVER: Final = "postgresql+psycopg"


def is_address(source: str) -> bool:
    """Whether a source is the address of a database and no path."""
    return source.partition("://")[0].partition("+")[0] in _SCHEMES and "://" in source


def public(address: str) -> str:
    """Return an address as it may be printed: without user, password, options and folders."""
    url = _url(address)
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{Path(url.database or '').name}"
    where = f"{url.host or 'localhost'}{f':{url.port}' if url.port else ''}"
    return f"postgresql://{where}/{url.database or ''}"


def absolute(address: str, base: Path) -> str:
    """Return an address that means the same from every folder."""
    url = _url(address)
    if url.get_backend_name() != "sqlite" or not url.database:
        return address
    path = Path(url.database)
    return f"sqlite:///{(base / path).resolve().as_posix()}"


def whole(address: str) -> str:
    """Return the whole address for one that was printed, if this process was told it."""
    told = os.environ.get(VARIABLE, "")
    return told if told and public(told) == address else address


def name_of(address: str) -> str:
    """Return what messages call the database."""
    return f"数据库“{Path(_url(address).database or '').stem}”"


def _url(address: str) -> sa.URL:
    import sqlalchemy as sa

    try:
        url = sa.make_url(address)
    except sa.exc.ArgumentError:
        raise SourceError(
            "source：数据库地址不对，应如 postgresql://用户:密码@主机/库名 或 sqlite:///台账.sqlite"
        ) from None
    return url.set(drivername=_DRIVER) if url.drivername == "postgresql" else url


@contextmanager
def connected(address: str, *, write: bool = False) -> Iterator[sa.Connection]:
    """Connect to a database for one transaction.

    Raises
    ------
    DatabaseError
        If it cannot be reached or answers with an error; without address and password.
    SourceError
        If the driver is missing, or there is no such SQLite file.
    """
    try:
        import sqlalchemy as sa
    except ImportError:
        raise _not_installed() from None

    url = _url(address)
    where = name_of(address)
    if url.get_backend_name() == "sqlite" and not write and not Path(url.database or "").is_file():
        raise SourceError(f"{where}：文件不存在，请核对 source，或先用 xuncha load 导入台账")
    options = {"connect_timeout": 10} if url.get_backend_name() == "postgresql" else {}
    try:
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool, connect_args=options)
    except ImportError:
        raise _not_installed() from None
    try:
        with engine.begin() as connection:
            yield connection
    except sa.exc.OperationalError:
        raise DatabaseError(
            f"{where}：连接不上或中断，请核对主机、端口、用户和密码，确认数据库正在运行"
        ) from None
    except sa.exc.ProgrammingError:
        raise SourceError(
            f"{where}：没有台账的表，或表不是本版本建立的，请先用 xuncha load 导入台账"
        ) from None
    except sa.exc.DBAPIError as error:
        raise SourceError(
            f"{where}：数据库报告错误（{type(error.orig).__name__}），请核对权限和空间"
        ) from None
    finally:
        engine.dispose()


def _not_installed() -> SourceError:
    return SourceError("读写数据库需要另装：pip install 'xuncha_nb[sql]'")


@cache
def schema() -> sa.MetaData:
    """Return the tables: one a ledger, and ``books`` with a row a county."""
    import sqlalchemy as sa

    kinds: dict[Type, Any] = {
        "count": sa.BigInteger,
        "number": sa.Double,
        "date": sa.Date,
        "flag": sa.Boolean,
    }
    metadata = sa.MetaData()
    for ledger in LEDGERS.values():
        sa.Table(
            ledger.name,
            metadata,
            sa.Column("county", sa.String(12), primary_key=True),
            sa.Column("row", sa.Integer, primary_key=True),
            *(sa.Column(c.name, kinds.get(c.type, sa.Text)) for c in ledger.columns),
        )
    sa.Table(
        "books",
        metadata,
        sa.Column("county", sa.String(12), primary_key=True),
        sa.Column("ledgers", sa.Text, nullable=False),
    )
    return metadata


def ledgers_of(connection: sa.Connection, county: str) -> tuple[str, ...] | None:
    """Return the ledgers that a county has, empty ones included; None if it was never loaded."""
    import sqlalchemy as sa

    books = schema().tables["books"]
    found = connection.execute(sa.select(books.c.ledgers).where(books.c.county == county)).scalar()
    return None if found is None else tuple(name for name in found.split(",") if name)


def counties(address: str) -> tuple[str, ...]:
    """Return the codes of the counties that a database has the ledgers of, in their order."""
    import sqlalchemy as sa

    books = schema().tables["books"]
    with connected(address) as connection:
        return tuple(
            connection.execute(sa.select(books.c.county).order_by(books.c.county)).scalars()
        )


def rows(connection: sa.Connection, ledger: Ledger, county: str, window: Window | None) -> Rows:
    """Read a county's rows of a ledger, as a workbook's would be read.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    ledger : Ledger
    county : str
        Code.
    window : Window or None
        Without rows that the window cannot see: events after its end, and statistics of years
        after its own and the next, which plans are for. None for all rows.

    Returns
    -------
    Rows
        The declared columns, with the row numbers of the file.
    """
    import sqlalchemy as sa

    table = schema().tables[ledger.name]
    query = sa.select(table).where(table.c.county == county).order_by(table.c.row)
    if window is not None and ledger.belongs == "event":
        day = table.c[ledger.by[0]]
        query = query.where(sa.or_(day.is_(None), day <= window.period.end))
    elif window is not None and ledger.belongs == "period":
        query = query.where(table.c[ledger.by[0]] < str(window.period.end.year + 2))
    for column in ledger.columns:
        # What hangs on a row that was left out is left out with it.
        target, _, key = column.refers.partition(".")
        if window is not None and target and LEDGERS[target].belongs == "event":
            other = schema().tables[target]
            late = sa.select(other.c[key]).where(
                other.c.county == county, other.c[LEDGERS[target].by[0]] > window.period.end
            )
            reference = table.c[column.name]
            query = query.where(sa.or_(reference.is_(None), reference.not_in(late)))
    found = connection.execute(query).all()
    columns = {c.name: [getattr(row, c.name) for row in found] for c in ledger.columns}
    return Rows.of_cells(ledger, columns, [row.row for row in found])


def fingerprints(address: str, counties: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of every county's rows, by content, in one pass over the tables."""
    import sqlalchemy as sa

    digests = {county: hashlib.sha256() for county in counties}
    with connected(address) as connection:
        books = schema().tables["books"]
        tables = [books, *(schema().tables[name] for name in LEDGERS)]
        for table in tables:
            ordered = sorted(table.primary_key.columns, key=lambda c: c.name)
            query = sa.select(table).order_by(*ordered)
            for row in connection.execution_options(stream_results=True).execute(query):
                digest = digests.get(row[0])
                if digest is not None:
                    digest.update(f"{table.name}{tuple(row)!r}".encode())
    return {county: digest.hexdigest() for county, digest in digests.items()}


def replace(connection: sa.Connection, county: str, ledgers: Mapping[str, Rows]) -> dict[str, int]:
    """Write a county's ledgers in place of what the database had of it.

    Returns
    -------
    dict of str to int
        Rows written, by ledger.
    """
    tables = schema().tables
    books = tables["books"]
    connection.execute(books.delete().where(books.c.county == county))
    connection.execute(books.insert(), {"county": county, "ledgers": ",".join(ledgers)})
    written = {}
    for name, ledger in LEDGERS.items():
        table = tables[name]
        connection.execute(table.delete().where(table.c.county == county))
        rows = ledgers.get(name)
        if rows is None or not len(rows):
            continue
        columns = [
            [None if v is None else _PLAIN.get(c.type, str)(v) for v in rows[c.name].tolist()]
            for c in ledger.columns
        ]
        names = [c.name for c in ledger.columns]
        connection.execute(
            table.insert(),
            [
                {"county": county, "row": int(number)} | dict(zip(names, cells, strict=True))
                for number, *cells in zip(rows.numbers, *columns, strict=True)
            ],
        )
        written[name] = len(rows)
    return written
