"""A report made in a process of its own; the test gives it another day, folder, zone, seed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

#: Debian's libfaketime: gives a process another day, its libraries in C and Rust included.
FAKETIME: Final = next((str(p) for p in Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), "")
#: Run in the other process: one job, printed as file → SHA-256.
_CODE: Final = """
import datetime, json, os, sys
from pathlib import Path
told = json.loads(sys.argv[1])
os.umask(told["umask"])
from xuncha_nb import runner
from xuncha_nb.parameters import RunParameters
here = Path.cwd()
parameters = RunParameters(**told["parameters"])
job = runner.Job(told["notebook"], parameters, here / told["out"], here, engine=told["engine"])
print(runner.run(job).folder)
print(datetime.datetime.now().astimezone().isoformat())
"""


def made(
    folder: Path,
    *,
    notebook: str = "half_year_summary",
    engine: str = "xuncha",
    umask: int = 0o022,
    out: str = "out",
    days: int = 0,
    environment: dict[str, str] | None = None,
    **parameters: Any,
) -> tuple[dict[str, str], dict[str, Any]]:
    """Make a report in a folder; return file → SHA-256 without the manifest, and the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {"county": "331124", "period": "2024H1"} | parameters
    told = {"notebook": notebook, "engine": engine, "umask": umask, "out": out}
    told |= {"parameters": given}
    variables = {k: v for k, v in os.environ.items() if not k.startswith("XUNCHA")}
    variables |= environment or {}
    if days:
        variables |= {
            "LD_PRELOAD": FAKETIME,
            "FAKETIME": f"{days:+d}d",
            # Threads wait by the monotonic clock.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
    done = subprocess.run(
        [sys.executable, "-c", _CODE, json.dumps(told)],
        cwd=folder, env=variables, capture_output=True, encoding="utf-8", check=False,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    report = Path(done.stdout.splitlines()[0])
    hashes = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in report.iterdir()}
    del hashes["manifest.json"]
    manifest = json.loads((report / "manifest.json").read_text("utf-8"))
    return hashes, manifest | {"now": done.stdout.splitlines()[1]}
