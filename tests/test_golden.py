"""Pictures of pages as they were when somebody last looked at them: ``make golden`` renews them.

The pages are set in the open fonts alone, so that every machine with the same typesetter draws
the same. The Word pages are drawn by LibreOffice; another version of it may need new pictures.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import stress_sample
from pages import OPEN_FONTS, difference, exported, pictures, read, word_pages, workspace
from PIL import Image

from xuncha_nb.exporters.docx import XunchaDocxExporter
from xuncha_nb.exporters.pdf import XunchaPDFExporter

FOLDER = Path(__file__).parent / "golden"
DPI = 50
#: Page of the stress document → what there is to see.
PAGES = {
    1: "title",
    3: "chart",
    8: "tables",
    11: "signature",
    12: "landscape",
    17: "annex",
    20: "contents",
}
TOLERANCE = {"pdf": 0.5, "docx": 2.0}


@pytest.fixture(scope="module", params=["pdf", "docx"])
def drawn(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, list[Image.Image]]:
    """The pages of the stress document in one format."""
    folder = tmp_path_factory.mktemp(request.param)
    place = str(workspace(folder / "workspace", OPEN_FONTS))
    content = stress_sample.everything()
    if request.param == "pdf":
        pages = exported(XunchaPDFExporter, content, place)
    else:
        pages = word_pages(exported(XunchaDocxExporter, content, place), folder)
    assert len(read(pages).pages) == max(PAGES)
    return request.param, pictures(pages, folder, DPI)


@pytest.mark.parametrize("number", PAGES, ids=PAGES.values())
def test_page_looks_as_it_did(drawn: tuple[str, list[Image.Image]], number: int) -> None:
    kind, pages = drawn
    path = FOLDER / f"{kind}-{PAGES[number]}.png"
    page = pages[number - 1]
    if os.environ.get("XUNCHA_GOLDEN") == "renew":
        FOLDER.mkdir(exist_ok=True)
        # Sixteen greys are enough to see with, and small.
        page.quantize(16).save(path, optimize=True)
    with Image.open(path) as golden:
        found = difference(golden.convert("L"), page)
    assert found < TOLERANCE[kind], (
        f"{path.name}: differs by {found:.2f} of 255; look at the page, then `make golden`"
    )


def test_another_page_would_be_noticed(drawn: tuple[str, list[Image.Image]]) -> None:
    kind, pages = drawn
    with Image.open(FOLDER / f"{kind}-chart.png") as golden:
        assert difference(golden.convert("L"), pages[1]) > 5 * TOLERANCE[kind]
        moved = pages[2].transform(pages[2].size, Image.Transform.AFFINE, (1, 0, 0, 0, 1, 3))
        assert difference(golden.convert("L"), moved) > TOLERANCE[kind]
