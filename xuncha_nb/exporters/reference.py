"""The reference document: the look of the Word file, put together from textual parts.

The parts lie under ``templates/reference/`` as plain XML, so that a style is changed in a text
file and the change can be read in a diff.
"""

from __future__ import annotations

import functools
import hashlib
import io
import os
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from xuncha_nb import fonts

_FOLDER: Final = Path(__file__).parent / "templates" / "reference"
# Name in the package → file here. Names of the package start with dots and brackets, which
# build tools and shells like to leave out.
_PARTS: Final = {
    "[Content_Types].xml": "content_types.xml",
    "_rels/.rels": "rels.xml",
    "word/document.xml": "document.xml",
    "word/_rels/document.xml.rels": "document_rels.xml",
    "word/styles.xml": "styles.xml",
    "word/settings.xml": "settings.xml",
    "word/fontTable.xml": "font_table.xml",
    "word/footer1.xml": "footer_odd.xml",
    "word/footer2.xml": "footer_even.xml",
}
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)


@functools.cache
def part(name: str) -> bytes:
    """Return one part, by its name in the package."""
    return (_FOLDER / _PARTS[name]).read_bytes()


def packed(
    parts: Iterable[tuple[str, bytes]],
    moment: tuple[int, int, int, int, int, int] = _FIRST_DAY,
) -> bytes:
    """Zip parts so that the same parts always give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = (
                # Pixels are compressed already: a second time costs time and gains nothing.
                zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            )
            entry.create_system = 3  # else it tells Windows from Linux
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return target.getvalue()


@functools.cache
def path() -> Path:
    """Return the reference document as a file, made once per user and change."""
    content = packed((name, part(name)) for name in _PARTS)
    name = f"reference-{hashlib.sha256(content).hexdigest()[:16]}.docx"
    try:
        return _written(fonts.cache_dir() / name, content)
    except (OSError, RuntimeError):
        return _written(fonts.typst_font_dir().parent / name, content)


def _written(target: Path, content: bytes) -> Path:
    if target.is_file() and target.read_bytes() == content:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(prefix=".reference-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(fresh).replace(target)
    except OSError:
        Path(fresh).unlink(missing_ok=True)
        raise
    return target
