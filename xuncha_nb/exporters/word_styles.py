"""The look of the Word file: styles, fonts and settings, by what the office has chosen."""

from __future__ import annotations

import functools
import string
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

from xuncha_nb import fonts
from xuncha_nb.exporters.embedding import Face
from xuncha_nb.exporters.word_xml import DECLARATION, NAMESPACES
from xuncha_nb.paper import PaperLayout

_FOLDER: Final = Path(__file__).parent / "templates" / "word"
#: Roles of the layout, and the open face whose subset stands in for each.
FACES: Final[dict[fonts.Role, Face]] = {
    "fangsong": "serif",
    "kai": "serif",
    "song": "serif",
    "song_title": "serif",
    "hei": "sans",
}
#: What Word and WPS take when the standard's font is not installed (w:altName).
_ALTERNATIVES: Final = {
    "仿宋_GB2312": "仿宋",
    "楷体_GB2312": "楷体",
    "黑体": "SimHei",
    "宋体": "SimSun",
    "方正小标宋简体": "华文中宋",
}
# Faces that digits and letters are set in with the office's Latin font.
_WITH_LATIN: Final = ("fangsong", "kai", "song")
# The largest type makes its line a little higher than the grid's; without this the page would
# end a line early.
_TITLE_EXCESS: Final = 40
_BOLD: Final = "<w:b/><w:bCs/>"


def styles(options: PaperLayout) -> bytes:
    """Return the styles: the one place where the look of the Word file is changed."""
    return _styles(options)


@functools.lru_cache(maxsize=8)
def _styles(options: PaperLayout) -> bytes:
    words: dict[str, object] = {role: _faces(role, options) for role in FACES}
    bold = {
        f"bold{level}": _BOLD if level in options.bold_headings else "" for level in range(1, 5)
    }
    template = string.Template((_FOLDER / "styles.xml").read_text("utf-8"))
    below_title = options.pitch_twips - _TITLE_EXCESS
    sizes = {"pitch": options.pitch_twips, "below_title": below_title}
    return template.substitute({**words, **bold, **sizes}).encode()


def settings() -> bytes:
    """Return the settings, which are the same for every document."""
    return (_FOLDER / "settings.xml").read_bytes()


def families(options: PaperLayout) -> dict[str, Face]:
    """Return the families that the file names, and the open face that stands in for each."""
    named: dict[str, Face] = {options.wanted(role): face for role, face in FACES.items()}
    if options.digits == "times":
        named.setdefault(fonts.STANDARD["latin"], "serif")
    return named


def font_table(options: PaperLayout, embedded: dict[str, str]) -> bytes:
    """Return the table of fonts.

    Parameters
    ----------
    options : PaperLayout
    embedded : dict
        Family → the element that refers to its embedded subset.
    """
    entries = []
    for name in families(options):
        other = _ALTERNATIVES.get(name, "")
        alternative = f"<w:altName w:val={quoteattr(other)}/>" if other else ""
        latin = name == fonts.STANDARD["latin"]
        entries.append(
            f"<w:font w:name={quoteattr(name)}>{alternative}"
            f'<w:charset w:val="{"00" if latin else "86"}"/>'
            f'<w:family w:val="{"roman" if latin else "auto"}"/><w:pitch w:val="default"/>'
            f"{embedded.get(name, '')}</w:font>"
        )
    names = "".join(f' xmlns:{p}="{NAMESPACES[p]}"' for p in ("w", "r"))
    return f"{DECLARATION}<w:fonts{names}>{''.join(entries)}</w:fonts>".encode()


def _faces(role: fonts.Role, options: PaperLayout) -> str:
    """Return the element that names a family for all four kinds of characters."""
    own = options.wanted(role)
    latin = own
    if options.digits == "times" and role in _WITH_LATIN:
        latin = fonts.STANDARD["latin"]
    return (
        f"<w:rFonts w:ascii={quoteattr(latin)} w:hAnsi={quoteattr(latin)} "
        f"w:eastAsia={quoteattr(own)} w:cs={quoteattr(own)}/>"
    )
