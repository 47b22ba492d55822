"""Numbers that identify a person: identity cards, telephones, bank cards.

A number is looked at as a reader would: full-width digits, spaces, hyphens and brackets between
groups make no difference. What it is follows from its check digit, its length, its prefix and
how it is grouped, so that figures, dates and document numbers are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final, NamedTuple

Span = tuple[int, int, str]

#: What may stand between the groups of one number: white space, hyphens, brackets, and
#: characters that nobody sees.
_GAP: Final = (
    r"[ \t\u00a0\u00ad\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff"
    r"\-\u2010-\u2015\u2212\uff0d()\uff08\uff09]"
)
_CANDIDATE: Final = re.compile(
    rf"\d(?:{_GAP}{{0,2}}\d){{6,}}(?:{_GAP}{{0,2}}[XxＸｘ](?![A-Za-z]))?"
)
#: For a first look: digits as zeros, plain gaps, runs of eleven digits and of seven.
_ZEROS: Final = bytes(48 if 48 <= c <= 57 else c for c in range(256))
_PLAIN_GAPS: Final = b" -()\t"
_LONG: Final = b"0" * 11
_SHORT: Final = b"0" * 7
#: A digit that is not ASCII, or a gap between digits that is not.
_OTHER_DIGITS: Final = "\uff10-\uff19\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\U0001d7ce-\U0001d7ff"
_OTHER_GAPS: Final = (
    "\u00a0\u00ad\u2000-\u2015\u2028-\u202f\u205f-\u2064\u2212\u3000\ufeff\uff08\uff09\uff0d"
)
_WRITTEN_DIGITS: Final = "〇零幺一二三四五六七八九"
#: One look for all of it: such a digit, such a gap between digits, digits written as words.
_UNUSUAL: Final = re.compile(
    rf"[{_OTHER_DIGITS}{_OTHER_GAPS}一幺二三四五六七八]"
    rf"(?:(?<=[{_OTHER_DIGITS}])|(?<=\d.)(?=[ \-]?[{_OTHER_GAPS}]?\d)"
    rf"|(?<=[一幺二三四五六七八])[{_WRITTEN_DIGITS}]{{10}})"
)
_CALLED: Final = tuple(
    word.encode() for word in ("电话", "座机", "手机", "传真", "联系方式", "热线", "Tel", "TEL")
)
_GROUP: Final = re.compile(r"\d+[XxＸｘ]?|[XxＸｘ]")
#: Of an identity number written digit by digit.
_MOST_GROUPS: Final = 18
_WRITTEN: Final = re.compile(f"[{_WRITTEN_DIGITS}]{{11,18}}")
_DIGITS_WRITTEN: Final = str.maketrans(_WRITTEN_DIGITS, "001123456789")
_HEXADECIMAL: Final = re.compile(r"[0-9a-fA-F]{24,}")

#: The first two digits of an identity card: the province (GB/T 2260).
_PROVINCES: Final = frozenset(
    [
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
    ]
)
#: Weights and check digits of an identity card (GB 11643-1999, ISO 7064 MOD 11-2).
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS: Final = "10X98765432"

_MOBILE: Final = re.compile(r"(?:(?:00)?86)?1[3-9]\d{9}")
_MOBILE_GROUPS: Final = frozenset(
    ((11,), (3, 4, 4), (3, 8), (7, 4), (4, 3, 4), (3, 3, 5), (13,), (15,), (2, 11), (4, 11))
)
#: Area codes, and the first digit of a number behind one.
_LANDLINE: Final = re.compile(r"(?:(?:00)?86)?(?:0(?:10|2\d)[2-8]\d{7}|0[3-9]\d\d[2-8]\d{6,7})")
_LANDLINE_GROUPS: Final = (frozenset((10, 11, 12)), frozenset((3, 4)), frozenset((7, 8)))
#: Without an area code only behind a word that says what it is.
_LOCAL: Final = re.compile(r"[2-8]\d{6,7}")
_TELEPHONE: Final = re.compile(
    r"(?:电话|座机|手机|传真|联系方式|热线|T[Ee][Ll])(?:号码?)?[.:：为是\s(（]*$"
)
_IDENTITY: Final = re.compile(r"(?:身份证|身份号码|证件号)[^\d\n]{0,8}$")
#: Length → prefix of a bank card; the check digit is Luhn's.
_CARD: Final = re.compile(
    r"62\d{14,17}|60\d{14,17}|9558\d{12,15}|9559\d{12,15}|4\d{15}|4367\d{12,15}"
    r"|(?:5[1-5]|2[3-6]|35)\d{14}|3[47]\d{13}|103\d{16}"
)
_CARD_GROUPS: Final = re.compile(r"(?:1[5-9]|4,4,4,4(?:,[123])?|6,(?:9|1[0-3])|4,6,5)")


class _Group(NamedTuple):
    digits: str
    start: int
    end: int


def numbers(text: str) -> Iterator[Span]:
    """Yield start, end and kind of every number that identifies a person, left to right."""
    # Nearly every text is done with here: the pattern would take a hundred times as long.
    unusual, long = _has_unusual(text), _has_long(text)
    if not unusual and not long:
        return
    start = 0
    for line in text.split("\n"):
        # None of these goes over the end of a line: what the whole lacks is in no line.
        if (long and _has_long(line)) or (unusual and _has_unusual(line)):
            for first, last, kind in _in_line(line):
                yield start + first, start + last, kind
        start += len(line) + 1


def _has_long(text: str) -> bool:
    """Whether there is a long run of digits, or a shorter one behind a word that calls it.

    On the bytes of the text: digits become zeros, and plain gaps go.
    """
    raw = text.encode("utf-8", "replace")
    zeros = raw.translate(_ZEROS)
    return _LONG in zeros.translate(None, _PLAIN_GAPS) or any(
        _is_called(raw, place) for place in _runs(zeros)
    )


def _has_unusual(text: str) -> bool:
    """Whether there are digits or gaps between digits that are not ASCII, or digits as words."""
    return not text.isascii() and _UNUSUAL.search(text) is not None


def _runs(zeros: bytes) -> Iterator[int]:
    """Yield where runs of digits begin that are as long as a local telephone number."""
    place = zeros.find(_SHORT)
    while place >= 0:
        yield place
        place = zeros.find(_SHORT, place + len(_SHORT))


def _is_called(raw: bytes, place: int) -> bool:
    before = raw[max(0, place - 40) : place]
    return any(word in before for word in _CALLED)


def _in_line(text: str) -> Iterator[Span]:
    for match in _CANDIDATE.finditer(text):
        groups = [_Group(_plain(m[0]), m.start(), m.end()) for m in _groups(text, match)]
        yield from _of_groups(text, groups)
    for match in _WRITTEN.finditer(text):
        digits = match[0].translate(_DIGITS_WRITTEN)
        if kind := _kind([digits], text[max(0, match.start() - 12) : match.start()]):
            yield match.start(), match.end(), kind


def _groups(text: str, match: re.Match[str]) -> list[re.Match[str]]:
    """Return the groups of a candidate without the parts of decimals and of hashes."""
    start, end = match.span()
    groups = list(_GROUP.finditer(text, start, end))
    if start > 1 and text[start - 1] == "." and text[start - 2].isdigit():
        groups = groups[1:]
    if text[end : end + 1] == "." and text[end + 1 : end + 2].isdigit():
        groups = groups[:-1]
    return [m for m in groups if not _in_a_hash(text, m.start(), m.end())]


def _in_a_hash(text: str, start: int, end: int) -> bool:
    """Whether digits are part of a long hexadecimal number, as manifests are full of."""
    before, after = text[max(0, start - 64) : start], text[end : end + 64]
    head = re.search(r"[0-9a-fA-F]*$", before)
    tail = re.match(r"[0-9a-fA-F]*", after)
    if head is None or tail is None or not (head[0] or tail[0]):
        return False
    return _HEXADECIMAL.fullmatch(head[0] + "0" * (end - start) + tail[0]) is not None


def _plain(text: str) -> str:
    """Return digits of any script as ASCII."""
    if text.isascii():
        return text.upper()
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else "X" for c in text)


def _of_groups(text: str, groups: list[_Group]) -> Iterator[Span]:
    """Yield what neighbouring groups make together, the longest first, each digit once."""
    place = 0
    while place < len(groups):
        for last in range(min(len(groups), place + _MOST_GROUPS), place, -1):
            chosen = groups[place:last]
            start = chosen[0].start
            before = text[max(0, start - 12) : start]
            if kind := _kind([g.digits for g in chosen], before):
                yield start, chosen[-1].end, kind
                place = last - 1
                break
        place += 1


def _kind(groups: list[str], before: str) -> str:
    """Return what groups of digits are; empty for nothing that identifies a person."""
    digits = "".join(groups)
    sizes = tuple(len(g) for g in groups)
    if len(digits) in (15, 18) and (_is_identity(digits, sizes) or _named(digits, before)):
        return "身份证号码"
    if "X" in digits:
        return ""
    for test, kind in _TESTS:
        if test(digits, sizes):
            return kind
    if len(groups) == 1 and _LOCAL.fullmatch(digits) and _TELEPHONE.search(before):
        return "电话号码"
    return ""


def _named(digits: str, before: str) -> bool:
    """Whether the text says that this is an identity card, be its check digit right or not."""
    return int(digits[:2]) in _PROVINCES and _IDENTITY.search(before) is not None


def _is_identity(digits: str, sizes: tuple[int, ...]) -> bool:
    if int(digits[:2]) not in _PROVINCES or "X" in digits[:-1]:
        return False
    if len(digits) == 15:
        return "X" not in digits and sizes in ((15,), (6, 6, 3)) and _is_day("19" + digits[6:12])
    total = sum(int(d) * w for d, w in zip(digits[:17], _WEIGHTS, strict=True))
    return _is_day(digits[6:14]) and _CHECK_DIGITS[total % 11] == digits[17]


def _is_day(text: str) -> bool:
    try:
        return 1900 <= date(int(text[:4]), int(text[4:6]), int(text[6:8])).year <= 2099
    except ValueError:
        return False


def _is_mobile(digits: str, sizes: tuple[int, ...]) -> bool:
    return sizes in _MOBILE_GROUPS and _MOBILE.fullmatch(digits) is not None


def _is_landline(digits: str, sizes: tuple[int, ...]) -> bool:
    whole, area, rest = _LANDLINE_GROUPS
    shaped = (len(sizes) == 1 and sizes[0] in whole) or (
        sizes[0] in area and sum(sizes[1:]) in rest and len(sizes) <= 3
    )
    return shaped and _LANDLINE.fullmatch(digits) is not None


def _is_card(digits: str, sizes: tuple[int, ...]) -> bool:
    if not 15 <= len(digits) <= 19 or not _CARD_GROUPS.fullmatch(",".join(map(str, sizes))):
        return False
    if _CARD.fullmatch(digits) is None:
        return False
    doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


_TESTS: Final[tuple[tuple[Callable[[str, tuple[int, ...]], bool], str], ...]] = (
    (_is_mobile, "手机号码"),
    (_is_landline, "电话号码"),
    (_is_card, "银行卡号"),
)
