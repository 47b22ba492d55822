"""Thousands of broken files: each ends in a report or in one clear line.

``make fuzz FUZZ="--seed 7 --count 500 --kinds csv,yaml"``. Every case is made from its kind, the
seed and its number, so that it can be made again: ``--only csv:7:31`` runs one and shows what it
raised. A kind runs in a process of its own; a case that takes it down is told and the next one goes
on.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Final

import books
import mutations
from pieces import HALF_YEAR_SUMMARY, ROOT, without_kernel

from xuncha_nb import batch, paper, runner, workspace
from xuncha_nb.adjustments import drafts, store
from xuncha_nb.errors import CheckError, XunchaError
from xuncha_nb.inspection import inspect
from xuncha_nb.parameters import RunParameters, load_standards
from xuncha_nb.runner import Job

#: A case that takes longer hangs.
SECONDS: Final = 30
#: One message has no more lines than there are faults, and no line is longer.
_LINE: Final = 600
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_COUNTY: Final = {"county": books.CODE, "period": "2024H1"}


class Hang(BaseException):
    """A case that took too long."""


def composed(source: Path | str, **more: Any) -> None:
    """Make the half-year report of a source in this process, and check what is said of it."""
    without_kernel(HALF_YEAR_SUMMARY, **_COUNTY, source=str(source), **more).document()


def _ledgers(path: Path) -> None:
    """Check a source as ``xuncha check`` does, and make its report."""
    with contextlib.suppress(XunchaError):
        for verdict in inspect(path):
            told(verdict.line)
    composed(path)


def _plain_workbook(folder: Path) -> Path:
    path = Path(tempfile.gettempdir()) / f"plain-{os.getpid()}.xlsx"
    if not path.exists():
        rows = books.county()
        sheets = {books.LEDGERS[name].sheet: books.grid(name, t) for name, t in rows.items()}
        books.workbook(path, sheets)
    return path


def csv_(folder: Path, rng: random.Random) -> None:
    """A folder of CSV files with wrong cells, headers and bytes."""
    _ledgers(mutations.csv_folder(folder / books.CODE, rng))


def workbook_cells(folder: Path, rng: random.Random) -> None:
    """A workbook with wrong cells and headers."""
    _ledgers(mutations.workbook(folder / f"{books.CODE}.xlsx", rng))


def workbook_xml(folder: Path, rng: random.Random) -> None:
    """A workbook whose parts are XML that no program would write."""
    path = folder / f"{books.CODE}.xlsx"
    _ledgers(mutations.members(path, _plain_workbook(folder), rng, structure=True))


def workbook_parts(folder: Path, rng: random.Random) -> None:
    """A workbook with wrong bytes within its parts."""
    path = folder / f"{books.CODE}.xlsx"
    _ledgers(mutations.members(path, _plain_workbook(folder), rng, structure=False))


def workbook_bytes(folder: Path, rng: random.Random) -> None:
    """A workbook with wrong bytes in its zip file."""
    path = folder / f"{books.CODE}.xlsx"
    path.write_bytes(mutations.bytes_(_plain_workbook(folder).read_bytes(), rng))
    _ledgers(path)


def parquet(folder: Path, rng: random.Random) -> None:
    """A folder of Parquet files with columns of wrong types, and with wrong bytes."""
    _ledgers(mutations.parquet_folder(folder / books.CODE, rng))


def reported(folder: Path, rng: random.Random) -> None:
    """One CSV of reported figures."""
    path = folder / f"{books.CODE}.csv"
    lines = ["area,period,figure,value,source"]
    for _ in range(rng.randrange(1, 8)):
        figure = rng.choice(("findings_total", "clues_found", "objects_by_type[乡镇]", "growth"))
        cells = [books.NAME, "2024H1", figure, str(rng.randrange(500)), ""]
        cells[rng.randrange(5)] = str(mutations.value(rng))
        lines.append(",".join('"' + c.replace('"', '""') + '"' for c in cells))
    path.write_text("\n".join(lines), "utf-8", "surrogatepass")
    _ledgers(path)


def _workspace(folder: Path) -> None:
    """Make a workspace with the tiny county, and go there."""
    shutil.copytree(ROOT / "parameters", folder / "parameters")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    books.folder(folder / "data" / books.CODE, books.county())


def parameters(folder: Path, rng: random.Random) -> None:
    """A parameter file, or one of the settings under ``parameters/``."""
    _workspace(folder)
    name = rng.choice(sorted(p.name for p in (folder / "parameters").glob("*.yaml")))
    path = folder / "parameters" / name
    text = mutations.yaml_text(path.read_text("utf-8"), rng)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    notebook = runner.notebook_of(path)
    if name in ("schemes.yaml", "grades.yaml", "regulations.yaml", "thresholds.yaml", "office.yaml",
                "sentences.yaml"):  # fmt: skip
        load_standards(folder)
        composed(f"data/{books.CODE}")
    elif name == "layout.yaml":
        paper.load(folder).fonts_used()
    else:
        common, own = runner.read_parameters(path, notebook)
        runner.check_job(Job(notebook, common, folder / "out", folder, ("html",), own))


_PLAN: Final = """\
notebook: half_year_summary
period: 2024H1
formats: [html]
source: data/{code}
counties: counties.csv
adjustments: ''
parameters: {}
"""


def plan(folder: Path, rng: random.Random) -> None:
    """A plan, or its list of counties."""
    _workspace(folder)
    counties = f"code,county\n{books.CODE},{books.NAME}\n320507,相城区\n".encode()
    text = _PLAN
    if rng.random() < 0.3:
        counties = mutations.bytes_(counties, rng)
    else:
        text = mutations.yaml_text(text, rng)
    (folder / "counties.csv").write_bytes(counties)
    (folder / "plan.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    made = batch.jobs(folder / "plan.yaml", folder / "out")
    for job in made:
        assert (folder / "out").resolve() in job.folder.resolve().parents, "leaves the outputs"


_ADJUSTMENTS: Final = """\
revision: 1
adjustments:
- figure: talks_person_times
  original: '20'
  adjusted: '21'
  reason: 补录
  author: 综合科
  time: '2024-07-01T09:30:00+08:00'
  fingerprint: ''
charts:
- notebook: half_year_summary
  chart: '{{ period_short }}发现问题分布（个）'
  kind: columns
  order: descending
  base: hidden
  title: ''
"""


def adjustments(folder: Path, rng: random.Random) -> None:
    """An adjustments file, its history, or a draft beside it."""
    _workspace(folder)
    path = folder / "parameters" / "adjustments" / books.CODE / "2024H1.yaml"
    path.parent.mkdir(parents=True)
    state = store.State.model_validate(
        {k: v for k, v in mutations.yaml.load(_ADJUSTMENTS, mutations.yaml.BaseLoader).items()
         if k != "revision"}
    )  # fmt: skip
    store.save(path, state, store.read(path), "综合科")
    spoilt = rng.random()
    if spoilt < 0.6:
        path.write_bytes(
            mutations.yaml_text(path.read_text("utf-8"), rng).encode("utf-8", "surrogateescape")
        )
    elif spoilt < 0.9:
        history = path.with_name("2024H1.history.jsonl")
        history.write_bytes(mutations.json_text(history.read_bytes(), rng))
        if rng.random() < 0.3:
            path.unlink()
    else:
        draft = path.with_name(".2024H1.draft-0000.json")
        draft.write_bytes(mutations.json_text(b'{"notebook":"x","time":"t","edits":{}}', rng))
        list(drafts.left_behind(path))
    snapshot = store.read(path)
    if snapshot.fault:
        told(snapshot.fault)
    composed(f"data/{books.CODE}")


def executed(folder: Path, rng: random.Random) -> None:
    """A finished report or its figures, read by ``xuncha check`` or by a roll-up."""
    made = _report_of(folder)
    path = made / rng.choice(("report.ipynb", "report.ipynb", "figures.json"))
    path.write_bytes(mutations.json_text(path.read_bytes(), rng))
    for verdict in inspect(made):
        told(verdict.line)
    below = folder / "out" / books.CODE
    shutil.copytree(made, below)
    without_kernel(
        ROOT / "notebooks" / "city_rollup.ipynb", county="丽水市", period="2024H1", source="out"
    ).document()


def _report_of(folder: Path) -> Path:
    """Return a copy of a finished report; it is made once a process."""
    kept = Path(tempfile.gettempdir()) / f"report-{os.getpid()}"
    if not kept.exists():
        _workspace(kept / "w")
        job = Job("half_year_summary", RunParameters(**_COUNTY, source=f"data/{books.CODE}"),
                  kept / "out", kept / "w", ("html",))  # fmt: skip
        runner.run(job)
    found = next(p.parent for p in (kept / "out").rglob("report.ipynb"))
    return Path(shutil.copytree(found, folder / "made"))


def notebook(folder: Path, rng: random.Random) -> None:
    """A notebook that is broken, run to the end."""
    _workspace(folder)
    path = folder / "notebooks" / "half_year_summary.ipynb"
    path.write_bytes(mutations.json_text(path.read_bytes(), rng))
    _run(folder)


def whole_job(folder: Path, rng: random.Random) -> None:
    """A wrong source, run to the end: a whole folder or none."""
    _workspace(folder)
    shutil.rmtree(folder / "data" / books.CODE)
    make = rng.choice((mutations.csv_folder, mutations.parquet_folder))
    make(folder / "data" / books.CODE, rng)
    _run(folder, rng.choice((("html",), ("pdf",), ("docx",), ("html", "pdf", "docx"))))


def _run(folder: Path, formats: tuple[Any, ...] = ("html",)) -> None:
    out = folder / "out"
    given = RunParameters(**_COUNTY, source=f"data/{books.CODE}")
    try:
        runner.run(Job("half_year_summary", given, out, folder, formats))
    except XunchaError:
        assert not out.exists(), f"left behind: {sorted(out.rglob('*'))}"
        raise
    whole(out)


def whole(out: Path) -> int:
    """Return how many reports lie below a folder; each must be what its manifest says."""
    import hashlib

    found = list(out.rglob("manifest.json"))
    for path in found:
        manifest = json.loads(path.read_text("utf-8"))
        names = {p.name for p in path.parent.iterdir()} - {"manifest.json"}
        assert names == set(manifest["outputs"]), path
        for name, digest in manifest["outputs"].items():
            content = (path.parent / name).read_bytes()
            assert hashlib.sha256(content).hexdigest() == digest, path.parent / name
    return len(found)


#: How often a kind is tried for one of the others: what is slow is tried more seldom.
KINDS: Final[dict[str, tuple[Callable[[Path, random.Random], None], float]]] = {
    "csv": (csv_, 1),
    "workbook-cells": (workbook_cells, 1),
    "workbook-xml": (workbook_xml, 1),
    "workbook-parts": (workbook_parts, 1),
    "workbook-bytes": (workbook_bytes, 1),
    "parquet": (parquet, 1),
    "reported": (reported, 1),
    "parameters": (parameters, 1),
    "plan": (plan, 1),
    "adjustments": (adjustments, 1),
    "executed": (executed, 0.5),
    "notebook": (notebook, 0.25),
    "whole-job": (whole_job, 0.25),
}


def told(message: str) -> None:
    """Hold a message to what a user may be told."""
    assert message.strip(), "nothing said"
    for line in message.split("\n"):
        assert len(line) <= _LINE, f"a line of {len(line)} characters: {line[:80]}"
        assert _CHINESE.search(line), f"not in Chinese: {line!r}"
        assert all(c >= " " for c in line), f"control characters: {line!r}"
    assert "Traceback" not in message
    assert tempfile.gettempdir() not in message, f"a path of the machine: {message[:200]}"


def case(kind: str, seed: int, number: int) -> str:
    """Run one case; return its outcome: ``report``, ``line``, ``lines``, or what went wrong."""
    rng = random.Random(f"{kind}:{seed}:{number}")
    before = Path.cwd()
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chdir(folder)
        os.environ.pop(workspace.VARIABLE, None)
        signal.signal(signal.SIGALRM, _hang)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            with warnings.catch_warnings(), contextlib.redirect_stderr(said):
                warnings.simplefilter("error")
                KINDS[kind][0](folder, rng)
            outcome = "report"
        except XunchaError as error:
            outcome = "line" if "\n" not in str(error) else "lines"
            try:
                told(str(error))
                if outcome == "lines" and not (isinstance(error, CheckError) or _each_says(error)):
                    outcome = f"FAILED message in lines: {error}"
                if "执行失败" in str(error) and kind != "notebook":
                    outcome = f"FAILED in a cell: {error}"
            except AssertionError as wrong:
                outcome = f"FAILED message: {wrong}"
        except Hang:
            outcome = f"FAILED hang: more than {SECONDS} s"
        except BaseException as error:  # Rust's panics are no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            outcome = f"FAILED {type(error).__name__}: {str(error)[:200]} {_where(error)}"
            if os.environ.get("FUZZ_TRACE"):
                traceback.print_exc()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            os.chdir(before)
    if said.getvalue() and not outcome.startswith("FAILED"):
        outcome = f"FAILED said on the error output: {said.getvalue()[:200]!r}"
    return outcome


def _each_says(error: XunchaError) -> bool:
    """Whether each line of a message is a fault of its own, with its place."""
    return all("：" in line for line in str(error).split("\n"))


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "xuncha_nb" in f.filename] or frames
    return f"({Path(ours[-1].filename).name}:{ours[-1].lineno})" if ours else ""


def _hang(number: int, frame: FrameType | None) -> None:
    raise Hang


def run(kind: str, seed: int, count: int) -> Iterator[tuple[int, str]]:
    """Yield number and outcome of each case of a kind, in processes that may die."""
    number = 0
    while number < count:
        with subprocess.Popen(
            [sys.executable, __file__, "--child", kind, "--seed", str(seed), "--count", str(count),
             "--first", str(number)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        ) as child:  # fmt: skip
            assert child.stdout is not None
            other: list[str] = []
            for line in child.stdout:
                mark, _, outcome = line.rstrip("\n").partition("\t")
                if mark.startswith("#"):
                    yield int(mark[1:]), outcome if not other else f"FAILED printed {other[:3]}"
                    number, other = int(mark[1:]) + 1, []
                else:
                    other.append(line.rstrip())
            code = child.wait()
        if number < count:
            yield number, f"FAILED crash: exit code {code} {other[-3:]}"
            number += 1


def main() -> int:
    """Run what the arguments ask for; 1 if any case failed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--count", type=int, default=400)
    asked.add_argument("--kinds", default=",".join(KINDS))
    asked.add_argument("--only", default="")
    asked.add_argument("--child", default="")
    asked.add_argument("--first", type=int, default=0)
    given = asked.parse_args()
    if given.child:
        for number in range(given.first, given.count):
            print(f"#{number}", case(given.child, given.seed, number).replace("\n", "⏎"), sep="\t")
            sys.stdout.flush()
        return 0
    if given.only:
        os.environ["FUZZ_TRACE"] = "1"
        kind, seed, number = given.only.split(":")
        print(case(kind, int(seed), int(number)))
        return 0
    failed = total = 0
    for kind in given.kinds.split(","):
        count = max(1, int(given.count * KINDS[kind][1]))
        outcomes: Counter[str] = Counter()
        for number, outcome in run(kind, given.seed, count):
            outcomes[outcome.partition(" ")[0]] += 1
            if outcome.startswith("FAILED"):
                failed += 1
                print(f"  {kind}:{given.seed}:{number} {outcome[:400]}", flush=True)
        total += count
        print(f"{kind:16} {count:6} cases  {dict(sorted(outcomes.items()))}", flush=True)
    print(f"{total} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
