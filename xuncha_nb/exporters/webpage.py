"""What our web pages are made of: templates, styles and scripts, each read once."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from xuncha_nb.exporters import layout

#: ``page``: a report. ``index``: the counties of a batch.
Page = Literal["page", "index"]
_FOLDER: Final = Path(__file__).parent / "templates"


def source(page: Page) -> str:
    """Return the text of a page's template."""
    return (_FOLDER / f"{page}.html.j2").read_text("utf-8")


@functools.cache
def style(page: Page) -> str:
    """Return a page's rules, behind those that all pages share."""
    return "".join((_FOLDER / name).read_text("utf-8") for name in ("shared.css", f"{page}.css"))


@functools.cache
def script(page: Page) -> Markup:
    """Return a page's script, behind the sorting of tables."""
    names = ("sorting.js", f"{page}.js")
    return Markup("".join((_FOLDER / name).read_text("utf-8") for name in names))  # noqa: S704


def environment() -> Environment:
    """Return an environment for our templates: everything put into them is escaped."""
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["clean"] = layout.clean
    return made
