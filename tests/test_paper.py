"""Options of the paper formats: read from parameters/layout.yaml, refused key by key."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import workspace

from xuncha_nb import fonts, paper
from xuncha_nb.errors import ParameterError
from xuncha_nb.paper import PaperLayout


def refused(folder: Path, layout: str) -> str:
    """Return the line with which a layout is refused."""
    with pytest.raises(ParameterError) as caught:
        paper.load(workspace(folder, layout))
    (line,) = str(caught.value).splitlines()
    assert line.startswith("parameters/layout.yaml：")
    assert str(folder) not in line
    return line


def test_the_packaged_file_says_the_defaults() -> None:
    packaged = Path(__file__).parent.parent
    assert paper.load(packaged) == PaperLayout()
    text = (packaged / "parameters" / "layout.yaml").read_text("utf-8")
    assert all(f"\n{name}:" in text for name in PaperLayout.model_fields)


def test_a_workspace_without_the_file_has_the_packaged_one(tmp_path: Path) -> None:
    place = workspace(tmp_path, "")
    (place / "parameters" / "layout.yaml").unlink()
    assert paper.load(place) == PaperLayout()


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ("line_spacng: 28\n", "不认识的参数“line_spacng”，是否应为“line_spacing”"),
        ("fonts:\n  boddy: [仿宋]\n", "不认识的参数“boddy”，是否应为“body”"),
        ("line_spacing: 12\n", "应为 grid 或 20 至 40 磅，实为“12”"),
        ("line_spacing: wide\n", "应为 grid 或 20 至 40 磅，实为“wide”"),
        ("bold_headings: [5]\n", "应为 1 至 4，实为“5”"),
        ("signature: stamped\n", "参数“signature”应为 unsealed、sealed 之一，实为“stamped”"),
        ("page_number: left\n", "参数“page_number”应为 outside, centre、none 之一"),
        ('fonts:\n  body: ["a\\"b"]\n', "字体名应为本机字体的名称"),
    ],
)
def test_wrong_options_are_refused_with_what_is_right(
    tmp_path: Path, layout: str, said: str
) -> None:
    assert said in refused(tmp_path, layout)


def test_a_change_of_the_file_is_seen_in_the_same_process(tmp_path: Path) -> None:
    assert paper.load(workspace(tmp_path, "line_spacing: 28\n")).pitch_pt == 28
    assert paper.load(workspace(tmp_path, "line_spacing: 30.5\n")).pitch_twips == 610


def test_the_grid_is_22_lines_and_not_a_twip_more() -> None:
    layout = PaperLayout()
    assert layout.pitch_pt * 22 == pytest.approx(225 / 25.4 * 72)
    assert layout.pitch_twips * 22 <= 225 / 25.4 * 1440 < (layout.pitch_twips + 1) * 22


def test_fonts_of_the_office_stand_first_and_are_named_in_word(tmp_path: Path) -> None:
    layout = paper.load(workspace(tmp_path, f"fonts:\n  body: [没有的字体, {fonts.SANS}]\n"))
    assert layout.families("fangsong")[0] == fonts.SANS
    assert layout.wanted("fangsong") == "没有的字体"
    assert layout.fonts_used()["fangsong"] == {"wanted": "没有的字体", "used": fonts.SANS}
    assert layout.fonts_used()["kai"]["wanted"] == "楷体_GB2312"
    assert "latin" not in layout.fonts_used()
    assert "没有的字体" not in layout.substitutes(), "the office's second choice is its own choice"


def test_what_stands_in_for_the_standard_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "_families", lambda: {fonts.SERIF.casefold(): fonts.SERIF})
    fonts.available.cache_clear()
    try:
        line = PaperLayout(digits="times").substitutes()
    finally:
        fonts.available.cache_clear()
    assert "\n" not in line
    assert f"正文用 {fonts.SERIF} 代替仿宋_GB2312" in line
    assert f"数字用 {fonts.SERIF} 代替Times New Roman" in line
