"""Every character is checked against the fonts before anything is laid out."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from xuncha_nb import fonts, glyphs
from xuncha_nb.document import Annex, Block, Chart, Document, Heading, Paragraph, Table, Title
from xuncha_nb.exporters import layout, svg
from xuncha_nb.exporters.kept import kept
from xuncha_nb.paper import PaperLayout

_HEADING_ROLES: Final[tuple[fonts.Role, ...]] = ("hei", "kai", "fangsong", "fangsong")
#: Charts are drawn in the open font alone, whatever the machine has.
_CHART_FAMILIES: Final = (fonts.SANS,)


class Text(NamedTuple):
    """One text of the document: where it stands, what it is set in, what it says.

    ``parts`` gives the same text in smaller pieces, for saying where a character stands.
    """

    place: str
    role: fonts.Role | None
    text: str
    parts: Callable[[], Iterable[Text]] | None = None


Printed = Mapping[fonts.Role | None, set[str]]


def check_glyphs(content: Document, options: PaperLayout) -> Printed:
    """Make sure every character of the document can be shown.

    Returns
    -------
    mapping of str to set of str
        The characters that each role prints; those inside charts under None.

    Raises
    ------
    FontError
        Naming the character, the fonts, and where it stands.
    """
    found = printed(content)
    # Where each text stands is worked out only when there is something to say of it.
    if any(glyphs.missing("".join(found[r]), _families(r, options)) for r in found):
        for whole in texts(content):
            for text in whole.parts() if whole.parts else (whole,):
                glyphs.check(text.text, _families(text.role, options), text.place)
    return found


@kept
def printed(content: Document) -> dict[fonts.Role | None, set[str]]:
    """Return the characters that each role prints; those inside charts under None."""
    found: defaultdict[fonts.Role | None, set[str]] = defaultdict(set)
    for text in texts(content):
        found[text.role].update(text.text)
    return dict(found)


def filled_in(content: Document, options: PaperLayout) -> dict[str, str]:
    """Return character → family for what the first family of its role has no glyph for."""
    characters: dict[tuple[str, ...], set[str]] = {}
    for role, own in printed(content).items():
        characters.setdefault(_families(role, options), set()).update(own)
    found: dict[str, str] = {}
    for families, used in characters.items():
        found |= glyphs.filled_in(sorted(used), families)
    return found


def _families(role: fonts.Role | None, options: PaperLayout) -> tuple[str, ...]:
    return _CHART_FAMILIES if role is None else options.families(role)


def texts(content: Document) -> Iterator[Text]:
    """Give every text that is printed, with a reader's name for its place."""
    title = content.title
    yield Text("标题", "song_title", layout.clean(title.title))
    yield Text("主送机关", "fangsong", layout.addressee(title))
    heading, paragraphs = "", 0
    for block in content.blocks:
        if isinstance(block, Paragraph):
            paragraphs += 1
        elif isinstance(block, Heading | Annex):
            heading, paragraphs = _name(block), 0
        yield from _texts(block, f"{heading}第{paragraphs}段" if heading else f"第{paragraphs}段")
    yield Text("署名", "fangsong", layout.clean(title.office))


def _name(block: Heading | Annex) -> str:
    text = layout.plain(block.runs) if isinstance(block, Heading) else layout.clean(block.title)
    return f"“{block.number}{text}”"


def _texts(block: Block, paragraph: str) -> Iterator[Text]:
    match block:
        case Title():
            return
        case Paragraph():
            yield Text(paragraph, "fangsong", layout.plain(block.runs))
        case Heading():
            role = _HEADING_ROLES[block.level - 1]
            yield Text("小标题", role, block.number + layout.plain(block.runs))
        case Annex():
            yield Text(f"{block.number}标题", "song_title", layout.clean(block.title))
        case Table():
            yield Text(f"{block.number}名称", "hei", layout.caption(block))
            for number, column in enumerate(block.columns, 1):
                yield Text(f"{block.number}表头第{number}列", "hei", layout.clean(column.header))
            said = layout.clean("".join(cell.text for row in block.rows for cell in row))
            yield Text(block.number, "song", said, functools.partial(_cells, block))
            yield Text(f"{block.number}的注", "song", layout.note(block))
        case Chart():
            yield Text(f"{block.number}名称", "hei", layout.caption(block))
            for text in svg.texts(block.svg):
                yield Text(f"{block.number}里", None, text)
            yield Text(f"{block.number}的注", "song", layout.note(block))


def _cells(table: Table) -> Iterator[Text]:
    for place, cell in table.placed():
        yield Text(f"{table.number}{place}", "song", layout.clean(cell.text))
