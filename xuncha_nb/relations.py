"""Cross-figure relations (勾稽关系), declared in ``relations.yaml``, evaluated on intervals.

A relation fails only if no values inside the printed intervals satisfy it; a figure that is
missing stands for any number from zero up.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from itertools import chain
from typing import Any, Final

import yaml

from xuncha_nb.figures import Figures, indicator_of, member_id
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.intervals import NOT_NEGATIVE, Interval
from xuncha_nb.ledgers.statistics import DECLARATIONS
from xuncha_nb.verdicts import Severity, Verdict, in_order

_HUNDRED: Final = Interval.point(100)


@dataclass(frozen=True)
class Relation:
    """One declared relation.

    Attributes
    ----------
    rule : str
        Name of the rule.
    left, right : ast.expr
        The two sides, parsed; never evaluated as code.
    equal : bool
        ``=``; otherwise ``<=``.
    severity : str
    shares : bool
        Whether the left side's parts are a set with shares of the right side.
    when : tuple of str
        (declaration, value) that the data must have declared; empty if always.
    """

    rule: str
    left: ast.expr
    right: ast.expr
    equal: bool
    severity: Severity = "error"
    shares: bool = False
    when: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Identifiers that occur, left to right; families by their own name."""
        return tuple(chain(_names(self.left), _names(self.right)))

    def parts(self, figures: Figures) -> list[str]:
        """Return the identifiers of the known figures on the left side."""
        return _ids(self.left, figures, "")

    def whole(self, figures: Figures) -> list[str]:
        """Return the identifiers of the known figures on the right side."""
        return _ids(self.right, figures, "")

    @cached_property
    def through_members(self) -> bool:
        """Whether the relation is to hold for every member of its families."""
        return any(_is_each(node) for node in ast.walk(self.left))


@cache
def declared() -> tuple[Relation, ...]:
    """Return the declared relations.

    Raises
    ------
    ValueError
        If a line of ``relations.yaml`` is not a relation: a mistake in the package.
    """
    text = (resources.files("xuncha_nb") / "relations.yaml").read_text("utf-8")
    return tuple(_relation(line) for line in yaml.safe_load(text)["relations"])


def _relation(line: dict[str, Any]) -> Relation:
    unknown = set(line) - {"rule", "check", "severity", "shares", "when"}
    if unknown:
        raise ValueError(f"{line['rule']}: unknown keys {unknown}")
    check: str = line["check"]
    equal = "<=" not in check
    left, right = check.split("=" if equal else "<=")
    when = tuple(line["when"].split("=")) if "when" in line else ()
    if when and (when[0] not in DECLARATIONS or when[1] not in DECLARATIONS[when[0]].values):
        raise ValueError(f"{line['rule']}: nothing declares {line['when']}")
    relation = Relation(
        line["rule"],
        ast.parse(left.strip(), mode="eval").body,
        ast.parse(right.strip(), mode="eval").body,
        equal,
        line.get("severity", "error"),
        line.get("shares", False),
        when,
    )
    for name in relation.names:
        if name not in INDICATORS:
            raise ValueError(f"{relation.rule}: unknown figure {name}")
    return relation


def _names(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Name(id=id):
            yield id
        case ast.Call(func=ast.Name(id="sum" | "each"), args=[ast.Name(id=id)]):
            yield id
        case ast.BinOp(left=left, right=right):
            yield from _names(left)
            yield from _names(right)
        case _:
            raise ValueError(f"not a relation: {ast.dump(node)}")


def _is_each(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and (node.func.id == "each")
    )


def _ids(node: ast.expr, figures: Figures, member: str) -> list[str]:
    """Return the identifiers of the known figures on a side."""
    ids: list[str] = []
    match node:
        case ast.Name(id=id):
            ids = [id]
        case ast.Call(args=[ast.Name(id=id)]) if _is_each(node):
            ids = [member_id(id, member)]
        case ast.Call(args=[ast.Name(id=id)]):
            ids = [f.id for f in figures.family(id).values()]
        case ast.BinOp(left=left, right=right):
            ids = _ids(left, figures, member) + _ids(right, figures, member)
    return [id for id in ids if id in figures]


def _interval(node: ast.expr, figures: Figures, member: str) -> Interval:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _interval(left, figures, member), _interval(right, figures, member)
            if isinstance(op, ast.Div):
                return a.over(b).scaled(100)
            return a - b if isinstance(op, ast.Sub) else a + b
        case ast.Call() if not _is_each(node):
            known = [figures[id].value.interval for id in _ids(node, figures, member)]
            if not known:
                return NOT_NEGATIVE
            added = known[0]
            for interval in known[1:]:
                added = added + interval
            families = list(_names(node))
            # Members that were not reported stand for any number from zero up.
            return added if figures.is_complete(families[0]) else added + NOT_NEGATIVE
        case _:
            ids = _ids(node, figures, member)
            return figures[ids[0]].value.interval if ids else NOT_NEGATIVE


def evaluate(figures: Figures) -> tuple[Verdict, ...]:
    """Check every relation that the known figures can contradict.

    Returns
    -------
    tuple of Verdict
        Errors first; empty when nothing contradicts anything and nothing is remarkable.
    """
    found: list[Verdict] = []
    for relation in declared():
        if relation.when and figures.declared.get(relation.when[0]) != relation.when[1]:
            continue
        members = [""]
        if relation.through_members:
            members = list(
                dict.fromkeys(m for name in relation.names for m in figures.family(name))
            )
        for member in members:
            found += _contradiction(relation, figures, member)
    for id in DECLARATIONS:
        found += _convention(id, figures)
    return in_order(found)


def _convention(id: str, figures: Figures) -> Iterator[Verdict]:
    """Name the convention in use; where none is declared, say which can hold."""
    declaration = DECLARATIONS[id]
    label, names, said = declaration.label, declaration.values, figures.declared.get(id)
    lines = {value: [r for r in declared() if r.when == (id, value)] for value in names}
    ids = list(dict.fromkeys(n for rs in lines.values() for r in rs for n in r.names))
    known = [n for n in ids if n in figures]
    if said is not None:
        if known or not ids:
            message = f"“{label}”声明为“{names[said]}”，按此校验"
            yield figures.verdict("note", "convention", message, known)
        return
    if not ids:
        return  # what no relation depends on need not be declared
    faults = {
        names[value]: [v for r in relations for v in _contradiction(r, figures, "")]
        for value, relations in lines.items()
    }
    able = [f"“{name}”" for name, found in faults.items() if not found]
    if not able:
        yield figures.verdict(
            "error",
            "convention_impossible",
            f"{_said(known, figures)}按哪一种“{label}”都不相符，请核对后声明口径",
            known,
            "；".join(f"{name}：{found[0].expected}" for name, found in faults.items()),
            "；".join(f"{name}：{found[0].found}" for name, found in faults.items()),
        )
    elif len(known) == len(ids):
        yield figures.verdict(
            "note",
            "convention_undeclared",
            f"没有声明“{label}”，按本期的数{'、'.join(able)}{'都' * (len(able) > 1)}可以成立，"
            f"请加一行指标“{label}”，数值填{'或'.join(names.values())}",
            known,
        )


def _contradiction(relation: Relation, figures: Figures, member: str) -> Iterator[Verdict]:
    left_ids = _ids(relation.left, figures, member)
    right_ids = _ids(relation.right, figures, member)
    if not left_ids or not right_ids:
        return
    left = _interval(relation.left, figures, member)
    right = _interval(relation.right, figures, member)
    if left.meets(right) if relation.equal else left.may_reach(right):
        return
    parts, whole = _said(left_ids, figures), _said(right_ids, figures)
    if any(isinstance(n, ast.Div) for n in ast.walk(relation.right)):
        message = f"{parts}与按{whole}重算的结果不符，请核对分子、分母和百分比"
        expected, found = f"{right.rounded()}%", figures[left_ids[0]].value.printed
    elif relation.equal:
        minus = any(isinstance(n, ast.Sub) for n in ast.walk(relation.left))
        together = ("加减之后" if minus else "之和") if len(left_ids) > 1 else ""
        message = f"{parts}{together}与{whole}不相等，请核对是否漏填或重复"
        expected, found = left.text, right.text
    else:
        message = f"{parts}{'之和' if len(left_ids) > 1 else ''}大于{whole}，请核对"
        expected, found = f"不大于{right.text}", left.text
    if relation.when:
        declaration = DECLARATIONS[relation.when[0]]
        message = f"按“{declaration.values[relation.when[1]]}”的{declaration.label}，{message}"
    yield figures.verdict(
        relation.severity, relation.rule, message, left_ids + right_ids, expected, found
    )


def _said(ids: list[str], figures: Figures) -> str:
    return "、".join(f"“{figures[id].label}”{figures[id].value.printed}" for id in ids)


@cache
def relations_of(id: str) -> tuple[Relation, ...]:
    """Return the relations that a figure takes part in."""
    name = indicator_of(id).id
    return tuple(r for r in declared() if name in r.names)
