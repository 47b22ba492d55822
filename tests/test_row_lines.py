"""Lines of table rows, where they are sure: as many as typst makes of them by itself."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest
import typst
from document_sample import TITLE, paragraph
from pages import OPEN_FONTS, boxes, exported, pictures, read, workspace

from xuncha_nb import fonts
from xuncha_nb.document import Cell, Column, Table
from xuncha_nb.exporters import row_lines
from xuncha_nb.exporters.pdf import XunchaPDFExporter
from xuncha_nb.exporters.row_lines import RowLines, bounds

# What cells hold, and what makes lines break elsewhere than after so many characters.
WORDS = "巡察对象总数减已正在各轮次单位问题线索村社区党组织一二三"
MARKS = "（）《》“”‘’，。、：；！？—…·×÷－【】"
LATIN = [
    "2024",
    "~/AQmw@&",
    "M:;",
    "1,234.5",
    "-3.2%",
    "+17",
    "GB/T 9704",
    "Excel",
    "WWW",
    "iii",
    "98.76%",
    " ",
    "%",
]


def text(rng: random.Random, most: int) -> str:
    """Return a text of Chinese, marks, numbers and Latin words, as unlikely as may be."""
    made = ""
    while len(made) < most:
        kind = rng.random()
        if kind < 0.7:
            made += "".join(rng.choices(WORDS, k=rng.randint(1, 6)))
        elif kind < 0.88:
            made += "".join(rng.choices(MARKS, k=rng.choice((1, 1, 1, 2, 3))))
        else:
            made += rng.choice(LATIN)
    return made[: rng.randint(1, most)].strip() or "—"


_TAILS = ("", "（个）", "（%）", "其他", "")


def table(seed: int, *, wide: bool) -> Table:
    rng = random.Random(seed)
    aligns = ("left", "right", "center", "left", "right")
    return Table(
        number=f"表{seed}",
        title="随机文字",
        columns=tuple(
            Column(header=f"第{place}列数{tail}", align=align, width=rng.choice((1, 1.5, 2, 3)))  # type: ignore[arg-type]
            for place, (align, tail) in enumerate(zip(aligns, _TAILS, strict=True))
        ),
        rows=tuple(
            tuple(
                Cell(text=text(rng, rng.choice((3, 8, 20, 40))), bold=rng.random() < 0.2)
                for _ in aligns
            )
            for _ in range(40)
        ),
        wide=wide,
    )


_MEASURED = """
#set text(
  font: json(bytes(sys.inputs.fonts)), size: 9pt, lang: "zh", region: "cn", fallback: false,
  cjk-latin-spacing: none, hyphenate: false, top-edge: 0.88em, bottom-edge: -0.12em,
)
#set par(linebreaks: "simple", leading: 0.45em)
#context [#metadata(json(bytes(sys.inputs.texts)).map(((words, room)) => {
  let high = measure(block(width: room * 9pt, words)).height
  calc.round(1 + (high - 9pt) / (1.45 * 9pt), digits: 6)
})) <lines>]
"""


@pytest.mark.parametrize("seed", range(4))
def test_typst_makes_no_more_and_no_fewer_lines(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    rooms = [rng.choice((4.0, 6.5, 7.3, 11.0, 15.2)) for _ in range(2500)]
    texts = [(text(rng, rng.choice((1, 2, 3)) * round(room)), room) for room in rooms]
    (tmp_path / "lines.typ").write_text(_MEASURED, "utf-8")
    compiler = typst.Compiler(
        input=str(tmp_path / "lines.typ"),
        root=str(tmp_path),
        font_paths=fonts.typst_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"texts": json.dumps(texts), "fonts": json.dumps([fonts.SERIF, fonts.SANS])},
    )
    (counts,) = json.loads(compiler.query("<lines>", field="value"))
    found = [bounds(*asked) for asked in texts]
    wrong = [
        (asked, lines, (least, most))
        for asked, lines, (least, most) in zip(texts, counts, found, strict=True)
        if not least <= lines <= most
    ]
    assert not wrong, wrong[:5]
    sure = [least for least, most in found if least == most]
    assert len(sure) > len(found) / 2
    assert sum(lines > 1 for lines in sure) > len(found) / 8


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("wide", [False, True])
def test_rows_of_sure_lines_look_as_typst_makes_them(
    seed: int, wide: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = [TITLE, paragraph("各表如下。"), *(table(seed * 3 + n, wide=wide) for n in range(3))]
    place = str(workspace(tmp_path / "workspace", OPEN_FONTS))
    asked: list[RowLines] = []
    of_table = row_lines.of_table

    def kept(item: Table, widths: tuple[float, ...]) -> RowLines:
        asked.append(of_table(item, widths))
        return asked[-1]

    def unsure(item: Table, widths: tuple[float, ...]) -> RowLines:
        return RowLines(0, [0] * len(item.rows), list(range(len(item.rows) * len(item.columns))))

    monkeypatch.setattr(row_lines, "of_table", kept)
    told = exported(XunchaPDFExporter, content, place)
    monkeypatch.setattr(row_lines, "of_table", unsure)
    measured = exported(XunchaPDFExporter, content, place)
    sure = [lines for found in asked for lines in found.rows]
    assert sum(lines > 1 for lines in sure) > len(sure) / 10, "or nothing is tested"
    assert any(len(found.inset) < 200 for found in asked)
    pages = len(read(told).pages)
    assert pages == len(read(measured).pages)
    for page in range(1, pages + 1):
        assert boxes(told, page, tmp_path) == boxes(measured, page, tmp_path)
    shown, expected = (
        [picture.tobytes() for picture in pictures(pdf, tmp_path, 50)] for pdf in (told, measured)
    )
    assert shown == expected


@pytest.mark.parametrize(
    ("words", "room", "expected"),
    [
        ("巡察对象", 4.0, (1, 1)),
        ("巡察对象总", 4.0, (2, 2)),
        ("巡察对象总数减已正", 4.0, (3, 3)),
        ("巡察对象：总", 5.0, (2, 2)),  # a mark within a line is not halved
        ("巡察对象总：", 5.5, (1, 2)),  # at its end it may be
        ("（巡察对象）", 5.0, (1, 2)),
        ("“一长两员”库", 4.5, (2, 2)),
        ("“一长两员”库", 2.5, (1, math.inf)),  # a quotation mark is parted from neither side
        ("二〇二四年", 20.0, (1, 1)),
        ("123456789012", 4.0, (1, math.inf)),  # nothing breaks a number
        ("\u200b巡察", 9.0, (1, math.inf)),
        ("", 4.0, (1, 1)),
    ],
)
def test_bounds(words: str, room: float, expected: tuple[int, float]) -> None:
    assert bounds(words, room) == expected
