"""Workbooks that are made to exhaust or to deceive whoever opens them, each a few kilobytes."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import books

from xuncha_nb.ledgers import LEDGERS

Parts = dict[str, bytes]
#: The part of the ledger 轮次 in a workbook that :func:`parts` returns.
ROUNDS: Final = "xl/worksheets/sheet1.xml"
STRINGS: Final = "xl/sharedStrings.xml"
MEGABYTE: Final = 2**20
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def parts(folder: Path) -> Parts:
    """Return the parts of a small workbook that can be read: one ledger, 轮次."""
    rows = books.county()["rounds"]
    path = books.workbook(folder / "plain.xlsx", {"轮次": books.grid("rounds", rows)})
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Parts, path: Path, more: Sequence[tuple[str, Iterator[bytes]]] = ()) -> Path:
    """Write parts as a workbook; ``more`` gives the content of big parts piece by piece."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        for name, pieces in more:
            with archive.open(name, "w", force_zip64=True) as stream:
                for piece in pieces:
                    stream.write(piece)
    return path


def _sheet(rows: Iterator[bytes]) -> Iterator[bytes]:
    yield (
        b'<?xml version="1.0" encoding="UTF-8"?><worksheet '
        b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    yield from rows
    yield b"</sheetData></worksheet>"


def _instead(folder: Path, name: str, pieces: Iterator[bytes], file: str = "bomb.xlsx") -> Path:
    made = parts(folder)
    del made[name]
    return packed(made, folder / file, [(name, pieces)])


def _cell(reference: bytes, value: bytes = b"<v>1</v>", more: bytes = b"") -> bytes:
    return b'<c r="' + reference + b'"' + more + b">" + value + b"</c>"


def _with_cell(folder: Path, cell: bytes) -> Path:
    made = parts(folder)
    made[ROUNDS] = made[ROUNDS].replace(b"</sheetData>", b"<row>" + cell + b"</row></sheetData>")
    return packed(made, folder / "bomb.xlsx")


def ratio(folder: Path) -> Path:
    """A gigabyte of spaces in a sheet."""
    return _instead(folder, ROUNDS, _sheet(b" " * MEGABYTE for _ in range(1024)))


def entries(folder: Path) -> Path:
    """Ten thousand parts."""
    made = parts(folder) | {f"xl/media/{n}": b"" for n in range(10_000)}
    return packed(made, folder / "bomb.xlsx")


def nested(folder: Path) -> Path:
    """Zip files in a zip file, ten deep: nobody but an unpacker opens them."""
    content = b"0" * MEGABYTE
    for _ in range(10):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for n in range(10):
                archive.writestr(f"{n}.zip", content)
        content = stream.getvalue()
    return packed(parts(folder) | {"xl/embeddings/0.zip": content}, folder / "bomb.xlsx")


def twice(folder: Path) -> Path:
    """The same part twice: two readers would read two workbooks."""
    path = packed(parts(folder) | {"xl/workbook.xmk": b""}, folder / "bomb.xlsx")
    path.write_bytes(path.read_bytes().replace(b"xl/workbook.xmk", b"xl/workbook.xml"))
    return path


def lying(folder: Path) -> Path:
    """A part whose size in the directory is a thousandth of what it unpacks to."""
    path = _instead(folder, ROUNDS, _sheet(b" " * MEGABYTE for _ in range(1024)))
    raw = bytearray(path.read_bytes())
    at = raw.rfind(b"PK\x01\x02", 0, raw.rfind(ROUNDS.encode()))
    assert raw[at + 46 :].startswith(ROUNDS.encode())
    struct.pack_into("<I", raw, at + 24, 1000)
    path.write_bytes(raw)
    return path


def farthest(folder: Path) -> Path:
    """One cell in the last row of the last column."""
    return _with_cell(folder, _cell(b"XFD1048576"))


def farthest_disguised(folder: Path) -> Path:
    """The same, its reference written as nobody else writes it."""
    return _with_cell(folder, b"<c\n\tr = 'XFD1048576'><v>1</v></c>")


def counted_columns(folder: Path) -> Path:
    """A row of 16,384 cells without references, and one cell in row 9999."""
    made = parts(folder)
    row = (
        b"<row>" + b"<c><v>1</v></c>" * 16_384 + b"</row>" + b"<row>" + _cell(b"A9999") + b"</row>"
    )
    made[ROUNDS] = made[ROUNDS].replace(b"</sheetData>", row + b"</sheetData>")
    return packed(made, folder / "bomb.xlsx")


def many_ledgers(folder: Path) -> Path:
    """The same ledger in sixty sheets."""
    made = parts(folder)
    sheets = b"".join(
        '<sheet name="{}轮次" sheetId="{}" r:id="rId1"/>'.format(" " * n, n + 9).encode()
        for n in range(60)
    )
    made["xl/workbook.xml"] = made["xl/workbook.xml"].replace(b"</sheets>", sheets + b"</sheets>")
    return packed(made, folder / "bomb.xlsx")


def wide_ledgers(folder: Path) -> Path:
    """Every ledger with one cell in CZ9999: as large as passes without being counted."""
    rows = books.county()
    path = books.workbook(
        folder / "plain.xlsx",
        {ledger.sheet: books.grid(name, rows.get(name, [])) for name, ledger in LEDGERS.items()},
    )
    with zipfile.ZipFile(path) as archive:
        made = {name: archive.read(name) for name in archive.namelist()}
    cell = b"<row>" + _cell(b"CZ9999") + b"</row></sheetData>"
    for name in made:
        made[name] = made[name].replace(b"</sheetData>", cell)
    return packed(made, folder / "bomb.xlsx")


def styled_rows(folder: Path) -> Path:
    """A quarter of a million rows of twenty cells that have a style and nothing else."""
    cells = b"".join(
        _cell(letter.encode() + b"%d", b"", b' s="1"') for letter in "ABCDEFGHIJKLMNOPQRST"
    )

    def rows() -> Iterator[bytes]:
        for n in range(1, 250_001):
            yield b'<row r="%d">' % n + cells % ((n,) * 20) + b"</row>"

    return _instead(folder, ROUNDS, _sheet(rows()))


def styled_rows_of_less(folder: Path) -> Path:
    """The county's rows, and a style in cells far below and to the right of them."""
    made = parts(folder)
    cells = b"".join(
        b'<row r="%d"><c r="B%d" s="1"/><c r="CV%d" s="1"/></row>' % (n, n, n)
        for n in range(10, 200_000)
    )
    made[ROUNDS] = made[ROUNDS].replace(b"</sheetData>", cells + b"</sheetData>")
    return packed(made, folder / "bomb.xlsx")


def empty_rows(folder: Path) -> Path:
    """The county's rows, and a million rows below them that only have a height."""
    made = parts(folder)
    rows = b"".join(b'<row r="%d" ht="15" customHeight="1"/>' % n for n in range(10, 1_048_577))
    made[ROUNDS] = made[ROUNDS].replace(b"</sheetData>", rows + b"</sheetData>")
    return packed(made, folder / "bomb.xlsx")


def many_strings(folder: Path) -> Path:
    """Fifty million shared strings."""
    pieces = (b"<si><t>x</t></si>" * 50_000 for _ in range(1_000))
    return _instead(folder, STRINGS, pieces)


def repeated_string(folder: Path) -> Path:
    """One string of 30,000 characters in a million cells: 30 GB when each has its own."""
    made = parts(folder)
    made[STRINGS] = made[STRINGS].replace(
        b"</sst>", b"<si><t>" + b"x" * 30_000 + b"</t></si></sst>"
    )
    index = made[STRINGS].count(b"<si>") - 1
    value, more = b"<v>%d</v>" % index, b' t="s"'
    rows = b"".join(
        b"<row>" + b"".join(_cell(b"%c%d" % (c, n), value, more) for c in b"ABCDEFGHIJ") + b"</row>"
        for n in range(20, 100_020)
    )
    made[ROUNDS] = made[ROUNDS].replace(b"</sheetData>", rows + b"</sheetData>")
    return packed(made, folder / "bomb.xlsx")


def long_string(folder: Path) -> Path:
    """A shared string longer than any program lets somebody type."""
    made = parts(folder)
    made[STRINGS] = made[STRINGS].replace(
        b"</sst>", b"<si><t>" + b"x" * 40_000 + b"</t></si></sst>"
    )
    return packed(made, folder / "bomb.xlsx")


def laughs(folder: Path, name: str = STRINGS) -> Path:
    """Entities of entities of entities in a part."""
    lines = ['<!ENTITY l0 "哈哈">']
    lines += [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    made = parts(folder)
    head, mark, rest = made[name].partition(b"?>")
    doctype = f"<!DOCTYPE x [{''.join(lines)}]>".encode()
    rest = rest.replace(b"<t>", b"<t>&l9;", 1).replace(b'sheet name="', b'sheet name="&l9;', 1)
    made[name] = head + mark + doctype + rest
    return packed(made, folder / "bomb.xlsx")


def laughs_in_the_book(folder: Path) -> Path:
    """The same in the part that names the sheets."""
    return laughs(folder, "xl/workbook.xml")


def macros(folder: Path) -> Path:
    """A macro under the ending of workbooks without any."""
    return packed(parts(folder) | {"xl/vbaProject.bin": _OLE}, folder / "bomb.xlsx")


def encrypted(folder: Path) -> Path:
    """What Excel and WPS make of a workbook with a password to open it."""
    path = folder / "bomb.xlsx"
    path.write_bytes(_OLE + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4096)
    return path


def encrypted_zip(folder: Path) -> Path:
    """A zip file with a password."""
    path = packed(parts(folder), folder / "bomb.xlsx")
    raw = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + flags] |= 1
            at = raw.find(mark, at + 4)
    path.write_bytes(raw)
    return path


def old(folder: Path) -> Path:
    """A workbook of before 2007 under a new ending."""
    path = folder / "bomb.xlsx"
    path.write_bytes(_OLE + b"\0" * 504 + "Workbook".encode("utf-16-le") + b"\0" * 4096)
    return path


def without_values(folder: Path) -> Path:
    """A formula that no program has computed yet."""
    return _with_cell(folder, b'<c r="C7"><f>1+1</f></c>')


def unusual_packing(folder: Path) -> Path:
    """Parts packed as no office program packs them, which unpack without a bound."""
    path = folder / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in parts(folder).items():
            archive.writestr(name, content)
    return path


#: What is refused: how it is made, and what the one line says of it.
REFUSED: Final[dict[str, tuple[Callable[[Path], Path], str]]] = {
    "a gigabyte": (ratio, "解压后超过"),
    "10,000 parts": (entries, "个部件"),
    "lying directory": (lying, "可能损坏"),
    "the same part twice": (twice, "可能损坏"),
    "the farthest cell": (farthest, "XFD1048576"),
    "the farthest cell, disguised": (farthest_disguised, "XFD10485"),
    "columns by counting": (counted_columns, "太大"),
    "sixty sheets of a ledger": (many_ledgers, "超过50张"),
    "250,000 styled rows": (styled_rows, "解压后超过"),
    "50 million strings": (many_strings, "解压后超过"),
    "one string in a million cells": (repeated_string, "文字总量"),
    "a string too long": (long_string, "过长"),
    "billion laughs": (laughs, "实体"),
    "billion laughs in the book": (laughs_in_the_book, "实体"),
    "macros in .xlsx": (macros, "宏"),
    "encrypted": (encrypted, "加密"),
    "encrypted zip": (encrypted_zip, "加密"),
    "before 2007": (old, "旧版"),
    "formulas without values": (without_values, "C7"),
    "unusual packing": (unusual_packing, "可能损坏"),
}
#: What is read, for the values that are in it.
READ: Final[dict[str, Callable[[Path], Path]]] = {
    "nested": nested,
    "a million empty rows": empty_rows,
    "every ledger up to CZ9999": wide_ledgers,
    "200,000 styled rows": styled_rows_of_less,
}
