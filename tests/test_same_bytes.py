"""Same inputs, same bytes: another day, folder, time zone, hash seed, locale, umask, engine.

A handful of differences at once runs with every test; ``make slow`` tries every document, and
batches with other numbers of workers and another way to start their processes.
"""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest
from same_bytes import FAKETIME, made

from xuncha_nb import workspace

needs_faketime = pytest.mark.skipif(
    not FAKETIME, reason="没有 libfaketime（apt install libfaketime）"
)
FILES = {
    "report.html", "report.pdf", "report.docx", "report.ipynb", "figures.json", "figures.xlsx",
}  # fmt: skip
DOCUMENTS = tuple(n for n in workspace.notebooks() if n != "city_rollup")


@needs_faketime
@pytest.mark.kernel
def test_everything_different_at_once_and_not_a_byte(tmp_path: Path) -> None:
    first, one = made(
        tmp_path / "a", environment={"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"}
    )
    second, other = made(
        tmp_path / "另一个 folder" / ("x" * 60),
        umask=0o077,
        out="deep/er/outputs",
        days=403,
        environment={"PYTHONHASHSEED": "4711", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8"},
    )
    assert set(first) == FILES
    assert first == second
    # The other run was on another day, and said so: in the manifest alone.
    days = [datetime.datetime.fromisoformat(m["now"]) for m in (one, other)]
    assert (days[1] - days[0]).days >= 402
    assert other["finished"][:10] == other["now"][:10]
    assert other["finished"].endswith("+05:45")
    differing = {k for k in one if one[k] != other[k]}
    assert differing <= {"finished", "seconds", "now", "seal"}
    # A kernel's sockets do not bear another clock: papermill's own engine has today's.
    third, _ = made(
        workspace.packaged(),
        engine="nbclient",
        out=str(tmp_path / "c"),
        environment={"PYTHONHASHSEED": "1"},
    )
    assert first == third


@pytest.mark.slow
@needs_faketime
@pytest.mark.parametrize("edition", ["内部", "公开"])
@pytest.mark.parametrize("notebook", DOCUMENTS)
def test_every_document_on_another_day_elsewhere(
    tmp_path: Path, notebook: str, edition: str
) -> None:
    first, _ = made(tmp_path / "a", notebook=notebook, edition=edition)
    second, _ = made(
        tmp_path / "b",
        notebook=notebook,
        edition=edition,
        days=-1000,
        environment={"PYTHONHASHSEED": "99", "TZ": "America/New_York"},
    )
    assert first == second


@pytest.mark.slow
@needs_faketime
def test_batches_with_other_workers_and_another_start(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("xuncha"))]
    subprocess.run([*command, "sample", "data", "--counties", "4"], cwd=tmp_path, check=True)
    variants = {
        "one": {"workers": "1"},
        "three": {"workers": "3", "PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai"},
        "spawn": {"workers": "2", "XUNCHA_START": "spawn"},
        "later": {"workers": "2", "LD_PRELOAD": FAKETIME, "FAKETIME": "+500d",
                  "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"},
    }  # fmt: skip
    made_by = {}
    for name, told in variants.items():
        workers = told.pop("workers")
        done = subprocess.run(
            [*command, "batch", "data/plan.yaml", "--out", name, "--workers", workers, "--quiet"],
            cwd=tmp_path, env=os.environ | told, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        made_by[name] = {
            p.relative_to(tmp_path / name).as_posix(): p.read_bytes()
            for p in sorted((tmp_path / name).rglob("*"))
            if p.is_file() and p.name not in ("manifest.json", "batch.jsonl", ".lock")
        }
    assert len(made_by["one"]) == 4 * 6 + 2
    for name in ("three", "spawn", "later"):
        assert made_by[name] == made_by["one"], name
