"""``xuncha check``: every area and period of a source, checked as the report would check it.

Finished reports are checked by :mod:`xuncha_nb.proof`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from xuncha_nb import areas, proof, rowchecks, sources, workspace
from xuncha_nb.checks import check, has_data
from xuncha_nb.errors import NoDataError, ParameterError, SourceError
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.ledgers.rows import Rows, known
from xuncha_nb.parameters import load_standards
from xuncha_nb.periods import Period, Window
from xuncha_nb.sources import Book, database, periods_in
from xuncha_nb.verdicts import Verdict, in_order


def inspect(source: Path | str, county: str = "", period: str = "") -> tuple[Verdict, ...]:
    """Check a source.

    Parameters
    ----------
    source : Path or str
        Workbook, CSV, Parquet or folder of them, a folder of counties' workbooks; an executed
        notebook, or a folder of reports; or the address of a database, whose counties are all
        checked.
    county : str
        Only this county; all areas that the source names otherwise.
    period : str
        Only this period; otherwise all that the source says something about.

    Returns
    -------
    tuple of Verdict
        Errors first, each once.

    Raises
    ------
    SourceError
        If the source cannot be read.
    NoDataError
        If nothing is known of the county and period asked for.
    """
    wanted = Period.parse(period) if period else None
    if isinstance(source, str) and database.is_address(source):
        return in_order(dict.fromkeys(_of_database(source, county, period)))
    path = Path(source)
    if finished := proof.reports(path):
        return in_order(proof.proofread(finished, path, county, str(wanted or "")))
    if workbooks := _workbooks(path):
        return in_order(dict.fromkeys(_of_folder(workbooks, path, county, period)))
    book = sources.read(path)
    areas_of = [(county, book)] if county else _areas_of(book, path)
    return in_order(dict.fromkeys(_of_book(book, areas_of, county, wanted)))


def _of_book(
    book: Book, areas_of: Iterable[tuple[str, Book]], county: str, wanted: Period | None
) -> list[Verdict]:
    """Check what a book says of some areas, in the period wanted or in all it knows of."""
    standards = load_standards()
    found: list[Verdict] = [*book.verdicts]
    looked_at = 0
    for area, mine in areas_of:
        known = areas.find(area) if area else None
        names = {area, *((known.name, known.code) if known else ())}
        standing = tuple(rowchecks.of_book(mine))
        for each in (wanted,) if wanted else periods_in(book):
            window = Window.of(each)
            if not has_data(mine, sorted(names), window):
                continue
            looked_at += 1
            found += check(mine, area, window, standards, standing=standing)[1]
    if not looked_at and not found:
        what = " ".join(x for x in (county, str(wanted or "")) if x) or "任何期间"
        known_periods = "、".join(str(p) for p in periods_in(book)[-6:]) or "（无）"
        raise NoDataError(
            f"{book.name}：没有{what}的数据；有数据的期间为 {known_periods}，"
            "请核对 --county 和 --period"
        )
    return found


def _of_database(source: str, county: str, period: str) -> Iterator[Verdict]:
    """Check every county of a database, or the one asked for, each on its own."""
    address = database.absolute(source, Path.cwd())
    wanted = Period.parse(period) if period else None
    looked_at = 0
    for code in [county] if county else database.counties(address):
        book = sources.book(address, code)
        try:
            yield from _of_book(book, [(code, book)], code, wanted)
        except NoDataError:
            if county:
                raise
            continue  # said below when no county has any
        looked_at += 1
    if not looked_at:
        raise NoDataError(
            f"{database.name_of(address)}：没有{period or '任何期间'}的数据，"
            "请先用 xuncha load 导入，或核对 --period"
        )


def _workbooks(path: Path) -> tuple[Path, ...]:
    """Return the counties' workbooks in a folder; none when it is one county's CSV files."""
    if not path.is_dir():
        return ()
    files = sorted(p for p in path.iterdir() if not p.name.startswith((".", "~")))
    books = tuple(p for p in files if p.suffix.lower() in (".xlsx", ".xlsm"))
    known = tuple(p for p in files if p.suffix.lower() == ".csv" and _named(p.stem))
    return tuple(sorted((*books, *known))) if books or len(known) > 1 else ()


def _named(stem: str) -> areas.Area | None:
    try:
        return areas.find(stem)
    except ParameterError:
        return None


def _of_folder(paths: Sequence[Path], folder: Path, county: str, period: str) -> Iterator[Verdict]:
    """Check each county's file on its own: one that cannot be read leaves the others alone."""
    asked = areas.find(county) if county else None
    seen: dict[str, Path] = {}
    looked_at = 0
    for path in paths:
        area = _named(path.stem)
        if county and area != asked:
            continue
        owner = area.code if area else path.stem
        if owner in seen:
            yield Verdict(
                "error",
                "county_twice",
                f"{area.name if area else owner}有两份台账，请只保留正确的一份",
                area.name if area else owner,
                expected="一个县（区）一份",
                found=f"{seen[owner].name}、{path.name}",
                where=workspace.display_path(folder),
            )
        seen.setdefault(owner, path)
        try:
            yield from inspect(path, county, period)
        except NoDataError:
            continue  # said below when no file has any
        except SourceError as error:
            yield Verdict("error", "source_unreadable", str(error))
        looked_at += 1
    if not looked_at:
        what = " ".join(x for x in (county, period) if x) or "任何期间"
        raise NoDataError(
            f"{workspace.display_path(folder)}：没有{what}的数据，请核对 --county 和 --period"
        )


def _areas_of(book: Book, path: Path) -> Iterator[tuple[str, Book]]:
    """Return the areas a source names, each with what of the source is theirs.

    The file name is the county of its ledgers, and of reported rows without an area.
    """
    own = ""
    try:
        own = path.stem if areas.find(path.stem) is not None else ""
    except ParameterError:
        own = path.stem
    reported = book["reported"]
    named = list(dict.fromkeys(reported.filled("area")))
    ledgers = any(len(rows) for name, rows in book.rows.items() if name != "reported")
    anonymous = len(reported.filled("area")) < len(reported)
    if ledgers and len(named) == 1 and not own:
        # A county's own workbook under some other file name: its reported rows name it.
        yield named[0], book
        return
    if ledgers or anonymous or not named:
        yield own, book
        own_area = areas.find(own) if own else None
        named = [n for n in named if own_area is None or n not in (own_area.name, own_area.code)]
    others = book
    if ledgers or anonymous:
        rows = {name: Rows.empty(ledger) for name, ledger in LEDGERS.items()}
        rows["reported"] = reported.where(known(reported["area"]))
        others = replace(book, rows=rows)
    for name in named:
        yield name, others
