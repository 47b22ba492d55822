"""The command group, and what its commands share."""

from __future__ import annotations

from pathlib import Path

import click

PATH = click.Path(path_type=Path)


@click.group(help="巡察报告：从台账到半年总结，一条命令出网页、PDF 和 Word。")
@click.version_option(package_name="xuncha_nb", message="%(version)s")
def cli() -> None:
    """Group of all commands."""


def complain(error: Exception) -> None:
    """Say a user error in its one line."""
    click.echo(f"错误：{error}", err=True)


def shown(path: Path) -> str:
    """Return a path as a message prints it."""
    from xuncha_nb.workspace import display_path

    return display_path(path)
