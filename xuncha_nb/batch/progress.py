"""What a batch shows while it runs: a bar on a terminal, lines in a pipe, failures only in cron."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Final, Literal, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
)

from xuncha_nb.batch.outcomes import Outcome

Manner = Literal["bar", "lines", "quiet"]
#: Counties named as being made; on a cluster there may be many.
_SHOWN: Final = 3


def manner(quiet: bool = False) -> Manner:
    """Return how to show progress here.

    A job of cron has neither a terminal nor a ``TERM``: there, what is printed is mailed, so
    nothing is printed as long as nothing fails.
    """
    if quiet:
        return "quiet"
    if sys.stderr.isatty():
        return "bar"
    return "lines" if os.environ.get("TERM") or sys.platform == "win32" else "quiet"


class Show:
    """Shows outcomes as they come; used as a context.

    Parameters
    ----------
    names : mapping of str to str
        County code → name, of the counties to make.
    how : {'bar', 'lines', 'quiet'}
    say, complain : callable
        Print a line of text on the output, and one on the error output.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        how: Manner,
        say: Callable[[str], None],
        complain: Callable[[str], None],
        console: Console | None = None,
    ) -> None:
        self._names, self._how = names, how
        self._say, self._complain = say, complain
        self._failed = self._ended = 0
        self._begun = time.monotonic()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        if how == "bar" and names:
            self._bar = Progress(
                BarColumn(None),
                MofNCompleteColumn(),
                TextColumn("{task.fields[pace]}"),
                TextColumn("失败{task.fields[failed]}"),
                TextColumn("{task.fields[running]}", style="dim"),
                console=console or Console(stderr=True),
                # Drawn when something happens: no thread of its own.
                auto_refresh=False,
            )

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task(
                "", total=len(self._names), pace="准备中", failed=0, running=""
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._draw("")
            self._bar.stop()

    def _draw(self, running: str) -> None:
        assert self._bar is not None
        assert self._task is not None
        passed = time.monotonic() - self._begun
        left = len(self._names) - self._ended
        pace = "准备中"
        if not left:
            pace = f"用时{duration(passed)}"
        elif self._ended:
            # Over the whole run: counties end in twos and threes, which no short look bears.
            each = passed / self._ended
            pace = f"每分钟{60 / each:.0f}个 剩余约{duration(left * each)}"
        self._bar.update(
            self._task, completed=self._ended, running=running, pace=pace, failed=self._failed
        )
        self._bar.refresh()

    def running(self, codes: tuple[str, ...]) -> None:
        """Show which counties are being made."""
        if self._bar is None:
            return
        names = "、".join(self._names.get(code, code) for code in codes[:_SHOWN])
        more = f"等{len(codes)}个" if len(codes) > _SHOWN else ""
        self._draw(f"正在出 {names}{more}" if names else "")

    def line(self, text: str) -> None:
        """Print a line about the batch itself, above the bar if there is one."""
        if self._bar is not None:
            # Not broken by us: a terminal breaks a long line itself, and copies it whole.
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            self._complain(text)

    def ended(self, outcome: Outcome) -> None:
        """Show what became of a county."""
        self._ended += 1
        head = f"[{self._ended}/{len(self._names)}] {outcome.code} {outcome.county}"
        if outcome.error is not None:
            self._failed += 1
            self.line(f"{head} 失败：{outcome.error}")
        elif self._how == "lines":
            warned = f"，{outcome.warnings}处提醒" if outcome.warnings else ""
            self._say(f"{head} 完成（{outcome.seconds:.1f}秒{warned}）")
        if self._bar is not None and self._task is not None:
            self._draw(self._bar.tasks[self._task].fields["running"])


def duration(seconds: float) -> str:
    """Return a time as a person says it.

    >>> duration(4.2), duration(75), duration(3900)
    ('4秒', '1分15秒', '1小时5分')
    """
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours}小时{minutes}分"
    return f"{minutes}分{whole % 60}秒" if minutes else f"{whole}秒"
