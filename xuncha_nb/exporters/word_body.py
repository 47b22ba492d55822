"""The body of the Word file: paragraphs in styles, real captions, the list of figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from xuncha_nb.document import Annex, Chart, Document, Heading, Paragraph, Table
from xuncha_nb.exporters import (
    heights,
    layout,
    signing,
    titles,
    word_pages,
    word_pictures,
    word_tables,
)
from xuncha_nb.exporters.word_xml import (
    FIELD_END,
    TAB,
    TWIPS_PER_MM,
    TWIPS_PER_PT,
    Xml,
    bookmark,
    field,
    field_start,
    lines,
    paragraph,
    part,
    run,
    runs,
    tag,
)
from xuncha_nb.paper import PaperLayout

_CHARACTER: Final = layout.TYPE_WIDTH_MM / layout.CHARACTERS * TWIPS_PER_MM
_LANDSCAPE_TITLE_ROOM: Final = 28.0
_TITLE_ROOM: Final = 20.0
_KEPT: Final = Xml("<w:keepNext/>")
_NO_WIDOW: Final = Xml("<w:widowControl/>")
_NO_BREAK: Final = tag("pageBreakBefore", val=0)
#: What captions count by: the two kinds have numbers and lists of their own.
_KINDS: Final = {Chart: "图", Table: "表"}

Pages = Mapping[str, int]


def document(
    content: Document, options: PaperLayout, sections: Sequence[layout.Section], pages: Pages
) -> bytes:
    """Return the document's part.

    Parameters
    ----------
    content : Document
    options : PaperLayout
    sections : sequence of Section
        The document's items as they are printed (:func:`placement.sections`).
    pages : mapping of str to int
        Number of a table or chart (图1) → the page it stands on, for the list of figures.
    """
    writer = _Writer(options)
    title = content.title
    made = [paragraph("Title", lines(titles.lines(title.title)))]
    if name := layout.addressee(title):
        made.append(paragraph("Addressee", run(name)))
    listed = layout.has_contents(content, options)
    for place, section in enumerate(sections):
        last = place == len(sections) - 1 and not (section.landscape and listed)
        items = list(writer.section(section, new=place > 0))
        if place == 0:
            items = made + items
        if last and listed:
            items += contents(content, pages)
        own = word_pages.section(options, landscape=section.landscape)
        made = items if place == 0 else made + items
        if last:
            made.append(own)
        else:
            made[-1:] = _ended(made[-1], own)
    if listed and sections and sections[-1].landscape:
        made += [*contents(content, pages, new=False), word_pages.section(options, landscape=False)]
    if not sections:
        made.append(word_pages.section(options, landscape=False))
    return part("document", tag("body", *made))


def _ended(last: Xml, section: Xml) -> list[Xml]:
    """Let the last paragraph of a section end it; an empty one would cost a line."""
    if last.startswith("<w:p>"):
        return [Xml(last.replace("</w:pPr>", f"{section}</w:pPr>", 1))]
    return [last, paragraph("SectionEnd", Xml(""), section)]


class _Writer:
    """Writes items one after the other; charts and captions are counted through the document."""

    def __init__(self, options: PaperLayout) -> None:
        self.options = options
        self.charts = 0
        self.captions = 0

    def section(self, section: layout.Section, *, new: bool) -> Iterator[Xml]:
        """Give the paragraphs and tables of a section."""
        room = layout.TYPE_HEIGHT_MM if section.landscape else layout.TYPE_WIDTH_MM
        items = section.items
        for place, item in enumerate(items):
            after = items[place + 1] if place + 1 < len(items) else None
            # The end of the body stays on the page of the signature, which never stands alone.
            kept = isinstance(after, layout.SIGNING)
            stand = section.stands[place] if place < len(section.stands) else layout.Stand()
            yield from self._item(item, room, stand, kept=kept, first=new and place == 0)

    def _item(
        self, item: layout.Item, room: float, stand: layout.Stand, *, kept: bool, first: bool
    ) -> Iterator[Xml]:
        match item:
            case Heading():
                yield paragraph(f"Heading{item.level}", Xml(run(item.number) + runs(item.runs)))
            case Paragraph():
                # LibreOffice tears no paragraph that is kept with the next; of one that goes over
                # to the page of the signature two lines or more are there without that.
                stays = () if not kept else (_NO_WIDOW,) if stand.torn else (_KEPT, _NO_WIDOW)
                yield paragraph("BodyText", runs(item.runs), *stays)
            case Table():
                yield from self._table(item, room, stand, kept=kept)
            case Chart():
                yield from self._chart(item, room, stand, kept=kept)
            case Annex():
                wide = room > layout.TYPE_WIDTH_MM
                # An annex that starts a section is on a new page already.
                fresh = (_NO_BREAK,) if first else ()
                yield paragraph("AnnexLabel", run(item.number), *fresh)
                broken = titles.lines(item.title, _LANDSCAPE_TITLE_ROOM if wide else _TITLE_ROOM)
                yield paragraph("AnnexTitle", lines(broken))
            case layout.AnnexNote():
                yield from _annex_note(item)
            case layout.Signature():
                yield from _signature(item, sealed=self.options.signature == "sealed")

    def _table(self, item: Table, room: float, stand: layout.Stand, *, kept: bool) -> Iterator[Xml]:
        above, below = heights.spare(item, room, self.options.pitch_pt, stand)
        yield paragraph("TableCaption", self._caption(item), _spacing(before=above))
        note = layout.note(item)
        # The note stays with the last row, and all of it with what signs the body.
        yield word_tables.table(item, room, kept=kept or bool(note))
        stays = (_KEPT,) if kept else ()
        if note:
            yield paragraph("Note", run(note), *stays, _spacing(after=below))
        else:
            yield paragraph("TableEnd", Xml(""), *stays, _line(below))

    def _chart(self, item: Chart, room: float, stand: layout.Stand, *, kept: bool) -> Iterator[Xml]:
        self.charts += 1
        above, below = heights.spare(item, room, self.options.pitch_pt, stand)
        picture = word_pictures.drawing(item, self.charts, room)
        stays = (_KEPT,) if kept else ()
        yield paragraph("Figure", picture, _spacing(before=above))
        if note := layout.note(item):
            yield paragraph("ImageCaption", self._caption(item), _KEPT, _spacing(after=0))
            yield paragraph("Note", run(note), *stays, _spacing(after=below))
        else:
            yield paragraph("ImageCaption", self._caption(item), *stays, _spacing(after=below))

    def _caption(self, item: Table | Chart) -> Xml:
        """Return a caption that counts itself, with a mark that the list refers to."""
        self.captions += 1
        number = item.number.removeprefix(_KINDS[type(item)])
        text = run(layout.caption(item).removeprefix(item.number))
        if number:  # a document that was never put together has none
            kind = _KINDS[type(item)]
            text = Xml(run(kind) + field(f"SEQ {kind} \\* ARABIC", number) + text)
        return bookmark(self.captions, _mark(item), text)


def contents(content: Document, pages: Pages, *, new: bool = True) -> list[Xml]:
    """Return the list of figures and of tables: fields with their results filled in."""
    fresh = () if new else (_NO_BREAK,)
    made = [paragraph("ContentsTitle", run(layout.CONTENTS_TITLE), *fresh)]
    captioned = [block for block in content.blocks if isinstance(block, Table | Chart)]
    for family, kind in _KINDS.items():
        items = [item for item in captioned if isinstance(item, family)]
        for place, item in enumerate(items):
            start = field_start(f'TOC \\h \\z \\c "{kind}"') if place == 0 else Xml("")
            end = FIELD_END if place == len(items) - 1 else Xml("")
            page = field(f"PAGEREF {_mark(item)} \\h", str(pages.get(item.number, 1)))
            entry = Xml(
                f'<w:hyperlink w:anchor="{_mark(item)}" w:history="1">'
                f"{run(layout.caption(item))}{TAB}{page}</w:hyperlink>"
            )
            made.append(paragraph("TableofFigures", Xml(start + entry + end)))
    return made


def _mark(item: Table | Chart) -> str:
    """Return the name of a caption's bookmark; Word hides those that begin like this."""
    letter = "F" if isinstance(item, Chart) else "T"
    return f"_Toc{letter}{item.number[1:]}"


def _annex_note(item: layout.AnnexNote) -> Iterator[Xml]:
    noted = layout.annex_lines(item)
    numbered = "Numbered" if noted[0][0] else ""
    for place, (number, name) in enumerate(noted):
        label = "附件：" if place == 0 else ""
        style = f"{numbered}AnnexNote" if place == 0 else "NextAnnexNote"
        yield paragraph(style, run(f"{label}{number}{' ' if number else ''}{name}"))


def _signature(item: layout.Signature, *, sealed: bool) -> Iterator[Xml]:
    indents = signing.indents(item, sealed=sealed)
    texts = (("Office", signing.lines(item)), ("SignatureDate", (item.date,) if item.date else ()))
    for (style, text), indent in zip(texts, indents, strict=True):
        if text:
            side = tag("ind", rightChars=round(indent * 100), right=round(indent * _CHARACTER))
            yield paragraph(style, lines(text), side)


def _spacing(**points: float) -> Xml:
    return tag("spacing", **{side: round(pt * TWIPS_PER_PT) for side, pt in points.items()})


def _line(points: float) -> Xml:
    return tag("spacing", line=max(20, round(points * TWIPS_PER_PT)), lineRule="exact")
