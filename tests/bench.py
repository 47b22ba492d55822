"""``make bench``: five ways to make the same reports, in one run, on the same data.

Not a test: it prints what it measures. ``--counties`` for the quick ways, ``--few`` for those
that take seconds a county; rates and CPU are per county, so that they compare. A machine that
others use as well changes its pace within minutes: so the batch is stopped every few seconds
(SIGSTOP to all of its processes) while the commands make as many counties as there are workers,
and goes on; its own seconds and CPU are those in which it ran. The other ways follow one after
the other, and ``pace`` tells how fast the machine was: CPU seconds of the same loop on every
core at once, before and after.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from costs import adopt_orphans, cpu, in_turns, paced

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
NOTEBOOK = ROOT / "notebooks" / "half_year_summary.ipynb"
FORMATS = ("html", "pdf", "docx")
PERIOD = "2024H1"


# -- the ways that run in a warm process of their own: python bench.py WAY DIR CODES… ---------


def exporters() -> dict[str, Any]:
    from xuncha_nb.exporters.docx import XunchaDocxExporter
    from xuncha_nb.exporters.html import XunchaHTMLExporter
    from xuncha_nb.exporters.pdf import XunchaPDFExporter

    return {
        "html": XunchaHTMLExporter(),
        "pdf": XunchaPDFExporter(),
        "docx": XunchaDocxExporter(),
    }


def write(kept: dict[str, Any], notebook: Any, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for kind, exporter in kept.items():
        body, _ = exporter.from_notebook_node(notebook)
        content = body.encode() if isinstance(body, str) else body
        (folder / f"report.{kind}").write_bytes(content)


def given(code: str) -> dict[str, str]:
    return {"county": code, "period": PERIOD, "source": f"data/{code}.xlsx"}


def by_papermill(codes: list[str], out: Path) -> None:
    import papermill

    kept = exporters()
    for code in codes:
        (out / code).mkdir(parents=True)
        notebook = papermill.execute_notebook(
            str(NOTEBOOK), str(out / code / "report.ipynb"), given(code), progress_bar=False
        )
        write(kept, notebook, out / code)


def by_ploomber(codes: list[str], out: Path) -> None:
    from ploomber_engine import execute_notebook

    kept = exporters()
    for code in codes:
        (out / code).mkdir(parents=True)
        notebook = execute_notebook(
            str(NOTEBOOK), str(out / code / "report.ipynb"), parameters=given(code),
            progress_bar=False,
        )  # fmt: skip
        write(kept, notebook, out / code)


def by_plain_functions(codes: list[str], out: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    from pieces import without_kernel

    kept = exporters()
    for code in codes:
        document = without_kernel(NOTEBOOK, **given(code)).document()
        (out / code).mkdir(parents=True)
        for kind, exporter in kept.items():
            body = exporter.render(document)
            content = body.encode() if isinstance(body, str) else body
            (out / code / f"report.{kind}").write_bytes(content)


WAYS = {"papermill": by_papermill, "ploomber": by_ploomber, "plain": by_plain_functions}


def warm(way: str, folder: Path, codes: list[str]) -> None:
    """Make one report to warm up, then the others, and print what those took."""
    os.chdir(folder)
    out = Path(tempfile.mkdtemp(prefix=f"out-{way}-", dir=folder))
    WAYS[way](codes[:1], out / "warm")
    before, started = cpu(), time.perf_counter()
    WAYS[way](codes, out)
    print(json.dumps({"seconds": time.perf_counter() - started, "cpu": cpu() - before}))
    check(out, codes)


def check(out: Path, codes: list[str]) -> None:
    """Make sure that every report is there, in every format."""
    for code in codes:
        found = {p.suffix[1:] for p in out.rglob("*") if code in p.as_posix()}
        assert set(FORMATS) <= found, (out, code, found)


def plan(folder: Path, codes: list[str], name: str) -> str:
    lines = [
        f"notebook: {NOTEBOOK.stem}", f"period: {PERIOD}", "formats: [html, pdf, docx]",
        "source: data/{code}.xlsx", f"counties: {codes!r}",
    ]  # fmt: skip
    (folder / name).write_text("\n".join(lines), "utf-8")
    return name


SCRIPT = """set -e
execute() {{
  {bin}/papermill {notebook} out-commands/$0.ipynb -p county $0 -p period {period} \
    -p source data/$0.xlsx --no-progress-bar
}}
# Two kernels that start at once may draw the same port: then one dies, and is started again.
execute $0 || execute $0
for kind in html pdf docx; do
  {bin}/jupyter nbconvert --to xuncha-$kind out-commands/$0.ipynb --output $0
done
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=200)
    parser.add_argument("--few", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    adopt_orphans()
    folder = Path(tempfile.mkdtemp(prefix="xuncha-bench-"))
    xuncha = str(BIN / "xuncha")
    sample = [xuncha, "sample", str(folder), "--counties", str(options.counties), "--seed", "7"]
    subprocess.run(sample, check=True, stdout=subprocess.DEVNULL)
    codes = sorted(p.stem for p in (folder / "data").iterdir())
    few = codes[: options.few]
    me, workers = [sys.executable, str(Path(__file__).resolve())], str(options.workers)
    run = functools.partial(paced, folder=folder, workers=options.workers)
    results: dict[str, tuple[int, dict[str, float]]] = {}

    script = SCRIPT.format(bin=BIN, notebook=NOTEBOOK, period=PERIOD)
    (folder / "out-commands").mkdir()

    def commands(codes: list[str]) -> dict[str, float]:
        (folder / "codes").write_text("\n".join(codes))
        return run(["xargs", "-a", "codes", "-P", workers, "-n", "1", "bash", "-c", script])

    each = options.workers
    turns = [functools.partial(commands, few[n : n + each]) for n in range(0, len(few), each)]
    batch = [xuncha, "batch", plan(folder, codes, "all.yaml"), "--workers", workers]
    own, theirs = in_turns([*batch, "--out", "out"], turns, folder, each)
    check(folder / "out", codes)
    check(folder / "out-commands", few)
    results["xuncha batch"] = len(codes), own
    results["again, unchanged"] = len(codes), run([*batch, "--out", "out"])
    results["papermill + nbconvert"] = len(few), theirs

    for way, label, chosen in (
        ("papermill", "papermill interface", few),
        ("ploomber", "ploomber-engine", few),
        ("plain", "plain functions (floor)", codes),
    ):
        # Installed, ploomber-engine would be loaded by every papermill command.
        beside = {"PYTHONPATH": str(ROOT / "build" / "ploomber")} if way == "ploomber" else {}
        command = [*me, way, str(folder), *chosen]
        results[label] = len(chosen), run(command, **beside)

    one = folder / "one.yaml"
    one.write_text("".join(f"{k}: '{v}'\n" for k, v in given(codes[0]).items()), "utf-8")
    shutil.rmtree(folder / "out-commands")
    (folder / "out-commands").mkdir()
    notebook = ["--notebook", NOTEBOOK.stem, "--out", "single"]
    cold = run([xuncha, "run", "one.yaml", *notebook])["seconds"]
    cold_commands = run(["bash", "-c", script, codes[0]])["seconds"]

    report(results, cold, cold_commands)
    shutil.rmtree(folder)


def report(
    results: dict[str, tuple[int, dict[str, float]]], cold: float, cold_commands: float
) -> None:
    count, ours = results["xuncha batch"]
    own = (ours["seconds"] / count, ours["cpu"] / count)
    heads = ("counties", "/min", "CPU s", "peak MB", "wall ×", "CPU ×", "pace s")
    print(f"{'':26}{heads[0]:>9}" + "".join(f"{head:>9}" for head in heads[1:]))
    for label, (number, got) in results.items():
        wall, used = got["seconds"] / number, got["cpu"] / number
        print(
            f"{label:26}{number:9}{60 / wall:9.1f}{used:9.2f}{got['memory']:9.0f}"
            f"{wall / own[0]:9.2f}{used / own[1]:9.2f}{got['pace']:9.2f}"
        )
    print(f"one report from cold: xuncha run {cold:.1f} s, papermill + nbconvert "
          f"{cold_commands:.1f} s, ratio {cold / cold_commands:.2f}")  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in WAYS:
        warm(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
    else:
        main()
