"""The web page in a browser: explanations, sorting, contents, paper, phone, no barriers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from browser import DESK, PHONE, launched, needs_browser, opened, violations
from document_sample import HOSTILE, TITLE, notebook
from pieces import HALF_YEAR_SUMMARY, figure, without_kernel

from xuncha_nb.document import Cell, Column, Document, Paragraph, Run, Table
from xuncha_nb.exporters.html import XunchaHTMLExporter

pytestmark = [needs_browser, pytest.mark.browser]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as made:
        yield made


def written(folder: Path, content: Document) -> Path:
    path = folder / "report.html"
    path.write_text(XunchaHTMLExporter().render(content), "utf-8")
    return path


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = without_kernel(HALF_YEAR_SUMMARY)
    made.record()
    return written(tmp_path_factory.mktemp("report"), made.document())


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of the exporters' sample: hostile texts, two annexes, landscape tables."""
    path = tmp_path_factory.mktemp("sample") / "报告 样例#1.html"
    path.write_text(XunchaHTMLExporter().from_notebook_node(notebook())[0], "utf-8")
    return path


def table_page(folder: Path, *rows: tuple[str, ...], total: bool = False) -> Path:
    columns = (Column(header="名称"), Column(header="数", align="right"))
    body = [tuple(Cell(text=text) for text in row) for row in rows]
    if total:
        body.append((Cell(text="合计", bold=True), Cell(text="99", bold=True)))
    table = Table(title="表", columns=columns, rows=tuple(body))
    return written(folder, Document(title=TITLE, blocks=(table,)))


def column(page: Any, place: int) -> list[str]:
    cells = page.locator(f".table tbody tr > :nth-child({place})")
    return [text.strip() for text in cells.all_text_contents()]


# ---------------------------------------------------------------- barriers


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("which", ["report", "sample"])
def test_axe_finds_no_violation(
    browser: Any, request: pytest.FixtureRequest, which: str, viewport: Any, dark: bool
) -> None:
    path = request.getfixturevalue(which)
    with opened(browser, path, dark=dark, viewport=viewport) as page:
        # Everything unfolded, and an explanation up.
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        if which == "report":
            page.locator("p .figure").first.focus()
            assert page.locator("#tip").is_visible()
        assert violations(page) == []


def test_axe_would_find_one(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "bad.html"
    body = "<main><h1>x</h1><img src='data:,'><p style='color:#ddd'>some text</p></main>"
    path.write_text(f"<!DOCTYPE html><html><title>x</title><body>{body}", "utf-8")
    with opened(browser, path) as page:
        assert {"image-alt", "color-contrast", "html-has-lang"} <= {
            v.partition(":")[0] for v in violations(page)
        }


def test_hostile_text_runs_nowhere(browser: Any, sample: Path) -> None:
    with opened(browser, sample) as page:
        shown = page.locator("main").inner_text()
        assert all(" ".join(text.split()) in " ".join(shown.split()) for text in HOSTILE)


def test_the_policy_stops_what_is_not_ours(browser: Any, report: Path, tmp_path: Path) -> None:
    """A page that was tampered with runs nothing, so that the policy is seen to be in force."""
    bad = report.read_text("utf-8").replace("</main>", "<script>window.bad = 1</script></main>")
    path = tmp_path / "tampered.html"
    path.write_text(bad, "utf-8")
    with (
        pytest.raises(AssertionError, match="Content Security Policy"),
        opened(browser, path) as page,
    ):
        assert page.evaluate("window.bad") is None


# ---------------------------------------------------------------- explanations


def test_an_explanation_comes_on_focus_and_goes_with_escape(browser: Any, report: Path) -> None:
    with opened(browser, report) as page:
        number = page.locator("p > .figure[data-figure='findings_total']").first
        tip = page.locator("#tip")
        number.focus()
        assert tip.is_visible()
        said = tip.inner_text()
        for part in ("发现问题（个）", "本期", "167个", "去年同期", "口径", "来源"):
            assert part in said
        assert number.get_attribute("aria-describedby") == "tip"
        page.keyboard.press("Escape")
        assert tip.is_hidden()
        assert number.get_attribute("aria-describedby") is None
        page.keyboard.press("Tab")
        assert tip.is_visible(), "the next number"
        assert tip.inner_text() != said


def test_an_explanation_comes_on_hover_and_can_be_rested_upon(browser: Any, report: Path) -> None:
    with opened(browser, report) as page:
        tip = page.locator("#tip")
        page.locator("p > .figure").first.hover()
        tip.wait_for(state="visible")
        box = tip.bounding_box()
        page.mouse.move(box["x"] + 20, box["y"] + 20)
        page.wait_for_timeout(500)
        assert tip.is_visible()
        page.mouse.move(2, 2)
        tip.wait_for(state="hidden")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_explanations_stay_within_the_window(browser: Any, report: Path, viewport: Any) -> None:
    with opened(browser, report, viewport=viewport) as page:
        numbers = page.locator("p > .figure")
        for n in range(0, numbers.count(), 7):
            numbers.nth(n).focus()
            box = page.locator("#tip").bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= viewport["width"]


def test_a_touch_shows_and_hides(browser: Any, report: Path) -> None:
    with opened(browser, report, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        tip = page.locator("#tip")
        number = page.locator("p > .figure").nth(3)
        number.tap()
        assert tip.is_visible()
        assert "#" not in page.url, "a touch stays where it is"
        number.tap()
        assert tip.is_hidden()
        number.tap()
        page.locator("h1").tap()
        assert tip.is_hidden()


def test_a_chart_tells_its_numbers_to_the_pointer_and_its_table_to_the_keyboard(
    browser: Any, report: Path
) -> None:
    with opened(browser, report) as page:
        figure = page.locator("figure").nth(1)
        figure.locator("[data-note] text").first.hover()
        page.locator("#tip").wait_for(state="visible")
        assert "本期" in page.locator("#tip").inner_text()
        figure.locator("summary").click()
        figure.locator(".data .figure").first.focus()
        assert page.locator("#tip").is_visible()


def test_numbers_in_a_chart_are_reached_by_keys(browser: Any, report: Path) -> None:
    with opened(browser, report) as page:
        drawing = page.locator(".drawing:has([data-note])").first
        assert drawing.get_attribute("role") == "group", "a picture hides what is in it"
        numbers = drawing.locator("[data-note]")
        assert numbers.count() > 2
        assert drawing.locator("[data-note][tabindex='0']").count() == 1, "one stop of the tab key"
        drawing.locator("[tabindex='0']").first.focus()
        tip = page.locator("#tip")
        first = tip.inner_text()
        for part in ("本期", "口径", "来源"):
            assert part in first
        name = numbers.nth(0).get_attribute("aria-label")
        assert name.startswith(numbers.nth(0).text_content().strip() + "，")
        page.keyboard.press("ArrowRight")
        at = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert at == numbers.nth(1).get_attribute("aria-label")
        assert tip.is_visible()
        page.keyboard.press("Escape")
        assert tip.is_hidden()
        page.keyboard.press("Enter")
        assert tip.is_visible()


def test_without_script_a_chart_is_a_picture_with_a_table(
    browser: Any, report: Path, tmp_path: Path
) -> None:
    """axe itself is a script: the page is the one without its own."""
    path = tmp_path / "plain.html"
    text = report.read_text("utf-8")
    start, end = text.rindex("<script>"), text.rindex("</script>")
    path.write_text(text[:start] + text[end + len("</script>") :], "utf-8")
    with opened(browser, path) as page:
        drawing = page.locator(".drawing:has([data-note])").first
        assert drawing.get_attribute("role") == "img"
        assert page.locator("[tabindex='0'] [tabindex]").count() == 0
        assert page.locator("figure .data .figure").count() > 5
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        assert violations(page) == []


def test_arrow_keys_go_from_number_to_number(browser: Any, report: Path) -> None:
    with opened(browser, report) as page:
        table = page.locator(".table.wide table").first
        stops = table.locator("tbody [data-note][tabindex='0']")
        assert stops.count() == 1, "one stop of the tab key"
        stops.first.focus()
        first = page.evaluate("document.activeElement.getAttribute('data-figure')")
        page.keyboard.press("ArrowDown")
        below = page.evaluate("document.activeElement.getAttribute('data-figure')")
        page.keyboard.press("ArrowRight")
        right = page.evaluate("document.activeElement.getAttribute('data-figure')")
        assert first != below
        assert right == f"{below}_base"
        assert page.locator("#tip").is_visible()
        assert stops.count() == 1


# ---------------------------------------------------------------- sorting


def test_numbers_sort_by_value_and_what_is_missing_stays_last(browser: Any, tmp_path: Path) -> None:
    rows = [("甲", "9"), ("乙", "—"), ("丙", "10"), ("丁", "1.2万"), ("戊", "-3"), ("己", "1,050")]
    path = table_page(tmp_path, *rows, total=True)
    with opened(browser, path) as page:
        button = page.locator("th .sort").nth(1)
        head = page.locator("thead th").nth(1)
        assert head.get_attribute("aria-sort") == "none"
        button.focus()
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "descending"
        assert column(page, 2) == ["1.2万", "1,050", "10", "9", "-3", "—", "99"]
        assert "从大到小" in page.locator("#status").inner_text()
        page.keyboard.press("Space")
        assert head.get_attribute("aria-sort") == "ascending"
        assert column(page, 2) == ["-3", "9", "10", "1,050", "1.2万", "—", "99"]
        page.locator("th .sort").first.click()
        assert head.get_attribute("aria-sort") == "none"
        button.click()
        button.click()
        button.click()
        assert column(page, 1) == ["甲", "乙", "丙", "丁", "戊", "己", "合计"], "as it was"


def test_rounds_sort_by_their_ordinal(browser: Any, tmp_path: Path) -> None:
    names = ["第十一轮", "第二轮", "第十轮", "第二十轮"]
    with opened(browser, table_page(tmp_path, *((name, "1") for name in names))) as page:
        page.locator("th .sort").first.click()
        assert column(page, 1) == ["第二轮", "第十轮", "第十一轮", "第二十轮"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("9.3万", 93000), ("2700余", 2700), ("+23.9个百分点", 23.9), ("-20.9", -20.9),
        ("1,234.5", 1234.5), (">168万", 1680000), ("105个", 105), ("70.0%", 70), ("—", None),
        ("", None), ("2月29日—4月22日", "2月29日—4月22日"), ("331124", 331124),
    ],
)  # fmt: skip
def test_what_a_cell_sorts_by(browser: Any, report: Path, text: str, key: Any) -> None:
    with opened(browser, report) as page:
        assert page.evaluate("text => xunchaSorting.key(text)", text) == key


# ---------------------------------------------------------------- contents, search, script off


def test_the_contents_follow_the_scroll(browser: Any, report: Path) -> None:
    with opened(browser, report) as page:
        current = page.locator(".contents.side [aria-current]")
        head = page.locator("h2", has_text="困难和问题")
        head.evaluate("h => h.scrollIntoView()")
        current.first.wait_for(state="attached")
        page.wait_for_timeout(100)
        assert current.all_inner_texts() == ["二、困难和问题"]
        page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        page.wait_for_timeout(100)
        assert current.all_inner_texts()[0].startswith("附件")


def test_charts_have_text_that_can_be_found_and_selected(browser: Any, report: Path) -> None:
    with opened(browser, report) as page:
        assert page.evaluate("window.find('国有企业')")
        assert page.evaluate("getSelection().anchorNode.parentElement.closest('svg') !== null")
        assert page.evaluate("getSelection().toString()") == "国有企业"


def test_without_script_the_page_reads_and_numbers_lead_to_their_explanation(
    browser: Any, report: Path
) -> None:
    with opened(browser, report, java_script_enabled=False) as page:
        assert page.locator("th .sort").count() == 0
        assert page.locator("#tip").is_hidden()
        assert "发现问题" in page.locator("thead").first.inner_text()
        number = page.locator("p > .figure").first
        note = page.locator(number.get_attribute("href"))
        assert note.is_hidden()
        number.click()
        note.wait_for(state="visible")
        assert "口径" in note.inner_text()


def test_a_machine_without_fonts_shows_the_pages_own(browser: Any, report: Path) -> None:
    with opened(browser, report) as page:
        page.evaluate("document.fonts.load('16px xuncha-sans', '巡')")
        loaded = page.evaluate("[...document.fonts].map(f => f.family + ' ' + f.status)")
        assert any("xuncha-sans" in f and f.endswith("loaded") for f in loaded)


# ---------------------------------------------------------------- phone and paper


def test_a_phone_scrolls_only_downwards(browser: Any, report: Path) -> None:
    with opened(browser, report, viewport=PHONE) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert page.locator(".contents.fold summary").is_visible()
        sizes = page.evaluate(
            "[...document.querySelectorAll('.drawing')].map(d => d.getBoundingClientRect().width)"
        )
        assert min(sizes) >= 480, "a chart scrolls before its text becomes too small to read"


def test_paper_has_no_controls_and_repeats_table_heads(browser: Any, report: Path) -> None:
    with opened(browser, report) as page:
        made = page.pdf(prefer_css_page_size=True)
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    texts = ["".join(p.extract_text().split()) for p in pages]
    assert not any("图中数据" in t or "指标说明" in t or "跳到正文" in t for t in texts)
    assert "目录" not in texts[0]
    wide = [n for n, p in enumerate(pages) if p.mediabox.width > p.mediabox.height]
    assert len(wide) > 3
    assert all("口径" in texts[n] and "来源" in texts[n] for n in wide), "heads on every page"
    assert "“—”表示没有数据" in texts[wide[-1]], "the note stays with its table"
    whole = [t for t in texts if "各类别巡察对象覆盖情况" in t]
    assert len(whole) == 1
    assert "合计" in whole[0], "a short table stays whole"


def test_dark_charts_are_drawn_for_a_dark_ground(browser: Any, report: Path) -> None:
    def colours(page: Any) -> set[str]:
        found = page.evaluate(
            "[...document.querySelectorAll('.drawing path, .drawing text')]"
            ".map(e => getComputedStyle(e).fill)"
        )
        return set(found)

    with opened(browser, report) as page:
        light = colours(page)
    with opened(browser, report, dark=True) as page:
        dark = colours(page)
    assert "rgb(31, 78, 121)" in light
    left = {c for c in light & dark if not c.startswith(("none", "url", "rgb(217, 164, 65"))}
    assert not left, "a colour that no rule turns"


def test_the_paragraph_of_an_adjusted_figure_says_so(browser: Any, tmp_path: Path) -> None:
    made = figure("rect_done", "64")
    record = {
        "period": "2024H1",
        "figures": [made.to_json()],
        "adjustments": [
            {"figure": "rect_done", "original": "60", "adjusted": "64", "reason": "补录",
             "author": "综合科", "time": "2024-07-01"},
        ],
    }  # fmt: skip
    paragraph = Paragraph(runs=(Run(text="整改完成"), Run(text="64个", figure="rect_done")))
    path = written(tmp_path, Document(title=TITLE, blocks=(paragraph,), record=record))
    with opened(browser, path) as page:
        page.locator("p > .figure").focus()
        assert "由60调整为64，理由：补录" in page.locator("#tip").inner_text()
