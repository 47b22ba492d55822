"""The open fonts, cut down to the characters of one document, to travel inside its files.

A page or a Word file names the standard's fonts first. On a machine that has no Chinese font
at all it would show empty boxes; the embedded subset (OFL, a few hundred characters) stands
behind the named fonts.
"""

from __future__ import annotations

import base64
import functools
import uuid
from collections.abc import Iterable
from typing import Any, Final, Literal

from xuncha_nb import fonts

Face = Literal["serif", "sans"]

_FONT_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
#: Names that the Word styles use, and the face that stands in for each.
_WORD_FACES: Final[dict[str, Face]] = {
    "仿宋_GB2312": "serif",
    "楷体_GB2312": "serif",
    "宋体": "serif",
    "方正小标宋简体": "serif",
    "黑体": "sans",
}
#: Printed by fields and numbering, whatever the text says.
_ALWAYS: Final = "0123456789—-.,%()（）《》“”、。，；：　一二三四五六七八九十附件图表注年月日目录"


@functools.cache
def _face(face: Face) -> Any:
    import uharfbuzz

    regular, sans = fonts.font_paths()
    path = regular if face == "serif" else sans
    return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))


def subset(characters: Iterable[str], face: Face) -> bytes:
    """Return an OpenType font with only the given characters; the same ones, the same bytes."""
    import uharfbuzz

    wanted = uharfbuzz.SubsetInput()
    wanted.sets(uharfbuzz.SubsetInputSets.UNICODE).set(
        {ord(c) for c in characters} | {ord(c) for c in _ALWAYS}
    )
    wanted.flags = uharfbuzz.SubsetFlags.NO_HINTING
    return bytes(uharfbuzz.subset(_face(face), wanted).blob.data)


def font_faces(text: str, titles: str = "") -> str:
    """Return ``@font-face`` rules for a page.

    Parameters
    ----------
    text : str
        What is set in the family ``xuncha-sans``.
    titles : str
        What is set in ``xuncha-serif``; no rule when there is nothing.
    """
    rules = []
    faces: tuple[tuple[Face, str], ...] = (("serif", titles), ("sans", text))
    for face, said in faces:
        if said:
            data = base64.b64encode(subset(set(said), face)).decode()
            rules.append(
                f'@font-face {{ font-family: "xuncha-{face}"; font-display: swap; '
                f'src: url("data:font/otf;base64,{data}") format("opentype"); }}'
            )
    return "\n".join(rules)


def embed(parts: dict[str, bytes]) -> None:
    """Put the subsets into the parts of a Word package, in place.

    The font table names each standard font with the embedded subset that stands in for it,
    obfuscated as the format demands (ECMA-376 part 4, 2.8.1): the first 32 bytes are XORed
    with the reversed key.
    """
    text = "".join(
        data.decode() for name, data in parts.items() if name.endswith(".xml") and "word/" in name
    )
    table = parts["word/fontTable.xml"].decode()
    relations = []
    faces: tuple[Face, ...] = ("serif", "sans")
    for number, face in enumerate(faces, 1):
        data = subset(set(text), face)
        # The key is derived from the font: the same document gives the same bytes.
        key = uuid.uuid5(uuid.NAMESPACE_OID, data.hex())
        mask = key.bytes[::-1]
        head = bytes(byte ^ mask[place % 16] for place, byte in enumerate(data[:32]))
        parts[f"word/fonts/font{number}.odttf"] = head + data[32:]
        relations.append(
            f'<Relationship Id="rId{number}" Type="{_FONT_RELATION}/font" '
            f'Target="fonts/font{number}.odttf"/>'
        )
        reference = f'<w:embedRegular r:id="rId{number}" w:fontKey="{{{str(key).upper()}}}"/>'
        for name, stands_in in _WORD_FACES.items():
            if stands_in == face:
                table = _with_reference(table, name, reference)
    parts["word/fontTable.xml"] = table.replace(
        "<w:fonts ", f'<w:fonts xmlns:r="{_FONT_RELATION}" ', 1
    ).encode()
    parts["word/_rels/fontTable.xml.rels"] = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="{_PACKAGE}">'
        f"{''.join(relations)}</Relationships>"
    ).encode()


def _with_reference(table: str, name: str, reference: str) -> str:
    start = table.index(f'<w:font w:name="{name}">')
    end = table.index("</w:font>", start)
    return table[:end] + reference + table[end:]
