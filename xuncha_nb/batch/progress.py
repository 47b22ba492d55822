"""What a batch shows while it runs: a bar on a terminal, lines in a pipe, failures only in cron."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Literal, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from xuncha_nb.batch.outcomes import Outcome

Manner = Literal["bar", "lines", "quiet"]
_SHOWN = 4


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
    total : int
        Counties to make.
    how : {'bar', 'lines', 'quiet'}
    say, complain : callable
        Print a line of text on the output, and one on the error output.
    """

    def __init__(
        self,
        total: int,
        how: Manner,
        say: Callable[[str], None],
        complain: Callable[[str], None],
        console: Console | None = None,
    ) -> None:
        self._total, self._how = total, how
        self._say, self._complain = say, complain
        self._failed = self._ended = 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        if how == "bar":
            self._bar = Progress(
                BarColumn(None),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TextColumn("剩余"),
                TimeRemainingColumn(),
                TextColumn("失败{task.fields[failed]}"),
                TextColumn("{task.fields[running]}", style="dim"),
                console=console or Console(stderr=True),
                # Drawn when something happens: no thread of its own.
                auto_refresh=False,
            )

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("", total=self._total, rate="", failed=0, running="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def running(self, codes: tuple[str, ...]) -> None:
        """Show which counties are being made."""
        if self._bar is None or self._task is None:
            return
        names = " ".join(codes[:_SHOWN]) + (" …" if len(codes) > _SHOWN else "")
        speed = self._bar.tasks[self._task].speed
        rate = f"{speed * 60:.0f}个/分" if speed else ""
        self._bar.update(self._task, running=names, rate=rate, failed=self._failed)
        self._bar.refresh()

    def ended(self, outcome: Outcome) -> None:
        """Show what became of a county."""
        self._ended += 1
        head = f"[{self._ended}/{self._total}] {outcome.code} {outcome.county}"
        if outcome.error is not None:
            self._failed += 1
            line = f"{head} 失败：{outcome.error}"
            if self._bar is not None:
                self._bar.console.print(line, markup=False, highlight=False)
            else:
                self._complain(line)
        elif self._how == "lines":
            warned = f"，{outcome.warnings}处提醒" if outcome.warnings else ""
            self._say(f"{head} 完成（{outcome.seconds:.1f}秒{warned}）")
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=1, failed=self._failed)
            self._bar.refresh()
