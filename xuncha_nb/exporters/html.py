"""``xuncha-html``: the report as one web page that loads nothing and runs nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from traitlets import default

from xuncha_nb.document import Annex, Chart, Document, Heading, Paragraph, Table
from xuncha_nb.exporters import embedding, layout, svg, titles
from xuncha_nb.exporters.base import DocumentExporter

_FOLDER: Final = Path(__file__).parent / "templates"
_CONTENTS_LEVELS: Final = 2


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
        return _template().render(
            title=title,
            name=layout.clean(title.title),
            lines=titles.lines(title.title),
            addressee=layout.addressee(title),
            signature=layout.signed(title),
            entries=list(_entries(content)),
            pieces=list(_pieces(content)),
            hints=_hints(content.record),
            style=_style() + Markup(embedding.font_faces(_characters(content))),  # noqa: S704
        )


def preload() -> None:
    """Compile the page's template, which takes longer than filling it."""
    _template()
    _style()


def _characters(content: Document) -> str:
    """Return every character the page can show, those of the page's own words included."""
    blocks = (content.title, *content.blocks)
    own = _style() + (_FOLDER / "page.html.j2").read_text("utf-8")
    return own + "".join(text for block in blocks for text in layout.texts(block))


@dataclass(frozen=True)
class Entry:
    """A line of the contents list."""

    anchor: str
    level: int
    text: str


@dataclass(frozen=True)
class Piece:
    """One thing to print: its kind, its item, and what the template needs besides."""

    kind: str
    item: layout.Item
    anchor: str = ""
    level: int = 0
    drawing: str = ""


def _pieces(content: Document) -> Iterator[Piece]:
    outline = {id(content.blocks[place]): n for place, n in layout.outline(content).items()}
    place = 0
    for section in layout.sections(content):
        for item in section.items:
            place += 1
            match item:
                case Heading() | Annex():
                    kind = "heading" if isinstance(item, Heading) else "annex"
                    # h1 is the title, so that outlines start with one thing at the top.
                    yield Piece(kind, item, f"s{place}", outline[id(item)] + 1)
                case Paragraph():
                    yield Piece("paragraph", item)
                case Table():
                    yield Piece("table", item, f"s{place}")
                case Chart():
                    # Cleaned to drawing elements only, so it may stand in the page as it is.
                    drawing = svg.clean(item.svg, f"c{place}-", inline=True)
                    yield Piece("chart", item, f"s{place}", drawing=Markup(drawing))  # noqa: S704
                case layout.AnnexNote():
                    yield Piece("annex_note", item)
                case layout.Signature():
                    yield Piece("signature", item)


def _entries(content: Document) -> Iterator[Entry]:
    for piece in _pieces_of_contents(content):
        item = piece.item
        if isinstance(item, Heading):
            text = item.number + layout.plain(item.runs)
        else:
            assert isinstance(item, Annex)
            text = f"{item.number}{layout.FULL_SPACE}{layout.clean(item.title)}"
        yield Entry(piece.anchor, piece.level - 1, text)


def _pieces_of_contents(content: Document) -> Iterator[Piece]:
    for piece in _pieces(content):
        if piece.kind in {"heading", "annex"} and piece.level - 1 <= _CONTENTS_LEVELS:
            yield piece


def _hints(record: Mapping[str, Any] | None) -> dict[str, str]:
    """Return figure → what it is, as a tooltip; tolerant of records without or with less."""
    figures = (record or {}).get("figures")
    found: dict[str, str] = {}
    for figure in figures if isinstance(figures, list) else []:
        if not isinstance(figure, Mapping) or not isinstance(figure.get("id"), str):
            continue
        label = str(figure.get("label") or figure["id"])
        unit = figure.get("unit")
        parts = [f"{label}（{unit}）" if unit else label]
        parts += [str(figure["definition"])] if figure.get("definition") else []
        source = figure.get("source")
        parts += [f"来源：{source}"] if isinstance(source, str) and source else []
        found[figure["id"]] = layout.clean("；".join(parts))
    return found


@functools.cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = layout.clean
    environment.globals.update(
        caption=layout.caption,
        note=layout.note,
        annex_lines=layout.annex_lines,
        is_number=layout.is_number,
        title_lines=titles.lines,
        title_words=titles.words,
    )
    return environment.get_template("page.html.j2")


@functools.cache
def _style() -> Markup:
    return Markup((_FOLDER / "page.css").read_text("utf-8"))  # noqa: S704 - our own file
