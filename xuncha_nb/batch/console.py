"""A batch as the command line runs it: what is shown, what is said at the end, the exit code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xuncha_nb import batch, paper, workspace
from xuncha_nb.batch import capacity, interruption, local, nearby, progress, storage
from xuncha_nb.batch.outcomes import county_of
from xuncha_nb.batch.worker import Limits, kept


def run(
    plan: Path,
    out: str,
    limits: Limits,
    say: Callable[[str], None],
    complain: Callable[[str], None],
    *,
    workers: int | None = None,
    scheduler: str = "",
    force: bool = False,
    quiet: bool = False,
) -> int:
    """Run a plan.

    Parameters
    ----------
    plan : Path
    out : str
        The outputs folder, or its address.
    limits : Limits
    say, complain : callable
        Print a line on the output, and one on the error output.
    workers : int, optional
        The most counties at once.
    scheduler : str
        Address of a Dask scheduler; empty for this machine.
    force : bool
        Whether to make anew what did not change.
    quiet : bool
        Whether to tell of failures only.

    Returns
    -------
    int
        Exit code: 0 all done, 1 some failed, 130 stopped by the user.

    Raises
    ------
    XunchaError
        If nothing can be started, or nothing more can be done.
    """
    made = batch.Batch(batch.jobs(plan, storage.place(out)), force)
    how = progress.manner(quiet)
    if how != "quiet" and set(made.jobs[0].formats) & {"pdf", "docx"}:
        line = paper.load().substitutes()
        if line:
            say(line)
    try:
        with made.alone():
            names = {job.code: county_of(job) for job in made.waiting}
            show = progress.Show(names, how, say, complain)
            with show, interruption.once(show.line):
                made.run(_runner(made, scheduler, workers, limits, show.line), show)
    except KeyboardInterrupt:
        left, done = len(made.waiting), len(made.outcomes) - len(made.failed)
        complain(f"已停止：完成{done}个，还有{left}个；再次执行同一命令即从这里继续。")
        return 130
    failed = len(made.failed)
    folder = workspace.display_path(made.folder)
    if how != "quiet" or failed:
        again = f"（其中{made.skipped}个没有变化，未重做）" if made.skipped else ""
        say(
            f"共{len(made.jobs)}个县（区）：完成{len(made.jobs) - failed}个{again}，"
            f"失败{failed}个；目录见 {folder}/index.html"
        )
    if failed:
        complain(f"失败的原因和未完成的笔记本在 {folder}/failed/")
    return 1 if failed else 0


def _runner(
    made: batch.Batch,
    scheduler: str,
    workers: int | None,
    limits: Limits,
    tell: Callable[[str], None],
) -> batch.Runner:
    """Return what makes the reports: this machine or a cluster."""
    if scheduler:
        from xuncha_nb.batch.cluster import Cluster

        return Cluster(scheduler, limits, tell)
    runner: batch.Runner = local.Executor(capacity.workers(workers), limits)
    sources = [job.parameters.source for job in made.jobs]
    if storage.is_far(made.folder) or any(storage.is_address(source) for source in sources):
        runner = nearby.Nearby(runner, kept)
    return runner
