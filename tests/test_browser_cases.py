"""The panel as a page without code: what a clerk looks for, and what has gone wrong before.

One server of Voila for all of it. The files that somebody edited by hand, that went stale or
that cannot be written lie there before the page is opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, SWITCHES, needs_browser
from browsing import Desk, opened, served
from commands import xuncha

from xuncha_nb.adjustments import store
from xuncha_nb.adjustments.model import Adjustment, State

pytestmark = [needs_browser, pytest.mark.browser]

TITLE = "半年总结和下半年计划"
COUNTY = "样例：松阳县"
TALKS = "talks_person_times"
BROKEN = "findings_common@十三届-7"


@pytest.fixture(scope="module")
def adjustments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the adjustments of 松阳县 in a new workspace, spoilt in every period but one."""
    root = tmp_path_factory.mktemp("work")
    assert xuncha("init", "w", cwd=root).returncode == 0
    folder = root / "w" / "parameters" / "adjustments" / "331124"
    folder.mkdir(parents=True)
    items = (item("training_sessions", "98", "9"), item("trainees", "99", "100"))
    stale = folder / "2023H2.yaml"
    store.save(stale, State(adjustments=items), store.read(stale), "综合科")
    torn = folder / "2023H1.yaml"
    state = State(adjustments=(item("training_sessions", "", "7"),))
    store.save(torn, state, store.read(torn), "综合科")
    torn.write_text("adjustments: [坏了", "utf-8")
    unknown = (folder / "2022H2.yaml", State(adjustments=(item("training_sessions", "1", "2"),)))
    store.save(*unknown, store.read(unknown[0]), "综合科")
    text = unknown[0].read_text("utf-8").replace("training_sessions", "trainings_sessions")
    unknown[0].write_text(text, "utf-8")
    return folder


def item(figure: str, original: str, adjusted: str) -> Adjustment:
    return Adjustment(
        figure=figure, original=original, adjusted=adjusted, reason="漏登",
        author="综合科", time="2024-07-01T09:30:00+08:00",
    )  # fmt: skip


@pytest.fixture(scope="module")
def desk(adjustments: Path) -> Iterator[Desk]:
    from playwright.sync_api import sync_playwright

    outside: list[str] = []
    with sync_playwright() as play, served("app", adjustments.parents[2]) as address:
        running = play.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield Desk(opened(running, address, TITLE, outside))
        running.close()
    assert outside == []


def rows(desk: Desk) -> list[str]:
    """Return the figures whose rows are to be seen."""
    found: list[str] = desk.page.eval_on_selector_all(
        "tr.x-row:not([hidden])", "found => found.map(row => row.dataset.figure)"
    )
    return found


def cells(desk: Desk, figure: str) -> list[str]:
    texts: list[str] = desk.page.locator(f'tr[data-figure="{figure}"] > td').all_inner_texts()
    return texts


def chip(desk: Desk, name: str) -> None:
    desk.page.locator(".x-chip", has_text=name).click()


def test_the_page_shows_no_code(desk: Desk) -> None:
    assert desk.page.locator(".jp-Editor, .jp-InputArea-editor").count() == 0
    assert desk.page.locator(".xuncha-piece p", has_text="326人次").count()


def test_a_figure_is_found_by_its_name_its_identifier_and_its_group(desk: Desk) -> None:
    desk.find("个别谈话")
    assert rows(desk) == [TALKS]
    assert desk.page.inner_text(".x-count").endswith("显示1个")
    desk.find("TALKS_person")
    assert rows(desk) == [TALKS]
    desk.find("")
    desk.page.select_option(".x-group", label="工作量")
    assert TALKS in rows(desk)
    assert "findings_total" not in rows(desk)
    desk.page.select_option(".x-group", label="全部类别")
    assert len(rows(desk)) >= 160


def test_a_row_shows_the_source_the_year_before_and_the_unit(desk: Desk) -> None:
    assert cells(desk, TALKS)[1:3] == ["326", "368"]
    assert "人次" in cells(desk, TALKS)[3]


def test_a_derived_figure_follows_and_cannot_be_edited(desk: Desk) -> None:
    row = 'tr[data-figure="rect_rate"]'
    assert desk.page.locator(f"{row} input").count() == 0
    before = cells(desk, "rect_rate")
    assert before[4] == "由其他指标算出"
    desk.open("rect_done")
    desk.number("rect_done@十三届-7").fill("40")
    desk.wait(f"{row} .x-badge", "随动")
    assert cells(desk, "rect_rate")[3] != before[3]
    assert cells(desk, "rect_rate")[1] == before[1], "the source's number stays beside it"


def test_only_what_has_changed_and_only_what_is_contradictory(desk: Desk) -> None:
    chip(desk, "有改动")
    assert "rect_done" in rows(desk)
    assert "rect_rate" in rows(desk)
    assert TALKS not in rows(desk)
    chip(desk, "全部")
    desk.open("findings_common")
    desk.number(BROKEN).fill("99")
    desk.wait('tr[data-figure="findings_common"] .x-badge', "有矛盾")
    chip(desk, "有矛盾")
    assert {"findings_common", "findings_total"} <= set(rows(desk))
    assert "training_sessions" not in rows(desk)
    assert desk.page.locator(".x-relations .x-broken:visible").count(), "which relation"
    chip(desk, "全部")
    desk.page.click(".x-give-up")
    desk.wait(".x-unsaved", "没有未保存的修改")


def test_what_was_typed_last_is_saved_though_save_is_pressed_at_once(desk: Desk) -> None:
    desk.page.fill(".x-author", "综合科")
    desk.number("trainees").fill("12")
    desk.wait(".x-unsaved", "1处修改")
    desk.number("trainees").fill("125")
    desk.reason("trainees").fill("四人漏登")
    desk.page.click(".x-save", force=True, no_wait_after=True)
    desk.wait(".x-note", "已保存")
    assert desk.number("trainees").input_value() == "125"


def test_a_choice_for_a_chart_stands_until_it_is_answered(desk: Desk) -> None:
    page = desk.page
    page.get_by_role("tab", name="图").click()
    look = page.locator(".x-look", has_text="发现问题分布")
    look.evaluate(
        """look => {
            const [order, base] = ["顺序", "上年同期"].map(
                name => look.querySelector(`[aria-label="${name}"]`));
            for (const [element, value] of [[base, "hidden"], [order, "descending"]]) {
                element.value = value;
                element.dispatchEvent(new Event("change"));
            }
            look.querySelector(".x-title").focus();
            window.shown = new Set();
            window.watching = setInterval(() => window.shown.add(order.value), 1);
        }"""
    )
    desk.wait(".x-unsaved", "1处修改")
    desk.kept()
    assert page.evaluate("[...window.shown]") == ["descending"]
    page.evaluate("clearInterval(window.watching)")
    look.get_by_label("顺序").select_option(index=0)
    look.get_by_label("上年同期").select_option(index=0)
    desk.wait(".x-unsaved", "没有未保存的修改")
    page.get_by_role("tab", name="数字").click()


def test_how_charts_look_is_there_again_after_a_reload(desk: Desk, adjustments: Path) -> None:
    page = desk.page
    charts = page.locator(".xuncha-piece svg", has_text="去年同期").count()
    page.get_by_role("tab", name="图").click()
    look = page.locator(".x-look", has_text="发现问题分布")
    look.get_by_label("上年同期").select_option(label="不显示")
    look.get_by_label("顺序").select_option(label="从大到小")
    look.get_by_label("标题").fill("发现问题按类分布")
    page.wait_for_function(
        "n => [...document.querySelectorAll('.xuncha-piece svg')]"
        ".filter(svg => svg.textContent.includes('去年同期')).length === n",
        arg=charts - 1,
    )
    desk.wait(".x-unsaved", "1处修改")
    desk.save()
    desk.wait(".x-note", "已保存")
    saved = (adjustments / "2024H1.yaml").read_text("utf-8")
    assert "base: hidden" in saved
    page.reload()
    page.wait_for_selector(".x-panel", timeout=90_000)
    page.get_by_role("tab", name="图").click()
    look = page.locator(".x-look", has_text="发现问题分布")
    assert look.get_by_label("上年同期").input_value() == "hidden"
    assert look.get_by_label("顺序").input_value() == "descending"
    assert look.get_by_label("标题").input_value() == "发现问题按类分布"
    assert page.locator(".xuncha-piece svg", has_text="去年同期").count() == charts - 1
    page.get_by_role("tab", name="数字").click()
    assert desk.number("trainees").input_value() == "125"


def test_a_stale_adjustment_is_told_and_confirmed_or_dropped(desk: Desk, adjustments: Path) -> None:
    desk.go(COUNTY, "2023年下半年")
    desk.wait(".x-alert li", "现在为")
    chip(desk, "待确认")
    assert sorted(rows(desk)) == ["trainees", "training_sessions"]
    now = {figure: cells(desk, figure)[1] for figure in rows(desk)}
    told = desk.wait(".x-fault", "来源数变了：调整时 98").inner_text()
    assert f"现在 {now['training_sessions']}，调整值 9。没有采用" in told
    desk.page.locator(".x-said", has_text="调整时 98").get_by_text("仍用调整值").click()
    desk.page.locator(".x-said", has_text="调整时 99").get_by_text("改用来源数").click()
    desk.wait(".x-unsaved", "2处修改")
    desk.save()
    desk.wait(".x-note", "已保存")
    (kept,) = store.load(adjustments / "2023H2.yaml").adjustments
    assert (kept.figure, kept.original, kept.adjusted) == (
        "training_sessions", now["training_sessions"], "9",
    )  # fmt: skip
    chip(desk, "全部")
    assert desk.page.locator(".x-alert:visible").count() == 0


def test_a_file_edited_into_nonsense_is_told_and_an_earlier_state_restored(
    desk: Desk, adjustments: Path
) -> None:
    desk.go(COUNTY, "2023年上半年")
    told = desk.wait(".x-alert", "调整文件不能识别，本次没有采用任何调整").inner_text()
    assert "不是正确的 YAML" in told
    desk.page.get_by_role("tab", name="历史").click()
    desk.page.locator(".x-entry", has_text="第1次").get_by_role("button").click()
    desk.wait(".x-note", "已保存")
    assert [i.adjusted for i in store.load(adjustments / "2023H1.yaml").adjustments] == ["7"]
    desk.page.get_by_role("tab", name="数字").click()


def test_an_unknown_figure_in_the_file_is_named(desk: Desk) -> None:
    desk.go(COUNTY, "2022年下半年")
    told = desk.wait(".x-alert", "没有指标“trainings_sessions”").inner_text()
    assert "应为 training_sessions" in told


def test_a_folder_that_cannot_be_written_is_told_and_the_change_stays(
    desk: Desk, adjustments: Path
) -> None:
    kept = adjustments.rename(adjustments.with_name("kept"))
    try:
        adjustments.write_text("a file in the way", "utf-8")
        desk.go(COUNTY, "2022年上半年")
        desk.number("training_sessions").fill("8")
        desk.reason("training_sessions").fill("漏登")
        desk.wait(".x-alert", "存不了草稿")
        desk.save()
        desk.wait(".x-note.x-bad", "请检查文件夹权限")
        assert desk.number("training_sessions").input_value() == "8"
        desk.wait(".x-unsaved", "1处修改没有保存")
    finally:
        adjustments.unlink(missing_ok=True)
        kept.rename(adjustments)
