"""Large pieces of memory in large pages: what a fork need not write down one by one."""

from __future__ import annotations

import mmap
import re
import subprocess
import sys
from pathlib import Path

import pytest

from xuncha_nb.batch import pages

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="large pages are Linux's")
MEGABYTE = 2**20


def huge(begin: int) -> int:
    """Return how many bytes of the piece of memory at an address are in large pages."""
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if found := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
            inside = int(found[1], 16) <= begin < int(found[2], 16)
        elif inside and line.startswith("AnonHugePages:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(hex(begin))


def test_what_is_large_is_put_into_large_pages_and_says_the_same() -> None:
    import ctypes

    piece = mmap.mmap(-1, 40 * MEGABYTE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    piece.madvise(mmap.MADV_NOHUGEPAGE)
    for place in range(0, len(piece), 4096):
        piece[place : place + 8] = place.to_bytes(8)
    piece.madvise(14)  # MADV_HUGEPAGE, of which nothing follows for pages that are there
    begin = ctypes.addressof(ctypes.c_char.from_buffer(piece))
    before = huge(begin)
    pages.collapse()
    if huge(begin) == before:
        pytest.skip("this kernel collapses no pages (Linux 6.1 does)")
    assert huge(begin) >= 36 * MEGABYTE
    assert all(piece[n : n + 8] == n.to_bytes(8) for n in range(0, len(piece), 4096))


def test_the_heaps_and_what_is_small_stay_as_they_are() -> None:
    found = pages._pieces()
    maps = Path("/proc/self/maps").read_text()
    for begin, end in found:
        assert end - begin >= 16 * MEGABYTE
        (line,) = [line for line in maps.splitlines() if line.startswith(f"{begin:x}-")]
        assert "[heap]" not in line
        assert " rw-p " in line
        assert "/" not in line


def test_a_process_that_loads_everything_has_its_fonts_in_large_pages() -> None:
    code = (
        "import re; from pathlib import Path\n"
        "from xuncha_nb import forking\nfrom xuncha_nb.batch import warm\n"
        "forking.set_environment(); warm.load(); warm.settle()\n"
        "text = Path('/proc/self/smaps').read_text()\n"
        "print(sum(int(n) for n in re.findall(r'AnonHugePages: +(\\d+)', text)) // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    large = int(done.stdout)
    if not large:
        pytest.skip("this kernel collapses no pages (Linux 6.1 does)")
    assert large >= 40
