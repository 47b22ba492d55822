"""The names a narrative cell can use: figures, families, rounds, dates, the office's texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from xuncha_nb import areas
from xuncha_nb.breakdowns import Round
from xuncha_nb.errors import ParameterError
from xuncha_nb.figures import Figures
from xuncha_nb.indicators import INDICATORS, Slices
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.names import Missing
from xuncha_nb.parameters import Standards
from xuncha_nb.sources import Book

_ROUND_COLUMNS: Final = frozenset(c.name for c in LEDGERS["rounds"].columns)


def variables(
    figures: Figures,
    rounds: Sequence[Round],
    book: Book,
    standards: Standards,
    chosen: Round | None = None,
) -> dict[str, Any]:
    """Return what a narrative cell can name, besides figures that are missing.

    Raises
    ------
    ParameterError
        If a text of ``parameters/office.yaml`` carries a number.
    """
    period = figures.window.period
    office = standards.office
    slices = Slices(book.rows, figures.window, standards)
    known: dict[str, Any] = {id: f for id, f in figures.items() if not f.member}
    for id, indicator in INDICATORS.items():
        if indicator.dimension:
            known[id] = figures.family(id) or Missing(id)
    rule = standards.regulation("条例", figures.window.cutoff)
    plan = slices.term_plan or {}
    documents = slices.rule_documents
    names = [] if documents is None else [f"《{n}》" for n in documents.filled("name")]
    return known | {
        "county": figures.county_name,
        "office": office_name(figures, standards),
        "office_short": f"{areas.committee(figures.county_name)}巡察办",
        "committee": areas.committee(figures.county_name),
        "commission": areas.commission(figures.county_name),
        "discipline_office": office.discipline_office.replace(
            "{commission}", areas.commission(figures.county_name)
        ),
        "period": period.name,
        "period_short": period.short_name or "全年",
        "following": period.following().short_name or period.following().name,
        "following_name": period.following().name,
        "base_name": period.base_name,
        "base_period": period.same_period_last_year().name,
        "cutoff": figures.window.cutoff,
        "rounds": [_Scoped(r) for r in rounds],
        "finished": [_Scoped(r) for r in rounds if r.state == "已完成"],
        "running": [_Scoped(r) for r in rounds if r.state != "已完成"],
        "this": _Scoped(chosen) if chosen else Missing("this"),
        "round_names": [r.name for r in rounds] or Missing("round_names"),
        "rule_names": names or Missing("rule_names"),
        "regulation": rule.name if rule else Missing("regulation"),
        "regulation_edition": rule.edition if rule else Missing("regulation_edition"),
        "deadline": plan["deadline"].date() if "deadline" in plan else Missing("deadline"),
        "term": rounds[-1].term if rounds else Missing("term"),
        "learning": _paragraphs(office.learning),
        "upper_inspection": _paragraphs(office.upper_inspection),
        "suggestions": _paragraphs(office.suggestions),
        "plan_texts": _paragraphs(office.plan),
        "discipline_problems": _paragraphs(office.discipline_problems),
        "discipline_plan": _paragraphs(office.discipline_plan),
        "has_base": any(f.base is not None for f in figures.values()),
        "forecast_late": _forecast_late(figures, plan),
    }


def office_name(figures: Figures, standards: Standards) -> str:
    """Return the full name of the county's inspection office, as ``office.yaml`` words it."""
    committee = areas.committee(figures.county_name)
    return standards.office.office.replace("{committee}", committee)


def _forecast_late(figures: Figures, plan: Mapping[str, Any]) -> bool:
    """Whether the forecast's central date lies after the plan's deadline."""
    forecast = figures.value("coverage_forecast_date")
    if forecast is None or "deadline" not in plan:
        return False
    return int(forecast.value) > int(plan["deadline"].toordinal())


class _Scoped:
    """A round in a template: its attributes, dates, and ``round.talks_person_times``."""

    def __init__(self, item: Round) -> None:
        self._item = item

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._item.figures:
            return self._item.figures[name]
        if name in INDICATORS:
            dimension = INDICATORS[name].dimension
            prefix = f"{name}["
            family = {f.member: f for id, f in self._item.figures.items() if id.startswith(prefix)}
            return family if dimension and family else Missing(name)
        if name in self._item.dates:
            return self._item.dates[name]
        if name in _ROUND_COLUMNS or hasattr(self._item, name):
            return getattr(self._item, name, None) or Missing(name)
        raise AttributeError(name)  # the template's error names it


def _paragraphs(texts: Sequence[str]) -> list[str]:
    for text in texts:
        if any(unicodedata.category(c) == "Nd" for c in text):
            raise ParameterError(
                f"parameters/office.yaml：“{text[:20]}…”含有数字，"
                "自定义文字不得带数字，请改写或改用叙述单元格里的指标"
            )
    return list(texts)
