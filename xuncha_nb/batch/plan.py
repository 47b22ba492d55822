"""A plan read into its jobs, one a county; everything is checked before anything starts."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from xuncha_nb import areas, bounds, signature, workspace
from xuncha_nb.errors import ParameterError
from xuncha_nb.parameters import Plan, RunParameters, validated
from xuncha_nb.runner import Job
from xuncha_nb.sources import tables
from xuncha_nb.yamlfile import read_yaml

_KEY_FIGURES: Final = ("rounds_total", "units_inspected", "findings_total", "coverage_rate")


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
                given["adjustments"] = adjustments if workspace.is_there(base / adjustments) else ""
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
        raw = bounds.content(path, bounds.SOURCE, ParameterError)
        text = tables.decoded(raw, workspace.display_path(path))
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
