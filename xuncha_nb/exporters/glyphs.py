"""Every character is checked against the fonts before anything is laid out."""

from __future__ import annotations

from xuncha_nb import fonts
from xuncha_nb.document import Chart, Document
from xuncha_nb.exporters import layout


def check_glyphs(content: Document) -> None:
    """Make sure every character of the document can be shown.

    Raises
    ------
    FontError
        Naming the character, the fonts, and where it stands.
    """
    for block in (content.title, *content.blocks):
        fonts.check(layout.texts(block), "hei" if isinstance(block, Chart) else "fangsong")
