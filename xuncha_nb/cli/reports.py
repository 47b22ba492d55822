"""Commands that make reports: ``run``, ``batch``, and ``load`` for shared ledgers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xuncha_nb.cli.group import PATH, cli, complain, shown

if TYPE_CHECKING:
    from xuncha_nb.parameters import Format


def _formats(context: click.Context, parameter: click.Parameter, value: str) -> tuple[Format, ...]:
    from xuncha_nb.errors import ParameterError
    from xuncha_nb.parameters import FORMATS

    chosen = tuple(part.strip() for part in value.split(",") if part.strip())
    known = tuple(f for f in FORMATS if f in chosen)
    if len(known) != len(set(chosen)) or not known:
        raise ParameterError(
            f"--formats 应为 {'、'.join(FORMATS)} 中的若干个，实为“{value}”，请改正"
        )
    return known


_FORMATS = click.option(
    "--formats", default="html,pdf,docx", show_default=True, callback=_formats, help="导出格式"
)
_OUT = click.option(
    "--out", type=PATH, default=Path("outputs"), show_default=True, help="输出文件夹"
)


@cli.command(help="按参数文件出报告，一个文件一份。")
@click.argument("parameters", type=PATH, nargs=-1, required=True)
@click.option("--notebook", default="", help="报告笔记本；不填则由参数文件名决定")
@_FORMATS
@_OUT
def run(
    parameters: tuple[Path, ...], notebook: str, formats: tuple[Format, ...], out: Path
) -> None:
    """Make one report a parameter file."""
    from xuncha_nb import runner
    from xuncha_nb.errors import ParameterError, XunchaError

    jobs = []
    for path in parameters:
        name = notebook or runner.notebook_of(path)
        common, own = runner.read_parameters(path, name)
        jobs.append(runner.Job(name, common, out, Path.cwd(), formats, own))
    for job, path in zip(jobs, parameters, strict=True):
        runner.check_job(job)
        if [other.folder for other in jobs].count(job.folder) > 1:
            raise ParameterError(
                f"{path.name}：与另一个参数文件是同一笔记本、同一县、同一期间，"
                "报告会互相覆盖，请只保留一个"
            )
    code = 0
    _tell_fonts(formats)
    for job in jobs:
        try:
            result = runner.run(job)
        except XunchaError as error:
            complain(error)
            code = max(code, error.exit_code)
        else:
            _remind(result.record["verdicts"])
            click.echo(f"已完成（{result.seconds:.1f}秒）：{shown(result.folder)}")
    sys.exit(code)


def _tell_fonts(formats: tuple[Format, ...]) -> None:
    """Say which fonts stand in for the standard's, once a run."""
    from xuncha_nb import paper

    if set(formats) & {"pdf", "docx"} and (line := paper.load().substitutes()):
        click.echo(line)


def _remind(verdicts: list[dict[str, Any]]) -> None:
    for verdict in verdicts:
        if verdict["severity"] == "warning":
            click.echo(f"警告：{verdict['message']}", err=True)


@cli.command(help="按计划批量出报告，一县一份；一县失败不影响其他县；中断后再执行即继续。")
@click.argument("plan", type=PATH)
@click.option(
    "--out",
    default="outputs",
    show_default=True,
    help="输出文件夹，或地址，如 s3://、sftp://",
)
@click.option("--workers", type=click.IntRange(min=1), help="同时出几个县；不填按核数和空闲内存")
@click.option("--scheduler", default="", help="Dask 调度器地址，如 tcp://10.0.0.1:8786")
@click.option("--force", is_flag=True, help="数据没有变化的县也重做")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=1),
    default=300,
    show_default=True,
    help="每县时限，秒",
)
@click.option(
    "--memory-limit",
    type=click.IntRange(min=64),
    default=2048,
    show_default=True,
    help="每县内存限额，MB",
)
@click.option("--quiet", is_flag=True, help="只报告失败")
def batch(
    plan: Path,
    out: str,
    workers: int | None,
    scheduler: str,
    force: bool,
    time_limit: float,
    memory_limit: int,
    quiet: bool,
) -> None:
    """Make one report per county of a plan."""
    from xuncha_nb import forking

    if not scheduler:
        forking.begin()  # first of all: it has the most to do, and a core of its own
    try:
        from xuncha_nb.batch import Limits, console

        limits = Limits(time_limit, memory_limit)
        complain = lambda line: click.echo(line, err=True)  # noqa: E731
        code = console.run(
            plan,
            out,
            limits,
            click.echo,
            complain,
            workers=workers,
            scheduler=scheduler,
            force=force,
            quiet=quiet,
        )
    finally:
        forking.end()
    sys.exit(code)


@cli.command(help="把台账导入共用数据库；最后一个参数是数据库地址，不填则为 ledgers.sqlite。")
@click.argument("files", nargs=-1, required=True)
def load(files: tuple[str, ...]) -> None:
    """Load ledgers of counties into a database."""
    from xuncha_nb.errors import ParameterError
    from xuncha_nb.sources import database
    from xuncha_nb.sources.loading import load as load_files

    address = "sqlite:///ledgers.sqlite"
    if database.is_address(files[-1]):
        *files_before, address = files
        files = tuple(files_before)
    if not files:
        raise ParameterError("load：应有要导入的台账文件，如 xuncha load data/*.xlsx，请补上")
    failed = 0
    for loaded in load_files([Path(file) for file in files], address):
        if loaded.error is None:
            click.echo(f"{loaded.county} 已导入{loaded.rows}行")
        else:
            failed += 1
            click.echo(f"{loaded.county or loaded.name} 未导入：{loaded.error}", err=True)
    click.echo(f"导入 {database.name_of(address)}：成功{len(files) - failed}份，失败{failed}份")
    sys.exit(1 if failed else 0)
