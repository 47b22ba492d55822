"""What the package never does, read from its source; and that linter, types and tests hold it.

ruff's security rules find most of it; this test finds it whatever somebody writes behind a noqa,
and holds the settings that the rest relies on.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "xuncha_nb"
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if "packaged" not in p.parts)
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

#: What reads objects from disk, or speaks to other machines.
IMPORTS = frozenset(
    [
        "pickle",
        "_pickle",
        "cPickle",
        "shelve",
        "marshal",
        "dill",
        "cloudpickle",
        "joblib",
        "jsonpickle",
        "dbm",
        "requests",
        "httpx",
        "aiohttp",
        "urllib3",
        "urllib.request",
        "http.client",
        "http.server",
        "ftplib",
        "smtplib",
        "telnetlib",
        "poplib",
        "imaplib",
        "nntplib",
        "xmlrpc",
        "socketserver",
        "asyncore",
        "websockets",
        "paramiko",
    ]
)
#: Who may know of sockets: the servers, to find a free port and to see that one answers; a
#: batch, to see that the scheduler the user named is there, and to say which machine it ran on.
SOCKETS = frozenset({"servers", "batch"})
#: The one loader of our own; a test below looks at it.
LOADERS = ("yaml.BaseLoader", "yaml.SafeLoader", "_Loader")
CALLS = frozenset(
    [
        "eval",
        "exec",
        "compile",
        "__import__",
        "os.system",
        "os.popen",
        "os.execv",
        "os.spawnl",
        "pd.read_pickle",
        "pandas.read_pickle",
        "pd.eval",
        "pandas.eval",
        "tempfile.mktemp",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "yaml.unsafe_load",
        "yaml.full_load",
        "yaml.load_all",
    ]
)
METHODS = frozenset(["read_pickle", "to_pickle", "extractall", "eval"])
#: A worker of a cluster unpacks the zip that the batch itself packed; zipfile keeps it within
#: its folder, whatever names are in it.
UNPACKS = frozenset({"batch"})
#: Places where ruff's security rules are answered instead of followed, each with its reason
#: beside it: module, rule, how often.
ANSWERED = Counter(
    {
        ("bench/exporting.py", "S603"): 1,
        ("exporters/html.py", "S704"): 2,
        ("exporters/index.py", "S704"): 1,
        ("exporters/marking.py", "S704"): 1,
        ("exporters/webpage.py", "S704"): 1,
        ("exporters/svg.py", "S314"): 1,
        ("literals.py", "S701"): 1,
        ("yamlfile.py", "S506"): 1,
        ("sample/__init__.py", "S311"): 2,
        ("servers/__init__.py", "S603"): 1,
    }
)


def faults(source: str, module: str = "") -> Iterator[str]:
    """Yield what a source does that it must not."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                names = [str(node.module), *(f"{node.module}.{name}" for name in names)]
            for name in names:
                if name in IMPORTS or name.partition(".")[0] in IMPORTS:
                    yield f"{node.lineno}: import {name}"
                if name == "socket" and module not in SOCKETS:
                    yield f"{node.lineno}: import socket"
        elif isinstance(node, ast.Call):
            yield from (f for f in _call(node) if module not in UNPACKS or "extractall" not in f)


def _call(node: ast.Call) -> Iterator[str]:
    name = ast.unparse(node.func)
    keywords = {k.arg: ast.unparse(k.value) for k in node.keywords}
    if name in CALLS or (isinstance(node.func, ast.Attribute) and node.func.attr in METHODS):
        yield f"{node.lineno}: {name}()"
    if keywords.get("shell") not in (None, "False"):
        yield f"{node.lineno}: {name}(shell=…)"
    if name == "yaml.load" and keywords.get("Loader") not in LOADERS:
        yield f"{node.lineno}: yaml.load()"
    if keywords.get("allow_pickle") == "True" or keywords.get("verify") == "False":
        yield f"{node.lineno}: {name}()"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_nothing_is_unpickled_evaluated_or_fetched(path: Path) -> None:
    module = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert list(faults(path.read_text("utf-8"), module)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import load",
        "from urllib.request import urlopen",
        "from urllib import request\nimport urllib.request",
        "import requests.sessions",
        "import socket",
        "eval('1')",
        "exec(code)",
        "import os\nos.system('ls')",
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "import subprocess\nsubprocess.run('ls', shell=flag)",
        "import yaml\nyaml.load(text)",
        "import yaml\nyaml.load(text, Loader=yaml.Loader)",
        "import yaml\nyaml.unsafe_load(text)",
        "import pandas as pd\npd.read_pickle('x')",
        "import numpy as np\nnp.load('x', allow_pickle=True)",
        "frame.eval('a + b')",
        "archive.extractall()",
    ],
)
def test_the_reading_finds_it(source: str) -> None:
    assert list(faults(source)) != []


def test_who_answers_a_security_rule_is_listed_here() -> None:
    found: Counter[tuple[str, str]] = Counter()
    for path in MODULES:
        for line in path.read_text("utf-8").splitlines():
            assert not re.search(r"# noqa(?!:)", line), f"{path.name}: {line}"
            rules = re.search(r"# noqa: ([A-Z0-9, ]+)", line)
            for rule in re.findall(r"\bS\d+", rules[1]) if rules else ():
                found[path.relative_to(PACKAGE).as_posix(), rule] += 1
    assert found == ANSWERED


def test_our_own_loader_reads_nothing_but_text() -> None:
    from xuncha_nb import yamlfile

    assert yamlfile._Loader.__mro__[1] is yaml.BaseLoader
    with pytest.raises(yaml.YAMLError):
        yaml.load("a: !!python/object/apply:os.system [ls]\na: 1", Loader=yamlfile._Loader)
    assert yaml.load("a: 0310", Loader=yamlfile._Loader) == {"a": "0310"}


def test_templates_that_are_filled_run_in_a_sandbox_or_are_our_own() -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and re.search(r"(^|\.)Environment$", ast.unparse(node.func))
    }
    # The templates of web pages are the package's; literals only parses.
    assert users == {"exporters/webpage.py", "literals.py"}
    assert "SandboxedEnvironment" in (PACKAGE / "narrative.py").read_text("utf-8")


def test_linter_types_and_tests_are_strict() -> None:
    tool = SETTINGS["tool"]
    lint = tool["ruff"]["lint"]
    assert "S" in lint["select"]
    assert [rule for rule in lint["ignore"] if rule.startswith("S") and rule != "S101"] == []
    assert {k for k, v in lint["per-file-ignores"].items() if "S" in v} <= {"tests/*"}
    assert tool["mypy"]["strict"] is True
    assert tool["mypy"]["packages"] == ["xuncha_nb"]
    assert not any(o.get("ignore_errors") for o in tool["mypy"]["overrides"])
    assert tool["pytest"]["ini_options"]["filterwarnings"] == ["error"]
    make = (ROOT / "Makefile").read_text("utf-8")
    for part in ("ruff check", "ruff format --check", "mypy"):
        assert part in make.partition("\nlint:")[2].partition("\n\n")[0]
    assert re.search(r"^test: .*\blint\b", make, re.M)


def names(requirements: list[str]) -> set[str]:
    """Return the packages of some requirements, by their normalised names."""
    found = (re.match(r"[A-Za-z0-9._-]+", line) for line in requirements)
    return {re.sub(r"[-_.]+", "-", m[0]).lower() for m in found if m}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_everything_is_pinned_and_comes_from_no_named_place(lock: str) -> None:
    lines = (ROOT / lock).read_text("utf-8").split("\n")
    pins = [line for line in lines if line.strip() and not line.startswith("#")]
    assert [p for p in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", p)] == []
    project = SETTINGS["project"]
    needed = names(project["dependencies"])
    if lock == "requirements-test.lock":
        needed |= names(project["optional-dependencies"]["test"])
    assert needed - names(pins) == set()
