"""Political-ecology assessments by grade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xuncha_nb.indicators.registry import Result, base, derived, grouped
from xuncha_nb.quantities import Quantity
from xuncha_nb.quantities import total as added

if TYPE_CHECKING:
    from xuncha_nb.ledgers.rows import Rows


@derived("开展政治生态评估", "个", "assessment", "assessments", "各评估等次单位数之和")
def assessed_total(assessed_by_grade: dict[str, Quantity]) -> Quantity:
    return added(list(assessed_by_grade.values()))


@base("政治生态评估（按等次）", "个", "assessment", "assessments", "按当期等次标准点数", by="grade")
def assessed_by_grade(assessments: Rows, grades: tuple[str, ...]) -> Result:
    return dict(grouped(assessments, "grade", grades))
