"""The counties' ``figures.json``: found, read, and one of each county.

Reading is what a roll-up over the country spends its time on: a file is decoded into typed
records of what is needed, the figures of single rounds are dropped at once, and nothing but the
sums is kept of it.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from xuncha_nb import areas, workspace
from xuncha_nb.errors import NoDataError, ParameterError, SourceError
from xuncha_nb.periods import Period

_NAME: Final = "figures.json"
_SUMMARY: Final = "summary.csv"
_FAILED: Final = "失败"


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One figure of a file, as text: number, printed number, unit, interval, base."""

    id: str
    value: str
    text: str
    unit: str
    interval: str
    scope: str = ""
    base: str | None = None


class _File(msgspec.Struct, frozen=True):
    notebook: str
    county: str
    period: str
    cutoff: str
    figures: list[Entry]
    declared: dict[str, str] = {}


@dataclass(frozen=True)
class CountyFile:
    """What one county reported.

    Attributes
    ----------
    area : Area
    cutoff : date
    entries : tuple of Entry
        Figures of the county; those of single rounds left out.
    digest : bytes
        SHA-256 of the files.
    declared : dict of str to str
        Conventions that its data declare.
    """

    area: areas.Area
    cutoff: date
    entries: tuple[Entry, ...]
    digest: bytes
    declared: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Found:
    """Where the files lie, by county, and which counties failed.

    Attributes
    ----------
    paths : dict of str to list of Path
        County code → its files of the period, one a document type at the most.
    failed : dict of str to str
        County code → why there is no report, for counties without one.
    """

    paths: dict[str, list[Path]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def search(folder: Path, period: Period) -> Found:
    """Find the counties' files below a folder.

    Parameters
    ----------
    folder : Path
        An ``outputs`` folder, its folder of the period or of a document, or any folder with
        ``<county>/figures.json`` or ``<county>.json`` files.
    period : Period

    Raises
    ------
    SourceError
        If the folder does not exist or has no such file.
    """
    where = workspace.display_path(folder)
    if not folder.is_dir():
        raise SourceError(
            f"{where}：应为存放各县 {_NAME} 的文件夹（如 outputs），但没有这个文件夹，请核对 source"
        )
    start = folder / str(period) if (folder / str(period)).is_dir() else folder
    found = Found()
    for path in _walk(start):
        if path.name == _SUMMARY:
            found.failed |= _failures(path)
            continue
        stem = path.parent.name if path.name == _NAME else path.stem
        area = _county(stem)
        if area is not None:
            found.paths.setdefault(area.code, []).append(path)
    if not found.paths and not found.failed:
        raise SourceError(
            f"{where}：没有找到各县的 {_NAME}，应为 <县代码>/{_NAME} 或 <县代码>.json，"
            "请先给各县出报告，再核对 source"
        )
    return found


def _walk(folder: Path, depth: int = 4) -> Iterator[Path]:
    """Yield the files of a folder in a fixed order; reports in the making have a dot in front."""
    inside = sorted(folder.iterdir())
    names = {path.name for path in inside}
    if _NAME in names:
        yield folder / _NAME  # a report's folder: nothing else in it is of interest
        return
    for path in inside:
        if path.name.startswith(".") or path.name == "failed":
            continue
        if path.suffix == ".json" or path.name == _SUMMARY:
            yield path
        elif not path.suffix and depth and path.is_dir():
            yield from _walk(path, depth - 1)


def _county(stem: str) -> areas.Area | None:
    try:
        return areas.find(stem)
    except ParameterError:
        return None


def _failures(path: Path) -> dict[str, str]:
    """Return county code → message of the counties that a batch's summary says failed."""
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
        return {
            row["code"]: (row.get("message") or "").strip()
            for row in rows
            if row["state"].startswith(_FAILED)
        }
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, AttributeError):
        raise SourceError(
            f"{workspace.display_path(path)}：批次汇总表不能读取，请重新执行 xuncha batch"
        ) from None


def read(paths: Sequence[Path], area: areas.Area, period: Period) -> CountyFile | None:
    """Read the files of one county: one of each document type, all of the same numbers.

    Files of another period are passed over; of several cut-offs the latest counts, since a
    document about a round may stand at an earlier day.

    Raises
    ------
    SourceError
        If a file is none of ours, or two files of the latest cut-off say different numbers.
    """
    digest = hashlib.sha256()
    files = [
        (path, file) for path in paths if (file := _decoded(path, digest)).period == str(period)
    ]
    if not files:
        return None
    latest = max(file.cutoff for _, file in files)
    kept: dict[str, tuple[Entry, Path]] = {}
    for path, file in files:
        if file.cutoff != latest:
            continue
        for entry in file.figures:
            if entry.scope:
                continue
            other = kept.setdefault(entry.id, (entry, path))
            if (other[0].value, other[0].interval) != (entry.value, entry.interval):
                one, two = workspace.display_path(other[1]), workspace.display_path(path)
                raise SourceError(
                    f"{area.name}有两份数字不同的 {_NAME}：“{entry.id}”在 {one} 中为"
                    f"{other[0].text}，在 {two} 中为{entry.text}，"
                    "请用同一份台账重新出报告，或删去其中一份"
                )
    entries = tuple(entry for entry, _ in kept.values())
    declared = {name: said for _, file in files for name, said in file.declared.items()}
    return CountyFile(area, date.fromisoformat(latest), entries, digest.digest(), declared)


_DECODER: Final = msgspec.json.Decoder(_File)


def _decoded(path: Path, digest: hashlib._Hash) -> _File:
    where = workspace.display_path(path)
    try:
        content = path.read_bytes()
        digest.update(content)
        file = _DECODER.decode(content)
        date.fromisoformat(file.cutoff)
    except OSError as error:
        raise SourceError(f"{where}：不能读取（{error.strerror}），请检查权限") from None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise SourceError(
            f"{where}：不是 xuncha 写出的 {_NAME}，应为出报告时生成的文件，请重新出该县的报告"
        ) from None
    return file


def no_period(folder: Path, period: Period, failed: Mapping[str, str]) -> NoDataError:
    """Return the error that no county has a report of the period."""
    tail = f"，{len(failed)}个县（市、区）出报告失败" if failed else ""
    return NoDataError(
        f"{workspace.display_path(folder)}：没有{period.name}的县（市、区）报告{tail}，"
        "请先给各县出报告，或核对 period 和 source"
    )
