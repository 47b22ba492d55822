"""A workbook's zip file, looked through and measured before a spreadsheet library sees it.

The library is handed a new zip file with the parts that hold values, in the very bytes that were
measured here, and with a sheet's merged cells said to be none, which are nothing to a ledger;
macros, links, drawings, and whatever another reading of the directory would find, stay behind.
It allocates a rectangle from the first to the last cell of a sheet and a copy of each shared
string per cell, and ends the whole process when that fails: hence the measuring.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xuncha_nb import bounds
from xuncha_nb.errors import SourceError

_BOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_STRINGS: Final = "xl/sharedStrings.xml"
#: Copied as they are, where they exist.
_NEEDED: Final = ("[Content_Types].xml", "_rels/.rels", "xl/styles.xml", _STRINGS)
_MACROS: Final = ("vbaproject.bin", "/macrosheets/")
#: Office's container of before 2007, and of workbooks with a password.
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PASSWORD: Final = "EncryptedPackage".encode("utf-16-le")
_ENTRY: Final = b"PK\x01\x02"
_ENTRIES: Final = 5_000
#: All parts that are read, unpacked; above ``_PLAIN`` the new zip file is packed.
_UNPACKED: Final = 80 * bounds.MEGABYTE
_PLAIN: Final = 8 * bounds.MEGABYTE
#: Spreadsheet programs take no longer text in a cell.
_LONGEST: Final = 32_767
_CHARACTER: Final = 4

_SHEETS: Final = 50
#: A cell beyond column CZ or row 9999, or one that does not begin with its reference: in a sheet
#: without any, all cells lie in a rectangle that does no harm.
_FAR_CELL: Final = re.compile(rb'<c(?! r="[A-C]?[A-Z]\d{1,4}")')
#: A row's number or a cell's reference, as XML would allow it.
_REFERENCE: Final = re.compile(rb"\sr\s*=\s*[\"']\s*([A-Za-z]*\d+)")
_CELL: Final = re.compile(rb"<(?:\w+:)?c[\s>/]")
_ROW: Final = re.compile(rb"<(?:\w+:)?row[\s>/]")
#: The library goes through every sheet again for its merged cells, up to the first list of them:
#: an empty one before the cells spares a third of reading, and says nothing of any cell.
_CELLS: Final = b"<sheetData"
_NO_MERGED: Final = b'<mergeCells count="0"/>'
#: A cell takes at least so many bytes, a shared string's index included.
_CELL_BYTES: Final = 20
_NEVER_COMPUTED: Final = re.compile(
    rb'<c\s[^>]*?r="([A-Z]+\d+)"[^>]*>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*'
    rb"(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_FILLED_CELL: Final = re.compile(rb'<c r="([A-Za-z]+\d+)"(?:[^>]*[^>/])?>')
_DIGITS: Final = b"0123456789"
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_INDEX: Final = re.compile(rb">\s*(\d{1,8})\s*<")
_FILLED: Final = re.compile(rb"<(?:\w+:)?(?:v|t)[\s>]")


@dataclass(frozen=True)
class Package:
    """What is left of a workbook to be read.

    Attributes
    ----------
    content : BytesIO
        A workbook with the sheets that are wanted, for the spreadsheet library.
    kept : tuple of str
        Names of those sheets, in their order.
    strangers : tuple of str
        Names of the other sheets that have something in them.
    links : int
        How many other files its formulas refer to. Only what they gave last is read.
    """

    content: io.BytesIO
    kept: tuple[str, ...]
    strangers: tuple[str, ...]
    links: int


def opened(path: Path, where: str, wanted: Callable[[str], bool]) -> Package:
    """Look through a workbook and return what is to be read of it.

    Parameters
    ----------
    path : Path
    where : str
        The file, for messages.
    wanted : callable
        Whether a sheet of that name is to be read.

    Raises
    ------
    SourceError
        If it is no workbook, has a password or macros that its ending denies, or would take more
        memory than a ledger can need.
    """
    raw = bounds.content(path, bounds.SOURCE)
    if raw.startswith(_OLE):
        raise SourceError(
            f"{where}：工作簿加密了，不能读取，请用 WPS 或 Excel 打开，去掉密码后另存为 .xlsx"
            if _PASSWORD in raw
            else f"{where}：是旧版 Excel 文件（.xls），请用 WPS 或 Excel 打开后另存为 .xlsx"
        )
    entries = raw.count(_ENTRY)
    if entries > _ENTRIES:
        raise SourceError(
            f"{where}：工作簿里有{entries}个部件，应不超过{_ENTRIES}个，不是正常的台账，"
            "请把台账各表复制到 xuncha template 生成的空白工作簿"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _looked_through(archive, path.suffix.lower(), where, wanted)
    # What zipfile raises for a directory or a stream that makes no sense.
    except (
        zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
        KeyError, IndexError, OverflowError, OSError,
    ) as error:  # fmt: skip
        raise unreadable(where, error) from None


def unreadable(where: str, error: BaseException) -> SourceError:
    """Return the error of a file that is no workbook."""
    return SourceError(
        f"{where}：不能作为 Excel 工作簿打开（{type(error).__name__}），"
        "文件可能损坏、加密或不是 .xlsx，请用 WPS 或 Excel 打开后另存为 .xlsx"
    )


def _looked_through(
    archive: zipfile.ZipFile, ending: str, where: str, wanted: Callable[[str], bool]
) -> Package:
    infos = archive.infolist()
    names = {info.filename for info in infos}
    if len(names) < len(infos):
        raise zipfile.BadZipFile("a part occurs twice")
    if any(info.flag_bits & 1 for info in infos):
        raise SourceError(f"{where}：压缩包加密了，不能读取，请去掉密码后另存为 .xlsx")
    if ending == ".xlsx" and any(mark in name.lower() for name in names for mark in _MACROS):
        raise SourceError(
            f"{where}：后缀是 .xlsx，里面却有宏，来历可疑，"
            "请核对文件来源，用 WPS 或 Excel 另存为不带宏的 .xlsx"
        )
    parts: dict[str, bytes] = {}
    for name in (_BOOK, _RELATIONS, *(name for name in _NEEDED if name in names)):
        parts[name] = _part(archive, name, parts, where)
    strings = _lengths(parts.get(_STRINGS, b""), where)
    kept, strangers = [], []
    cells = 0
    by_name = {name.lower(): name for name in names}
    for sheet, target in _sheets(parts, where):
        name = by_name.get(target.lower(), target)
        if wanted(sheet):
            spot = f"{where} 工作表“{sheet}”"
            if name not in parts:
                parts[name] = _part(archive, name, parts, spot)
            kept.append(sheet)
            if len(kept) > _SHEETS:
                raise SourceError(f"{where}：台账工作表超过{_SHEETS}张，请每个台账只保留一张")
            cells = _measured(parts[name], strings, cells, spot)
            parts[name] = parts[name].replace(_CELLS, _NO_MERGED + _CELLS, 1)
        elif name in names and _has_content(archive, name):
            strangers.append(sheet)
    links = sum(n.lower().startswith("xl/externallinks/externallink") for n in names)
    return Package(_repacked(parts), tuple(kept), tuple(strangers), links)


def _part(archive: zipfile.ZipFile, name: str, parts: Mapping[str, bytes], where: str) -> bytes:
    """Return a part unpacked, if there is room for it."""
    room = _UNPACKED - sum(map(len, parts.values()))
    info = archive.getinfo(name)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError(info.compress_type)  # those have no bound on what they unpack to
    if info.file_size > room:
        raise SourceError(
            f"{where}：解压后超过 {bounds.megabytes(_UNPACKED)}"
            f"（{posixpath.basename(name)} 有 {bounds.megabytes(info.file_size)}），"
            "不是正常的台账，请删去数据以外的空行、空列和格式，或换用空白工作簿"
        )
    with archive.open(info) as stream:
        # Never more than the directory promised; asking for more makes zipfile compare the sums.
        content = stream.read(info.file_size + 1)
    if b"!DOCTYPE" in content:  # without one there are no entities
        raise SourceError(
            f"{where}：{posixpath.basename(name)} 里有 XML 实体定义，正常的工作簿没有，"
            "请核对文件来源，用 WPS 或 Excel 打开后另存为 .xlsx"
        )
    return content


def _sheets(parts: Mapping[str, bytes], where: str) -> list[tuple[str, str]]:
    """Return the name and the part of each sheet."""
    from defusedxml import ElementTree

    try:
        book = ElementTree.fromstring(parts[_BOOK], forbid_dtd=True)
        relations = ElementTree.fromstring(parts[_RELATIONS], forbid_dtd=True)
    except (ElementTree.ParseError, LookupError) as error:
        raise unreadable(where, error) from None
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    found = []
    for item in book.iter():
        if item.tag.rpartition("}")[2] != "sheet":
            continue
        target = next((targets.get(v) for k, v in item.items() if k.endswith("}id")), None)
        if target:
            part = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
            found.append((item.get("name", ""), part))
    return found


def _has_content(archive: zipfile.ZipFile, name: str) -> bool:
    """Whether a sheet that is not read has a value in it; what is large has."""
    if archive.getinfo(name).file_size > _PLAIN:
        return True
    return _FILLED.search(archive.read(name)) is not None


def _lengths(strings: bytes, where: str) -> list[int]:
    """Return how long each shared string is, in bytes with its markup."""
    lengths = [len(item) for item in strings.split(b"</si>")]
    longest = max(lengths)
    # What stands before the first string is the part's head.
    if longest > _LONGEST * _CHARACTER + 1_000 or (longest > _LONGEST and _longest(strings)):
        raise SourceError(
            f"{where}：有一个单元格的文字过长，应不超过{_LONGEST}字（Excel 的上限），请缩短"
        )
    return lengths


def _longest(strings: bytes) -> bool:
    """Whether a string has more characters than a cell may have, its markup not counted."""
    plain = re.sub(rb"<[^>]*>", b"", strings.replace(b"</si>", b"\0"))
    return max(len(item.decode("utf-8", "replace")) for item in plain.split(b"\0")) > _LONGEST


def _measured(sheet: bytes, strings: list[int], cells: int, spot: str) -> int:
    """Return how many cells far-flung sheets have, this one included; refuse what is too much."""
    begin, end = sheet.find(_CELLS), sheet.rfind(b"</sheetData>")
    around = sheet[:begin] + sheet[end + len("</sheetData>") :]
    if 0 <= begin < end and b"sheetData" not in around:
        sheet = sheet[begin:end]  # what stands around the cells would only slow this down
    if b":c" in sheet or _FAR_CELL.search(sheet) is not None:
        column, row = _corner(sheet)
        cells += row * column
        if cells > bounds.CELLS:
            raise SourceError(
                f"{spot}：有内容的范围到了 {_letters(column)}{row}，太大，整个工作簿应不超过"
                f"{bounds.CELLS // 10_000}万个单元格，请删去远处的零散内容和多余的空行"
            )
    if max(strings) * (len(sheet) // _CELL_BYTES) > bounds.TEXT:
        known = [int(index) for index in _INDEX.findall(sheet)]
        total = sum(strings[index] for index in known if index < len(strings))
        if total > bounds.TEXT:
            raise SourceError(
                f"{spot}：文字总量过大（{bounds.megabytes(total)}），"
                f"应不超过 {bounds.megabytes(bounds.TEXT)}，请缩短单元格里的文字"
            )
    if b"<f" in sheet and (empty := _NEVER_COMPUTED.findall(sheet)):
        spots = "、".join(item.decode() for item in empty[:5])
        raise SourceError(
            f"{spot} {spots}{' 等' if len(empty) > 5 else ''}：公式还没有算出值，"
            "请用 WPS 或 Excel 打开，保存后再试"
        )
    return cells


def _corner(sheet: bytes) -> tuple[int, int]:
    """Return the last column and row of a sheet's cells, at least."""
    if _is_plain(sheet):
        # Cells that only have a format take no memory, and are common far below.
        return _last(_FILLED_CELL.findall(sheet))
    references = _REFERENCE.findall(sheet)
    column, row = _last(references)
    # What has no reference follows the one before it.
    cells = len(_CELL.findall(sheet)) - sum(not r.isdigit() for r in references)
    rows = len(_ROW.findall(sheet)) - sum(r.isdigit() for r in references)
    return column + max(0, cells), row + max(0, rows)


def _is_plain(sheet: bytes) -> bool:
    """Whether every cell begins with its reference, as programs write them."""
    plain = sheet.count(b'<c r="')
    return plain == len(_CELL.findall(sheet)) and b'/>"' not in sheet and b":c" not in sheet


def _last(references: Iterable[bytes]) -> tuple[int, int]:
    """Return the last column and row of references; a row's number alone counts for the row."""
    # In whole strings, not one by one: there may be millions.
    joined = b" ".join(references)
    columns = set(joined.translate(None, _DIGITS).split())
    rows = set(joined.translate(None, _LETTERS).split())
    row = max((int(text) if len(text) < 10 else 10**9 for text in rows), default=1)
    return max(map(_number, columns), default=1), row


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:7]:
        number = number * 26 + letter - 64
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _repacked(parts: Mapping[str, bytes]) -> io.BytesIO:
    stream = io.BytesIO()
    large = sum(map(len, parts.values())) > _PLAIN
    method = zipfile.ZIP_DEFLATED if large else zipfile.ZIP_STORED
    with zipfile.ZipFile(stream, "w", method, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, method, 1)
    stream.seek(0)
    return stream
