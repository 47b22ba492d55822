"""Commands for whoever answers for the reports: ``verify`` and ``clean``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from xuncha_nb.cli.group import PATH, cli, shown


@cli.command(help="核对报告与清单、输入与当时是否一致；退出码 0 一致，1 有不同，2 不能读取。")
@click.argument("folders", type=PATH, nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def verify(folders: tuple[Path, ...], as_json: bool) -> None:
    """Verify reports by their manifests."""
    from xuncha_nb.verification import verify as verified

    checked = list(verified(folders))
    if as_json:
        click.echo(json.dumps([c.to_json() for c in checked], ensure_ascii=False, indent=1))
    else:
        for one in checked:
            for line in one.lines:
                click.echo(line)
        counts = [sum(c.code == code for c in checked) for code in (0, 1, 2)]
        click.echo("核对{}份：一致{}份，有不同{}份，不能核对{}份。".format(len(checked), *counts))
    sys.exit(max(c.code for c in checked))


@cli.command(
    help="清理工作目录：报告、检查点、草稿、临时文件、服务器设置；不动数据、参数、调整和笔记本。"
)
@click.argument("directory", type=PATH, default=Path())
@click.option("--dry-run", is_flag=True, help="只列出，不删除")
@click.option("--yes", is_flag=True, help="不再询问")
def clean(directory: Path, dry_run: bool, yes: bool) -> None:
    """Remove what the program made in a workspace."""
    from xuncha_nb import cleaning

    root = cleaning.workspace_of(directory)
    items = cleaning.found(root)
    if not items:
        click.echo("没有可以清理的。")
        return
    for item in items:
        click.echo(f"{item.kind}：{shown(item.path)}")
    click.echo(f"共{len(items)}项。")
    if dry_run:
        return
    if not yes and not click.confirm("删除以上各项吗"):
        click.echo("没有删除。")
        sys.exit(1)
    cleaning.remove(root, items)
    click.echo(f"已清理{len(items)}项。")
