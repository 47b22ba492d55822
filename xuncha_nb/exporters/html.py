"""``xuncha-html``: the report as one web page that loads nothing and runs only its own script."""

from __future__ import annotations

import contextlib
import functools
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from jinja2 import Template
from markupsafe import Markup
from traitlets import default

from xuncha_nb.document import Annex, Chart, Document, Heading, Paragraph, Table
from xuncha_nb.exporters import embedding, headline, layout, svg, titles, webpage
from xuncha_nb.exporters.base import DocumentExporter
from xuncha_nb.exporters.explained import Explained
from xuncha_nb.exporters.marking import Marking
from xuncha_nb.exporters.policy import policy
from xuncha_nb.periods import full_date

_CONTENTS_LEVELS: Final = 2
_DATA_FIGURE: Final = re.compile(r'data-figure="([^"]*)"')


class XunchaHTMLExporter(DocumentExporter):
    """Exports an executed report notebook as a single HTML file without its code."""

    output_mimetype = "text/html"
    export_from_notebook = "公文网页（xuncha）"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def render(self, content: Document) -> str:
        """Return the page."""
        title = content.title
        explained = Explained(content)
        marking = Marking(explained)
        pieces = list(_pieces(content, explained))
        notes = list(explained.notes.values())
        keys = list(headline.keys(content.record, explained))
        origin = _origin(content.record)
        about = _about(content.record)
        remark = headline.remark(keys, explained.base_name)
        said = [*about, origin, remark, *(t for k in keys for t in (k.name, k.text, k.unit))]
        said += [text for n in notes for text in (n.name, *(t for line in n.lines for t in line))]
        style = Markup(  # noqa: S704 - our own rules, and fonts in base64
            webpage.style("page")
            + "".join(_sizes(pieces))
            + embedding.font_faces(_characters(content) + "".join(said), _title_characters(content))
        )
        return _template().render(
            title=title,
            name=layout.clean(title.title),
            lines=titles.lines(title.title),
            addressee=layout.addressee(title),
            signature=layout.signed(title),
            entries=list(_entries(pieces)),
            pieces=pieces,
            figure=marking.figure,
            show=marking.runs,
            rows=marking.rows,
            explain=marking.notes,
            notes=notes,
            keys=keys,
            keys_note=remark,
            base_name=explained.base_name,
            about=about,
            origin=origin,
            style=style,
            script=webpage.script("page"),
            policy=policy([style], [webpage.script("page")]),
        )


def preload() -> None:
    """Compile the page's template, which takes longer than filling it."""
    _template()
    webpage.style("page")
    webpage.script("page")


def _characters(content: Document) -> str:
    """Return every character the page can show, those of the page's own words included."""
    blocks = (content.title, *content.blocks)
    own = webpage.source("page") + webpage.script("page") + webpage.style("page")
    return own + "".join(text for block in blocks for text in layout.texts(block))


def _title_characters(content: Document) -> str:
    """Return the characters set in the title's face."""
    annexes = (b.title for b in content.blocks if isinstance(b, Annex))
    return "".join((content.title.title, *annexes))


def _about(record: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return what stands under the title: cut-off date and edition."""
    said = record or {}
    parts = []
    with contextlib.suppress(ValueError):  # a record without a date says nothing of one
        parts.append(f"数据截至{full_date(date.fromisoformat(str(said.get('cutoff'))))}")
    parts += [f"{said['edition']}版"] if said.get("edition") else []
    return tuple(layout.clean(part) for part in parts)


def _origin(record: Mapping[str, Any] | None) -> str:
    """Return the line on the source file and its fingerprint."""
    source = (record or {}).get("source")
    if not isinstance(source, Mapping) or not source.get("name"):
        return ""
    return layout.clean(f"数据来源：{source['name']}（SHA-256：{str(source.get('sha256'))[:16]}…）")


@dataclass(frozen=True)
class Entry:
    """A line of the contents list."""

    anchor: str
    level: int
    text: str


@dataclass(frozen=True)
class Line:
    """A figure of a chart as the table under it has it."""

    id: str
    name: str
    unit: str
    text: str
    base: str


@dataclass(frozen=True)
class Piece:
    """One thing to print: its kind, its item, and what the template needs besides."""

    kind: str
    item: layout.Item
    anchor: str = ""
    level: int = 0
    drawing: str = ""
    landscape: bool = False
    data: tuple[Line, ...] = ()


def _pieces(content: Document, explained: Explained) -> Iterator[Piece]:
    outline = {id(content.blocks[place]): n for place, n in layout.outline(content).items()}
    place = 0
    for section in layout.sections(content):
        for item in section.items:
            place += 1
            match item:
                case Heading() | Annex():
                    kind = "heading" if isinstance(item, Heading) else "annex"
                    # h1 is the title, so that outlines start with one thing at the top.
                    level = outline[id(item)] + 1
                    yield Piece(kind, item, f"s{place}", level, landscape=section.landscape)
                case Paragraph():
                    yield Piece("paragraph", item)
                case Table():
                    yield Piece("table", item, f"s{place}")
                case Chart():
                    drawing = _drawing(item, f"c{place}-", explained)
                    data = tuple(_data(item, explained))
                    yield Piece("chart", item, f"s{place}", drawing=drawing, data=data)
                case layout.AnnexNote():
                    yield Piece("annex_note", item)
                case layout.Signature():
                    yield Piece("signature", item)


def _drawing(chart: Chart, prefix: str, explained: Explained) -> Markup:
    """Return a chart's drawing, its numbers tied to their explanations."""

    def tied(match: re.Match[str]) -> str:
        note = explained.note(html.unescape(match[1]))
        return f'data-note="{note.anchor}"' if note else ""

    # Cleaned to drawing elements only, so it may stand in the page as it is.
    cleaned = svg.clean(chart.svg, prefix, inline=True)
    return Markup(_DATA_FIGURE.sub(tied, cleaned))  # noqa: S704


def _data(chart: Chart, explained: Explained) -> Iterator[Line]:
    for id in dict.fromkeys(chart.figures):
        figure = explained.figures.get(id)
        note = explained.note(id)
        if figure is None or note is None or not figure.get("text"):
            continue
        unit = str(figure.get("unit") or "")
        name = note.name.replace(f"（{unit}）", "", 1)
        base = str(figure["base"]) if figure.get("base") is not None else ""
        yield Line(id, name, unit, str(figure.get("text") or ""), base)


def _entries(pieces: Sequence[Piece]) -> Iterator[Entry]:
    for piece in pieces:
        if piece.kind not in {"heading", "annex"} or piece.level - 1 > _CONTENTS_LEVELS:
            continue
        item = piece.item
        if isinstance(item, Heading):
            text = item.number + layout.plain(item.runs)
        else:
            assert isinstance(item, Annex)
            text = f"{item.number}{layout.FULL_SPACE}{layout.clean(item.title)}"
        yield Entry(piece.anchor, piece.level - 1, text)


def _sizes(pieces: Sequence[Piece]) -> Iterator[str]:
    """Yield rules for widths: a strict policy refuses style attributes."""
    for piece in pieces:
        if isinstance(piece.item, Table):
            whole = sum(column.width for column in piece.item.columns)
            for n, column in enumerate(piece.item.columns, 1):
                share = f"{100 * column.width / whole:.2f}%"
                yield f"#{piece.anchor} col:nth-child({n}) {{ width: {share}; }}\n"
        elif isinstance(piece.item, Chart):
            yield f"#{piece.anchor} .drawing {{ max-width: {piece.item.width_mm:g}mm; }}\n"


@functools.cache
def _template() -> Template:
    environment = webpage.environment()
    environment.globals.update(
        caption=layout.caption,
        note=layout.note,
        annex_lines=layout.annex_lines,
        title_lines=titles.lines,
        title_words=titles.words,
    )
    return environment.get_template("page.html.j2")
