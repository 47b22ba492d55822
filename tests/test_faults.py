"""Faults of the machine while reports are made and figures adjusted: nothing torn, nothing lost.

``make faults`` runs all of it and prints how often what was tried.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import books
import psutil
import pytest
from family import below
from fuzz import whole
from test_executor import CODES, PLACE, reports, workspace_with

from xuncha_nb.adjustments import store
from xuncha_nb.adjustments.model import Adjustment, State
from xuncha_nb.adjustments.store import ConflictError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="breaks the machine as Linux does"),
]

XUNCHA = str(Path(sys.executable).with_name("xuncha"))
SEED = int(os.environ.get("FAULTS_SEED", "1"))
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the plan without any trouble."""
    here = workspace_with(tmp_path_factory.mktemp("plain"))
    first = started(here, "out")
    _, said = first.communicate(timeout=180)
    assert first.returncode == 0, said
    return here


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a line past pytest: the README's figures are these."""

    def print_(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}")

    return print_


def started(here: Path, out: Path | str, *before: str, **more: Any) -> subprocess.Popen[str]:
    """Start a batch of the workspace; its errors are text."""
    return subprocess.Popen(
        [*before, XUNCHA, "batch", "plan.yaml", "--out", str(out), "--workers", "2"], cwd=here,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"TERM": "dumb"} | more.pop("environment", {}), **more,
    )  # fmt: skip


def nothing_torn(out: Path) -> int:
    """Return how many reports are there; each is what its manifest says, none is half there."""
    place = out / PLACE
    for code in CODES:
        if (place / code).exists():
            assert (place / code / "manifest.json").is_file(), "a folder without a manifest"
    for name in ("summary.csv", "index.html"):
        if (place / name).exists():
            assert (place / name).read_bytes().rstrip().endswith((b">", b"")), name
    visible = [p for p in place.iterdir() if p.name in CODES] if place.is_dir() else []
    return sum(whole(folder) for folder in visible)


def manifests(out: Path) -> dict[str, Any]:
    """Return the manifests without when and how fast."""
    found = {}
    for code in CODES:
        found[code] = json.loads((out / PLACE / code / "manifest.json").read_text("utf-8"))
        for told in ("finished", "seconds", "seal"):
            del found[code][told]
    return found


def ends_the_same(here: Path, out: Path) -> None:
    """Run the batch to its end; it must come to what an undisturbed one came to."""
    last = started(here, out)
    _, said = last.communicate(timeout=180)
    assert last.returncode == 0, said
    assert reports(out) == reports(here / "out")
    assert manifests(out) == manifests(here / "out")
    assert not [p for p in out.rglob(".*") if p.name.endswith((".part", ".old"))]


def said_plainly(said: str) -> None:
    """Refuse anything but lines in Chinese."""
    assert "Traceback" not in said, said
    assert said.strip(), "nothing said"


def processes(parent: psutil.Process) -> dict[str, list[psutil.Process]]:
    """Return who takes part in a batch: coordinator, fork server, counties, tracker."""
    found: dict[str, list[psutil.Process]] = {"coordinator": [parent]}
    servers = found["server"] = below(parent, "forkserver")
    found["tracker"] = [child for child in below(parent) if child not in servers]
    found["county"] = [county for server in servers for county in below(server)]
    return {kind: those for kind, those in found.items() if those}


@pytest.mark.parametrize("part", range(5))
def test_killed_at_fifty_points_the_same_bytes_in_the_end(
    undisturbed: Path, tmp_path: Path, part: int, tell: Callable[[str], None]
) -> None:
    rng = random.Random(f"{SEED}:{part}")
    victims: Counter[str] = Counter()
    looks = 0
    for number in range(10):
        out = tmp_path / str(number)
        running = started(undisturbed, out)
        parent = psutil.Process(running.pid)
        # A third before the first report, the others while reports are written.
        wait = rng.uniform(0.1, 3.0) if number % 3 == 0 else rng.uniform(0.0, 2.0)
        if number % 3:
            while not (out / PLACE).exists() or not list((out / PLACE).glob(".*.part")):
                if running.poll() is not None:
                    break
                time.sleep(0.005)
        until = time.monotonic() + wait
        while time.monotonic() < until:
            nothing_torn(out)
            looks += 1
            time.sleep(0.01)
        try:
            those = processes(parent)
            kind = rng.choice(sorted(those))
            rng.choice(those[kind]).send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            kind = "over already"
        victims[kind] += 1
        nothing_torn(out)
        _, said = running.communicate(timeout=180)
        assert "Traceback" not in said, said
        assert kind == "coordinator" or running.returncode == 0, said
        nothing_torn(out)
        ends_the_same(undisturbed, out)
        shutil.rmtree(out)
    tell(f"faults: 10 kills {dict(victims)}, {looks} looks on the way; torn 0, lost 0")


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a disk in memory of that size."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "small", str(folder)], capture_output=True
    )
    if done.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@needs_root
def test_a_full_disk_is_a_line_and_more_room_goes_on_from_there(
    undisturbed: Path, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    rng = random.Random(SEED)
    total = sum(p.stat().st_size for p in (undisturbed / "out").rglob("*") if p.is_file())
    done: Counter[int] = Counter()
    for number in range(6):
        size = f"{int(total * rng.uniform(0.05, 0.95)) // 1024}k"
        with small_disk(tmp_path / str(number), size) as disk:
            running = started(undisturbed, disk)
            _, said = running.communicate(timeout=180)
            assert running.returncode in (1, 2), (size, said)
            said_plainly(said)
            assert "磁盘已满" in said or "No space left" in said, said
            done[nothing_torn(disk)] += 1
            subprocess.run(["mount", "-o", "remount,size=100m", str(disk)], check=True)
            ends_the_same(undisturbed, disk)
    tell(f"faults: 6 full disks, reports that were there already {dict(done)}; torn 0, lost 0")


#: Root may write everywhere; without these two rights it is a user like others.
_AS_A_USER = () if os.geteuid() else (
    "setpriv", "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
)  # fmt: skip


def test_permission_lost_half_way_is_a_line_and_given_back_it_goes_on(
    undisturbed: Path, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    if _AS_A_USER and shutil.which("setpriv") is None:
        pytest.skip("needs setpriv (util-linux)")
    for number, when in enumerate(("first part", "first report", "start")):
        out = tmp_path / str(number)
        place = out / PLACE
        place.mkdir(parents=True)
        running = started(undisturbed, out, *_AS_A_USER)
        while running.poll() is None:
            there = {
                "start": True,
                "first part": any(place.glob(".*.part")),
                "first report": any((place / code).exists() for code in CODES),
            }
            if there[when]:
                break
            time.sleep(0.005)
        place.chmod(0o555)
        _, said = running.communicate(timeout=180)
        assert running.returncode in (1, 2), (when, said)
        said_plainly(said)
        assert "不能写入" in said or "不可写" in said, said
        place.chmod(0o755)
        nothing_torn(out)
        ends_the_same(undisturbed, out)
    tell("faults: permission lost 3 times; torn 0, lost 0")


@pytest.mark.skipif(shutil.which("faketime") is None, reason="needs faketime")
def test_a_clock_that_jumps_changes_nothing(
    undisturbed: Path, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    library = next(Path("/usr/lib").rglob("libfaketime.so.1"))
    jumps = (("+0", "-400d"), ("+3650d", "+0"), ("-20d", "+20d"))
    for number, (first, then) in enumerate(jumps):
        out, clock = tmp_path / str(number), tmp_path / f"clock{number}"
        clock.write_text(first)
        faked = {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(clock),
                 "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}  # fmt: skip
        running = started(undisturbed, out, environment=faked)
        while running.poll() is None and not list((out / PLACE).glob(".*.part")):
            time.sleep(0.005)
        clock.write_text(then)
        _, said = running.communicate(timeout=180)
        assert running.returncode == 0, said
        assert reports(out) == reports(undisturbed / "out")
        for path in out.rglob("*"):
            os.utime(path, (2e9, 2e9))  # files from the future
        finished = manifests(out)
        ends_the_same(undisturbed, out)
        assert manifests(out) == finished
    tell(f"faults: {len(jumps)} jumps of the clock in the middle of a batch; lost 0")


def test_two_batches_at_once_on_one_folder(
    undisturbed: Path, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    rng = random.Random(SEED)
    told = 0
    for number in range(5):
        out = tmp_path / str(number)
        one = started(undisturbed, out)
        time.sleep(rng.uniform(0, 1.5) if number else 0)
        other = started(undisturbed, out)
        said = [p.communicate(timeout=180)[1] for p in (one, other)]
        codes = sorted(p.returncode for p in (one, other))
        assert codes in ([0, 0], [0, 2]), said
        if codes == [0, 2]:
            told += 1
            assert any("另一个批次正在写这个文件夹" in s for s in said)
        ends_the_same(undisturbed, out)
    tell(f"faults: 5 pairs of batches on one folder, the second told {told} times; torn 0, lost 0")


# -- two panels on one county ---------------------------------------------------------------

_SAVER = """
import sys
from pathlib import Path
from xuncha_nb.adjustments import store
from xuncha_nb.adjustments.model import Adjustment, State
path, figure, saves = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
snapshot = store.read(path)
for number in range(1, saves + 1):
    while True:
        figures = snapshot.state.figures()
        figures[figure] = Adjustment(figure=figure, original="1", adjusted=str(number),
            reason="补录", author=figure, time="2024-07-01T09:30:00+08:00")
        try:
            state = State(adjustments=tuple(figures.values()))
            snapshot = store.save(path, state, snapshot, figure)
            print(number, flush=True)
            break
        except store.ConflictError as conflict:
            snapshot = conflict.theirs
"""


def saver(path: Path, figure: str, saves: int) -> subprocess.Popen[str]:
    """Start a session that changes one figure again and again, as a panel does."""
    return subprocess.Popen(
        [sys.executable, "-c", _SAVER, str(path), figure, str(saves)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


_PANEL = """
import sys
from pathlib import Path
from xuncha_nb import sources
from xuncha_nb.adjustments.desk import Desk
from xuncha_nb.adjustments.store import ConflictError
from xuncha_nb.case import Case
from xuncha_nb.parameters import RunParameters, load_standards
source, path, figure, saves = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
given = RunParameters(county="331124", period="2024H1", source=source)
case = Case("half_year_summary", given, sources.read(Path(source)), load_standards())
desk = Desk(path, case.outcome, "half_year_summary", case.book.fingerprint)
for number in range(1, saves + 1):
    desk.change(figure, str(1000 + number), "补录")
    while True:
        try:
            desk.save(figure)
            print(number, flush=True)
            break
        except ConflictError as conflict:
            print("told", flush=True)
            desk.reload(conflict.theirs)
"""


def test_three_panels_saving_at_once_lose_nothing(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    source = books.folder(tmp_path / books.CODE, books.county())
    path = tmp_path / "parameters" / "adjustments" / books.CODE / "2024H1.yaml"
    figures = [f"{name}@十二届-2" for name in ("talks_person_times", "files_reviewed",
                                              "vouchers_reviewed")]  # fmt: skip
    panels = [
        subprocess.Popen(
            [sys.executable, "-c", _PANEL, str(source), str(path), figure, "25"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for figure in figures
    ]  # fmt: skip
    told = 0
    for panel in panels:
        out, said = panel.communicate(timeout=300)
        assert panel.returncode == 0, said
        lines = out.split()
        told += lines.count("told")
        assert [line for line in lines if line != "told"] == [str(n) for n in range(1, 26)]
    saved = store.read(path)
    assert saved.fault == ""
    assert saved.history.broken == 0
    assert len(saved.history.entries) == 75, "every save is in the history"
    assert {f: a.adjusted for f, a in saved.state.figures().items()} == dict.fromkeys(
        figures, "1025"
    )
    for figure in figures:
        mine = [e.state.figures()[figure].adjusted for e in saved.history.entries
                if e.author == figure]  # fmt: skip
        assert mine == [str(1000 + n) for n in range(1, 26)], "in order, none twice"
    assert not list(path.parent.glob(".*.draft-*.json")), "no draft is left of what was saved"
    tell(f"faults: 3 panels, 75 saves of one county at once, {told} conflicts told; lost 0")


def test_a_session_killed_while_it_saves_loses_nothing_that_was_saved(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    rng = random.Random(SEED)
    path = tmp_path / "parameters" / "adjustments" / books.CODE / "2024H1.yaml"
    kills = 20
    for _ in range(kills):
        session = saver(path, "talks_person_times", 10_000)
        assert session.stdout is not None
        confirmed = int(session.stdout.readline())
        time.sleep(rng.uniform(0, 0.2))
        session.kill()
        rest, _ = session.communicate(timeout=60)
        confirmed = max([confirmed, *map(int, rest.split("\n")[:-1])])
        saved = store.read(path)
        assert saved.fault == ""
        assert saved.history.broken == 0
        assert not saved.by_hand, "the file is what the history says"
        value = int(saved.state.figures()["talks_person_times"].adjusted)
        assert value in (confirmed, confirmed + 1), "what was told as saved is there"
    tell(f"faults: {kills} kills of a session that saves; torn 0, lost 0")


def test_a_clock_set_back_between_saves_keeps_the_order(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    path = tmp_path / "2024H1.yaml"
    snapshot = store.read(path)
    days = (datetime(2024, 7, 2, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))
    for number, day in enumerate(days, 1):
        item = Adjustment(figure="clues_found", original="1", adjusted=str(number), reason="补录",
                          author="综合科", time=day.isoformat())  # fmt: skip
        snapshot = store.save(
            path, State(adjustments=(item,)), snapshot, "综合科", now=lambda day=day: day
        )
    assert [e.number for e in snapshot.history.entries] == [1, 2]
    assert snapshot.history.broken == 0
    assert snapshot.state.figures()["clues_found"].adjusted == "2"
    with pytest.raises(ConflictError):
        store.save(path, State(), store.Snapshot(State()), "别人")
