"""Many jobs from one plan: a failure stays with its county; the summary tells everything."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from xuncha_nb import areas, signature, workspace
from xuncha_nb.errors import ParameterError, XunchaError
from xuncha_nb.exporters import index
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.parameters import Plan, RunParameters, read_yaml, validated
from xuncha_nb.periods import Period
from xuncha_nb.runner import Job, check_job, run
from xuncha_nb.sources import tables

_KEY_FIGURES: Final = ("rounds_total", "units_inspected", "findings_total", "coverage_rate")


@dataclass(frozen=True)
class Outcome:
    """What became of one county of a plan.

    Attributes
    ----------
    code, county : str
    error : XunchaError or None
        Why there is no report.
    seconds : float
    warnings : int
        Warnings of the check.
    figures : dict of str to str
        Printed key figures, for the index.
    files : tuple of str
    """

    code: str
    county: str
    error: XunchaError | None = None
    seconds: float = 0.0
    warnings: int = 0
    figures: dict[str, str] | None = None
    files: tuple[str, ...] = ()


def jobs(path: Path, out: Path) -> list[Job]:
    """Read a plan into its jobs, one a county; everything is checked before anything starts.

    Raises
    ------
    ParameterError
        If the plan is wrong, or a county is unknown or named twice.
    """
    where = workspace.display_path(path)
    plan = validated(Plan, read_yaml(path), where)
    base = path.resolve().parent
    declared = signature.own_parameters(workspace.notebook(plan.notebook, base))
    _, own = signature.split(plan.parameters, declared, where)
    made = []
    problems = []
    seen: set[str] = set()
    for code in _counties(plan, base, where):
        area = areas.find(code)
        if area is None:
            near = "、".join(areas.nearest(code)) or "六位行政区划代码"
            problems.append(f"{where}：没有代码或名称为“{code}”的县（区），应如 {near}，请改正")
        elif area.code in seen:
            problems.append(f"{where}：县（区）{code} 在 counties 中出现两次，请删去一行")
        else:
            seen.add(area.code)
            given = {
                "county": code,
                "period": plan.period,
                "cutoff": plan.cutoff,
                "edition": plan.edition,
                "source": _filled(plan.source, area),
                "adjustments": "",
            }
            if plan.adjustments:
                adjustments = _filled(plan.adjustments, area)
                given["adjustments"] = adjustments if (base / adjustments).is_file() else ""
            parameters = validated(RunParameters, given, where)
            made.append(Job(plan.notebook, parameters, out, base, plan.formats, own))
    if problems:
        raise ParameterError("\n".join(problems))
    if not made:
        raise ParameterError(f"{where}：counties 里没有县（区），请至少填一个")
    return made


def _filled(text: str, area: areas.Area) -> str:
    return text.replace("{code}", area.code).replace("{county}", area.name)


def _counties(plan: Plan, base: Path, where: str) -> Sequence[str]:
    if not isinstance(plan.counties, str):
        return plan.counties
    path = base / plan.counties
    try:
        text = tables.decoded(path.read_bytes(), workspace.display_path(path))
    except OSError:
        raise ParameterError(
            f"{where}：counties 指的文件“{plan.counties}”不存在或不能读取，请核对"
        ) from None
    rows = list(csv.DictReader(io.StringIO(text)))
    if rows and "code" not in rows[0]:
        raise ParameterError(
            f"{workspace.display_path(path)}：缺少列“code”，表头应为 code,county，请改正"
        )
    return [row["code"].strip() for row in rows if (row["code"] or "").strip()]


def execute(todo: Sequence[Job], say: Callable[[Outcome, int, int], None]) -> list[Outcome]:
    """Run jobs one after the other; ``say`` is called after each with its place and the total."""
    outcomes = []
    for position, job in enumerate(todo, 1):
        outcome = _outcome(job)
        outcomes.append(outcome)
        say(outcome, position, len(todo))
    return outcomes


def _outcome(job: Job) -> Outcome:
    area = areas.find(job.parameters.county)
    name = area.name if area is not None else job.parameters.county
    try:
        check_job(job)
        result = run(job)
    except XunchaError as error:
        return Outcome(job.code, name, error)
    except Exception as error:
        # Not the user's mistake; the other counties still get their reports.
        kind = type(error).__name__
        told = f"程序出错（{kind}），请对该县单独执行 xuncha run，把出错信息报给维护人员"
        return Outcome(job.code, name, XunchaError(told))
    by_id: dict[str, Any] = {f["id"]: f for f in result.record["figures"]}
    return Outcome(
        job.code,
        name,
        None,
        result.seconds,
        sum(v["severity"] == "warning" for v in result.record["verdicts"]),
        {id: f"{by_id[id]['text']}{by_id[id]['unit']}" for id in _KEY_FIGURES if id in by_id},
        result.files,
    )


def summarise(outcomes: Sequence[Outcome], folder: Path) -> None:
    """Write ``summary.csv`` and ``index.html`` beside the counties' folders, each whole."""
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / "summary.csv", "\ufeff" + _summary(outcomes))
    _replace(folder / "index.html", _index(outcomes, folder))


def _replace(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    aside.write_text(text, "utf-8", newline="")
    aside.replace(path)


def _summary(outcomes: Sequence[Outcome]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(["code", "county", "state", "seconds", "warnings", "message"])
    for o in outcomes:
        message = "" if o.error is None else str(o.error).replace("\n", " ")
        state = "完成" if o.error is None else "失败"
        writer.writerow([o.code, o.county, state, f"{o.seconds:.1f}", o.warnings, _plain(message)])
    return stream.getvalue()


def _plain(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


_KINDS: Final = (("网页", "report.html"), ("PDF", "report.pdf"), ("Word", "report.docx"))


def _index(outcomes: Sequence[Outcome], folder: Path) -> str:
    rows = [
        index.Row(
            outcome.code,
            outcome.county,
            () if outcome.error is None else tuple(str(outcome.error).splitlines()),
            outcome.warnings,
            tuple((outcome.figures or {}).get(id, "—") for id in _KEY_FIGURES),
            tuple(kind for kind in _KINDS if kind[1] in outcome.files),
        )
        for outcome in outcomes
    ]
    labels = [INDICATORS[id].label for id in _KEY_FIGURES]
    return index.page(f"{Period.parse(folder.parent.name).name}报告目录", labels, rows)
