"""Files as raw tables: header cells and row cells with their row numbers, nothing judged yet."""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from xuncha_nb import bounds, workspace
from xuncha_nb.errors import SourceError
from xuncha_nb.ledgers import EXAMPLE, GUIDE_SHEET, LEDGERS, NUMBER_HEADER, Column, Ledger
from xuncha_nb.sources import columnar, packages
from xuncha_nb.sources.cells import folded, is_blank, shown
from xuncha_nb.verdicts import Verdict

#: What the name of a source can end in; the empty ending is a folder of files.
ENDINGS: Final = (".xlsx", ".xlsm", ".csv", ".parquet", "")
#: The longest header of a ledger has 20 characters, its unit included.
_LONGEST_HEADER: Final = 40


@dataclass(frozen=True)
class RawTable:
    """One sheet or file: where it is, its header and its rows.

    Attributes
    ----------
    ledger : Ledger
    where : str
        Place for messages: file and sheet.
    header : tuple of str
        Header cells as found.
    rows : tuple of (int, tuple)
        Row number in the file, counted from 1 with the header, and the cells.
    remarks : tuple of Verdict
        What is to be said of the file that it comes from; the first table of a file has them.
    """

    ledger: Ledger
    where: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Any, ...]], ...]
    remarks: tuple[Verdict, ...] = ()

    def column_of(self, key: str) -> Column | None:
        """Return the ledger's column that a header means (:func:`header_key`), if it is one."""
        for column in self.ledger.columns:
            if key in (column.name, header_key(column.header)):
                return column
        return None


@lru_cache(maxsize=1024)  # every header of a sheet is compared with every column of its ledger
def header_key(text: str) -> str:
    """Return the form in which headers compare: folded, without unit brackets and stars."""
    return folded(text).partition("(")[0].strip("*:")


def read(path: Path) -> list[RawTable]:
    """Read every ledger of a workbook, a CSV file, a Parquet file, or a folder of them.

    Raises
    ------
    SourceError
        If the file is missing, unreadable, or has no sheet that is a ledger.
    """
    where = workspace.display_path(path)
    if path.is_dir():
        tables = [t for file in data_files(path) for t in _read_file(file)]
        if not tables:
            raise SourceError(
                f"{where}：文件夹里没有台账，应有 巡察对象.csv、轮次.csv 或 .parquet 等文件，请核对"
            )
    elif path.is_file():
        tables = _read_file(path)
    else:
        raise SourceError(f"{where}：文件不存在，请核对路径和文件名")
    seen: dict[str, str] = {}
    for table in tables:
        if table.ledger.name in seen:
            raise SourceError(
                f"{table.where}：台账“{table.ledger.sheet}”出现两次，"
                f"另一处是 {seen[table.ledger.name]}，请只保留一份"
            )
        seen[table.ledger.name] = table.where
    return tables


def data_files(path: Path) -> list[Path]:
    """Return the files a source consists of, in a fixed order."""
    if path.is_file():
        return [path]
    return sorted(
        p
        for p in path.iterdir()
        if p.suffix.lower() in (".csv", ".parquet") and not p.name.startswith((".", "~"))
    )


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a source's content: file names and bytes, no times.

    Raises
    ------
    SourceError
        If a file is larger than a source may be.
    """
    digest = hashlib.sha256()
    for file in data_files(path):
        bounds.check(file, bounds.SOURCE)
        digest.update(file.name.encode() + b"\0")
        with file.open("rb") as stream:
            while block := stream.read(bounds.MEGABYTE):
                digest.update(block)
        digest.update(b"\0")
    return digest.hexdigest()


def _read_file(path: Path) -> list[RawTable]:
    where = workspace.display_path(path)
    match path.suffix.lower():
        case ".xlsx" | ".xlsm":
            return list(_workbook(path, where))
        case ".csv":
            return [_csv(path, where)]
        case ".parquet":
            return [_parquet(path, where)]
        case suffix:
            raise SourceError(
                f"{where}：不支持“{suffix or '无后缀'}”文件，应为 .xlsx、.csv、.parquet "
                "或存放它们的文件夹，请另存后再试"
            )


def _workbook(path: Path, where: str) -> Iterator[RawTable]:
    by_sheet = {folded(ledger.sheet): ledger for ledger in LEDGERS.values()}

    def ledger_of(name: str) -> Ledger | None:
        return by_sheet.get(folded(name)) or LEDGERS.get(folded(name))

    package = packages.opened(path, where, lambda name: ledger_of(name) is not None)
    sheets = _sheets(package, where)
    for name in package.strangers:
        near = difflib.get_close_matches(folded(name), by_sheet, 1)
        # An empty-handed workbook, or a sheet whose name is nearly a ledger's, is a mistake;
        # any other sheet is the clerk's own.
        if name != GUIDE_SHEET and (near or not sheets):
            hint = f"是否应为“{near[0]}”？" if near else f"应为 {'、'.join(by_sheet)} 之一。"
            raise SourceError(f"{where} 工作表“{name}”：不是台账，{hint}请改表名或删去该表")
    if not sheets:
        raise SourceError(f"{where}：没有一张台账工作表，请用 xuncha template 生成空白工作簿再填写")
    remarks = _remarks(package.links, where)
    for name, rows in sheets:
        ledger = ledger_of(name)
        assert ledger is not None
        yield replace(_table(ledger, f"{where} 工作表“{name}”", rows), remarks=remarks)
        remarks = ()


def _sheets(package: packages.Package, where: str) -> list[tuple[str, list[list[Any]]]]:
    """Return name and rows of each sheet that was kept."""
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(package.content)
        return [
            (name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in package.kept
        ]
    except (python_calamine.CalamineError, OSError, ValueError, KeyError) as error:
        raise packages.unreadable(where, error) from None


def _remarks(links: int, where: str) -> tuple[Verdict, ...]:
    """Return what is to be said of a workbook whose numbers come from elsewhere."""
    if not links:
        return ()
    return (
        Verdict(
            "warning",
            "external_links",
            f"工作簿的公式引用了另外{links}个文件，读到的是上次保存时的数，可能已经过时，"
            "请在 WPS 或 Excel 里断开链接、核对数字后保存",
            where=where,
        ),
    )


def decoded(raw: bytes, where: str) -> str:
    """Return the text of a CSV file: UTF-8 with or without BOM, or GB18030 as WPS saves it.

    Raises
    ------
    SourceError
        If the bytes are neither, or no text at all.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(f"{where}：编码是 UTF-16（“Unicode 文本”），请另存为 CSV UTF-8")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        raise SourceError(f"{where}：不是文本文件，应为 CSV，请核对")
    raise SourceError(f"{where}：编码无法识别，应为 UTF-8 或 GB18030，请另存为 CSV UTF-8")


def _csv(path: Path, where: str) -> RawTable:
    text = decoded(bounds.content(path, bounds.SOURCE), where)
    cells = text.count(",") + text.count("\n") + text.count("\r")
    if cells > bounds.CELLS:
        raise SourceError(
            f"{where}：约有{cells // 10_000}万个单元格，太大，"
            f"应不超过{bounds.CELLS // 10_000}万个，请删去多余的空行和空列"
        )
    try:
        # Line numbers, not record numbers: a quoted cell may span lines.
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows: list[tuple[int, list[str]]] = []
        line = 1
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        if "field larger" in str(error):
            raise SourceError(
                f"{where} 第{line}行：有一个单元格的文字过长，"
                f"应不超过{csv.field_size_limit()}字，请缩短"
            ) from None
        raise SourceError(f"{where} 第{line}行：引号不成对，不是正确的 CSV，请改正") from None
    header = _header(rows[0][1]) if rows else ()
    ledger = _ledger_of(path, header, where)
    return RawTable(ledger, where, header, _body(header, ((n, tuple(r)) for n, r in rows[1:])))


def _parquet(path: Path, where: str) -> RawTable:
    columns = columnar.columns(path, where)
    header = _header(columns)
    rows = enumerate(zip(*columns.values(), strict=True), 2)
    ledger = _ledger_of(path, header, where)
    return RawTable(ledger, where, header, _body(header, rows))


def _ledger_of(path: Path, header: tuple[str, ...], where: str) -> Ledger:
    """Return the ledger a file is by its name, else by its header."""
    for ledger in LEDGERS.values():
        if folded(path.stem) in (ledger.name, folded(ledger.sheet)):
            return ledger
    keys = {header_key(cell) for cell in header}
    for ledger in LEDGERS.values():
        required = [c for c in ledger.columns if c.required]
        if all(c.name in keys or header_key(c.header) in keys for c in required) and (
            all(k in (NUMBER_HEADER, "") or _declares(ledger, k) for k in keys)
        ):
            return ledger
    near = difflib.get_close_matches(path.stem, [x.sheet for x in LEDGERS.values()], 1)
    hint = f"是否应为“{near[0]}”？" if near else "如 填报数.csv、轮次.csv。"
    raise SourceError(
        f"{where}：认不出是哪个台账，文件名或表头应与台账一致，{hint}请改名或改表头"
        f"（填报数的表头为 area,period,figure,value,source）"
    )


def _declares(ledger: Ledger, key: str) -> bool:
    return any(key in (c.name, header_key(c.header)) for c in ledger.columns)


def _table(ledger: Ledger, where: str, rows: list[list[Any]]) -> RawTable:
    header = _header(rows[0]) if rows else ()
    return RawTable(ledger, where, header, _body(header, enumerate(map(tuple, rows[1:]), 2)))


def _header(cells: Iterable[Any]) -> tuple[str, ...]:
    """Return header cells as text, cut where no header of ours is as long: messages quote them."""
    return tuple(shown(cell)[:_LONGEST_HEADER] for cell in cells)


def _body(
    header: tuple[str, ...], rows: Iterator[tuple[int, tuple[Any, ...]]]
) -> tuple[tuple[int, tuple[Any, ...]], ...]:
    """Drop blank rows and example rows; a stray cell in a column without a header fills none."""
    try:
        numbering = [header_key(cell) for cell in header].index(NUMBER_HEADER)
    except ValueError:
        numbering = None
    # A numbered row with nothing else in it is a blank row.
    counted = [n for n, cell in enumerate(header) if cell.strip() and n != numbering]
    counted = counted or [n for n in range(len(header)) if n != numbering]
    first = counted[0] if counted else 0
    kept = []
    for row in rows:
        _, cells = row
        # Nearly every row begins with a filled cell; the count is for what lies between the rows
        # and a stray cell far away.
        begun = first < len(cells) and not is_blank(cells[first])
        if not begun and (
            cells.count("") == len(cells)
            or all(is_blank(cells[n]) for n in counted if n < len(cells))
        ):
            continue
        if numbering is not None and numbering < len(cells):
            mark = cells[numbering]
            # Nearly every row has a number there, and none begins like an example.
            if isinstance(mark, str) and not is_blank(mark) and shown(mark).startswith(EXAMPLE):
                continue
        kept.append(row)
    return tuple(kept)
