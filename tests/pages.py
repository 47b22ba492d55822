"""Pages of exported papers, measured and pictured: what the tests of the layout share."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
import pytest
from document_sample import notebook
from PIL import Image, ImageChops

from xuncha_nb import fonts
from xuncha_nb.document import Block

MM = 72 / 25.4
#: Every role in an open font, so that a machine with the standard's fonts makes the same pages.
OPEN_FONTS = (
    f"fonts:\n  title: [{fonts.SERIF}]\n  body: [{fonts.SERIF}]\n  table: [{fonts.SERIF}]\n"
    f"  first_heading: [{fonts.SANS}]\n  second_heading: [{fonts.SERIF}]\n"
)


def workspace(folder: Path, layout: str) -> Path:
    """Make a workspace with a layout.yaml of its own."""
    for name in ("notebooks", "parameters"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "parameters" / "layout.yaml").write_text(layout, "utf-8")
    return folder


def exported(exporter: type[Any], content: Sequence[Block] | None = None, place: str = "") -> bytes:
    """Export blocks, or the sample, by the options of a workspace."""
    made = exporter(workspace=place).from_notebook_node(notebook(content))[0]
    assert isinstance(made, bytes)
    return made


def read(pdf: bytes) -> pypdf.PdfReader:
    """Open a PDF."""
    return pypdf.PdfReader(io.BytesIO(pdf))


def squeezed(text: str) -> str:
    """Return the text without any white space: a page breaks lines where it likes."""
    return "".join(text.split())


def lines_of(page: pypdf.PageObject) -> list[tuple[float, float, str]]:
    """Return baseline, left edge and text of each line of a page, from the top, in points."""
    found: dict[float, list[tuple[float, str]]] = {}

    def visit(text: str, cm: Any, tm: Any, font: Any, size: Any) -> None:
        # typst turns the page's coordinates over in cm; the text matrix is relative to it.
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        if text.strip():
            found.setdefault(round(y, 1), []).append((x, text.strip()))

    page.extract_text(visitor_text=visit)
    return [
        (y, min(x for x, _ in parts), "".join(t for _, t in sorted(parts)))
        for y, parts in sorted(found.items(), reverse=True)
    ]


def tool(name: str) -> str:
    """Return the path of a program, or skip the test that needs it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def boxes(pdf: bytes, page: int, folder: Path) -> list[tuple[float, float, float, float, str]]:
    """Return left, top, right, bottom in millimetres and text of each run of characters."""
    source = folder / "boxes.pdf"
    source.write_bytes(pdf)
    command = [tool("pdftotext"), "-bbox", "-f", str(page), "-l", str(page), source, "-"]
    made = subprocess.run(command, check=True, capture_output=True, text=True)
    pattern = r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>'
    return [
        (*(float(side) / MM for side in sides), text)  # type: ignore[misc]
        for *sides, text in re.findall(pattern, made.stdout)
    ]


def pictures(pdf: bytes, folder: Path, dpi: int) -> list[Image.Image]:
    """Return the pages as grey pictures."""
    source = folder / "pictures.pdf"
    source.write_bytes(pdf)
    for old in folder.glob("picture-*.png"):
        old.unlink()
    command = [tool("pdftoppm"), "-gray", "-r", str(dpi), "-png", source, folder / "picture"]
    subprocess.run(command, check=True, capture_output=True)
    return [Image.open(path).convert("L") for path in sorted(folder.glob("picture-*.png"))]


def difference(one: Image.Image, other: Image.Image, lower: int = 0) -> float:
    """Return the mean difference of two pictures' grey, 0 to 255, after a little blurring.

    ``lower``: the other may lie up to so many pixels lower. Word and LibreOffice set type at the
    foot of a line of fixed height, typst at its head.
    """
    if one.size != other.size:
        return 255.0
    small = (max(1, one.width // 3), max(1, one.height // 3))
    a, *moved = (
        np.asarray(picture.resize(small, Image.Resampling.BOX), dtype=float)
        for picture in (one, *(ImageChops.offset(other, 0, -n) for n in range(lower + 1)))
    )
    return min(float(np.abs(a - b).mean()) for b in moved)


def word_pages(docx: bytes, folder: Path) -> bytes:
    """Lay a Word file out with LibreOffice, with the open fonts in place of the standard's.

    LibreOffice 7.4 does not read ``w:autoSpaceDE`` and ``w:autoSpaceDN`` and puts a gap between
    digits and Chinese, where Word and WPS put none; so the file goes through LibreOffice's own
    format, in which the gap is switched off. What it writes there as the number of pages is a
    guess made before they were laid out, and too high a guess makes it begin pages too early. It
    reads ``w:overflowPunct`` the wrong way round: a mark may hang out of its line.
    """
    office = tool("soffice")
    same = "<alias binding='same'><family>{}</family><prefer><family>{}</family></prefer></alias>"
    roles = {fonts.STANDARD[r]: fonts.SANS if r == "hei" else fonts.SERIF for r in fonts.ROLES}
    (folder / "fonts.conf").write_text(
        f"<fontconfig><dir>{fonts.typst_font_dir()}</dir>"
        f"{''.join(same.format(*pair) for pair in roles.items())}"
        f"<cachedir>{folder / 'cache'}</cachedir></fontconfig>",
        "utf-8",
    )
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    settings = {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")}

    def convert(source: Path, kind: str) -> Path:
        command = [office, profile, "--headless", "--convert-to", kind, "--outdir", folder, source]
        subprocess.run(command, check=True, capture_output=True, timeout=180, env=settings)
        return source.with_suffix(f".{kind}")

    source = folder / "report.docx"
    source.write_bytes(docx)
    flat = convert(source, "fodt")
    text = flat.read_text("utf-8")
    assert 'style:text-autospace="ideograph-alpha"' in text
    text = re.sub(r"<meta:document-statistic[^>]*/>", "", text)
    flat.write_text(text.replace('text-autospace="ideograph-alpha"', 'text-autospace="none"'))
    return convert(flat, "pdf").read_bytes()
