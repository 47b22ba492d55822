"""Real servers on loopback and Debian's Chromium in front of them, for tests in a browser."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def served(command: str, workspace: Path) -> Iterator[str]:
    """Run ``xuncha lab`` or ``xuncha app`` in a workspace; yield the address with its token."""
    program = Path(sys.executable).parent / "xuncha"
    log = workspace / f"{command}.log"
    with log.open("w") as stream:
        running = subprocess.Popen(
            [program, command, "--no-browser"], cwd=workspace, stdout=stream, stderr=stream
        )
        try:
            yield _address(log, running)
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(30)


def _address(log: Path, running: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and running.poll() is None:
        found = re.findall(r"http://127\.0\.0\.1:\d+/\S+token=\w+", log.read_text("utf-8"))
        if found:
            return str(found[-1])
        time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8"))


def restart_kernels(address: str) -> None:
    """Restart every kernel of a JupyterLab server, as its menu does."""
    base, token = address.partition("/lab?token=")[::2]

    def ask(path: str, method: str) -> Any:
        request = urllib.request.Request(
            f"{base}/api/{path}", method=method, headers={"Authorization": f"token {token}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or "null")

    for kernel in ask("kernels", "GET"):
        ask(f"kernels/{kernel['id']}/restart", "POST")


class Desk:
    """The panel on a page, as somebody uses it."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def find(self, text: str) -> None:
        """Search for a figure."""
        self.page.fill(".x-search", text)

    def open(self, figure: str) -> None:
        """Show a figure's rounds and relations."""
        name = self.page.locator(f'tr[data-figure="{figure}"] .x-name')
        if name.get_attribute("aria-expanded") == "false":
            name.click()

    def name(self, figure: str) -> str:
        """Return what a figure is called."""
        return str(self.page.locator(f'tr[data-figure="{figure}"] .x-name').inner_text())

    def number(self, figure: str) -> Any:
        """Return where a figure's number is typed."""
        return self.page.locator(f'input.x-number[data-figure="{figure}"]')

    def reason(self, figure: str) -> Any:
        """Return where a figure's reason is typed."""
        return self.page.locator(f'input.x-reason[data-figure="{figure}"]')

    def wait(self, selector: str, text: str = "", timeout: float = 30_000) -> Any:
        """Wait for an element with a text, and return it."""
        found = self.page.locator(selector, has_text=text).first
        found.wait_for(timeout=timeout)
        return found

    def kept(self) -> None:
        """Wait until everything that was typed is answered, and so in the draft."""
        self.page.locator(".x-panel:not([data-keeping])").wait_for(timeout=60_000)

    def go(self, source: str, period: str) -> None:
        """Open another county and period in the form above the panel."""
        name = source.partition("：")[2]
        self.page.get_by_label("数据", exact=True).select_option(label=source)
        self.page.wait_for_function(
            "name => document.querySelector('.x-county').value === name", arg=name
        )
        self.page.get_by_label("期间").select_option(label=period)
        self.page.click(".x-open")
        self.wait(".x-panel h2", f"{name} {period}")

    def save(self, author: str = "综合科") -> None:
        """Press save."""
        self.page.fill(".x-author", author)
        self.page.click(".x-save")


def opened(
    browser: Any,
    address: str,
    title: str,
    outside: list[str],
    asked: Callable[[str], object] = lambda url: None,
) -> Any:
    """Open a document as a clerk does, and return the page once its panel is there.

    ``asked`` is told of every address that the page asks for, ``outside`` takes those of others.
    """
    page = browser.new_page(viewport={"width": 1600, "height": 1000})
    ours = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
    page.on("request", lambda r: None if r.url.startswith(ours) else outside.append(r.url))
    page.on("request", lambda r: asked(r.url))
    page.goto(address)
    page.locator(".jp-LauncherCard, main a", has_text=title).first.click(timeout=60_000)
    page.wait_for_selector(".x-panel", timeout=90_000)
    # The last piece: everything has run.
    page.wait_for_function("document.querySelectorAll('.xuncha-piece').length > 20", timeout=60_000)
    return page
