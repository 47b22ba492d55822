"""The open fonts, cut down to the characters of one document, to travel inside its files.

A page or a Word file names the standard's fonts first. On a machine that has no Chinese font
at all it would show empty boxes; the embedded subset (OFL, a few hundred characters) stands
behind the named fonts.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from xuncha_nb import fonts

Face = Literal["serif", "sans"]

_FONT_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
#: Printed by fields and numbering, whatever the text says.
_ALWAYS: Final = " 0123456789—-.,%()（）《》“”、。，；：　一二三四五六七八九十附件图表注年月日目录"


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


def word_fonts(
    printed: Mapping[Face, Iterable[str]], families: Mapping[str, Face]
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the subsets for a Word package.

    They are obfuscated as the format demands (ECMA-376 part 4, 2.8.1): the first 32 bytes are
    XORed with the reversed key.

    Parameters
    ----------
    printed : mapping of str to iterable of str
        The characters that the file prints in each face.
    families : mapping of str to str
        Each family that the file names, and the open face that stands in for it.

    Returns
    -------
    tuple
        The package's parts, fonts and their relations, by name; and for each family the element
        that its entry in the font table refers to its font by.
    """
    parts: dict[str, bytes] = {}
    relations = []
    references: dict[str, str] = {}
    faces: tuple[Face, ...] = ("serif", "sans")
    for number, face in enumerate(faces, 1):
        data = subset(printed[face], face)
        # The key is derived from the font: the same document gives the same bytes.
        key = uuid.uuid5(uuid.NAMESPACE_OID, hashlib.sha256(data).hexdigest())
        mask = key.bytes[::-1]
        head = bytes(byte ^ mask[place % 16] for place, byte in enumerate(data[:32]))
        parts[f"word/fonts/font{number}.odttf"] = head + data[32:]
        relations.append(
            f'<Relationship Id="rId{number}" Type="{_FONT_RELATION}/font" '
            f'Target="fonts/font{number}.odttf"/>'
        )
        reference = f'<w:embedRegular r:id="rId{number}" w:fontKey="{{{str(key).upper()}}}"/>'
        references |= {name: reference for name, own in families.items() if own == face}
    parts["word/_rels/fontTable.xml.rels"] = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="{_PACKAGE}">'
        f"{''.join(relations)}</Relationships>"
    ).encode()
    return parts, references
