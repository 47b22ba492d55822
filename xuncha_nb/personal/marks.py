"""What else must not leave: electronic addresses, passports, folders of the machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from xuncha_nb.personal.numbers import Span

_FULL_WIDTH: Final = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)}
_WIDE: Final = re.compile("[\uff10-\uff19\uff20-\uff3a\uff3c\uff41-\uff5a]")

_DOMAIN: Final = re.compile(r"@ ?(?:[A-Za-z0-9\-]+\.)+[A-Za-z]{2,}")
_MAILBOX: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+\-]* ?$")
#: Ordinary passports, and those of Hong Kong and Macao residents, by letter and length. What
#: reads as a year or a date is an office's own number, unless the text calls it a passport.
_PASSPORT: Final = re.compile(
    r"(?<![A-Za-z0-9_\-])(?:[EGDSPHM](?!19|20)\d{8}|E[A-HJ-NP-Z]\d{7})(?![A-Za-z0-9_])"
    r"|(?<=护照)[^\n0-9A-Za-z]{0,6}[A-Za-z]{1,2}\d{7,8}(?!\d)"
    r"|(?<=通行证)[^\n0-9A-Za-z]{0,6}[A-Za-z]{0,2}\d{7,10}(?!\d)"
)
#: For a first look at the bytes: the letters as E, digits as zeros.
_LETTERED: Final = bytes(
    69 if c in b"EGDSPHMABCFJKLNQRTUVWXYZ" else 48 if 48 <= c <= 57 else c for c in range(256)
)
#: Folders of a machine: what is in every one, the pattern, and what must stand before it.
_FOLDERS: Final = (
    (
        "/",
        re.compile(r"/[\w.\-]+/[\w.\-]"),
        re.compile(r"(?:^|[\s\"'`(（\[【<>=:：,，;；、“‘|*])$"),
    ),
    (":", re.compile(r":(?:\\{1,2}|/)(?=[\w.$\-])"), re.compile(r"(?:^|[^A-Za-z0-9])[A-Za-z]$")),
    # Behind a name the doubled strokes are those of a relative path, escaped.
    (
        "\\\\",
        re.compile(r"\\{2,4}[\w.\-]+\\{1,2}[\w$]"),
        re.compile(r"(?:^|[^\\A-Za-z0-9_.])$"),
    ),
    ("file:/", re.compile(r"file:/"), re.compile(r"(?:^|[^A-Za-z])$")),
)
_FOLDER_WORDS: Final = re.compile(r"[\w.$\\/\-]*")


def marks(text: str) -> Iterator[Span]:
    """Yield start, end and kind of addresses, passports and absolute paths."""
    if not text.isascii() and _WIDE.search(text):
        text = text.translate(_FULL_WIDTH)  # a character for a character: places stay right
    if "@" in text:
        for match in _DOMAIN.finditer(text):
            mailbox = _MAILBOX.search(text, max(0, match.start() - 64), match.start())
            if mailbox is not None:
                yield mailbox.start(), match.end(), "电子邮箱"
    if b"E0000000" in text.encode("utf-8", "replace").translate(_LETTERED) or "护照" in text:
        for match in _PASSPORT.finditer(text):
            yield *match.span(), "证件号码"
    for sign, pattern, before_it in _FOLDERS:
        if sign not in text:
            continue
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 2) : match.start()]
            if before_it.search(before):
                whole = _FOLDER_WORDS.match(text, match.end())
                drive = match[0][0] == ":"
                yield match.start() - drive, whole.end() if whole else match.end(), "本机路径"
