"""Commands for adjusting figures: ``adjust``, ``lab`` and ``app``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from xuncha_nb.cli.group import PATH, cli


@cli.command(help="查看、修改本县本期数字的调整；不带选项就列出现有的调整和待确认的。")
@click.argument("parameters", type=PATH)
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
