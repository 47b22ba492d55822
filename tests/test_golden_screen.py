"""Pictures of web pages and charts as they were when somebody last looked at them.

``make golden`` renews them. The pages show the fonts that they carry, so that every machine
with the same browser draws the same; another version of it may need new pictures.
"""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from browser import DESK, PHONE, launched, needs_browser, opened
from pieces import HALF_YEAR_SUMMARY, without_kernel
from PIL import Image, ImageChops, ImageStat
from test_charts import coverage, different_units, now_and_then, of_rounds

from xuncha_nb import fonts
from xuncha_nb.document import Chart, Document
from xuncha_nb.exporters import embedding, svg
from xuncha_nb.exporters.html import XunchaHTMLExporter
from xuncha_nb.exporters.index import page as index_page

pytestmark = [needs_browser, pytest.mark.browser]

FOLDER: Final = Path(__file__).parent / "golden"
#: Mean difference of the pixels, out of 255: a moved line is several times as much.
TOLERANCE: Final = 1.0
CHARTS: Final[dict[str, Callable[[], Chart | None]]] = {
    "bars": now_and_then,
    "own-scale": different_units,
    "stacked": coverage,
    "panels": of_rounds,
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as made:
        yield made


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = without_kernel(HALF_YEAR_SUMMARY)
    made.record()
    return written(tmp_path_factory.mktemp("golden"), made.document())


def written(folder: Path, content: Document) -> Path:
    path = folder / "report.html"
    page = XunchaHTMLExporter().render(content)
    path.write_text(in_its_own_fonts(page), "utf-8")
    return path


_POLICY: Final = 'http-equiv="Content-Security-Policy"'
_OWN_FONTS: Final = (
    'body { --hei: "xuncha-sans"; --song: "xuncha-serif"; }'
    " .drawing text { font-family: xuncha-sans }"
)


def in_its_own_fonts(page: str) -> str:
    """Return the page with its own fonts first, whatever the machine has."""
    return page.replace("<style>", f"<style>{_OWN_FONTS}", 1).replace(_POLICY, "")


def same(name: str, picture: bytes) -> float:
    """Return how far a picture is from the golden one, after renewing it when asked to."""
    with Image.open(io.BytesIO(picture)) as opened_picture:
        drawn = opened_picture.convert("RGB")
    path = FOLDER / f"html-{name}.png"
    if os.environ.get("XUNCHA_GOLDEN") == "renew":
        FOLDER.mkdir(exist_ok=True)
        drawn.quantize(32).save(path, optimize=True)
    assert path.exists(), f"no golden picture {path.name}: make golden, and look at it"
    with Image.open(path) as golden:
        kept = golden.convert("RGB")
    assert kept.size == drawn.size
    return difference(kept, drawn)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference of two pictures of one size, out of 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


VIEWS: Final[dict[str, dict[str, Any]]] = {
    "desk": {"viewport": DESK},
    "dark": {"viewport": DESK, "dark": True},
    "phone": {"viewport": PHONE},
}


@pytest.mark.parametrize("view", VIEWS)
def test_the_head_of_a_report_looks_as_it_did(browser: Any, report: Path, view: str) -> None:
    with opened(browser, report, **VIEWS[view]) as page:
        page.evaluate("() => document.fonts.ready.then(() => null)")
        assert same(view, page.screenshot()) < TOLERANCE


def test_an_explanation_and_a_table_look_as_they_did(browser: Any, report: Path) -> None:
    with opened(browser, report) as page:
        table = page.locator("main > .table").nth(2)
        table.evaluate("t => t.scrollIntoView()")
        table.locator(".figure").nth(6).focus()
        assert same("explained", page.screenshot()) < TOLERANCE


def test_the_index_looks_as_it_did(browser: Any, tmp_path: Path) -> None:
    from test_index_page import LABELS, row

    from xuncha_nb import areas

    rows = [row(area, number) for number, area in enumerate(areas.counties()[:12])]
    path = tmp_path / "index.html"
    text = index_page("2024年上半年报告目录", LABELS, rows)
    path.write_text(in_its_own_fonts(text), "utf-8")
    with opened(browser, path, viewport={"width": 1280, "height": 640}) as page:
        assert same("index", page.screenshot()) < TOLERANCE


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_looks_as_it_did(browser: Any, tmp_path: Path, name: str) -> None:
    chart = CHARTS[name]()
    assert chart is not None
    data = base64.b64encode(embedding.subset("".join(svg.texts(chart.svg)), "sans")).decode()
    face = f'@font-face {{ font-family: "{fonts.SANS}"; src: url("data:font/otf;base64,{data}") }}'
    path = tmp_path / "chart.html"
    head = f"<!DOCTYPE html><meta charset='utf-8'><style>{face} body {{ margin: 0 }}</style>"
    path.write_text(head + chart.svg, "utf-8")
    with opened(browser, path) as page:
        page.evaluate("() => document.fonts.ready.then(() => null)")
        assert same(f"chart-{name}", page.locator("svg").screenshot()) < TOLERANCE


def test_the_measure_tells_a_moved_line_from_a_softer_edge() -> None:
    with Image.open(FOLDER / "html-desk.png") as golden:
        picture = golden.convert("RGB")
    softer = picture.resize((1279, 899)).resize(picture.size)
    moved = ImageChops.offset(picture, 0, 12)
    assert difference(picture, picture) == 0
    assert difference(picture, moved) > 2 * TOLERANCE
    assert difference(picture, softer) < difference(picture, moved)
