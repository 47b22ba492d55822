"""The index page of a batch: every county with its state, key figures and links.

One file that loads nothing. Without its script it is a table; with it the table filters and
sorts. It is written for all 2,845 counties of the country: columns have widths of their own, so
that rows out of sight need not be laid out.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Template
from markupsafe import Markup

from xuncha_nb import areas
from xuncha_nb.exporters import embedding, layout, webpage
from xuncha_nb.exporters.policy import policy


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

    @property
    def place(self) -> str:
        """Province and city, which tell counties of one name apart; empty when unknown."""
        area = areas.find(self.code)
        if area is None:
            return ""
        return area.province + (area.city if area.city != area.province else "")

    @property
    def province(self) -> str:
        """The province; empty when the code is none of the country's."""
        area = areas.find(self.code)
        return "" if area is None else area.province

    @property
    def state(self) -> str:
        """What the filter calls the row: 失败, 提醒 or 完成."""
        return "失败" if self.reasons else "提醒" if self.warnings else "完成"


def page(title: str, labels: Sequence[str], rows: Sequence[Row]) -> str:
    """Return the page.

    Parameters
    ----------
    title : str
    labels : sequence of str
        Names of the key figures.
    rows : sequence of Row
    """
    done = sum(not row.reasons for row in rows)
    own = webpage.source("index") + webpage.script("index")
    text = own + title + "".join(labels) + "".join(_texts(rows))
    style = Markup(webpage.style("index") + _columns(len(labels)) + embedding.font_faces(text))  # noqa: S704 - our own rules
    return _template().render(
        title=layout.clean(title),
        labels=labels,
        rows=rows,
        done=done,
        warned=sum(row.state == "提醒" for row in rows),
        provinces=list(dict.fromkeys(row.province for row in rows if row.province)),
        style=style,
        script=webpage.script("index"),
        policy=policy([style], [webpage.script("index")]),
    )


def _columns(labels: int) -> str:
    """Return the rules of the columns: code, place, county, state, key figures, links."""
    numbers = f"repeat({labels}, minmax(5.5em, 1fr))"
    return (
        f"tr {{ grid-template-columns: 6em 12em 10em 9.5em {numbers} 11em; }}\n"
        f".reason {{ grid-column: span {labels + 1}; }}\n"
        # On a phone the code makes room; the county stays in sight.
        "@media screen and (max-width: 40rem) {\n"
        f"  tr {{ grid-template-columns: 8em 10em 9.5em {numbers} 11em; }}\n"
        "  thead th:first-child, td:first-child { display: none; }\n}\n"
    )


def _texts(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        yield from (row.county, row.place, *row.reasons, *row.values)
        yield from (name for name, _ in row.links)


@functools.cache
def _template() -> Template:
    return webpage.environment().get_template("index.html.j2")
