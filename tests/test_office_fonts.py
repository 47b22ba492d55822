"""Several Word files in one LibreOffice that has no Chinese font: none shows boxes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from document_sample import TITLE, notebook, paragraph
from pages import pictures, tool

from xuncha_nb.exporters.docx import XunchaDocxExporter

FIRST = "本期开展常规巡察。"
SECOND = "鄠邑区反馈意见已经移交，督促整改落实到位，形成震慑。"


def word(text: str) -> bytes:
    made = XunchaDocxExporter().from_notebook_node(notebook((TITLE, paragraph(text))))[0]
    assert isinstance(made, bytes)
    return made


def converted(folder: Path, *files: Path) -> None:
    """Convert files to PDF in one LibreOffice that finds Latin fonts only."""
    office = tool("soffice")
    (folder / "fonts.conf").write_text(
        "<fontconfig><dir>/usr/share/fonts/truetype/dejavu</dir>"
        f"<cachedir>{folder / 'cache'}</cachedir></fontconfig>",
        "utf-8",
    )
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", folder, *files]
    settings = {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    subprocess.run(command, check=True, capture_output=True, timeout=180, env=settings)


@pytest.mark.slow
def test_the_second_file_looks_as_it_does_alone(tmp_path: Path) -> None:
    pages = {}
    for name, texts in (("together", (FIRST, SECOND)), ("alone", (SECOND,))):
        folder = tmp_path / name
        folder.mkdir()
        files = [folder / f"{place}.docx" for place, _ in enumerate(texts)]
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(word(text))
        converted(folder, *files)
        pages[name] = pictures(files[-1].with_suffix(".pdf").read_bytes(), folder, 60)[0]
    together, alone = (np.asarray(page, dtype=float) for page in pages.values())
    assert float(alone.min()) < 100, "something is printed"
    assert together.shape == alone.shape
    assert float(np.abs(together - alone).max()) == 0
