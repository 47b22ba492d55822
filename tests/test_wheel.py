"""The wheel alone, outside the repository: a workspace and a report from what it carries."""

from __future__ import annotations

import importlib.util
import json
import shutil
import zipfile
from pathlib import Path

import pytest
from commands import Done, call
from pieces import ROOT

from xuncha_nb import workspace

pytestmark = pytest.mark.kernel

SOURCES = (
    "xuncha_nb",
    "notebooks",
    "parameters",
    "pyproject.toml",
    "README.md",
    "README.zh-CN.md",
    "LICENSE",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the sources, so that nothing of the checkout helps."""
    here = tmp_path_factory.mktemp("wheel")
    source = here / "source"
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(ROOT / name, source / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, source / name)
    # With the build tool at hand nothing need be fetched.
    isolation = ("--no-build-isolation",) if importlib.util.find_spec("hatchling") else ()
    done = call(
        "python", "-m", "pip", "wheel", "--no-deps", "-q", *isolation, "-w", here, source, cwd=here
    )
    assert done.returncode == 0, done.stderr
    (built,) = here.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """Unpack the wheel into a folder of its own."""
    target = wheel.parent / "site"
    done = call(
        "python",
        "-m",
        "pip",
        "install",
        "--no-deps",
        "-q",
        "--target",
        target,
        wheel,
        cwd=wheel.parent,
    )
    assert done.returncode == 0, done.stderr
    return target


def inside(installed: Path, *arguments: str, cwd: Path) -> Done:
    """Run Python with the installed wheel before everything else."""
    return call("python", *arguments, cwd=cwd, PYTHONPATH=str(installed))


def test_the_wheel_carries_what_a_report_needs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in workspace.FOLDERS:
        for path in (ROOT / folder).iterdir():
            if path.is_file() and not path.name.startswith("."):
                assert f"xuncha_nb/packaged/{folder}/{path.name}" in names
    for path in (ROOT / "xuncha_nb").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any("test" in name.casefold().split("/")[0] for name in names)


def test_everything_comes_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    code = (
        "import json, xuncha_nb; from xuncha_nb import workspace as w;"
        "print(json.dumps([xuncha_nb.__file__, str(w.packaged()), str(w.samples()),"
        " str(w.root()), str(w.notebook('half_year_summary'))]))"
    )
    done = inside(installed, "-c", code, cwd=tmp_path)
    for place in json.loads(done.stdout):
        assert Path(place).is_relative_to(installed), place


def test_a_workspace_of_the_wheel_makes_a_report(installed: Path, tmp_path: Path) -> None:
    done = inside(installed, "-m", "xuncha_nb.cli", "init", "work", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    run = ("-m", "xuncha_nb.cli", "run", "parameters/half_year_summary.huaian.yaml")
    done = inside(installed, *run, cwd=tmp_path / "work")
    assert done.returncode == 0, done.stderr
    made = tmp_path / "work" / "outputs" / "2017H1" / "half_year_summary" / "320803"
    assert {p.name for p in made.iterdir()} >= {"report.html", "report.pdf", "report.docx"}
    assert str(installed) not in (made / "report.ipynb").read_text("utf-8")
