"""xuncha verify: whatever is changed of a report or its inputs is named, copied or in place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import books
import pytest
from commands import xuncha

from xuncha_nb import outputs, runner, verification, workspace
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.parameters import SAMPLE, RunParameters
from xuncha_nb.rollup import SOURCE_NAME
from xuncha_nb.sources import loading
from xuncha_nb.verification import Checked, verify


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with data of its own and one report."""
    root = tmp_path_factory.mktemp("workspace")
    for name in workspace.FOLDERS:
        shutil.copytree(
            workspace.packaged() / name, root / name, ignore=shutil.ignore_patterns("adjustments")
        )
    books.folder(root / "data" / books.CODE, books.county())
    parameters = RunParameters(county=books.CODE, period="2024H1", source=f"data/{books.CODE}")
    runner.run(runner.Job("half_year_summary", parameters, root / "outputs", root, ("html",)))
    return root


@pytest.fixture
def place(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the workspace of a test's own, and stand in it."""
    root = tmp_path / "work"
    shutil.copytree(original, root)
    monkeypatch.chdir(root)
    return root


def report(root: Path) -> Path:
    return root / "outputs" / "2024H1" / "half_year_summary" / books.CODE


def only(*folders: Path) -> Checked:
    (checked,) = verify(folders)
    return checked


def test_nothing_has_changed(place: Path) -> None:
    for folder in (report(place), place / "outputs", place):
        checked = only(folder)
        assert (checked.code, checked.files, checked.inputs) == (0, (), ())
    assert [line.partition("：")[2] for line in only(Path("outputs")).lines] == [
        "报告与清单一致",
        "输入没有变化",
    ]


def rewritten(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def of_manifest(change: Callable[[dict[str, object]], None], renew: bool) -> Callable[[Path], None]:
    def made(root: Path) -> None:
        path = report(root) / "manifest.json"
        manifest = json.loads(path.read_text("utf-8"))
        change(manifest)
        if renew:
            manifest[outputs.SEAL] = outputs.sealed(manifest)
        path.write_text(json.dumps(manifest), "utf-8")

    return made


@pytest.mark.parametrize(
    ("change", "files", "inputs"),
    [
        (lambda r: rewritten(report(r) / "report.html"), {"report.html": "changed"}, {}),
        (lambda r: (report(r) / "figures.json").unlink(), {"figures.json": "missing"}, {}),
        (lambda r: rewritten(report(r) / "figures.xlsx"), {"figures.xlsx": "changed"}, {}),
        (
            lambda r: (report(r) / "附注.txt").write_text("注", "utf-8"),
            {"附注.txt": "added"},
            {},
        ),
        (
            of_manifest(lambda m: m.update(county_name="另一个县"), renew=False),
            {"manifest.json": "changed"},
            {},
        ),
        (
            lambda r: (r / "data" / books.CODE / "新.csv").write_text("x", "utf-8"),
            {},
            {f"数据 data/{books.CODE}": "changed"},
        ),
        (
            lambda r: shutil.rmtree(r / "data"),
            {},
            {f"数据 data/{books.CODE}": "unknown"},
        ),
        (
            lambda r: rewritten(r / "parameters" / "office.yaml"),
            {},
            {"参数 office.yaml": "changed"},
        ),
        (
            lambda r: (r / "parameters" / "layout.yaml").unlink(),
            {},
            {"参数 layout.yaml": "missing"},
        ),
        (
            lambda r: (r / "parameters" / "new.yaml").write_text("a: 1", "utf-8"),
            {},
            {"参数 new.yaml": "added"},
        ),
        (
            lambda r: rewritten(r / "notebooks" / "half_year_summary.ipynb"),
            {},
            {"笔记本 half_year_summary": "changed"},
        ),
    ],
)
def test_what_was_changed_is_named(
    place: Path,
    change: Callable[[Path], object],
    files: dict[str, str],
    inputs: dict[str, str],
) -> None:
    change(place)
    told = only(Path("outputs")).to_json()
    assert told["files"] == files
    assert told["inputs"] == inputs
    assert told["code"] == (0 if set(inputs.values()) == {"unknown"} else 1)


def test_an_adjustment_is_an_input(place: Path) -> None:
    path = place / "parameters" / "adjustments" / books.CODE / "2024H1.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("adjustments: []\n", "utf-8")
    assert only(Path("outputs")).to_json()["inputs"] == {"数字的调整": "added"}


def made(root: Path, notebook: str, county: str, period: str, source: str) -> Path:
    """Make one more report in a workspace and return its folder."""
    parameters = RunParameters(county=county, period=period, source=source)
    return runner.run(runner.Job(notebook, parameters, root / "more", root, ("html",))).folder


def test_a_roll_up_is_of_the_reports_of_its_counties(place: Path) -> None:
    folder = made(place, "city_rollup", "丽水市", "2024H1", "outputs")
    assert only(folder).inputs == ()
    path = report(place) / "figures.json"
    figures = json.loads(path.read_text("utf-8"))
    figures["figures"][0]["value"] = "7"
    path.write_text(json.dumps(figures), "utf-8")
    assert only(folder).to_json()["inputs"] == {f"数据 {SOURCE_NAME}": "changed"}
    shutil.rmtree(place / "outputs")
    assert only(folder).to_json()["inputs"] == {f"数据 {SOURCE_NAME}": "unknown"}


def test_a_packaged_bulletin_of_a_region_is_no_roll_up(place: Path) -> None:
    folder = made(place, "discipline_half_year", "广东省", "2019H1", SAMPLE)
    assert only(folder).inputs == ()


def test_a_database_is_asked_for_the_rows_of_the_report(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = place / f"{books.CODE}.xlsx"
    rows = books.county()
    books.workbook(book, {LEDGERS[n].sheet: books.grid(n, r) for n, r in rows.items()})
    address = "sqlite:///台账.sqlite"

    def load() -> None:
        (done,) = loading.load([book], f"sqlite:///{place / '台账.sqlite'}")
        assert done.error is None

    load()
    folder = made(place, "half_year_summary", books.CODE, "2024H1", address)
    assert only(folder).inputs == ()
    rows["findings"].pop()
    books.workbook(book, {LEDGERS[n].sheet: books.grid(n, r) for n, r in rows.items()})
    load()
    assert [d.state for d in only(folder).inputs] == ["changed"]
    moved = (place / "台账.sqlite").rename(place / "parameters" / "台账.sqlite")
    assert [d.state for d in only(folder).inputs] == ["unknown"]
    # Where it is, only the environment may say.
    monkeypatch.setenv("XUNCHA_DATABASE", f"sqlite:///{moved}")
    assert [d.state for d in only(folder).inputs] == ["changed"]


def test_program_and_fonts_are_inputs(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification.provenance, "program", lambda: "another")
    monkeypatch.setattr(verification.provenance, "font_hashes", lambda folder: {"x.otf": "0"})
    told = only(Path("outputs")).to_json()["inputs"]
    assert told["程序或它的库"] == "changed"
    assert told["字体 x.otf"] == "changed"
    monkeypatch.setattr(verification, "__version__", "9.9")
    assert "程序版本（0.1.0→9.9）" in only(Path("outputs")).to_json()["inputs"]


def test_copied_elsewhere_the_report_is_whole_and_inputs_are_said_not_to_be_there(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "elsewhere" / "report"
    shutil.copytree(report(original), copy)
    rewritten(original / "parameters" / "office.yaml")  # nobody can know of it there
    try:
        monkeypatch.chdir(copy.parent)
        checked = only(copy)
        assert checked.files == ()
        assert {d.name: d.state for d in checked.inputs} == {f"数据 data/{books.CODE}": "unknown"}
        assert checked.code == 0
        assert "没有找到，未核对" in checked.lines[1]
    finally:
        path = original / "parameters" / "office.yaml"
        path.write_bytes(path.read_bytes()[:-1])


def test_who_renews_the_seal_is_not_found_and_we_say_so(place: Path) -> None:
    def forged(manifest: dict[str, object]) -> None:
        manifest["county_name"] = "另一个县"

    of_manifest(forged, renew=True)(place)
    assert only(Path("outputs")).code == 0


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"outputs": {}, "inputs": 3}'])
def test_a_broken_manifest_is_one_line(place: Path, content: str) -> None:
    (report(place) / "manifest.json").write_text(content, "utf-8")
    checked = only(Path("outputs"))
    assert checked.code == 2
    assert len(checked.lines) == 1


def test_a_report_without_a_manifest_and_no_report_at_all(place: Path, tmp_path: Path) -> None:
    (report(place) / "manifest.json").unlink()
    assert only(Path("outputs")).code == 2
    (tmp_path / "empty").mkdir()
    assert only(tmp_path / "empty").code == 2
    assert only(tmp_path / "nowhere").code == 2


def test_no_password_and_no_folder_of_the_machine_is_in_the_request(tmp_path: Path) -> None:
    for source, told in (
        ("postgresql://clerk:secret@host/db", "postgresql://host/db"),
        (str(tmp_path / "a.xlsx"), "a.xlsx"),
    ):
        parameters = RunParameters(county=books.CODE, period="2024H1", source=source)
        request = runner.request_of(
            runner.Job("half_year_summary", parameters, tmp_path / "out", tmp_path)
        )
        assert request["parameters"]["source"] == told
        assert str(tmp_path) not in json.dumps(request)


def test_the_command(place: Path) -> None:
    done = xuncha("verify", "outputs", "--json", cwd=place)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["files"] == {}
    rewritten(report(place) / "report.html")
    done = xuncha("verify", "outputs", cwd=place)
    assert done.returncode == 1
    assert "report.html 与清单不符" in done.stdout
    assert "有不同1份" in done.stdout
