"""The command line: thin, lazy, in Chinese. Exit: 0 done, 1 errors found, 2 unreadable."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xuncha_nb.cli import desk as desk
from xuncha_nb.cli import reports as reports
from xuncha_nb.cli import trust as trust
from xuncha_nb.cli.group import PATH, cli, complain

if TYPE_CHECKING:
    from xuncha_nb.verdicts import Verdict


@cli.command(help="建立工作目录：笔记本、参数、空白台账、输出文件夹。")
@click.argument("directory", type=PATH)
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
@click.argument("file", type=PATH)
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
@click.argument("directory", type=PATH)
@click.option("--counties", type=click.IntRange(min=1), default=3, show_default=True, help="县数")
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子，相同则内容相同")
@click.option("--region", default="", help="某市或某省的全部县（区），代替 --counties")
def sample(directory: Path, counties: int, seed: int, region: str) -> None:
    """Write synthetic ledgers."""
    from xuncha_nb.sample import write_sample

    write_sample(directory, counties, seed, region)
    whose = f"{region}各" if region else f"{counties}个"
    click.echo(f"已生成{whose}县的样例；试一试：xuncha batch {directory.name}/plan.yaml")


@cli.command(
    help="校验数据（文件、文件夹、数据库地址），或核对报告；退出码 0 无误，1 有错误，2 不能读取。"
)
@click.argument("source")
@click.option("--county", default="", help="只查一个县（区）：代码或名称")
@click.option("--period", default="", help="只查一个期间，如 2024H1")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def check(source: str, county: str, period: str, as_json: bool) -> None:
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
    from xuncha_nb.optional import collect_seldom

    collect_seldom()
    try:
        cli.main(standalone_mode=False)
    except XunchaError as error:
        complain(error)
        sys.exit(error.exit_code)
    except click.UsageError as error:
        click.echo(f"用法有误：{_usage(error)}", err=True)
        if error.ctx is not None:
            click.echo(f"查看用法：{error.ctx.command_path} --help", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("已中断。", err=True)
        sys.exit(130)
    except Exception:
        import traceback

        from xuncha_nb.partial import without_folders
        from xuncha_nb.personal import masked

        # A mistake of ours: whoever mends it needs the traceback, but not this machine's data.
        click.echo(masked(without_folders(traceback.format_exc())), err=True, nl=False)
        sys.exit(1)
