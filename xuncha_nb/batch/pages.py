"""Large memory in large pages, so that forking and ending a process is cheap.

A fork writes down every page that the child shares, and the child's end strikes each out again: 9
of 14 milliseconds for a county's process, a third of it for the fonts that typst holds. As pages of
two megabytes they are thirty instead of fifteen thousand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from xuncha_nb.adjustments import durable

#: What only libraries allocate in one piece, and fill once: it is read and never written again.
#: A large page that is written to falls to pieces, so the heaps of C and Python stay as they are.
_LARGE: Final = 16 * 2**20
_PAGE: Final = 2 * 2**20
#: ``MADV_COLLAPSE`` of Linux, since 6.1.
_COLLAPSE: Final = 25


def collapse() -> None:
    """Have this process's large pieces of memory put into large pages, where Linux can."""
    call = durable.system_call("madvise")
    if call is None:
        return
    import ctypes

    for begin, end in _pieces():
        first, last = -(-begin // _PAGE) * _PAGE, end // _PAGE * _PAGE
        call(ctypes.c_void_p(first), ctypes.c_size_t(last - first), _COLLAPSE)


def _pieces() -> list[tuple[int, int]]:
    """Return begin and end of what is large, writable, and of no file or heap."""
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        place, rights, *_, node = line.split(maxsplit=4)
        begin, end = (int(part, 16) for part in place.split("-"))
        if rights == "rw-p" and node.split() == ["0"] and end - begin >= _LARGE:
            found.append((begin, end))
    return found
