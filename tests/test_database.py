"""Ledgers of all counties in one database: SQLite, and a PostgreSQL server of the test's own."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import books
import pandas as pd
import pytest
import sqlalchemy as sa
from commands import refused, texts, xuncha

from xuncha_nb import sources, workspace
from xuncha_nb.errors import CheckError, DatabaseError, SourceError
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.ledgers.rows import day
from xuncha_nb.parameters import RunParameters
from xuncha_nb.sources import database
from xuncha_nb.sources.loading import load

CODES = ("320507", "331124", "500236")
SECRET = "Pa55-geheim"
FILES = [workspace.samples() / "data" / f"{code}.xlsx" for code in CODES]
WINDOW = RunParameters(county="331124", period="2024H1").window()


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a PostgreSQL server on a port of its own; yield the address of an empty database."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("没有 PostgreSQL（Debian：apt-get install postgresql），跳过")
    folder = tmp_path_factory.mktemp("postgres")
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name

    def run(*command: str) -> None:
        prefix = ["runuser", "-u", user, "--"] if os.getuid() == 0 else []
        subprocess.run([*prefix, *command], check=True, capture_output=True, cwd="/")

    for part in (folder, *folder.parents):
        if part.stat().st_uid == os.getuid() and Path(tempfile.gettempdir()) in part.parents:
            part.chmod(0o755)
    data = folder / "data"
    data.mkdir()
    if os.getuid() == 0:
        shutil.chown(data, user)
    data.chmod(0o700)
    (folder / "password").write_text(SECRET)
    (folder / "password").chmod(0o644)
    run(
        str(binaries / "initdb"), "-D", str(data), "-U", "xuncha", "-E", "UTF8", "--locale=C",
        "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync",
    )  # fmt: skip
    port = 20000 + os.getpid() % 20000
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data}"
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w"]
    run(*control, "-o", options, "-l", str(data / "log"), "start")
    try:
        yield f"postgresql://xuncha:{SECRET}@127.0.0.1:{port}/postgres"
    finally:
        run(*control, "-m", "fast", "stop")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / '台账.sqlite'}"
        return
    url = request.getfixturevalue("server")
    with database.connected(url, write=True) as connection:
        database.schema().drop_all(connection)
    yield url


def loaded(address: str, files: list[Path] = FILES) -> None:
    assert [item.error for item in load(files, address)] == [None] * len(files)


def test_a_county_comes_back_as_its_workbook_says_it(address: str) -> None:
    loaded(address)
    for code, path in zip(CODES, FILES, strict=True):
        there, here = sources.book(address, code), sources.read(path)
        assert set(there.where) == set(here.where)
        for name in LEDGERS:
            pd.testing.assert_frame_equal(there.frame(name), here.frame(name), obj=name)
        assert code in there.name
        assert {v.rule for v in there.verdicts} == {
            v.rule for v in here.verdicts if v.rule != "unknown_column"
        }


def test_a_run_reads_only_its_county_and_up_to_the_end_of_its_period(address: str) -> None:
    loaded(address)
    asked: list[tuple[str, object]] = []

    def note(*arguments: object) -> None:
        asked.append((str(arguments[2]), arguments[3]))

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", note)
    try:
        part = sources.book(address, "331124", WINDOW)
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", note)
    assert asked
    for statement, _ in asked:
        if "FROM" in statement and "pg_catalog" not in statement:
            assert "county =" in statement, statement
    everything = sources.book(address, "331124")
    late = everything["findings"]["found_on"] > day(WINDOW.period.end)
    assert late.any(), "the sample goes on after the period"
    assert len(part["findings"]) == len(everything["findings"]) - late.sum()


def test_a_second_loading_replaces_the_county_and_no_other(address: str, tmp_path: Path) -> None:
    loaded(address)
    before = database.fingerprints(address, CODES)
    loaded(address)
    assert database.fingerprints(address, CODES) == before
    rows = books.county()
    books.folder(tmp_path / "331124", rows)
    loaded(address, [tmp_path / "331124"])
    after = database.fingerprints(address, CODES)
    assert {code for code in CODES if before[code] != after[code]} == {"331124"}
    assert len(sources.book(address, "331124")["findings"]) == len(rows["findings"])


def test_a_file_with_errors_leaves_its_county_as_it_was(address: str, tmp_path: Path) -> None:
    loaded(address)
    before = database.fingerprints(address, CODES)
    rows = books.county()
    rows["findings"][1]["unit"] = "X999"
    books.folder(tmp_path / "331124", rows)
    broken = tmp_path / "500236.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    stranger = shutil.copy(FILES[0], tmp_path / "无此县.xlsx")
    made = list(load([tmp_path / "331124", broken, Path(stranger)], address))
    assert [type(item.error) for item in made] == [CheckError, SourceError, SourceError]
    assert "X999" in str(made[0].error)
    assert "文件名应为县（区）的代码或名称" in str(made[2].error)
    assert database.fingerprints(address, CODES) == before


def test_a_change_by_hand_changes_the_fingerprint(address: str) -> None:
    loaded(address)
    before = database.fingerprints(address, CODES)
    table = database.schema().tables["trainings"]
    with database.connected(address, write=True) as connection:
        connection.execute(table.delete().where(table.c.county == "320507", table.c.row == 2))
    after = database.fingerprints(address, CODES)
    assert {code for code in CODES if before[code] != after[code]} == {"320507"}


def test_a_county_that_was_not_loaded_is_named(address: str) -> None:
    loaded(address, FILES[:1])
    for ask in (sources.require, sources.book):
        with pytest.raises(SourceError, match="没有 331124 的台账，请先用 xuncha load 导入"):
            ask(address, "331124")


def test_an_empty_database_is_no_ledger(server: str, tmp_path: Path) -> None:
    with database.connected(server, write=True) as connection:
        database.schema().drop_all(connection)
    with pytest.raises(SourceError, match="没有台账的表"):
        sources.book(server, "331124")
    with pytest.raises(SourceError, match="文件不存在"):
        sources.book(f"sqlite:///{tmp_path / 'none.sqlite'}", "331124")


def test_a_database_that_cannot_be_reached_is_said_without_its_password() -> None:
    address = f"postgresql://clerk:{SECRET}@127.0.0.1:1/ledgers"
    with pytest.raises(DatabaseError, match="连接不上") as caught:
        sources.book(address, "331124")
    assert caught.value.transient
    assert SECRET not in str(caught.value) + repr(caught.value.__context__ and None)
    assert "clerk" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"postgresql://u:{SECRET}@host:5433/db?sslmode=require", "postgresql://host:5433/db"),
        ("postgresql+psycopg://u@host/db", "postgresql://host/db"),
        ("sqlite:////home/clerk/台账.sqlite", "sqlite:///台账.sqlite"),
        ("sqlite:///data/台账.sqlite", "sqlite:///台账.sqlite"),
    ],
)
def test_what_may_be_printed_of_an_address(address: str, shown: str) -> None:
    assert database.is_address(address)
    assert database.public(address) == shown
    assert not database.is_address("data/331124.xlsx")
    assert not database.is_address("C:/data/331124.xlsx")


@pytest.mark.kernel
@pytest.mark.parametrize("address", ["sqlite", "postgresql"], indirect=True)
def test_a_batch_over_a_database_tells_no_password_and_resumes(
    address: str, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    for path in FILES[:2]:
        shutil.copy(path, tmp_path / "data")
    done = xuncha("load", *(f"data/{c}.xlsx" for c in CODES[:2]), address, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "成功2份，失败0份" in done.stdout
    told = [done.stdout, done.stderr]
    plan = f"notebook: half_year_summary\nperiod: 2024H1\nformats: [html]\nsource: {address}\n"
    (tmp_path / "plan.yaml").write_text(plan + "counties: ['320507', '331124']\n", "utf-8")
    (tmp_path / "files.yaml").write_text(
        plan.replace(address, "data/{code}.xlsx") + "counties: ['320507', '331124']\n", "utf-8"
    )
    for name, out in (("plan.yaml", "sql"), ("files.yaml", "files"), ("plan.yaml", "sql")):
        done = xuncha("batch", name, "--out", out, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        told += [done.stdout, done.stderr]
    assert "其中2个没有变化" in done.stdout
    figures = [
        json.loads((tmp_path / out / "2024H1/half_year_summary/331124/figures.json").read_text())
        for out in ("sql", "files")
    ]
    values = [[(f["id"], f["text"], f["base"]) for f in data["figures"]] for data in figures]
    assert values[0] == values[1]
    secrets = {SECRET, "xuncha:"} if address.startswith("postgresql") else {str(tmp_path)}
    for path in (tmp_path / "sql").rglob("*"):
        if path.is_file():
            told += [text for _, text in texts(path)]
    for secret in secrets:
        assert not any(secret in text for text in told), secret


def test_a_database_is_checked_like_its_workbooks(address: str, tmp_path: Path) -> None:
    loaded(address)

    def told(*arguments: str | Path, code: int = 0) -> list[dict[str, str]]:
        done = xuncha("check", *arguments, "--json", cwd=tmp_path)
        assert done.returncode == code, done.stderr
        assert SECRET not in done.stdout + done.stderr
        return [v for v in json.loads(done.stdout) if v["rule"] != "unknown_column"]

    keys = ("severity", "rule", "area", "period", "figures", "expected", "found")
    of_files = [told(path, "--period", "2024H1") for path in FILES]
    of_database = told(address, "--period", "2024H1")
    assert sorted([str([v[k] for k in keys]) for v in of_database]) == sorted(
        [str([v[k] for k in keys]) for verdicts in of_files for v in verdicts]
    )
    one = told(address, "--county", "松阳县", "--period", "2024H1")
    assert {v["area"] for v in one} <= {v["area"] for v in of_files[1]}
    nothing = refused(xuncha("check", address, "--period", "2011H1", cwd=tmp_path), 1)
    assert "没有2011H1的数据" in nothing
    # What somebody broke in the database itself is found, and where.
    table = database.schema().tables["findings"]
    with database.connected(address, write=True) as connection:
        connection.execute(
            table.update().where(table.c.county == "331124", table.c.row == 2).values(unit="X999")
        )
    broken = told(address, "--county", "331124", code=1)
    assert any(v["rule"] == "reference" and v["found"] == "X999" for v in broken)


def test_checking_a_database_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    address = f"postgresql://clerk:{SECRET}@127.0.0.1:1/ledgers"
    told = refused(xuncha("check", address, cwd=tmp_path), 2)
    assert "连接不上" in told
    assert SECRET not in told
    assert len(told.splitlines()) == 1


def test_a_batch_over_a_database_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    address = f"postgresql://clerk:{SECRET}@127.0.0.1:1/ledgers"
    plan = f"notebook: half_year_summary\nperiod: 2024H1\nsource: {address}\n"
    (tmp_path / "plan.yaml").write_text(plan + "counties: ['320507', '331124']\n", "utf-8")
    told = refused(xuncha("batch", "plan.yaml", "--out", "out", cwd=tmp_path), 2)
    assert "数据库“ledgers”：连接不上或中断" in told
    assert SECRET not in told
    assert len(told.splitlines()) == 1
    assert [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()] == [".lock"]


def test_loading_nothing_is_refused(tmp_path: Path) -> None:
    assert "应有要导入的台账文件" in refused(xuncha("load", "sqlite:///x.sqlite", cwd=tmp_path), 2)
