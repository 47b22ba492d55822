"""The panel in a real browser: JupyterLab and Voila, from the card to the exported file."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browser import CHROMIUM, SWITCHES, needs_browser
from browsing import Desk, opened, restart_kernels, served
from commands import xuncha

pytestmark = [needs_browser, pytest.mark.browser]

TITLE = "半年总结和下半年计划"
TALKS, ROUND = "talks_person_times", "talks_person_times@十三届-7"
FILE = Path("parameters") / "adjustments" / "331124" / "2024H1.yaml"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield running
        running.close()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    assert xuncha("init", "w", cwd=folder).returncode == 0
    return folder / "w"


@pytest.fixture(scope="module")
def lab(workspace: Path) -> Iterator[str]:
    with served("lab", workspace) as address:
        yield address


@pytest.fixture(scope="module")
def outside() -> list[str]:
    """Every address that a page asked for and that is not on this machine."""
    return []


@pytest.fixture(scope="module")
def page(browser: Any, lab: str, outside: list[str]) -> Iterator[Any]:
    made = opened(browser, lab, TITLE, outside)
    yield made
    made.close()


@pytest.fixture
def desk(page: Any) -> Desk:
    return Desk(page)


def figures(folder: Path) -> bytes:
    return (folder / "2024H1" / "half_year_summary" / "331124" / "figures.json").read_bytes()


# The tests below are one clerk's morning, in order.


def test_a_card_opens_the_document_in_chinese_with_its_code_put_away(page: Any) -> None:
    assert "文件" in page.locator(".lm-MenuBar").inner_text()
    assert page.locator(".jp-Cell:has(.x-panel) .jp-Editor").count() == 0
    collapsed = page.locator(".jp-Cell .jp-Placeholder-contentContainer").all_inner_texts()
    assert any("county" in text for text in collapsed), "the parameters cell is collapsed"
    assert page.locator("tr.x-row").count() >= 160
    assert page.locator(".x-panel h2").inner_text() == "松阳县 2024年上半年"


def test_a_change_reaches_sentence_table_and_chart_without_running_cells(desk: Desk) -> None:
    page = desk.page
    assert page.locator(".xuncha-piece p", has_text="326人次").count()
    counts = page.locator(".jp-InputPrompt").all_inner_texts()
    desk.find("谈话")
    desk.open(TALKS)
    desk.number(ROUND).fill("240")
    desk.wait(".xuncha-piece p", "334人次")
    assert page.locator(".xuncha-piece p", has_text="326人次").count() == 0
    svg = page.locator(".xuncha-piece svg", has_text="334人次")
    assert svg.count(), "the chart of movements"
    assert page.locator(".xuncha-piece svg", has_text="240").count(), "the panels by round"
    assert page.locator(".xuncha-piece p", has_text="334人次※").count(), "marked as adjusted"
    assert page.locator(".jp-InputPrompt").all_inner_texts() == counts


def test_it_is_refused_without_a_reason(desk: Desk, workspace: Path) -> None:
    desk.save()
    desk.wait(".x-obstacles li", "没有写理由，请写明为什么改")
    assert not (workspace / FILE).exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("八个", "不是可识别的数值"),
        ("-3", "应为不小于0的整数，实为 -3"),
        ("2.5", "应为不小于0的整数，实为 2.5"),
    ],
)
def test_what_is_no_number_is_said_and_not_applied(desk: Desk, typed: str, said: str) -> None:
    desk.number(ROUND).fill(typed)
    desk.wait(".x-sub .x-fault", said)
    desk.wait(".xuncha-piece p", "326人次")
    assert desk.page.locator(".x-obstacles li", has_text=said).count()
    desk.number(ROUND).fill("240")
    desk.wait(".xuncha-piece p", "334人次")


def test_an_error_that_a_change_causes_is_shown_and_blocks(desk: Desk, workspace: Path) -> None:
    desk.find("共性问题")
    desk.open("findings_common")
    desk.number("findings_common@十三届-7").fill("99")
    desk.reason("findings_common@十三届-7").fill("补录")
    desk.wait(".x-obstacles li", "不相等")
    desk.save()
    desk.wait(".x-obstacles li", "不相等")
    assert not (workspace / FILE).exists()
    desk.page.locator(
        '.x-sub[data-figure="findings_common@十三届-7"] button', has_text="还原"
    ).click()
    desk.page.locator(".x-obstacles li", has_text="不相等").wait_for(state="detached")


def test_an_unsaved_change_outlives_the_kernel(desk: Desk, lab: str) -> None:
    page = desk.page
    desk.find("谈话")
    desk.reason(ROUND).fill("八人次谈话在截止日当晚补录")
    desk.wait(".x-unsaved", "1处修改没有保存")
    desk.find("trainees")
    desk.number("trainees").fill("八个")
    desk.wait(".x-obstacles li", "不是可识别的数值")
    desk.kept()
    restart_kernels(lab)
    page.wait_for_timeout(1500)
    # Nobody is there any more: what is typed now is not lost without a word.
    desk.number("trainees").fill("77")
    assert "77" in desk.wait(".x-lost li", desk.name("trainees")).inner_text()
    assert not page.locator(".x-obstacles").is_visible(), "they are of the time before"
    page.reload()
    page.wait_for_selector(".x-panel", timeout=90_000)
    desk.wait(".x-offer", "上次有2处修改没有保存", timeout=90_000)
    desk.wait(".x-offer button", "接着改").click()
    desk.wait(".xuncha-piece p", "334人次", timeout=60_000)
    desk.find("trainees")
    assert desk.number("trainees").input_value() == "八个"
    desk.number("trainees").fill("")
    desk.wait(".x-unsaved", "1处修改没有保存")
    desk.find("谈话")
    desk.open(TALKS)
    assert desk.number(ROUND).input_value() == "240"
    assert desk.reason(ROUND).input_value() == "八人次谈话在截止日当晚补录"


def test_charts_have_their_own_controls(desk: Desk) -> None:
    page = desk.page
    page.get_by_role("tab", name="图").click()
    look = page.locator(".x-look", has_text="发现问题分布")
    look.get_by_label("标题").fill("问题有12个")
    desk.wait(".x-note.x-bad", "图题不带数字")
    look.get_by_label("标题").fill("发现问题按类分布")
    look.get_by_label("样式").select_option(label="竖柱图")
    look.get_by_label("顺序").select_option(label="从小到大")
    desk.wait(".x-look .x-badge:visible", "未保存")
    desk.wait(".xuncha-piece figcaption", "发现问题按类分布")
    page.get_by_role("tab", name="数字").click()


def test_saved_it_is_what_a_run_makes_byte_for_byte(desk: Desk, workspace: Path) -> None:
    desk.save()
    desk.wait(".x-note", "已保存")
    text = (workspace / FILE).read_text("utf-8")
    assert "八人次谈话在截止日当晚补录" in text
    assert "kind: columns" in text
    desk.page.click(".x-export")
    desk.wait(".x-files", "导出的数与屏幕一致", timeout=120_000)
    done = xuncha("run", "parameters/half_year_summary.yaml", "--out", "again", cwd=workspace)
    assert done.returncode == 0, done.stderr
    assert figures(workspace / "again") == figures(workspace / "outputs")
    data = json.loads(figures(workspace / "again"))
    (talks,) = (f for f in data["figures"] if f["id"] == TALKS)
    assert (talks["text"], talks["original"], talks["origin"]) == ("334", "326", "调整")


@pytest.mark.parametrize(("kind", "begins"), [("pdf", b"%PDF"), ("docx", b"PK")])
def test_an_exported_file_is_linked_and_opens(
    desk: Desk, tmp_path: Path, kind: str, begins: bytes
) -> None:
    with desk.page.expect_download() as waiting:
        desk.page.click(f".x-file-{kind}")
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.name == f"松阳县2024H1.{kind}"
    assert path.read_bytes().startswith(begins)
    if kind == "docx":
        with zipfile.ZipFile(path) as archive:
            word = archive.read("word/document.xml").decode()
        assert "334人次" in re.sub(r"<[^>]+>", "", word)


def test_the_exported_page_opens_beside_the_notebook(desk: Desk, outside: list[str]) -> None:
    with desk.page.context.expect_page() as waiting:
        desk.page.click(".x-file-html")
    page = waiting.value
    page.wait_for_load_state()
    assert "334人次" in page.inner_text("body")
    assert "调整情况" in page.inner_text("body")
    assert "八人次谈话在截止日当晚补录" in page.inner_text("body")
    page.close()


def test_reloaded_it_is_found_again_with_its_history(desk: Desk) -> None:
    page = desk.page
    page.reload()
    page.wait_for_selector(".x-panel", timeout=90_000)
    desk.wait(".xuncha-piece p", "334人次※", timeout=90_000)
    page.get_by_role("tab", name="历史").click()
    assert "8人次" not in desk.wait(".x-entry", "第1次 保存").inner_text()
    assert "240（八人次谈话在截止日当晚补录）" in desk.wait(".x-entry", "第1次 保存").inner_text()
    page.get_by_role("tab", name="数字").click()


def test_a_second_session_is_told_and_nothing_is_lost(desk: Desk, workspace: Path) -> None:
    desk.find("trainees")
    desk.number("trainees").fill("120")
    desk.reason("trainees").fill("一人重复登记")
    desk.wait(".x-unsaved", "1处修改没有保存")
    other = ("--set", "training_sessions=6", "--reason", "一期培训漏登", "--author", "办公室")
    done = xuncha("adjust", "parameters/half_year_summary.yaml", *other, cwd=workspace)
    assert done.returncode == 0, done.stderr
    desk.save()
    desk.wait(".x-conflict", "别人在您打开之后保存过")
    assert "6（办公室）" in desk.page.locator(".x-conflict").inner_text()
    desk.wait(".xuncha-piece p", "业务培训6期")
    assert desk.number("trainees").input_value() == "120"
    desk.save()
    desk.wait(".x-note", "已保存")
    text = (workspace / FILE).read_text("utf-8")
    for saved in ("一期培训漏登", "一人重复登记", "八人次谈话在截止日当晚补录"):
        assert saved in text


def test_the_history_restores_an_earlier_state(desk: Desk, workspace: Path) -> None:
    desk.page.get_by_role("tab", name="历史").click()
    desk.page.locator(".x-entry", has_text="第1次 保存").get_by_role(
        "button", name="恢复到这次"
    ).click()
    desk.wait(".x-entry", "恢复到第1次")
    text = (workspace / FILE).read_text("utf-8")
    assert "一期培训漏登" not in text
    desk.page.get_by_role("button", name="撤销最近一次保存").click()
    desk.wait(".x-entry", "撤销第4次")
    assert "一期培训漏登" in (workspace / FILE).read_text("utf-8")
    desk.page.get_by_role("tab", name="数字").click()


def test_another_county_and_period_open_in_place(desk: Desk) -> None:
    page = desk.page
    desk.go("样例：相城区", "2023年下半年")
    assert page.locator("h1", has_text="2023年下半年").count()


def test_the_notebook_keeps_nothing_of_the_run(desk: Desk, workspace: Path) -> None:
    path = workspace / "notebooks" / "half_year_summary.ipynb"
    desk.page.keyboard.press("Escape")
    desk.page.locator(".jp-Toolbar").first.click(position={"x": 2, "y": 2})
    desk.page.keyboard.press("Control+s")
    desk.page.wait_for_timeout(2500)
    saved = nbformat.read(path, as_version=4)
    assert all(not c.get("outputs") for c in saved.cells)
    assert "widgets" not in saved.metadata


def test_nothing_was_asked_of_the_outside(outside: list[str]) -> None:
    assert outside == []
