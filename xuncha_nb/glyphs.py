"""Which characters a font has: nothing is laid out that would come out as an empty box."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Container, Iterable

from xuncha_nb import fonts
from xuncha_nb.errors import FontError


@functools.cache
def covered(family: str) -> Container[int]:
    """Return the code points that a family on this machine has glyphs for."""
    import uharfbuzz

    path, number = fonts.files()[family]
    # fontTools gives the same and takes twenty times as long. HarfBuzz's set is bits, and stays
    # one: as Python's it takes 3 MB a family, which every county's process would copy parts of.
    found: Container[int] = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(path), number).unicodes
    return found


#: Families → characters they are known to show: a report repeats a few hundred of them.
_known: dict[tuple[str, ...], set[str]] = {}


def _shown(character: str, families: tuple[str, ...]) -> bool:
    # Format and control characters, spaces and variation selectors are not drawn.
    if unicodedata.category(character) in {"Cc", "Cf", "Zs", "Zl", "Zp"}:
        return True
    code = ord(character)
    if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return True
    # The open fonts stand last and have nearly everything: asked first, they answer at once.
    return any(code in covered(family) for family in reversed(families))


def missing(text: str, families: tuple[str, ...]) -> list[str]:
    """Return the characters of a text that none of the families can show, in order."""
    known = _known.setdefault(families, set())
    if known.issuperset(text):
        return []
    lost = [c for c in dict.fromkeys(text) if c not in known and not _shown(c, families)]
    known.update(set(text).difference(lost))
    return lost


def filled_in(text: Iterable[str], families: tuple[str, ...]) -> dict[str, str]:
    """Return character → family for the characters that the first family lacks.

    A licensed 仿宋_GB2312 lacks seven characters of county names; they then come from the next
    family that has them, and the log says so.
    """
    first = covered(families[0])
    found: dict[str, str] = {}
    for character in text:
        if ord(character) not in first and not character.isspace() and character.isprintable():
            owners = (f for f in families[1:] if ord(character) in covered(f))
            if (owner := next(owners, None)) is not None:
                found[character] = owner
    return found


def check(text: str, families: tuple[str, ...], place: str = "") -> None:
    """Make sure that every character can be shown, before anything is laid out.

    Parameters
    ----------
    text : str
        A text of the document.
    families : tuple of str
        The families it is set in, as :func:`xuncha_nb.fonts.available` gives them.
    place : str
        Where in the document it stands, for the message: 表2第3行“单位”.

    Raises
    ------
    FontError
        Naming the first character that cannot be shown, the fonts, the place and the text
        around it.
    """
    for character in missing(text, families):
        at = text.index(character)
        excerpt = " ".join(text[max(0, at - 8) : at + 9].split())
        where = f"{place}，" if place else ""
        raise FontError(
            f"字体：{where}“{excerpt}”中的“{character}”（U+{ord(character):04X}）"
            f"在 {'、'.join(families)} 里都没有字形，应为字体里有的字，"
            "请改用常用字或安装含有该字的字体后重新导出"
        )
