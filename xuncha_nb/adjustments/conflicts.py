"""What two sessions changed on one adjustments file, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from xuncha_nb.adjustments import history
from xuncha_nb.adjustments.drafts import Edit
from xuncha_nb.adjustments.model import ChartChoice, State
from xuncha_nb.adjustments.staleness import NO_DATA
from xuncha_nb.adjustments.store import Snapshot


@dataclass(frozen=True)
class Difference:
    """One subject that two sessions changed, or that the other one did."""

    subject: str
    label: str
    before: str
    theirs: str
    mine: str


class Changing(Protocol):
    """The desk of the session that was second."""

    snapshot: Snapshot
    edits: dict[str, Edit]
    looks: dict[str, ChartChoice]

    def label(self, figure: str) -> str:
        """Return a figure's Chinese name."""

    def source(self, figure: str) -> str:
        """Return the number of the source."""


def differences(desk: Changing, theirs: State) -> Iterator[Difference]:
    """Yield what the other session changed since, with what this one has changed of it."""
    state = desk.snapshot.state
    before, after = state.figures(), theirs.figures()
    mine: Mapping[str, Edit] = desk.edits
    for change in history.changes(state, theirs):
        figure = change.subject
        if isinstance(change.before or change.after, ChartChoice):
            own = "也改了" if figure in desk.looks else "没有改"
            yield Difference(figure, f"图：{figure}", "", "已改样式", own)
            continue
        old, new, edit = before.get(figure), after.get(figure), mine.get(figure)
        yield Difference(
            figure,
            desk.label(figure),
            old.adjusted if old else f"不调整（{desk.source(figure) or NO_DATA}）",
            f"{new.adjusted}（{new.author}）" if new else "删去调整",
            "没有改" if edit is None else edit.text or "删去调整",
        )
