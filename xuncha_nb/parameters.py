"""Models of everything under ``parameters/``; unknown keys are refused.

YAML is read with every scalar as text (:mod:`xuncha_nb.yamlfile`), and the models turn text into
numbers and dates where they ask for them.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from xuncha_nb import workspace
from xuncha_nb.errors import ParameterError
from xuncha_nb.periods import Period, Window
from xuncha_nb.yamlfile import read_yaml

Format = Literal["html", "pdf", "docx"]
FORMATS: Final[tuple[Format, ...]] = ("html", "pdf", "docx")
Edition = Literal["内部", "公开"]

#: ``source`` value that stands for the packaged sample of the county.
SAMPLE: Final = "sample"


#: How much of a wrong value a message prints.
_SHOWN: Final = 60


#: No county or region of the country has a name of half that length.
_LONGEST_COUNTY: Final = 40


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Category(_Model):
    """One category of findings: the name in the ledger, and how a sentence says it."""

    name: str
    wording: str = ""


class _Dated(_Model):
    name: str
    valid_from: date
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        """Whether this edition is in force on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Scheme(_Dated):
    """A category scheme of findings (三个聚焦, 六围绕一加强 …) and its years."""

    categories: tuple[Category, ...] = Field(min_length=1)
    source: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Category names, as written in the ledger."""
        return tuple(c.name for c in self.categories)


class GradeScale(_Dated):
    """A grade scale of political-ecology assessments, best grade first, and its years."""

    grades: tuple[str, ...] = Field(min_length=2)
    source: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Grade names, best first."""
        return self.grades


class Regulation(_Dated):
    """An edition of a regulation; ``key`` groups the editions of one regulation."""

    key: str
    edition: str = ""
    source: str = ""


class Thresholds(_Model):
    """Limits of wording and checks; percentages are in %, times in days."""

    flat_change: float = Field(0.05, ge=0, description="|growth| below this prints as 持平")
    growth_warning: float = Field(100, gt=0, description="growth above this is a warning")
    growth_warning_base: int = Field(10, ge=0, description="only for bases of at least this")
    clue_open_days: int = Field(180, gt=0, description="a clue open for longer is a warning")
    percent_decimals: int = Field(1, ge=0, le=4)
    percent_trailing_zero: bool = True
    share_method: Literal["plain", "largest_remainder", "last_absorbs"] = "plain"
    small_count: int = Field(5, ge=3, description="the public edition leaves smaller counts out")
    #: A county chart compares no more rounds than this.
    chart_rounds: int = Field(8, ge=2)


class OfficeTexts(_Model):
    """What an office words itself: names, and paragraphs that carry no figure."""

    office: str = "{committee}巡察工作领导小组办公室"
    addressee: str = ""
    learning: tuple[str, ...] = ()
    upper_inspection: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    discipline_office: str = "{commission}"
    discipline_problems: tuple[str, ...] = ()
    discipline_plan: tuple[str, ...] = ()


class Standards(_Model):
    """All dated and undated settings together, as loaded from ``parameters/``."""

    schemes: tuple[Scheme, ...] = Field(min_length=1)
    grade_scales: tuple[GradeScale, ...] = Field(min_length=1)
    regulations: tuple[Regulation, ...]
    thresholds: Thresholds
    office: OfficeTexts
    #: Paragraphs that several documents share, by name: ``{% include "coverage" %}``.
    sentences: dict[str, str] = {}

    @model_validator(mode="after")
    def _editions_do_not_overlap(self) -> Self:
        for what, editions in (("schemes", self.schemes), ("grade_scales", self.grade_scales)):
            ordered = sorted(editions, key=lambda e: e.valid_from)
            for first, second in itertools.pairwise(ordered):
                if first.valid_to is None or first.valid_to >= second.valid_from:
                    raise ValueError(
                        f"{what} 中“{first.name}”与“{second.name}”的有效期重叠，"
                        f"请给前者填上早于 {second.valid_from} 的 valid_to"
                    )
        return self

    def scheme(self, day: date) -> Scheme:
        """Return the category scheme in force on a day."""
        return _in_force(self.schemes, day, "问题分类标准（parameters/schemes.yaml）")

    def grades(self, day: date) -> GradeScale:
        """Return the grade scale in force on a day."""
        return _in_force(self.grade_scales, day, "评估等次标准（parameters/grades.yaml）")

    def regulation(self, key: str, day: date) -> Regulation | None:
        """Return the edition of a regulation in force on a day, if any was."""
        held = [r for r in self.regulations if r.key == key and r.holds(day)]
        return max(held, key=lambda r: r.valid_from) if held else None


_D = TypeVar("_D", bound=_Dated)


def _in_force(editions: Sequence[_D], day: date, what: str) -> _D:
    for edition in editions:
        if edition.holds(day):
            return edition
    raise ParameterError(f"{day.isoformat()} 没有有效的{what}，请补上该日期所在的一段有效期")


class RunParameters(_Model):
    """The parameters of a notebook, the same names in every notebook."""

    county: str
    period: str
    source: str = SAMPLE
    cutoff: str = ""
    edition: Edition = "内部"
    adjustments: str = ""

    @field_validator("county", "period", mode="before")
    @classmethod
    def _text(cls, value: Any) -> Any:
        # papermill's -p turns 350203 and 2020 into integers; both are names.
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("county")
    @classmethod
    def _safe_county(cls, value: str) -> str:
        clean = value.strip()
        if (
            not 0 < len(clean) <= _LONGEST_COUNTY
            or any(c in clean for c in '/\\:*?"<>|.')
            or not clean.isprintable()
        ):
            raise ValueError("county 应为六位代码或县（区）名称")
        if clean.isascii() and clean.isdigit() and len(clean) != 6:
            raise ValueError(f"county 应为六位代码，实为“{clean}”（开头的0是否丢了？）")
        return clean

    @model_validator(mode="after")
    def _window_exists(self) -> Self:
        self.window()
        return self

    def window(self) -> Window:
        """Return the period with its cut-off date."""
        return Window.of(Period.parse(self.period), self.cutoff)


class Plan(_Model):
    """A batch: one notebook over many counties.

    ``source`` and ``adjustments`` are relative to the plan; ``{code}`` and ``{county}`` in
    them are filled in. ``counties`` is a CSV (``code,county``) or a list of codes.
    ``parameters`` are the notebook's own, the same for every county.
    """

    notebook: str
    period: str
    source: str
    counties: str | tuple[str, ...]
    formats: tuple[Format, ...] = FORMATS
    cutoff: str = ""
    edition: Edition = "内部"
    adjustments: str = ""
    parameters: dict[str, str] = {}

    @model_validator(mode="after")
    def _window_exists(self) -> Self:
        Window.of(Period.parse(self.period), self.cutoff)
        return self


_M = TypeVar("_M", bound=BaseModel)


def validated(model: type[_M], data: dict[str, Any], where: str) -> _M:
    """Build a model, or say in Chinese every key that is wrong.

    Raises
    ------
    ParameterError
        One line per wrong key: what, expected, found, what to do.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = [_line(item, model) for item in error.errors()]
        raise ParameterError("\n".join(f"{where}：{line}" for line in lines)) from None
    except ParameterError as error:  # a period or cut-off
        raise type(error)(f"{where}：{error}") from None


def _line(item: Any, model: type[BaseModel]) -> str:
    key = ".".join(str(part) for part in item["loc"])
    match item["type"]:
        case "extra_forbidden":
            here = _model_at(model, item["loc"][:-1])
            return unknown_parameter(str(item["loc"][-1]), list(here.model_fields))
        case "missing":
            return f"缺少参数“{key}”，请补上"
        case "value_error":
            return str(item["msg"]).removeprefix("Value error, ")
        case "literal_error":
            allowed = str(item["ctx"]["expected"]).replace("'", "").replace(" or ", "、")
            return f"参数“{key}”应为 {allowed} 之一，实为“{_shown(item['input'])}”，请改正"
        case _:
            return f"参数“{key}”的值“{_shown(item['input'])}”类型不对（{item['type']}），请改正"


def _shown(value: Any) -> str:
    """Return a wrong value for a message, on one line and not all of a long one."""
    text = " ".join(str(value).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _model_at(model: type[BaseModel], keys: Sequence[str | int]) -> type[BaseModel]:
    """Return the model that describes what lies under some keys."""
    for key in keys:
        if isinstance(key, str) and key in model.model_fields:
            kind = model.model_fields[key].annotation
            inside = (kind, *get_args(kind))
            model = next(
                (k for k in inside if isinstance(k, type) and issubclass(k, BaseModel)), model
            )
    return model


def unknown_parameter(name: str, known: Sequence[str]) -> str:
    """Return the message for a parameter that does not exist, naming the nearest."""
    near = difflib.get_close_matches(name, known, 1)
    hint = f"是否应为“{near[0]}”？" if near else f"可用的有 {'、'.join(known)}。"
    return f"不认识的参数“{_shown(name)}”，{hint}请改正"


def load_standards(start: Path | None = None) -> Standards:
    """Load schemes, grades, regulations, thresholds and office texts.

    A file in the workspace's ``parameters/`` replaces the packaged file of the same name.
    """
    data: dict[str, Any] = {}
    for key, name in (
        ("schemes", "schemes"),
        ("grade_scales", "grades"),
        ("regulations", "regulations"),
    ):
        data[key] = read_yaml(parameter_file(f"{name}.yaml", start)).get(name, [])
    for key in ("thresholds", "office", "sentences"):
        data[key] = read_yaml(parameter_file(f"{key}.yaml", start))
    return validated(Standards, data, "parameters/")


def parameter_file(name: str, start: Path | None = None) -> Path:
    """Return the path of a file under ``parameters/``: the workspace's, else the packaged."""
    for folder in (workspace.root(start), workspace.packaged()):
        path = folder / "parameters" / name
        if path.is_file():
            return path
    return workspace.packaged() / "parameters" / name
