"""Measures the panel in Chromium: how soon it opens, how soon a change is everywhere.

``make measure`` runs it; it prints figures and judges nothing, because elapsed time on a
machine that others use says little. Beside each time stand the parts that load does not change:
processor time of the kernel and of the browser, messages and bytes on the wire.

The clock starts with the key (the page's own ``input`` event) and stops with the last change of
the document; a ``MutationObserver`` in the page takes the times, nothing is polled.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
from browser import CHROMIUM, SWITCHES
from browsing import Desk, served
from commands import xuncha
from family import below
from pieces import live, sample_case

from xuncha_nb.bench import Bench

TITLE: Final = "半年总结和下半年计划"
ROUNDS: Final = 3

#: What is changed, and how: the figure, its row, numbers to type one after the other. Together
#: they reach every chart that follows an adjustment, and most of the sentences.
CHANGES: Final = (
    ("talks_person_times@十三届-7", "talks_person_times", ("240", "241", "242")),
    (
        "findings_by_category[决策部署落实]@十三届-7",
        "findings_by_category[决策部署落实]",
        ("31", "32", "33"),
    ),
    ("rect_done@十三届-7", "rect_done", ("40", "41", "42")),
    ("covered_by_type[学校]", "covered_by_type[学校]", ("7", "8", "9")),
    ("training_sessions", "training_sessions", ("6", "7", "8")),
)

#: Runs before anything of the page: notes each message, and each change of the document.
WATCH: Final = """
(() => {
  const notes = { keys: [], frames: [], pieces: [], rows: 0, shown: new Map() };
  window.xunchaNotes = notes;
  const Plain = window.WebSocket;
  const text = new TextDecoder();
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", (event) => {
        const now = performance.now();
        const raw = typeof event.data === "string" ? event.data : text.decode(event.data);
        const type = /"msg_type": ?"(\\w+)"/.exec(raw)?.[1] ?? "";
        notes.frames.push([now, type, raw.length]);
        if (raw.includes('"report.panel()"')) notes.run ||= now;
        if (raw.includes('"_anywidget_id"')) notes.opened ||= now;
      });
    }
  };
  addEventListener("input", () => notes.keys.push(performance.now()), true);
  const of = (node) => {
    const element = node.nodeType === 1 ? node : node.parentElement;
    if (!element) return null;
    return element.closest(".xuncha-piece") ?? element.querySelector?.(".xuncha-piece") ?? null;
  };
  const watch = () => new MutationObserver((records) => {
    const now = performance.now();
    for (const record of records) for (const node of record.addedNodes) {
      const piece = of(node);
      // A display that follows later with what the page shows already is no change; JupyterLab
      // puts an empty place for a number into headings.
      const now_shown = piece?.innerHTML.replace(/<span class="numbering-entry"><\\/span>/g, "");
      if (piece && notes.shown.get(piece.dataset.xuncha) !== now_shown) {
        notes.shown.set(piece.dataset.xuncha, now_shown);
        const note = [now, piece.dataset.xuncha, piece.querySelector("svg") ? "chart" : "text"];
        notes.pieces.push(note);
        requestAnimationFrame(() => setTimeout(() => note.push(performance.now())));
      }
    }
    if (!notes.rows && document.querySelectorAll("tr.x-row").length >= 160) {
      notes.rows = now;
      // Usable: the rows are laid out and painted, and the page takes a key again.
      requestAnimationFrame(() => setTimeout(() => { notes.usable = performance.now(); }));
    }
  }).observe(document, { childList: true, subtree: true });
  watch();
})();
"""


@dataclass
class Change:
    """One change: milliseconds from the key, and what it cost."""

    figure: str
    first: float
    sentence: float
    chart: float
    last: float
    painted: float
    pieces: int
    frames: int
    kilobytes: float
    kernel: float
    server: float
    browser: float


@dataclass
class Opening:
    """How the panel opened: moments of the page in milliseconds, and seconds from the card."""

    run: float
    model: float
    usable: float
    rows: int
    panel: float
    whole: float


def processes(name: str) -> list[psutil.Process]:
    """Return the processes below this one whose command line has a word in it."""
    return below(psutil.Process(), name, deep=True)


def cpu(group: list[psutil.Process]) -> float:
    """Return the processor time of processes, in milliseconds."""
    total = 0.0
    for process in group:
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return total * 1000


@contextmanager
def page_of(browser: Any, command: str) -> Iterator[tuple[Any, Opening]]:
    """Open the document in JupyterLab or Voila, on a workspace of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        assert xuncha("init", "w", cwd=folder).returncode == 0
        with served(command, folder / "w") as address:
            page = browser.new_page(viewport={"width": 1600, "height": 1000})
            page.add_init_script(WATCH)
            page.goto(address)
            card = page.locator(".jp-LauncherCard, main a", has_text=TITLE).first
            card.wait_for(timeout=60_000)
            begin = time.perf_counter()
            card.click()
            page.wait_for_selector("tr.x-row", state="attached", timeout=90_000)
            panel = time.perf_counter() - begin
            page.wait_for_function(
                "document.querySelectorAll('.xuncha-piece').length > 20", timeout=60_000
            )
            whole = time.perf_counter() - begin
            page.wait_for_timeout(2000)
            notes = page.evaluate("({...xunchaNotes, shown: 0})")
            rows = page.locator("tr.x-row").count()
            moments = (notes.get(name) or 0.0 for name in ("run", "opened", "usable"))
            yield page, Opening(*moments, rows, panel, whole)
            page.close()


def changed(page: Any, figure: str, text: str) -> Change:
    """Type a number and wait until nothing follows any more."""
    kernels, servers = processes("ipykernel"), processes("-m jupyterlab") + processes("-m voila")
    browsers = processes("chromium")
    field = Desk(page).number(figure)
    field.scroll_into_view_if_needed()
    page.evaluate("Object.assign(xunchaNotes, {keys: [], frames: [], pieces: []})")
    before = [cpu(group) for group in (kernels, servers, browsers)]
    field.fill(text)
    page.wait_for_timeout(1500)
    spent = [
        cpu(group) - was for group, was in zip((kernels, servers, browsers), before, strict=True)
    ]
    notes = page.evaluate("({...xunchaNotes, shown: 0})")
    key = notes["keys"][0]
    pieces = notes["pieces"]
    times = {kind: [p[0] - key for p in pieces if p[2] == kind] for kind in ("text", "chart")}
    return Change(
        figure,
        min((p[0] - key for p in pieces), default=0.0),
        max(times["text"], default=0.0),
        max(times["chart"], default=0.0),
        max((p[0] - key for p in pieces), default=0.0),
        max((p[3] - key for p in pieces if len(p) > 3), default=0.0),
        len({p[1] for p in pieces}),
        len(notes["frames"]),
        sum(f[2] for f in notes["frames"]) / 1024,
        *spent,
    )


def changes(page: Any) -> Iterator[Change]:
    """Change each figure, again and again."""
    desk = Desk(page)
    for figure, row, numbers in CHANGES:
        desk.find(row)
        desk.open(row)
        for number in numbers:
            yield changed(page, figure, number)


def kernel() -> None:
    """Print what a change costs the kernel, for every number that can be edited."""
    bench = Bench(sample_case())
    report = live(bench)
    shown = [row for row in bench.view()["rows"] if row["base"]]
    numbers = [part for row in shown for part in row["rounds"] or [row]]
    gc.collect()
    gc.freeze()  # as the panel does once it is open
    answers, views = [], []
    for number in numbers:
        source = number["source"]
        if "." in source:
            continue
        begin = time.process_time()
        change = {"figure": number["id"], "text": str(int(source or 0) + 7), "reason": ""}
        bench.act("change", change)
        told = time.process_time()
        bench.view()
        answers.append((told - begin) * 1000)
        views.append((time.process_time() - told) * 1000)
        bench.act("give_up", {})
    assert report.document().blocks
    answers.sort()
    say(
        f"kernel, {len(answers)} numbers changed one by one, CPU until all pieces are made: "
        f"median {statistics.median(answers):.0f} ms, longest {answers[-1]:.0f} ms; "
        f"then the panel's own state {statistics.median(views):.0f} ms"
    )


def say(line: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name:
        workspace = Path(name)
        assert xuncha("init", "w", cwd=workspace).returncode == 0
        os.chdir(workspace / "w")
        os.environ["XUNCHA_WORKSPACE"] = str(workspace / "w")
        kernel()
        os.chdir(Path(__file__).parent)
        del os.environ["XUNCHA_WORKSPACE"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        for command, name in (("lab", "JupyterLab"), ("app", "Voila")):
            if len(sys.argv) > 1 and command not in sys.argv[1:]:
                continue
            say(f"{name}, load average {os.getloadavg()[0]:.1f}")
            with page_of(browser, command) as (page, opening):
                cell = f"{opening.usable - opening.run:.0f} ms after its cell began, "
                say(
                    f"  opening: {opening.rows} rows usable {cell if opening.run else ''}"
                    f"{opening.usable - opening.model:.0f} ms after their data arrived; "
                    f"from the card {opening.panel:.1f} s to the panel, "
                    f"{opening.whole:.1f} s to the document"
                )
                made = list(changes(page))
                say(
                    "  figure | last sentence, last chart, painted (ms) | pieces, messages, kB"
                    " | CPU of kernel, server, browser (ms)"
                )
                for c in made:
                    say(
                        f"  {c.figure[:34]} | {c.sentence:.0f}, {c.chart:.0f}, {c.painted:.0f} | "
                        f"{c.pieces}, {c.frames}, {c.kilobytes:.0f} | "
                        f"{c.kernel:.0f}, {c.server:.0f}, {c.browser:.0f}"
                    )
                last = sorted(c.last for c in made)
                say(
                    f"  key to last sentence or chart: median {statistics.median(last):.0f} ms, "
                    f"longest {last[-1]:.0f} ms; load average {os.getloadavg()[0]:.1f}"
                )
        browser.close()


if __name__ == "__main__":
    main()
