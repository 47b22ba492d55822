"""``%%narrative`` cells: Markdown with ``{{ figure }}``, composed into document blocks.

What a clerk can write
----------------------
* ``## 标题`` headings without numbers (``##`` is 一、, ``###`` is （一）, ``####`` is 1.),
  paragraphs, ``- `` items (printed run-in as 一是…二是…), ``**bold**``.
* ``{{ clues_found }}`` prints 12件; ``|number`` without the unit, ``|yoy`` the comparison,
  ``|share(total)`` the share, ``|base`` the base period's number, ``|breakdown`` a list,
  ``|interval`` the bounds of a forecast.
* ``[[ … ]]`` a clause that leaves itself out when a figure in it is missing; a sentence
  (up to 。；！？) leaves itself out likewise, and a paragraph or heading left empty goes too.
* ``{% include "coverage" %}`` a paragraph of ``parameters/sentences.yaml``, which several
  documents share.
* ``{% if clues_found is zero %}`` for reported zeros; ``{% if x %}`` is false when missing.

No Arabic number may be typed: numbers come from figures, dates, or ``literal("…")``.
Templates run in Jinja2's sandbox; values from data are never parsed as markup.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from types import CodeType
from typing import Any, Final

import jinja2
import mistune
from jinja2 import meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from xuncha_nb import wording
from xuncha_nb.document import Block, Heading, Paragraph, Run, chinese_number
from xuncha_nb.errors import NarrativeError
from xuncha_nb.figures import Figure
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.literals import check_no_typed_numbers
from xuncha_nb.names import Missing, Unknown, named, unknown_name
from xuncha_nb.parameters import Thresholds
from xuncha_nb.pruning import GONE, pruned
from xuncha_nb.wording import Phrase

# Private-use characters stand for values while Markdown is parsed; data never contain them,
# because the reader drops private-use characters from cells.
_OPEN, _CLOSE = "\ue000", "\ue001"
_INCLUDE: Final = re.compile(r'\{%\s*include\s+"([^"]*)"\s*%\}')
_TOKEN: Final = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


def _of_figures(test: Callable[..., bool]) -> Callable[..., bool]:
    """Return a template test that is false unless every operand is a known figure."""

    def holds(*operands: Any) -> bool:
        return all(isinstance(named(o), Figure) for o in operands) and test(*operands)

    return holds


#: Names that a template asks for, by template: the panel composes the same ones again and again.
_NAMES: Final[dict[str, tuple[str, ...]]] = {}
_COMPILED: Final[dict[str, CodeType]] = {}


@cache
def _markdown() -> mistune.Markdown:
    """Return the one reader of a process: making one compiles its rules."""
    return mistune.create_markdown(renderer="ast")


class Composer:
    """Turns narrative templates into blocks, for one set of figures.

    Parameters
    ----------
    variables : mapping
        Names a template may use: figures by identifier, families, county, period, rounds …
        A figure of the dictionary that is not among them is missing.
    thresholds : Thresholds
    year : int
        Year of the document; dates of other years carry theirs.
    """

    def __init__(
        self,
        variables: Mapping[str, Any],
        thresholds: Thresholds,
        year: int,
        category_wording: Mapping[str, str] | None = None,
        sentences: Mapping[str, str] | None = None,
    ) -> None:
        #: A figure of the dictionary that is not among the variables is missing.
        self._context = {id: Missing(id) for id in INDICATORS} | dict(variables)
        self._thresholds = thresholds
        self._year = year
        self._names = dict(category_wording or {})
        self._sentences = dict(sentences or {})
        self._values: list[Phrase] = []
        self._environment = ImmutableSandboxedEnvironment(
            undefined=Unknown,
            finalize=self._finalize,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters = self._filters()
        self._environment.tests = {
            "zero": _of_figures(lambda f: f.value.is_zero),
            "known": lambda f: bool(f),
            "equal": _of_figures(
                lambda f, g: f.value.is_exact and f.value.interval == g.value.interval
            ),
            "one": _of_figures(lambda f: f.value.is_exact and f.value.value == 1),
            "positive": _of_figures(lambda f: f.value.value > 0),
        }
        self._environment.globals = {"literal": Phrase.of}

    def blocks(self, template: str) -> tuple[Block, ...]:
        """Compose a template.

        Raises
        ------
        NarrativeError
            If a name is unknown, a number is typed, or the template cannot be parsed.
        """
        template = self._with_sentences(template)
        check_no_typed_numbers(template)
        self._values = []
        context = self._context
        try:
            self._refuse_unknown_names(template, context)
            text = self._compiled(template).render(context)
        except jinja2.TemplateSyntaxError as error:
            raise NarrativeError(
                f"叙述第{error.lineno}行写法有误（{error.message}），请核对花括号和百分号是否成对"
            ) from None
        except (jinja2.TemplateError, TypeError, ValueError, AttributeError) as error:
            raise NarrativeError(f"叙述无法生成：{error}，请核对写法") from None
        return tuple(self._parsed(pruned(text)))

    def _compiled(self, template: str) -> jinja2.Template:
        """Compile a template, or take what was compiled before: it asks for the same names."""
        code = _COMPILED.get(template)
        if code is None:
            code = self._environment.compile(template)
            if not self._values:  # a constant was printed into the code, by its place here
                _COMPILED[template] = code
        return self._environment.template_class.from_code(
            self._environment, code, self._environment.make_globals(None)
        )

    def _with_sentences(self, template: str) -> str:
        """Put shared paragraphs in, before anything is checked: they are checked like the rest."""

        def shared(match: re.Match[str]) -> str:
            if match[1] in self._sentences:
                # A block tag swallows the line end behind it; the paragraph keeps its own.
                return self._sentences[match[1]].strip() + "\n"
            near = difflib.get_close_matches(match[1], self._sentences, 1)
            hint = f"是否应为“{near[0]}”？" if near else f"可用的有 {'、'.join(self._sentences)}。"
            raise NarrativeError(
                f"没有名为“{match[1]}”的公用段落（parameters/sentences.yaml），{hint}请改正"
            )

        return _INCLUDE.sub(shared, template)

    def _refuse_unknown_names(self, template: str, context: Mapping[str, Any]) -> None:
        # Before rendering: a branch that is not taken today may be taken next year.
        known = {**context, **self._environment.globals}
        if template not in _NAMES:
            tree = self._environment.parse(template)
            _NAMES[template] = tuple(sorted(meta.find_undeclared_variables(tree)))
        for name in _NAMES[template]:
            if name not in known:
                raise NarrativeError(unknown_name(name, known))

    def _finalize(self, value: Any) -> str:
        match value:
            case Missing() | None:
                return GONE
            case Phrase():
                phrase: Phrase | None = value
            case Figure():
                phrase = wording.amount(value)
            case date():
                phrase = wording.day(value, self._year)
            case str():
                phrase = Phrase.of(value)
            case _:
                raise NarrativeError(
                    f"叙述中的“{value}”不是指标、日期或文字，不能直接打印，请改用指标"
                )
        if phrase is None:
            return GONE
        self._values.append(phrase)
        return f"{_OPEN}{len(self._values) - 1}{_CLOSE}"

    def _filters(self) -> dict[str, Any]:
        thresholds, year = self._thresholds, self._year

        def of_figure(function: Any) -> Any:
            def apply(figure: Any, *arguments: Any) -> Any:
                if isinstance(figure, Missing) or any(isinstance(a, Missing) for a in arguments):
                    return figure if isinstance(figure, Missing) else arguments[0]
                if not isinstance(figure, Figure):
                    raise NarrativeError(f"“{figure}”不是指标，不能这样使用，请核对写法")
                result = function(figure, *arguments)
                return Missing(figure.id) if result is None else result

            return apply

        def breakdown(figures: Any) -> Any:
            items = figures.values() if isinstance(figures, Mapping) else figures
            known = [f for f in map(named, items) if isinstance(f, Figure)]
            return wording.breakdown(known, self._names) or Missing("breakdown")

        def dates(pair: Any) -> Any:
            first, last = pair
            if isinstance(first, Missing) or isinstance(last, Missing):
                return Missing("dates")
            return wording.span(first, last, year) or Missing("dates")

        return {
            "number": of_figure(wording.number),
            "yoy": of_figure(lambda f: wording.comparison(f, thresholds)),
            "base": of_figure(wording.base_amount),
            "share": of_figure(lambda f, whole: wording.share(f, whole, thresholds)),
            "breakdown": breakdown,
            "interval": of_figure(wording.interval),
            "dates": dates,
            "date": lambda d: (
                wording.day(d, year) if isinstance(named(d), date) else Missing("date")
            ),
            "listed": lambda names, most=0: (
                Phrase.of(wording.listed([*names], most)) if names else Missing("listed")
            ),
            "ordinal": lambda n: Phrase.of(wording.ordinal(n)),
            "chinese": lambda n: Phrase.of(chinese_number(n)),
            "length": len,
            "first": lambda items: items[0],
            "last": lambda items: items[-1],
        }

    def _parsed(self, markdown: str) -> Iterator[Block]:
        tokens = _markdown()(markdown)
        assert isinstance(tokens, list)
        for token in tokens:
            match token["type"]:
                case "heading":
                    # "#" is the document's title, which has a block of its own.
                    level = max(1, min(4, token["attrs"]["level"] - 1))
                    yield Heading(level=level, runs=self._runs(token["children"]))
                case "paragraph":
                    yield Paragraph(runs=self._runs(token["children"]))
                case "list":
                    yield Paragraph(runs=self._items(token["children"]))
                case "blank_line":
                    pass
                case other:
                    raise NarrativeError(
                        f"叙述中不支持这种写法（{other}）：可用标题、段落、列表和加粗，请改写"
                    )

    def _items(self, items: list[Any]) -> tuple[Run, ...]:
        """Print a list run-in: 一是…；二是…。"""
        bodies = [
            [run for child in item["children"] for run in self._runs(child["children"])]
            for item in items
        ]
        # Items of several sentences end in full stops, single clauses in semicolons.
        texts = ["".join(run.text for run in body).rstrip("。；") for body in bodies]
        between = "。" if any("。" in text for text in texts) else "；"
        runs: list[Run] = []
        for position, body in enumerate(bodies, 1):
            if len(bodies) > 1:
                runs.append(Run(text=f"{chinese_number(position)}是"))
            end = "。" if position == len(bodies) else between
            runs += body[:-1]
            last = body[-1]
            if last.figure is None:
                runs.append(last.model_copy(update={"text": last.text.rstrip("。；") + end}))
            else:
                # A figure's run holds the figure alone.
                runs += [last, Run(text=end, bold=last.bold)]
        return tuple(runs)

    def _runs(self, children: list[Any], bold: bool = False) -> tuple[Run, ...]:
        runs: list[Run] = []
        for child in children:
            match child["type"]:
                case "text":
                    # Markdown's ** wants spaces or Latin punctuation around it and fails
                    # beside Chinese brackets and values, so bold is read here.
                    for position, part in enumerate(child["raw"].split("**")):
                        runs += self._valued(part, bold or position % 2 == 1)
                case "strong":
                    runs += self._runs(child["children"], True)
                case "softbreak" | "linebreak":
                    pass  # Chinese lines join without a space
                case other:
                    raise NarrativeError(
                        f"叙述中不支持这种写法（{other}）：可用标题、段落、列表和加粗，请改写"
                    )
        return tuple(runs)

    def _valued(self, text: str, bold: bool) -> Iterator[Run]:
        position = 0
        for match in _TOKEN.finditer(text):
            if match.start() > position:
                yield Run(text=text[position : match.start()], bold=bold)
            for run in self._values[int(match[1])].runs:
                yield run.model_copy(update={"bold": bold}) if bold else run
            position = match.end()
        if position < len(text):
            yield Run(text=text[position:], bold=bold)
