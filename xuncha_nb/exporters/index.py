"""The index page of a batch: every county with its state, key figures and links."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from xuncha_nb.exporters import embedding

_FOLDER: Final = Path(__file__).parent / "templates"
_NAME: Final = "index.html.j2"


@dataclass(frozen=True)
class Row:
    """One county of the index.

    Attributes
    ----------
    code, county : str
    reasons : tuple of str
        Why there is no report, one line each; empty when there is one.
    warnings : int
        Warnings of the check.
    values : tuple of str
        Printed key figures, in the order of the page's labels.
    links : tuple of (str, str)
        What to call a report, and its file in the county's folder.
    """

    code: str
    county: str
    reasons: tuple[str, ...] = ()
    warnings: int = 0
    values: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


def page(title: str, labels: Sequence[str], rows: Sequence[Row]) -> str:
    """Return the page: one file that loads nothing and needs no script."""
    done = sum(not row.reasons for row in rows)
    said = [title, *labels, *(text for row in rows for text in (row.county, *row.reasons))]
    said += [text for row in rows for text in (*row.values, *(name for name, _ in row.links))]
    own = (_FOLDER / _NAME).read_text("utf-8")
    faces = Markup(embedding.font_faces("".join(said) + own))  # noqa: S704 - our own rules
    return _template().render(title=title, labels=labels, rows=rows, done=done, faces=faces)


@functools.cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template(_NAME)
