"""Folders for what was fetched: nothing stays, however their process ends."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from xuncha_nb.batch import scratch

HOLD = """
import sys, time
from xuncha_nb.batch import scratch
with scratch.folder() as folder:
    (folder / "inside").mkdir()
    (folder / "inside" / "ledger.xlsx").write_text("geheim")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextlib.contextmanager
def another() -> Iterator[Path]:
    """Have another process hold a folder; kill it afterwards."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        try:
            yield Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_nothing_stays_of_one_that_ends(temporary: Path) -> None:
    with scratch.folder() as folder:
        assert folder.parent == temporary
        assert folder.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
        (folder / "331124").mkdir()
        (folder / "331124" / "ledger.xlsx").write_text("geheim")
    assert list(temporary.iterdir()) == []


def test_nothing_stays_of_one_that_fails(temporary: Path) -> None:
    def fail() -> None:
        with scratch.folder() as folder:
            (folder / "ledger.xlsx").write_text("geheim")
            raise RuntimeError("stopp")

    with pytest.raises(RuntimeError, match="stopp"):
        fail()
    assert list(temporary.iterdir()) == []


def test_the_next_one_takes_away_what_a_killed_one_left_and_no_living_one(temporary: Path) -> None:
    with another() as kept:
        with another() as left:
            pass
        assert (left / "inside" / "ledger.xlsx").exists()
        with scratch.folder():
            assert not left.exists()
            assert (kept / "inside" / "ledger.xlsx").exists()
    with scratch.folder() as folder:
        assert list(temporary.iterdir()) == [folder]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_what_is_not_its_own_is_left(
    temporary: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / ".lock").write_text("")
    (elsewhere / "file").write_text("bleibt")
    (temporary / "xuncha-near-link").symlink_to(elsewhere)
    (temporary / "xuncha-near-new").mkdir()
    with scratch.folder():
        pass
    assert (elsewhere / "file").read_text() == "bleibt"
    assert (temporary / "xuncha-near-new").is_dir(), "just being made"
