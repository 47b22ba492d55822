"""The desk where somebody adjusts: changes, what comes of them, saving, conflicts, history.

Knows nothing of widgets: the panel and ``xuncha adjust`` both work through it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from xuncha_nb.adjustments import conflicts, drafts, history, store
from xuncha_nb.adjustments.drafts import Content, Draft, Edit, Left
from xuncha_nb.adjustments.model import (
    Adjustment,
    ChartChoice,
    State,
    bad_title,
    judged,
    quantity,
    refusal,
)
from xuncha_nb.adjustments.staleness import label_of
from xuncha_nb.adjustments.trial import Outcome
from xuncha_nb.errors import CheckError, ParameterError
from xuncha_nb.verdicts import Verdict, errors

#: Stands for a reason that is not written yet; never saved.
_UNWRITTEN: Final = "（理由待填）"

Try = Callable[[tuple[Adjustment, ...]], Outcome]

#: The desks of this process by file: a cell that runs again takes over from its first run.
_OPEN: Final[dict[Path, list[Draft]]] = {}


class Desk:
    """Changes of one adjustments file.

    Parameters
    ----------
    path : Path
        The adjustments file; it need not exist.
    attempt : callable
        Computes what comes of adjustments.
    notebook : str
        Whose charts are chosen here.
    fingerprint : str
        SHA-256 of the source.
    """

    def __init__(
        self,
        path: Path,
        attempt: Try,
        notebook: str,
        fingerprint: str,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self.path = path
        self._attempt = attempt
        self._notebook = notebook
        self._fingerprint = fingerprint
        self._now = now
        for earlier in _OPEN.pop(path, []):
            earlier.let_go()
        self.left: tuple[Left, ...] = tuple(drafts.left_behind(path))
        self.draft = Draft(path)
        _OPEN.setdefault(path, []).append(self.draft)
        self.edits: dict[str, Edit] = {}
        self.looks: dict[str, ChartChoice] = {}
        self.faults: dict[str, str] = {}
        self.snapshot = store.read(path)
        self._before: set[tuple[str, tuple[str, ...]]] = set()
        self.tried = self._start()

    def _start(self) -> Outcome:
        """Compute what stands without the changes: errors there are nobody's fault here."""
        plain = self._attempt(())
        saved = self._attempt(self.snapshot.state.adjustments)
        self._before = {_key(v) for v in (*errors(plain.verdicts), *errors(saved.verdicts))}
        return saved

    # -- changes --------------------------------------------------------------------------

    @property
    def unsaved(self) -> int:
        """Number of changes that are not saved."""
        return len(self.edits) + len(self.looks)

    def change(self, figure: str, text: str, reason: str) -> None:
        """Change a figure; a number that cannot be one is kept as a fault, and not applied."""
        self._changed(figure, text, reason)
        self._follow()

    def _changed(self, figure: str, text: str, reason: str) -> None:
        saved = self.snapshot.state.figures().get(figure)
        source = self.source(figure)
        self.faults.pop(figure, None)
        text, reason = text.strip(), reason.strip()
        fault, value = judged(figure, text, reason)
        if fault:
            self.faults[figure] = fault
        as_saved = saved is not None and (value, reason) == (saved.adjusted, saved.reason)
        stays = saved is not None and saved.original == source and as_saved
        back = saved is None and (not text or (bool(value) and value == source))
        if not fault and (stays or back):
            self.edits.pop(figure, None)
        else:
            self.edits[figure] = Edit(text=text, reason=reason)

    def look(self, choice: ChartChoice) -> str:
        """Choose how a chart looks; return why it cannot be, or nothing."""
        fault = bad_title(choice.title)
        if fault:
            return fault
        saved = self.snapshot.state.looks().get((self._notebook, choice.chart))
        same = ChartChoice(notebook=self._notebook, chart=choice.chart) if saved is None else saved
        blank = {"author": "", "time": ""}
        if choice.model_copy(update=blank) == same.model_copy(update=blank):
            self.looks.pop(choice.chart, None)
        else:
            self.looks[choice.chart] = choice
        self._follow()
        return ""

    def give_up(self, figure: str = "") -> None:
        """Give up the change of a figure, or every change."""
        if figure:
            self.edits.pop(figure, None)
            self.faults.pop(figure, None)
        else:
            self.edits, self.looks, self.faults = {}, {}, {}
        self._follow()

    def confirm(self, figure: str) -> None:
        """Keep a stale adjustment: it corrects the new number of the source as it did the old."""
        saved = self._saved(figure)
        self.edits[figure] = Edit(text=saved.adjusted, reason=saved.reason)
        self.faults.pop(figure, None)  # of what was typed before
        self._follow()

    def drop(self, figure: str) -> None:
        """Take an adjustment back: the source\'s number stands again."""
        self._saved(figure)
        self.edits[figure] = Edit()
        self.faults.pop(figure, None)
        self._follow()

    def _saved(self, figure: str) -> Adjustment:
        """Return the saved adjustment of a figure.

        Raises
        ------
        ParameterError
            If there is none.
        """
        saved = self.snapshot.state.figures()
        if figure not in saved:
            known = "、".join(saved) or "（无）"
            raise ParameterError(f"“{figure}”没有保存过的调整，应为 {known} 之一，请核对")
        return saved[figure]

    def take_up(self, left: Left) -> None:
        """Take up the changes that another session left behind."""
        for figure, edit in left.content.edits.items():
            self._changed(figure, edit.text, edit.reason)
        for choice in left.content.looks:
            if left.content.notebook == self._notebook:
                self.looks[choice.chart] = choice
        self._follow()
        self.forget(left)

    def forget(self, left: Left) -> None:
        """Throw away what another session left behind."""
        left.remove()
        self.left = tuple(item for item in self.left if item is not left)

    def source(self, figure: str) -> str:
        """Return the number of the source as printed; empty if it has none."""
        known = self.tried.source.get(figure)
        return "" if known is None else known.value.text

    def _follow(self) -> None:
        self.tried = self._attempt(self.state("本次", reasoned=False).adjustments)
        time = self._now().isoformat(timespec="seconds")
        looks = tuple(self.looks.values())
        content = Content(notebook=self._notebook, time=time, edits=self.edits, looks=looks)
        self.draft.write(content)

    def state(self, author: str, *, reasoned: bool = True) -> State:
        """Return the state with the changes; those at fault are left as they were saved."""
        time = self._now().isoformat(timespec="seconds")
        figures = self.snapshot.state.figures()
        for figure, edit in self.edits.items():
            if figure in self.faults:
                continue
            if not edit.text:
                figures.pop(figure, None)
                continue
            figures[figure] = Adjustment(
                figure=figure,
                original=self.source(figure),
                adjusted=quantity(figure, edit.text).text,
                reason=edit.reason if reasoned or edit.reason else _UNWRITTEN,
                author=author,
                time=time,
                fingerprint=self._fingerprint,
            )
        looks = self.snapshot.state.looks()
        for chart, choice in self.looks.items():
            if choice.is_plain:
                looks.pop((self._notebook, chart), None)
            else:
                update = {"author": author, "time": time}
                looks[self._notebook, chart] = choice.model_copy(update=update)
        return State(adjustments=tuple(figures.values()), charts=tuple(looks.values()))

    # -- saving ---------------------------------------------------------------------------

    def caused(self) -> tuple[Verdict, ...]:
        """Return the errors that the changes would cause."""
        return tuple(v for v in errors(self.tried.verdicts) if _key(v) not in self._before)

    def obstacles(self) -> list[str]:
        """Return why the changes cannot be saved, a line each."""
        lines = []
        if self.snapshot.fault:
            lines.append(f"{self.snapshot.fault}；改好文件，或在“历史”里恢复以前的一次保存")
        for figure, fault in self.faults.items():
            lines.append(f"“{self.label(figure)}”：{fault}")
        for figure, edit in self.edits.items():
            if edit.text and not edit.reason and figure not in self.faults:
                lines.append(f"“{self.label(figure)}”：没有写理由，请写明为什么改")
        lines += [v.line for v in self.caused()]
        return lines

    def save(self, author: str, action: str = "保存", note: str = "") -> None:
        """Save the changes.

        Raises
        ------
        ParameterError
            If something stands in the way; a line each.
        ConflictError
            If another session has saved since; the changes are kept.
        OutputError
            If the file cannot be written; the changes are kept.
        """
        lines = self.obstacles()
        if not author.strip():
            lines.append("没有写填写人，请写明科室或岗位")
        if lines:
            raise ParameterError("\n".join(lines))
        self.snapshot = store.save(
            self.path, self.state(author.strip()), self.snapshot, author.strip(), action, note,
            self._now,
        )  # fmt: skip
        self._settled()

    def _settled(self) -> None:
        self.edits, self.looks, self.faults = {}, {}, {}
        self.draft.clear()
        self.tried = self._start()

    def restore(self, number: int, author: str) -> None:
        """Restore the state that an entry of the history saved; 0 is the state before any.

        Raises
        ------
        ParameterError
            If there is no such entry, or its state would cause errors today.
        ConflictError, OutputError
        """
        entry = self.snapshot.history.entry(number)
        if entry is None and number != 0:
            raise ParameterError(f"历史里没有第{number}次保存，请核对编号")
        state = State() if entry is None else entry.state
        self._put(state, author, "恢复", f"恢复到第{number}次" if number else "恢复到没有调整")

    def undo(self, author: str) -> None:
        """Undo the last change that is not undone yet.

        Raises
        ------
        ParameterError
            If there is nothing to undo.
        ConflictError, OutputError
        """
        standing: list[history.Entry] = []
        for entry in self.snapshot.history.entries:
            if entry.action == "撤销":
                standing = standing[:-1]
            else:
                standing.append(entry)
        if not standing:
            raise ParameterError("没有可以撤销的修改")
        state = standing[-2].state if len(standing) > 1 else State()
        self._put(state, author, "撤销", f"撤销第{standing[-1].number}次")

    def _put(self, state: State, author: str, action: str, note: str) -> None:
        if not author.strip():
            raise ParameterError("没有写填写人，请写明科室或岗位")
        found = errors(self._attempt(state.adjustments).verdicts)
        known = self._before | {("adjustment_stale", (i.figure,)) for i in state.adjustments}
        caused = [v for v in found if _key(v) not in known]
        if caused:
            raise CheckError(tuple(caused))
        self.snapshot = store.save(
            self.path, state, self.snapshot, author.strip(), action, note, self._now
        )
        self._settled()

    def reload(self, theirs: store.Snapshot) -> tuple[conflicts.Difference, ...]:
        """Go on from what another session saved, keeping the changes; return what differs.

        Parameters
        ----------
        theirs : Snapshot
            As :class:`~xuncha_nb.adjustments.store.ConflictError` brings it.
        """
        told = tuple(conflicts.differences(self, theirs.state))
        self.snapshot = theirs
        self._start()
        self._follow()
        return told

    def label(self, figure: str) -> str:
        """Return a figure\'s Chinese name."""
        return label_of(figure, self.tried.source) if not refusal(figure) else figure


def _key(verdict: Verdict) -> tuple[str, tuple[str, ...]]:
    return verdict.rule, verdict.figures
