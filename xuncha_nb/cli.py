"""The command line: thin, lazy, in Chinese. Exit: 0 done, 1 errors found, 2 unreadable."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from xuncha_nb.parameters import Format
    from xuncha_nb.verdicts import Verdict

_PATH = click.Path(path_type=Path)


@click.group(help="巡察报告：从台账到半年总结，一条命令出网页、PDF 和 Word。")
@click.version_option(package_name="xuncha_nb", message="%(version)s")
def cli() -> None:
    """Group of all commands."""


@cli.command(help="建立工作目录：笔记本、参数、空白台账、输出文件夹。")
@click.argument("directory", type=_PATH)
def init(directory: Path) -> None:
    """Make a workspace; existing files are never overwritten."""
    from xuncha_nb import workspace
    from xuncha_nb.errors import OutputError
    from xuncha_nb.template import write_workbook

    if directory.exists() and not directory.is_dir():
        raise OutputError(f"{directory.name}：已有同名文件，请换一个新文件夹名")
    if directory.exists() and any(directory.iterdir()):
        raise OutputError(f"{directory.name}：文件夹不是空的，请换一个新文件夹名")
    try:
        for name in workspace.FOLDERS:
            shutil.copytree(
                workspace.packaged() / name,
                directory / name,
                ignore=shutil.ignore_patterns(".*", "__pycache__", "adjustments"),
            )
        for name in ("data", "outputs"):
            (directory / name).mkdir()
        shutil.copyfile(workspace.packaged() / "README.zh-CN.md", directory / "使用说明.md")
    except OSError as error:
        raise OutputError(f"{directory.name}：不能写入（{error.strerror}），请检查权限") from None
    write_workbook(directory / "data" / "台账模板.xlsx")
    click.echo(f"已建立工作目录 {directory.name}：")
    click.echo("  data/台账模板.xlsx  空白台账，填好后另存，如 data/本县.xlsx")
    click.echo("  parameters/         参数；parameters/half_year_summary.yaml 现在用自带样例")
    click.echo("  notebooks/          报告笔记本，文字可改")
    click.echo("  使用说明.md         怎样填、怎样校验、怎样出报告")
    click.echo(f"下一步：cd {directory.name}，然后 xuncha run parameters/half_year_summary.yaml")


@cli.command(help="生成空白台账工作簿（下拉选项、单位、填写说明、示例行）。")
@click.argument("file", type=_PATH)
def template(file: Path) -> None:
    """Write the blank workbook."""
    from xuncha_nb.errors import OutputError
    from xuncha_nb.template import write_workbook

    if file.suffix.lower() != ".xlsx":
        raise OutputError(f"{file.name}：文件名应以 .xlsx 结尾，请改正")
    if file.exists():
        raise OutputError(f"{file.name}：文件已存在，为免覆盖已填数据没有写入，请换一个文件名")
    write_workbook(file)
    click.echo(f"已生成 {file.name}")


@cli.command(help="生成样例台账：DIR/data/<代码>.xlsx、counties.csv、plan.yaml。")
@click.argument("directory", type=_PATH)
@click.option("--counties", type=click.IntRange(min=1), default=3, show_default=True, help="县数")
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子，相同则内容相同")
@click.option("--region", default="", help="某市或某省的全部县（区），代替 --counties")
def sample(directory: Path, counties: int, seed: int, region: str) -> None:
    """Write synthetic ledgers."""
    from xuncha_nb.sample import write_sample

    write_sample(directory, counties, seed, region)
    whose = f"{region}各" if region else f"{counties}个"
    click.echo(f"已生成{whose}县的样例；试一试：xuncha batch {directory.name}/plan.yaml")


@cli.command(help="校验数据，或核对出好的报告；退出码 0 无误，1 有错误，2 不能读取。")
@click.argument("source", type=_PATH)
@click.option("--county", default="", help="只查一个县（区）：代码或名称")
@click.option("--period", default="", help="只查一个期间，如 2024H1")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def check(source: Path, county: str, period: str, as_json: bool) -> None:
    """Read and check a source."""
    from xuncha_nb.inspection import inspect
    from xuncha_nb.verdicts import errors

    verdicts = inspect(source, county, period)
    if as_json:
        click.echo(json.dumps([v.to_json() for v in verdicts], ensure_ascii=False, indent=1))
    else:
        _tell(verdicts)
    if errors(verdicts):
        sys.exit(1)


def _tell(verdicts: tuple[Verdict, ...]) -> None:
    from xuncha_nb.verdicts import SEVERITY_NAMES

    for verdict in verdicts:
        click.echo(f"{SEVERITY_NAMES[verdict.severity]}：{verdict.line}")
    counts = "，".join(
        f"{name}{sum(v.severity == severity for v in verdicts)}处"
        for severity, name in SEVERITY_NAMES.items()
    )
    click.echo(f"校验完毕：{counts}。")


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
    "--out", type=_PATH, default=Path("outputs"), show_default=True, help="输出文件夹"
)


@cli.command(help="按参数文件出报告，一个文件一份。")
@click.argument("parameters", type=_PATH, nargs=-1, required=True)
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
            _complain(error)
            code = max(code, error.exit_code)
        else:
            _remind(result.record["verdicts"])
            click.echo(f"已完成（{result.seconds:.1f}秒）：{_shown(result.folder)}")
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


def _shown(path: Path) -> str:
    from xuncha_nb.workspace import display_path

    return display_path(path)


@cli.command(help="按计划批量出报告，一县一份；一县失败不影响其他县；中断后再执行即继续。")
@click.argument("plan", type=_PATH)
@_OUT
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
    out: Path,
    workers: int | None,
    scheduler: str,
    force: bool,
    time_limit: float,
    memory_limit: int,
    quiet: bool,
) -> None:
    """Make one report per county of a plan."""
    from xuncha_nb.batch import Limits, console

    limits = Limits(time_limit, memory_limit)
    complain = lambda line: click.echo(line, err=True)  # noqa: E731
    sys.exit(
        console.run(
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
    )


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


@cli.command(help="列出全部指标：标识、名称、单位、口径。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.option("--markdown", "as_page", is_flag=True, help="输出 Markdown 页面")
def indicators(as_json: bool, as_page: bool) -> None:
    """Print the dictionary as built."""
    from xuncha_nb import dictionary

    if as_json and as_page:
        raise click.UsageError("--json 和 --markdown 只能选一个")
    if as_json:
        click.echo(json.dumps(dictionary.rows(), ensure_ascii=False, indent=1))
    elif as_page:
        click.echo(dictionary.markdown(), nl=False)
    else:
        click.echo("\n".join(dictionary.lines()))


@cli.command(help="查看、修改本县本期数字的调整；不带选项就列出现有的调整和待确认的。")
@click.argument("parameters", type=_PATH)
@click.option("--notebook", default="", help="报告笔记本；不填则由参数文件名决定")
@click.option("--set", "change", default="", help="指标=数，如 cases_filed=62，须带 --reason")
@click.option("--reason", default="", help="改动的理由")
@click.option("--confirm", default="", help="来源数变了，仍用调整值：写指标")
@click.option("--drop", default="", help="删去一条调整：写指标")
@click.option("--undo", is_flag=True, help="撤销最近一次修改")
@click.option("--restore", type=click.IntRange(min=0), help="恢复到历史的第几次，0 是最初")
@click.option("--history", "past", is_flag=True, help="列出历史")
@click.option("--author", default="", help="填写人：科室或岗位，修改时必填")
def adjust(parameters: Path, notebook: str, **asked: Any) -> None:
    """Look at and change the adjustments of a county and period."""
    from xuncha_nb import bench, runner

    for line in bench.adjusted(parameters, notebook or runner.notebook_of(parameters), **asked):
        click.echo(line)


_PORT = click.option("--port", type=click.IntRange(0, 65535), default=0, help="端口；不填自动选")
_BROWSER = click.option("--browser/--no-browser", default=True, help="是否自动打开浏览器")


@cli.command(help="打开 JupyterLab（中文）：每种文件一张卡片，调整数字、改文字、导出。")
@_PORT
@_BROWSER
def lab(port: int, browser: bool) -> None:
    """Run JupyterLab on the workspace."""
    from xuncha_nb import servers

    sys.exit(servers.serve(servers.lab(port), _address, browser=browser))


@cli.command(help="打开不带代码的网页（Voila）：选县和期间，调整数字，导出。")
@click.argument("notebook", default="")
@_PORT
@_BROWSER
def app(notebook: str, port: int, browser: bool) -> None:
    """Run Voila on the workspace."""
    from xuncha_nb import servers

    sys.exit(servers.serve(servers.app(notebook, port), _address, browser=browser))


def _address(url: str) -> None:
    click.echo(f"在浏览器里打开：{url}")
    click.echo("只有本机能打开；用完在这里按 Ctrl+C 结束。")


def _complain(error: Exception) -> None:
    click.echo(f"错误：{error}", err=True)


def _usage(error: click.UsageError) -> str:
    """Say in Chinese what is wrong with a call."""
    match error:
        case click.NoSuchOption():
            return f"没有选项 {error.option_name}"
        case click.MissingParameter():
            name = error.param.human_readable_name if error.param is not None else ""
            return f"缺少参数 {name}"
        case click.BadParameter():
            name = error.param.human_readable_name if error.param is not None else ""
            return f"参数 {name} 的值不对（{error.message}）"
        case _ if error.message.startswith("No such command"):
            return f"没有命令 {error.message.split(maxsplit=3)[-1].split('.')[0]}"
        case _:
            return error.format_message()


def main() -> None:
    """Run the command line; user errors become one clear line, bugs keep their traceback."""
    from xuncha_nb.errors import XunchaError

    try:
        cli.main(standalone_mode=False)
    except XunchaError as error:
        _complain(error)
        sys.exit(error.exit_code)
    except click.UsageError as error:
        click.echo(f"用法有误：{_usage(error)}", err=True)
        if error.ctx is not None:
            click.echo(f"查看用法：{error.ctx.command_path} --help", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("已中断。", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
