"""A workbook's zip file, looked through before a spreadsheet library sees it.

The library is handed a new zip file with the parts that hold values, in the very bytes that were
measured, and with a sheet's merged cells said to be none, which are nothing to a ledger;
macros, links, drawings, and whatever another reading of the directory would find, stay behind.
What sheets and strings would take of memory is measured in :mod:`xuncha_nb.sources.extents`.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xuncha_nb import bounds
from xuncha_nb.errors import SourceError
from xuncha_nb.sources import extents

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
_SHEETS: Final = 50
#: The library goes through every sheet again for its merged cells, up to the first list of them:
#: an empty one before the cells spares a third of reading, and says nothing of any cell.
_NO_MERGED: Final = b'<mergeCells count="0"/>'
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
    strings = extents.lengths(parts.get(_STRINGS, b""), where)
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
            cells = extents.measured(parts[name], strings, cells, spot)
            parts[name] = parts[name].replace(extents.CELLS, _NO_MERGED + extents.CELLS, 1)
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


def _repacked(parts: Mapping[str, bytes]) -> io.BytesIO:
    stream = io.BytesIO()
    large = sum(map(len, parts.values())) > _PLAIN
    method = zipfile.ZIP_DEFLATED if large else zipfile.ZIP_STORED
    with zipfile.ZipFile(stream, "w", method, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, method, 1)
    stream.seek(0)
    return stream
