"""xuncha clean: what the program made goes, what is the user's stays, links are not followed."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import xuncha
from filelock import FileLock

from xuncha_nb import cleaning
from xuncha_nb.errors import ParameterError

OURS = (
    "outputs/2024H1/half_year_summary/331124/report.html",
    "outputs/2024H1/half_year_summary/331124/manifest.json",
    "outputs/2024H1/half_year_summary/summary.csv",
    "outputs/2024H1/half_year_summary/index.html",
    "outputs/2024H1/half_year_summary/batch.jsonl",
    "outputs/2024H1/half_year_summary/.lock",
    "outputs/2024H1/half_year_summary/failed/320507/report.ipynb",
    "outputs/2024H1/half_year_summary/failed/320507/reason.txt",
    "outputs/2024H1/half_year_summary/.331124.77.part/report.html",
    "outputs/2024H1/half_year_summary-public/331124/report.pdf",
    "notebooks/.ipynb_checkpoints/half_year_summary-checkpoint.ipynb",
    ".ipynb_checkpoints/x-checkpoint.ipynb",
    "parameters/adjustments/331124/.2024H1.draft-0a1b2c3d.json",
    "parameters/adjustments/331124/.2024H1.yaml.77.part",
    ".xuncha/lab/ipython/profile_default/history.sqlite",
)
THEIRS = (
    "data/本县.xlsx",
    "notebooks/half_year_summary.ipynb",
    "parameters/office.yaml",
    "parameters/adjustments/331124/2024H1.yaml",
    "parameters/adjustments/331124/2024H1.history.jsonl",
    "outputs/说明.txt",
    "outputs/2024H1/备份/旧稿.docx",
    "outputs/定稿/half_year_summary/331124/report.docx",
    "outputs/2024H1/half_year_summary/500236/批示.docx",
    "README.txt",
    "其他/.ipynb_checkpoints/x.ipynb",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    for name in (*OURS, *THEIRS, "outputs/2024H1/half_year_summary/500236/report.html"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text("x", "utf-8")
    return made


def there(root: Path) -> set[str]:
    files = (p for p in root.rglob("*") if p.is_file())
    return {p.relative_to(root).as_posix() for p in files}


def test_ours_goes_and_theirs_stays(root: Path) -> None:
    cleaning.remove(root, cleaning.found(root))
    assert there(root) == set(THEIRS)
    assert not (root / "outputs/2024H1/half_year_summary-public").exists()
    assert cleaning.found(root) == []


def test_links_are_not_followed(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    for name in ("331124/report.html", "notebook/331124/report.html", "history.sqlite"):
        (outside / name).parent.mkdir(parents=True, exist_ok=True)
        (outside / name).write_text("x", "utf-8")
    before = there(outside)
    (root / "outputs/2023").symlink_to(outside)
    (root / "outputs/2024H1/linked").symlink_to(outside)
    (root / "outputs/2024H1/half_year_summary/110101").symlink_to(outside / "331124")
    (root / "outputs/2024H1/half_year_summary/331124/report.pdf").symlink_to(
        outside / "history.sqlite"
    )
    (root / "notebooks" / "linked").symlink_to(outside)
    cleaning.remove(root, cleaning.found(root))
    assert there(outside) == before


def test_a_link_put_there_after_looking_is_not_followed(root: Path, tmp_path: Path) -> None:
    items = cleaning.found(root)
    outside = tmp_path / "outside"
    (outside / "lab").mkdir(parents=True)
    (root / ".xuncha").rename(tmp_path / "moved")
    (root / ".xuncha").symlink_to(outside)
    cleaning.remove(root, items)
    assert (outside / "lab").is_dir()


def test_a_draft_that_a_session_holds_stays(root: Path) -> None:
    draft = root / "parameters/adjustments/331124/.2024H1.draft-0a1b2c3d.json"
    with FileLock(str(draft.with_suffix(".lock"))):
        cleaning.remove(root, cleaning.found(root))
        assert draft.exists()
    cleaning.remove(root, cleaning.found(root))
    assert not draft.exists()


def test_what_is_no_workspace_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "outputs/2024H1/n/331124").mkdir(parents=True)
    (tmp_path / "outputs/2024H1/n/331124/report.html").write_text("x", "utf-8")
    with pytest.raises(ParameterError, match="不是工作目录"):
        cleaning.workspace_of(tmp_path)


def test_the_command_says_what_it_removes_and_asks(root: Path) -> None:
    before = there(root)
    told = xuncha("clean", "--dry-run", cwd=root)
    assert told.returncode == 0, told.stderr
    assert "报告：outputs/2024H1/half_year_summary/331124" in told.stdout
    assert there(root) == before
    # Nobody answers: nothing is removed.
    assert xuncha("clean", cwd=root).returncode != 0
    assert there(root) == before
    assert xuncha("clean", "--yes", cwd=root).returncode == 0
    assert there(root) == set(THEIRS)
    assert "没有可以清理的" in xuncha("clean", cwd=root).stdout
