"""A text as every format can hold it, and how wide it is."""

from __future__ import annotations

import functools
import unicodedata


def clean(text: str) -> str:
    """Return the text without characters that no format can hold; line ends become spaces."""
    if text.isprintable():
        return text
    kept = (" " if c in "\n\r\t\v\f\u2028\u2029" else c for c in text)
    return "".join(c for c in kept if unicodedata.category(c) not in {"Cc", "Cs", "Cn"})


@functools.lru_cache(maxsize=8192)
def width(text: str) -> float:
    """Return the width of a text in full-width characters; Latin letters count half."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.5 for c in text)
