"""Broken files, by lot: bytes, parts, cells, keys. The same seed breaks the same way."""

from __future__ import annotations

import copy
import csv
import datetime
import io
import json
import random
import re
import zipfile
from pathlib import Path
from typing import Any, Final

import books
import yaml
from hostile import PAYLOADS

from xuncha_nb.ledgers import LEDGERS, Column

#: Values that no cell should hold; every column gets them sooner or later.
VALUES: Final[tuple[Any, ...]] = (
    "", " ", "\u3000", "0", "-1", "1e309", "1" * 5000, "9" * 400, "0.1", "1,2,3", "１２", "①", "❶",
    "²", "½", "٣", "一百", "万", "9.3万", "2700余", "NaN", "inf", "-0", "+1", "0x10", "1_000",
    "1e3", "2024-02-30", "2024-13-01", "0000-00-00", "9999-12-31", "1900-01-00", "2024/6/31",
    "20240230",
    "99999999", "2024年6月", "2024H3", "2024Q9", "20240H1", "2024-01..2023-01", "2018-01..", "..",
    "H1", "99999H1", "0H1", "是否", "√√", "None", "#N/A", "#REF!", "#DIV/0!", "=1+1", "TRUE",
    "331124", "000000", "999999", "十三届-7", "a" * 2001, "长" * 2000, "\ufeff", "\u200b", "é̂", "𝟙",
    "findings_total", "findings_total@", "@", "[", "]", "objects_by_type[乡镇]", "x[", "坏[值]@轮",
    float("nan"), float("inf"), -1, 0, 10**15, 10**18, 2**63, 1e300, 0.5, True, False,
    datetime.datetime(1900, 1, 1), datetime.datetime(9999, 12, 31, 23, 59),
    datetime.datetime(2024, 6, 30, 12, 0),
)  # fmt: skip


def value(rng: random.Random) -> Any:
    """Return a value that does not belong where it is put."""
    kind = rng.random()
    if kind < 0.6:
        return rng.choice(VALUES)
    if kind < 0.8:
        return rng.choice(PAYLOADS)
    if kind < 0.9:
        ranges = ((32, 127), (0x4E00, 0x9FFF), (0x80, 0xD7FF))
        return "".join(chr(rng.randrange(*rng.choice(ranges))) for _ in range(rng.randrange(1, 12)))
    return rng.choice((rng.randrange(-5, 10**6), rng.random() * 100))


def plausible(column: Column, others: list[Any], rng: random.Random) -> Any:
    """Return a value of the column's type that is unlikely, or another row's, or nothing."""
    kind = rng.random()
    if kind < 0.2:
        return None
    if kind < 0.4:
        return rng.choice(others)
    match column.type:
        case "count" | "number":
            return rng.choice((0, 1, 10**6, 10**15 - 1, 3))
        case "date":
            days = (
                "1900-01-01",
                "2199-12-31",
                "2024-01-01",
                "2024-06-30",
                "2024-07-01",
                "2023-06-30",
            )
            return rng.choice(days)
        case "flag":
            return rng.choice(("是", "否"))
        case "choice":
            return rng.choice(column.allowed)
        case "period":
            return rng.choice(("2024H1", "2023H1", "2024", "1900H1", "2199Q4", "2018-01..2024-06"))
        case "printed":
            return rng.choice(("0", "9.3万", "2700余", "100%", "-5%", "10", "0.05"))
        case _:
            return rng.choice(("x", "十二届-1", "X001", "乡镇", "第一巡察组", "一" * 1999))


def bytes_(raw: bytes, rng: random.Random) -> bytes:
    """Flip, cut, double, insert or drop a few bytes."""
    data = bytearray(raw)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(6):
            case 0 | 1 if data:
                data[at % len(data)] ^= 1 << rng.randrange(8)
            case 2:
                del data[at : at + rng.choice((1, 7, 100))]
            case 3:
                data[at:at] = rng.randbytes(rng.choice((1, 4, 50)))
            case 4:
                data[at:at] = data[at : at + rng.choice((5, 60, 400))]
            case 5 if rng.random() < 0.3:
                del data[at:]
    return bytes(data)


def rows(rng: random.Random) -> books.Rows:
    """Return the tiny county with some rows and cells that are wrong."""
    made = books.county()
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        name = rng.choice(sorted(name for name in made if made[name]))
        table = made[name]
        row = rng.choice(table)
        columns = LEDGERS[name].columns
        if rng.random() < 0.6:  # what a reader takes: only the sums may be strange
            column = rng.choice(columns)
            row[column.name] = plausible(column, [r.get(column.name) for r in table], rng)
            continue
        column = rng.choice(columns).name
        match rng.randrange(8):
            case 0:
                table.append(copy.copy(row))
            case 1:
                table.remove(row)
            case 2:
                row.pop(column, None)
            case 3:
                rng.shuffle(table)
            case _:
                row[column] = value(rng)
    return made


def grids(rng: random.Random) -> dict[str, list[list[Any]]]:
    """Return tables of wrong rows whose headers may be wrong too."""
    made = {name: books.grid(name, table) for name, table in rows(rng).items()}
    for _ in range(rng.choice((0, 0, 0, 0, 1))):
        table = made[rng.choice(sorted(made))]
        header = table[0]
        at = rng.randrange(len(header))
        match rng.randrange(6):
            case 0:
                header[at] = rng.choice(header)
            case 1:
                header[at] = str(value(rng))
            case 2:
                for row in table:
                    del row[at:]
            case 3:
                table.insert(0, [])
            case 4:
                table[0] = [f"{cell}*（{rng.choice(('人', '个', '次'))}）" for cell in header]
            case 5:
                rng.shuffle(header)
    return made


def csv_folder(folder: Path, rng: random.Random) -> Path:
    """Write a folder of CSV files, wrong in cells, headers or bytes."""
    folder.mkdir(parents=True)
    encoding = rng.choice(("utf-8-sig", "utf-8", "gb18030"))
    for name, table in grids(rng).items():
        stream = io.StringIO()
        csv.writer(stream).writerows(table)
        raw = stream.getvalue().encode(encoding, "replace")
        if rng.random() < 0.004:
            raw = bytes_(raw, rng)
        stem = LEDGERS[name].sheet if rng.random() < 0.998 else str(rng.randrange(99))
        (folder / f"{stem}.csv").write_bytes(raw)
    return folder


def _plain(cell: Any) -> Any:
    """Return a cell as Excel can hold it."""
    if isinstance(cell, float) and not -1e308 < cell < 1e308:
        return str(cell)
    return "".join(c for c in cell if c >= " ")[:30_000] if isinstance(cell, str) else cell


def workbook(path: Path, rng: random.Random) -> Path:
    """Write a workbook, wrong in cells and headers."""
    sheets = {LEDGERS[name].sheet: table for name, table in grids(rng).items()}
    if rng.random() < 0.1:
        sheets[rng.choice(("Sheet1", "轮次表", "备注"))] = [["x"]]
    kept = {name: [[_plain(c) for c in row] for row in table] for name, table in sheets.items()}
    return books.workbook(path, kept)


#: What is found in a part, and what may stand there instead.
_XML: Final[tuple[tuple[bytes, tuple[bytes, ...]], ...]] = (
    (
        rb' t="s"',
        (b"", *(b' t="%s"' % t for t in (b"n", b"b", b"e", b"d", b"str", b"inlineStr", b"x"))),
    ),
    (
        rb"<v>[^<]*</v>",
        (
            *(b"<v>%s</v>" % v for v in (b"", b"-1", b"99999999", b"1E400", b"x", b"nan")),
            b"<v>2024-02-30</v>", b"<v>" + b"1" * 400 + b"</v>",
            b"<f>1+1</f>", b"<f>[1]A!B1</f><v>1</v>", b"<is><t>x</t></is>", b"",
        ),
    ),
    (
        rb' r="[A-Z]+\d+"',
        tuple(
            b' r="%s"' % r
            for r in (b"A1", b"B2", b"ZZ9", b"XFD1048576", b"A0", b"1", b"", b"A99999999999",
                      b"AAAAAAAA1")
        ),
    ),
    (rb"<row [^>]*>.*?</row>", (b"",)),
    (rb"</sheetData>", (b'</sheetData><mergeCells><mergeCell ref="A1:C3"/></mergeCells>',)),
    (rb' s="\d+"', (b' s="9"', b' s="999999"', b' s="-1"')),
    (
        rb"<t[^>]*>[^<]*</t>",
        (
            b"<t/>", b"<t>&#0;</t>", b"<t>&amp;&lt;x&gt;</t>", b"<t>_x0000_</t>",
            b"<t>" + b"x" * 3000 + b"</t>",
        ),
    ),
    (rb"<si>", (b"<si><r><t>a</t></r>",)),
    (rb"</[a-zA-Z]+>", (b"",)),
    (
        rb'="[^"]*"',
        (b'=""', b'="x"', b'="-1"', b'="99999999999999999999"', '="乡"'.encode(), b'="../../x"'),
    ),
    (rb'name="[^"]*"', ('name="轮次"'.encode(), b'name=""', b'name="' + b"x" * 300 + b'"')),
    (rb"encoding=.UTF-8.", (b'encoding="UTF-16"', b'encoding="x"')),
)  # fmt: skip


def _xml(raw: bytes, rng: random.Random) -> bytes:
    pattern, others = rng.choice(_XML)
    found = list(re.finditer(pattern, raw, re.DOTALL))
    if not found:
        return raw
    spot = rng.choice(found)
    match rng.randrange(3):
        case 0:  # that one
            return raw[: spot.start()] + rng.choice(others) + raw[spot.end() :]
        case 1:  # twice
            return raw[: spot.end()] + spot[0] + raw[spot.end() :]
        case _:  # some of them
            return re.sub(
                pattern,
                lambda m: rng.choice(others) if rng.random() < 0.3 else m[0],
                raw,
                flags=re.DOTALL,
            )


def members(path: Path, source: Path, rng: random.Random, *, structure: bool) -> Path:
    """Write a workbook whose zip file is right and whose parts are not: as XML, or as bytes."""
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(rng.choice((1, 1, 2, 4))):
        name = rng.choice(sorted(parts))
        if rng.random() < 0.5:
            name = rng.choice(
                [n for n in sorted(parts) if "sheet" in n or "Strings" in n] or [name]
            )
        if rng.random() < 0.05:
            del parts[name]
        else:
            parts[name] = _xml(parts[name], rng) if structure else bytes_(parts[name], rng)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def parquet_folder(folder: Path, rng: random.Random) -> Path:
    """Write a folder of Parquet files with columns of wrong types, or wrong bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True)
    for name, table in grids(rng).items():
        header = [str(cell) for cell in table[0]] if table and table[0] else ["a"]
        columns: dict[str, pa.Array] = {}
        for at, head in enumerate(header):
            cells = [row[at] if at < len(row) else None for row in table[1:]]
            columns[head] = _column(cells, rng)
        path = folder / f"{LEDGERS[name].sheet}.parquet"
        pq.write_table(pa.table(columns), path, compression=rng.choice(("NONE", "SNAPPY", "ZSTD")))
        if rng.random() < 0.003:
            path.write_bytes(bytes_(path.read_bytes(), rng))
    return folder


def _column(cells: list[Any], rng: random.Random) -> Any:
    import pyarrow as pa

    texts = [None if c is None else str(c).encode("utf-8", "replace").decode() for c in cells]
    if rng.random() < 0.99:
        return pa.array(texts, pa.string())
    match rng.randrange(9):
        case 0:
            return pa.array([rng.choice((None, 1, 2**62)) for _ in cells], pa.int64())
        case 1:
            return pa.array(
                [rng.choice((None, 1.5, float("nan"), 1e308)) for _ in cells], pa.float64()
            )
        case 2:
            return pa.array([rng.choice((None, True)) for _ in cells], pa.bool_())
        case 3:
            return pa.array([rng.choice((None, 0, 10**6, -(10**5))) for _ in cells], pa.date32())
        case 4:
            return pa.array(
                [rng.choice((None, 0, 2**62)) for _ in cells], pa.timestamp("ns", "UTC")
            )
        case 5:
            return pa.array([rng.choice((None, 0, 10**12)) for _ in cells], pa.duration("s"))
        case 6:
            return pa.nulls(len(cells))
        case 7 if rng.random() < 0.2:
            return pa.array([[1] for _ in cells])
        case _:
            return pa.array(texts, pa.string()).dictionary_encode()


_SCALARS: Final = (
    "", "~", "-1", "0", "1e400", "9" * 400, "2024-02-30", "2024H9", "{code}", "../../x", "[]", "{}",
    "公开", "是", "'", '"', "&a", "*a", "!!python/name:os.system", "|", ">", "x: y", "- x",
    "{{ 7*7 }}",
    "{{ undefined_name }}", "{% for %}", "[[ x ]]", "C:\\x", "/etc", "\u202e", "é̂", "sample", "数",
    "全国", "丽水市", "331124", "html", "docx", "无", "0310", "三" * 500,
)  # fmt: skip


def yaml_text(text: str, rng: random.Random) -> str:
    """Return a YAML file with wrong values, keys or shape, or with wrong characters."""
    if rng.random() < 0.3:
        return bytes_(text.encode(), rng).decode("utf-8", "surrogateescape")
    data = yaml.load(text, Loader=yaml.BaseLoader)
    for _ in range(rng.choice((1, 1, 2, 4))):
        data = _reshaped(data, rng)
    if rng.random() < 0.2:
        spots = [m.start() for m in re.finditer(r"(?<=: ).", text)]
        at = rng.choice(spots or [0])
        return text[:at] + rng.choice(_SCALARS) + text[at:]
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def _reshaped(data: Any, rng: random.Random) -> Any:
    """Change something somewhere in a tree of mappings and lists."""
    if isinstance(data, dict) and data and rng.random() < 0.85:
        key = rng.choice(list(data))
        match rng.randrange(6):
            case 0:
                data = {k: v for k, v in data.items() if k != key}
            case 1:
                data = data | {str(rng.choice(_SCALARS)): data[key]}
            case _:
                data = data | {key: _reshaped(data[key], rng)}
        return data
    if isinstance(data, list) and data and rng.random() < 0.85:
        at = rng.randrange(len(data))
        match rng.randrange(4):
            case 0:
                return [*data, data[at]]
            case 1:
                return data[:at] + data[at + 1 :]
            case _:
                return [*data[:at], _reshaped(data[at], rng), *data[at + 1 :]]
    return rng.choice((*_SCALARS, *_SCALARS, [], {}, ["x"], {"x": "y"}, None, rng.choice(PAYLOADS)))


def json_text(raw: bytes, rng: random.Random) -> bytes:
    """Return a JSON file (a notebook, a record) with wrong values or shape, or wrong bytes."""
    if rng.random() < 0.2:
        return bytes_(raw, rng)
    data = json.loads(raw)
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        data = _deep(data, rng)
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _deep(data: Any, rng: random.Random) -> Any:
    """Change something far down in a tree: the top of a notebook has few ways to be wrong."""
    if isinstance(data, dict | list) and data and rng.random() < 0.93:
        keys = list(data) if isinstance(data, dict) else range(len(data))
        key = rng.choice(keys)
        if isinstance(data, dict) and "cells" in data and rng.random() < 0.7:
            key = "cells"
        made = copy.copy(data)
        if rng.random() < 0.08:
            del made[key]
        else:
            made[key] = _deep(data[key], rng)
        return made
    if isinstance(data, str) and rng.random() < 0.5:
        return bytes_(data.encode(), rng).decode("utf-8", "replace")
    return rng.choice((None, -1, 0, 1.5, True, "", "x", [], {}, [None], {"x": None}, 10**30,
                       rng.choice(PAYLOADS)))  # fmt: skip
