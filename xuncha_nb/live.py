"""Methods whose blocks are shown again when figures change, and charts that can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial, wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from xuncha_nb.adjustments.model import ChartChoice
from xuncha_nb.figures import Figures
from xuncha_nb.verdicts import Verdict

_P = ParamSpec("_P")


class Words(str):
    """A chart's title that somebody typed in the panel: words, not a template."""

    __slots__ = ()


@dataclass(frozen=True)
class Control:
    """What can be chosen of a chart.

    Attributes
    ----------
    chart : str
        Its name: the title as the notebook has it.
    kinds : tuple of str
        What it can be drawn as, the notebook's first; empty if there is no choice.
    orders, bases : bool
        Whether the order of the figures, and showing the base period, can be chosen.
    """

    chart: str
    kinds: tuple[str, ...]
    orders: bool
    bases: bool


class Looks:
    """How the charts of a notebook are to look, and which charts it turned out to have.

    Parameters
    ----------
    chosen : iterable of ChartChoice
        Of this notebook.
    """

    def __init__(self, chosen: Iterable[ChartChoice] = ()) -> None:
        self.chosen = {item.chart: item for item in chosen}
        self.controls: dict[str, Control] = {}

    def of(self, control: Control, given: dict[str, Any]) -> dict[str, Any]:
        """Return a chart's arguments with what was chosen for it."""
        self.controls[control.chart] = control
        choice = self.chosen.get(control.chart)
        if choice is None:
            return given
        chosen: dict[str, Any] = {
            "kind": choice.kind if choice.kind in control.kinds else "",
            "order": choice.order,
            "base": {"shown": True, "hidden": False}.get(choice.base, ""),
            "title": Words(choice.title),
        }
        return given | {k: v for k, v in chosen.items() if k in given and v != ""}

    def unused(self, figures: Figures) -> Iterator[Verdict]:
        """Note choices for charts that the notebook does not have."""
        for chart in self.chosen:
            if chart not in self.controls:
                yield figures.verdict(
                    "note",
                    "chart_unknown",
                    f"设置过样式的图“{chart}”在笔记本里没有，设置没有用上，请在面板里重设",
                    (),
                )


class Showing(Protocol):
    """What shows pieces and keeps how they are made: the report."""

    looks: Looks

    def show_live(self, make: Callable[[], None]) -> None:
        """Show what a method adds, now and whenever figures change."""


_R = TypeVar("_R", bound=Showing)


def live(
    show: Callable[Concatenate[_R, _P], None],
) -> Callable[Concatenate[_R, _P], None]:
    """Make a method that shows blocks show them again whenever a figure is adjusted."""

    @wraps(show)
    def call(self: _R, /, *args: _P.args, **kwargs: _P.kwargs) -> None:
        self.show_live(partial(show, self, *args, **kwargs))

    return call


def drawn(
    *kinds: str,
) -> Callable[[Callable[Concatenate[_R, _P], None]], Callable[Concatenate[_R, _P], None]]:
    """Make a method that shows a chart live, and let the panel choose how it looks.

    What can be chosen are the method's own parameters ``kind`` (of the kinds given here),
    ``order`` and ``base``, and the ``title``.
    """

    def decorate(
        show: Callable[Concatenate[_R, _P], None],
    ) -> Callable[Concatenate[_R, _P], None]:
        names = signature(show)

        @wraps(show)
        def call(self: _R, /, *args: _P.args, **kwargs: _P.kwargs) -> None:
            bound = names.bind(self, *args, **kwargs)
            bound.apply_defaults()
            chart = str(bound.arguments["title"])

            def make() -> None:
                given = dict(bound.arguments)
                first = given.pop("self")
                control = Control(chart, kinds, "order" in given, "base" in given)
                cast("Callable[..., None]", show)(first, **first.looks.of(control, given))

            self.show_live(make)

        return call

    return decorate
