"""The desk without a page: what ``xuncha adjust`` works on and prints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xuncha_nb import sources, workspace
from xuncha_nb.adjustments.desk import Desk
from xuncha_nb.adjustments.history import changes
from xuncha_nb.adjustments.staleness import NO_DATA
from xuncha_nb.bench.choices import told
from xuncha_nb.case import Case
from xuncha_nb.errors import ParameterError
from xuncha_nb.parameters import RunParameters, load_standards, validated
from xuncha_nb.yamlfile import read_yaml


def desk_of(notebook: str, path: Path) -> Desk:
    """Return the desk of what a parameter file asks for.

    Raises
    ------
    XunchaError
        If the file, its source or the adjustments cannot be read.
    """
    data = read_yaml(path)
    own = {name: data.pop(name) for name in list(data) if name not in RunParameters.model_fields}
    parameters = validated(RunParameters, data, workspace.display_path(path))
    book = sources.book(parameters.source, parameters.county)
    case = Case(notebook, parameters, book, load_standards(), str(own.get("round", "")))
    if case.path is None:
        raise ParameterError("参数 adjustments 为“无”，不采用调整，请先改参数文件")
    return Desk(case.path, case.outcome, notebook, book.fingerprint)


def adjusted(
    path: Path,
    notebook: str,
    *,
    change: str = "",
    reason: str = "",
    confirm: str = "",
    drop: str = "",
    undo: bool = False,
    restore: int | None = None,
    past: bool = False,
    author: str = "",
) -> tuple[str, ...]:
    """Do what ``xuncha adjust`` is asked for; return the lines to print.

    Raises
    ------
    XunchaError
        Nothing has changed then.
    """
    asked = [bool(x) for x in (change, confirm, drop, undo, restore is not None)]
    if sum(asked) > 1:
        raise ParameterError("一次只能作一种修改，请分几次运行")
    desk = desk_of(notebook, path)
    if change:
        figure, equals, text = change.partition("=")
        if not equals:
            raise ParameterError(f"--set 应写作 指标=数，实为“{change}”，请改正")
        desk.change(figure.strip(), text, reason)
    elif confirm or drop:
        (desk.confirm if confirm else desk.drop)(confirm or drop)
    elif undo:
        desk.undo(author)
    elif restore is not None:
        desk.restore(restore, author)
    if desk.unsaved:
        try:
            desk.save(author, "保存" if change else "确认" if confirm else "删除")
        finally:
            desk.give_up()  # nothing of a command is left as a draft
    return tuple(told_of(desk, history=past))


def told_of(desk: Desk, *, history: bool = False) -> Iterator[str]:
    """Yield the lines that tell of the adjustments, stale ones first, or of their history."""
    if history:
        past = desk.snapshot.history
        if past.broken:
            yield f"历史第{past.broken}行被改动或缺失，以下内容不能作为依据"
        for entry in past.entries:
            when = entry.time[:16].replace("T", " ")
            yield f"第{entry.number}次 {when} {entry.author} {entry.action} {entry.note}".rstrip()
            for change in changes(past.state_before(entry), entry.state):
                yield f"  {told(desk, change)}"
        if not past.entries:
            yield "还没有保存过调整。"
        return
    if desk.snapshot.fault:
        yield f"不能识别，没有采用任何调整：{desk.snapshot.fault}"
    stale = {s.adjustment.figure: s for s in desk.tried.stale}
    for figure, late in stale.items():
        yield (
            f"待确认 {figure} {desk.label(figure)}：调整时来源为 "
            f"{late.adjustment.original or NO_DATA}，现在为 {late.now or NO_DATA}，调整值为 "
            f"{late.adjustment.adjusted}；"
            f"仍用调整值：--confirm {figure}，改用来源数：--drop {figure}"
        )
    for item in desk.snapshot.state.adjustments:
        if item.figure not in stale:
            yield (
                f"{item.figure} {desk.label(item.figure)}：{item.original or NO_DATA} → "
                f"{item.adjusted}（{item.reason}；{item.author}，{item.time[:10]}）"
            )
    if not desk.snapshot.state.adjustments and not desk.snapshot.fault:
        yield "没有调整。"
