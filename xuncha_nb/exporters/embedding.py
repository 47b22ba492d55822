"""The open fonts, cut down to what a file shows, to travel inside it.

A page or a Word file names the standard's fonts first. On a machine that has no Chinese font
at all it would show empty boxes; the embedded subset (OFL) stands behind the named fonts.

A page brings the characters of its own text. A Word file brings the *common* characters, the
same bytes in every file: Word and LibreOffice know an embedded font by its name alone, and of
several files open in one process the first one's serves for all (for Word: MS-OI29500, 17.8).
"""

from __future__ import annotations

import base64
import functools
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from xuncha_nb import areas, fonts

Face = Literal["serif", "sans"]

_FONT_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
#: Printed by fields and numbering, whatever the text says.
_ALWAYS: Final = (
    " 〇0123456789—-.,%()（）《》“”、。，；：　一二三四五六七八九十附件图表注年月日目录"
)


#: Signs of a page's controls.
_PAGE_SIGNS: Final = "▼−"
# Kerning, and the upright forms that a turned page number needs. Features that choose other
# shapes by language would bring those shapes along, and double the subset.
_FEATURES: Final = ("kern", "halt", "palt", "vert", "vrt2")
# Rows of GB 2312: signs, numerals, full-width letters; the 3,755 characters of its first level.
_COMMON_ROWS: Final = (range(1, 4), range(16, 56))


@functools.cache
def _face(face: Face) -> Any:
    import uharfbuzz

    regular, sans = fonts.font_paths()
    path = regular if face == "serif" else sans
    return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))


@functools.cache
def common() -> frozenset[str]:
    """Return the characters that every Word file brings.

    They are the first level of GB 2312, its signs, and whatever names of counties and cities
    have besides.
    """
    cells = (
        bytes((0xA0 + row, 0xA0 + cell))
        for rows in _COMMON_ROWS
        for row in rows
        for cell in range(1, 95)
    )
    found = {c for cell in cells for c in cell.decode("gb2312", errors="ignore")}
    found |= {c for area in areas.counties() for c in area.full_name}
    return frozenset(found | set(_ALWAYS) | {chr(code) for code in range(32, 127)})


@functools.cache
def _common_face(face: Face) -> Any:
    """Return a face of the common characters alone: cutting a page's subset from it takes less."""
    import uharfbuzz

    return uharfbuzz.Face(uharfbuzz.Blob(_cut(common() | set(_PAGE_SIGNS), _face(face))))


def subset(characters: Iterable[str], face: Face) -> bytes:
    """Return an OpenType font with only the given characters; the same ones, the same bytes."""
    wanted = {c for c in (*characters, *_ALWAYS) if c.isprintable()}
    few = wanted - common() <= set(_PAGE_SIGNS)
    return _cut(wanted, _common_face(face) if few else _face(face))


def _cut(characters: Iterable[str], source: Any) -> bytes:
    import uharfbuzz

    wanted = uharfbuzz.SubsetInput()
    wanted.sets(uharfbuzz.SubsetInputSets.UNICODE).set({ord(c) for c in characters})
    features = wanted.sets(uharfbuzz.SubsetInputSets.LAYOUT_FEATURE_TAG)
    features.clear()
    features.update({int.from_bytes(tag.encode()) for tag in _FEATURES})
    # Without shared subroutines it is made in half the time, and is smaller once zipped.
    wanted.flags = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.DESUBROUTINIZE
    return bytes(uharfbuzz.subset(source, wanted).blob.data)


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


@dataclass(frozen=True)
class WordFont:
    """A subset as a Word package holds it: obfuscated, and the key to read it by.

    The first 32 bytes are XORed with the reversed key (ECMA-376 part 4, 2.8.1).
    """

    data: bytes
    key: str


@functools.lru_cache(maxsize=8)
def word_font(face: Face, rare: frozenset[str] = frozenset()) -> WordFont:
    """Return the common characters of a face as a Word file embeds them.

    Parameters
    ----------
    face : str
    rare : frozenset of str
        What one document shows besides. Such a file alone is complete; opened after another
        one, where there is no Chinese font, it lacks these characters and no others.
    """
    data = subset(common() | rare, face)
    # The key is derived from the font: the same font gives the same bytes.
    key = uuid.uuid5(uuid.NAMESPACE_OID, hashlib.sha256(data).hexdigest())
    mask = key.bytes[::-1]
    head = bytes(byte ^ mask[place % 16] for place, byte in enumerate(data[:32]))
    return WordFont(head + data[32:], str(key).upper())


def word_fonts(
    printed: Mapping[Face, Iterable[str]], families: Mapping[str, Face]
) -> tuple[dict[str, bytes], dict[str, bytes], dict[str, str]]:
    """Return the subsets for a Word package.

    Parameters
    ----------
    printed : mapping of str to iterable of str
        The characters that the file prints in each face.
    families : mapping of str to str
        Each family that the file names, and the open face that stands in for it.

    Returns
    -------
    tuple
        The fonts' parts and the part with their relations, by name; and for each family the
        element that its entry in the font table refers to its font by.
    """
    parts: dict[str, bytes] = {}
    relations = []
    references: dict[str, str] = {}
    faces: tuple[Face, ...] = ("serif", "sans")
    for number, face in enumerate(faces, 1):
        font = word_font(face, frozenset(printed[face]) - common())
        parts[f"word/fonts/font{number}.odttf"] = font.data
        relations.append(
            f'<Relationship Id="rId{number}" Type="{_FONT_RELATION}/font" '
            f'Target="fonts/font{number}.odttf"/>'
        )
        reference = f'<w:embedRegular r:id="rId{number}" w:fontKey="{{{font.key}}}"/>'
        references |= {name: reference for name, own in families.items() if own == face}
    said = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="{_PACKAGE}">'
        f"{''.join(relations)}</Relationships>"
    )
    return parts, {"word/_rels/fontTable.xml.rels": said.encode()}, references


def preload() -> None:
    """Make the subsets that every Word file brings."""
    word_font("serif")
    word_font("sans")
