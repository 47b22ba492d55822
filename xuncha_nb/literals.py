"""Numbers typed by hand in a narrative template: refused unless declared as a literal."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import jinja2
from jinja2 import nodes

from xuncha_nb.errors import NarrativeError


def _has_digit(text: str) -> bool:
    return any(unicodedata.category(c) == "Nd" for c in text)


@lru_cache(maxsize=256)
def check_no_typed_numbers(template: str) -> None:
    """Refuse a template with a typed Arabic number.

    Numbers in prose come from figures and dates. A number that is neither (a title of a
    document, a date of history) is declared: ``{{ literal("2018—2022年") }}``.

    Raises
    ------
    NarrativeError
        Naming the line and the text around the number.
    """
    try:
        tree = jinja2.Environment(autoescape=False).parse(template)  # noqa: S701 - only parsed
    except jinja2.TemplateSyntaxError as error:
        raise NarrativeError(
            f"叙述第{error.lineno}行写法有误（{error.message}），请核对花括号和百分号是否成对"
        ) from None
    declared = {
        id(argument)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "literal"
        for argument in call.args
    }
    for data in tree.find_all(nodes.TemplateData):
        if _has_digit(data.data):
            raise NarrativeError(_typed(data.data, data.lineno))
    for const in tree.find_all(nodes.Const):
        if id(const) not in declared and isinstance(const.value, str) and _has_digit(const.value):
            raise NarrativeError(_typed(const.value, const.lineno))
    for glued in tree.find_all((nodes.Concat, nodes.Mod, nodes.Call)):
        # Glued text would print what is no figure, or a figure without its name.
        if not isinstance(glued, nodes.Call) or (
            isinstance(glued.node, nodes.Getattr) and isinstance(glued.node.node, nodes.Const)
        ):
            raise NarrativeError(
                f"叙述第{glued.lineno}行用 ~、% 或 format 拼接文字：请把文字和指标直接连着写"
            )
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            if isinstance(node, nodes.Const) and isinstance(node.value, int | float):
                raise NarrativeError(_typed(str(node.value), node.lineno))


def _typed(text: str, line: int) -> str:
    position = next(i for i, c in enumerate(text) if unicodedata.category(c) == "Nd")
    before = text[:position].count("\n")
    excerpt = text[max(0, position - 8) : position + 8].strip().replace("\n", " ")
    return (
        f"叙述第{line + before}行有手写的数字“…{excerpt}…”："
        '数字应来自指标（如 {{ clues_found }}），确属固定文字的写成 {{ literal("…") }}，请改正'
    )
