"""Fonts: found offline, the free ones only, and no character without a glyph."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from xuncha_nb import chartfont, fonts, glyphs
from xuncha_nb.errors import FontError

RARE = "埇沚浉瀍猇硚鄠"


@pytest.fixture
def fresh() -> Iterator[None]:
    """Forget the folder found before, and afterwards the one found in the test."""
    fonts.typst_font_dir.cache_clear()
    yield
    fonts.typst_font_dir.cache_clear()


def test_paths_are_the_two_open_fonts() -> None:
    assert [p.name for p in fonts.font_paths()] == [
        "NotoSerifCJKsc-Regular.otf",
        "NotoSansCJKsc-Regular.otf",
    ]
    assert all(p.is_file() for p in fonts.font_paths())


def test_finding_fonts_imports_neither_mplfonts_nor_matplotlib_nor_typst() -> None:
    code = (
        "import sys; from xuncha_nb import fonts; fonts.font_paths(); fonts.chain('kai');"
        "print([m for m in ('mplfonts', 'matplotlib', 'typst', 'fontTools') if m in sys.modules])"
    )
    made = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(fonts.__file__).parents[1],
    )
    assert made.stdout.strip() == "[]"


@pytest.mark.usefixtures("fresh")
def test_renderers_see_a_folder_without_the_font_that_is_not_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "cache_dir", lambda: tmp_path / "cache")
    folder = fonts.typst_font_dir()
    assert sorted(p.name for p in folder.iterdir()) == [
        "NotoSansCJKsc-Regular.otf",
        "NotoSerifCJKsc-Regular.otf",
        "XunchaCharts-Regular.otf",
    ]
    assert folder.parent == tmp_path / "cache"
    assert [p.name for p in folder.parent.iterdir()] == [folder.name], "left-overs"


@pytest.mark.usefixtures("fresh")
def test_half_a_folder_is_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "cache_dir", lambda: tmp_path)
    folder = fonts.typst_font_dir()
    for name in ("NotoSansCJKsc-Regular.otf", "XunchaCharts-Regular.otf"):
        (folder / name).unlink()
        fonts.typst_font_dir.cache_clear()
        assert len(list(fonts.typst_font_dir().iterdir())) == 3


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("lacking", ["", "NotoSansCJKsc-Regular.otf"])
def test_a_folder_that_another_process_reads_is_never_taken_away(
    lacking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def inodes(folder: Path) -> dict[str, int]:
        return {p.name: p.stat().st_ino for p in (folder, *folder.iterdir())}

    monkeypatch.setattr(fonts, "cache_dir", lambda: tmp_path)
    write = chartfont.write
    theirs: dict[str, int] = {}

    def overtaken(sans: Path, target: Path) -> None:
        monkeypatch.setattr(chartfont, "write", write)
        folder = fonts.typst_font_dir()  # what the other process makes meanwhile
        if lacking:
            (folder / lacking).unlink()
        theirs.update(inodes(folder))
        write(sans, target)

    monkeypatch.setattr(chartfont, "write", overtaken)
    folder = fonts.typst_font_dir()
    assert len(list(folder.iterdir())) == 3
    assert inodes(folder)[folder.name] == theirs[folder.name]
    if not lacking:
        assert inodes(folder) == theirs
    assert [p.name for p in tmp_path.iterdir()] == [folder.name], "left-overs"


@pytest.mark.usefixtures("fresh")
def test_without_a_cache_folder_a_temporary_one_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(fonts, "cache_dir", lambda: tmp_path / "file" / "below")
    assert len(list(fonts.typst_font_dir().iterdir())) == 3


@pytest.mark.usefixtures("fresh")
def test_where_links_are_not_allowed_the_files_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(fonts, "cache_dir", lambda: tmp_path)
    monkeypatch.setattr(fonts.os, "link", refused)
    monkeypatch.setattr(fonts.os, "symlink", refused)
    folder = fonts.typst_font_dir()
    assert not any(p.is_symlink() for p in folder.iterdir())
    assert len(list(folder.iterdir())) == 3


def test_the_face_of_charts_is_the_open_sans_but_for_its_substitutions(tmp_path: Path) -> None:
    from fontTools.ttLib import TTFont

    _, sans = fonts.font_paths()
    for name in ("one.otf", "two.otf"):
        chartfont.write(sans, tmp_path / name)
    made = tmp_path / "one.otf"
    assert made.read_bytes() == (tmp_path / "two.otf").read_bytes()
    with TTFont(sans, lazy=True) as before, TTFont(made, lazy=True) as after:
        assert set(before.keys()) - set(after.keys()) == {"GSUB", "DSIG"}
        assert after["name"].getDebugName(1) == chartfont.FAMILY
        assert after.getBestCmap() == before.getBestCmap()
        for table in ("CFF ", "GPOS", "hmtx"):
            assert after.reader[table] == before.reader[table], table


@pytest.mark.parametrize("role", fonts.ROLES)
def test_chains_start_with_the_standard_and_end_with_the_open_fonts(role: fonts.Role) -> None:
    chain = fonts.chain(role)
    assert set(chain[-2:]) == {fonts.SERIF, fonts.SANS}
    assert chain[0] not in (fonts.SERIF, fonts.SANS)
    assert fonts.resolved(role) in fonts.available(role)


@pytest.mark.parametrize("role", fonts.ROLES)
def test_characters_of_county_names_are_covered(role: fonts.Role) -> None:
    assert glyphs.missing(RARE, fonts.available(role)) == []


@pytest.fixture
def two_fonts(monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two families of few characters: A has 县, B has 埇."""
    covers = {"A": frozenset({ord("县")}), "B": frozenset({ord("埇")})}
    monkeypatch.setattr(glyphs, "covered", covers.__getitem__)
    monkeypatch.setattr(glyphs, "_known", {})
    return ("A", "B")


@pytest.mark.parametrize("role", fonts.ROLES)
def test_a_font_covers_what_its_own_table_says(role: fonts.Role) -> None:
    from fontTools.ttLib import TTFont

    for family in fonts.available(role):
        path, number = fonts.files()[family]
        with TTFont(path, fontNumber=number, lazy=True) as font:
            # A character whose glyph is the empty box is not covered.
            said = {code for code, name in font.getBestCmap().items() if name != ".notdef"}
        covered = glyphs.covered(family)
        assert {code for code in range(0x110000) if code in covered} == said


def test_a_glyph_missing_in_the_first_font_is_taken_from_the_next(
    two_fonts: tuple[str, str],
) -> None:
    assert glyphs.missing("埇县桥", two_fonts) == ["桥"]
    assert glyphs.filled_in("埇县桥 ", two_fonts) == {"埇": "B"}


def test_missing_glyph_names_character_fonts_and_place(two_fonts: tuple[str, str]) -> None:
    with pytest.raises(FontError) as caught:
        glyphs.check("县埇县埇县埇县埇县埇桥县县", two_fonts, "表2第3行第1列")
    message = str(caught.value)
    assert "\n" not in message
    said = "字体：表2第3行第1列，“县埇县埇县埇县埇桥县县”中的“桥”（U+6865）在 A、B 里"
    assert message.startswith(said)


def test_spaces_and_control_characters_need_no_glyph() -> None:
    glyphs.check("a b\u3000c\n\t\u200b\ufe0f", fonts.available("fangsong"))


def test_what_an_office_prefers_stands_first_and_is_no_substitute() -> None:
    assert fonts.available("kai", (fonts.SANS,))[0] == fonts.SANS
    assert fonts.resolved("kai", (fonts.SANS.lower(),)) == fonts.SANS
    assert not fonts.stands_in("kai", (fonts.SANS,))
    assert fonts.available("kai", ("没有的字体",)) == fonts.available("kai")


@pytest.mark.parametrize("role", fonts.ROLES)
def test_every_role_knows_its_standard_face_and_what_only_stands_in(role: fonts.Role) -> None:
    real = fonts._REAL[role]
    assert fonts.STANDARD[role] in fonts.chain(role)[:real]
    assert not {fonts.SERIF, fonts.SANS, "LXGW WenKai"} & set(fonts.chain(role)[:real])
