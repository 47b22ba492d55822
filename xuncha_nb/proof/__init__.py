"""``xuncha check`` of finished reports: every number on paper against the recorded figure.

What was executed is read, nothing is executed: the pieces and the record of ``report.ipynb``,
and ``figures.json`` beside it. Dates belong to no figure; they are only checked for being dates.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from xuncha_nb import areas, bounds
from xuncha_nb.document import displayed
from xuncha_nb.errors import NoDataError, SourceError
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.proof.pages import Pages
from xuncha_nb.verdicts import Verdict

__all__ = ["proofread", "reports"]

_NAME: Final = "report.ipynb"


def reports(path: Path) -> tuple[Path, ...]:
    """Return the executed reports at a path; none when it is data that a report is made from.

    A folder that holds ledgers is data, whatever lies below it.
    """
    if path.suffix.lower() == ".ipynb":
        return (path,)
    if not path.is_dir():
        return ()
    ledgers = {name for key, ledger in LEDGERS.items() for name in (key, ledger.sheet)}
    if any(p.suffix.lower() in (".csv", ".parquet") and p.stem in ledgers for p in path.iterdir()):
        return ()
    # Folders with a dot in front are reports in the making.
    found = (p for p in path.rglob(_NAME) if not p.relative_to(path).as_posix().startswith("."))
    return tuple(sorted(p for p in found if "/." not in p.relative_to(path).as_posix()))


def proofread(
    paths: Sequence[Path], root: Path, county: str = "", period: str = ""
) -> list[Verdict]:
    """Check reports: their records, sentences, tables, charts and what a screen shows of them.

    Parameters
    ----------
    paths : sequence of Path
        Executed notebooks.
    root : Path
        What the user named: places are said from there.
    county, period : str
        Only reports of this county and period; all when empty.

    Raises
    ------
    SourceError
        If a notebook cannot be read.
    ExportError
        If it is none of ours, or not executed.
    NoDataError
        If no report is of the county and period asked for.
    """
    known = areas.find(county) if county else None
    names = {county, *((known.name, known.code) if known else ())}
    found: list[Verdict] = []
    looked_at = 0
    for path in paths:
        name = path.name if path == root else path.relative_to(root).as_posix()
        report = _read(path, name)
        record = report.record or {}
        if county and not names & {record.get("county"), record.get("county_name")}:
            continue
        if period and record.get("period") != period:
            continue
        looked_at += 1
        found += report.verdicts()
        found += report.faults_of_text()
        beside = path.with_name("figures.json")
        if record and beside.is_file():
            found += _against(report, beside)
    if not looked_at:
        what = " ".join(x for x in (county, period) if x)
        raise NoDataError(f"{root.name}：没有{what}的报告，请核对 --county 和 --period")
    return found


def _read(path: Path, name: str) -> Pages:
    import nbformat

    try:
        text = bounds.content(path, bounds.REPORT).decode("utf-8")
        notebook = nbformat.reads(text, as_version=4)
    except FileNotFoundError:
        raise SourceError(f"{name}：文件不存在，请核对路径和文件名") from None
    except OSError as error:
        raise SourceError(f"{name}：不能读取（{error.strerror}），请检查权限") from None
    except SourceError:
        raise
    except Exception:  # nbformat raises whatever it stumbles over
        raise SourceError(f"{name}：不是 Jupyter 笔记本，请核对文件") from None
    try:
        return Pages(name, list(displayed(notebook)))
    except (ValidationError, TypeError, AttributeError, KeyError):
        # A null where a cell has its outputs, a recorded figure without its value.
        raise SourceError(f"{name}：报告内容已损坏，不能识别，请重新执行笔记本") from None


def _against(report: Pages, path: Path) -> Iterator[Verdict]:
    """Compare the record with ``figures.json``."""
    name = f"{report.name.removesuffix(_NAME)}{path.name}"
    try:
        data = json.loads(bounds.content(path, bounds.REPORT))
        listed = {f["id"]: f for f in data["figures"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise SourceError(f"{name}：不能识别，请重新出报告") from None
    for key, said in (report.record or {}).items():
        if key in data and key != "figures" and data[key] != said:
            yield report.differs(
                name, f"与笔记本里记录的不一致（{key}）", "", str(said), str(data[key])
            )
    ours = report.known.figures
    for id in dict.fromkeys([*ours, *listed]):
        one, other = ours.get(id, {}), listed.get(id, {})
        for key in dict.fromkeys([*one, *other]):
            if one.get(key) != other.get(key):
                message = f"与笔记本里记录的不一致（{id}，{key}）"
                yield report.differs(name, message, id, str(one.get(key)), str(other.get(key)))
                break
