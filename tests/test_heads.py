"""Heads of columns: whole words, the unit on a line of its own."""

from __future__ import annotations

import random

import pytest

from xuncha_nb.exporters import heads, layout
from xuncha_nb.indicators import INDICATORS


@pytest.mark.parametrize(
    ("head", "room", "lines"),
    [
        ("同比（%）", 5.0, ["同比（%）"]),
        ("发现问题（个）", 7.0, ["发现问题（个）"]),
        ("发现问题（个）", 4.0, ["发现问题", "（个）"]),
        ("发现问题线索（件）", 4.0, ["发现问题", "线索", "（件）"]),
        ("派出巡察组（个）", 4.2, ["派出", "巡察组", "（个）"]),
        ("已巡察对象（个）", 4.2, ["已巡察", "对象", "（个）"]),
        ("全覆盖完成率（%）", 5.0, ["全覆盖", "完成率", "（%）"]),
        ("村（社区）全覆盖完成率（%）", 6.0, ["村（社区）", "全覆盖完成率", "（%）"]),
        ("延伸巡察村（社区）党组织（个）", 8.2, ["延伸巡察", "村（社区）党组织", "（个）"]),
        ("基本完成（正在整改）（个）", 6.0, ["基本完成", "（正在整改）", "（个）"]),
        ("问题类别数（类）", 4.0, ["问题", "类别数", "（类）"]),
        ("第一种形态占比（%）", 4.0, ["第一种", "形态占比", "（%）"]),
        ("运用“四种形态”批评教育帮助和处理（人次）", 6.0,
         ["运用", "“四种形态”", "批评教育帮助", "和处理", "（人次）"]),
        ("第12轮发现问题数（个）", 5.0, ["第12轮", "发现问题数", "（个）"]),
        ("第1轮发现问题数（个）", 5.0, ["第1轮发现", "问题数", "（个）"]),
        ("县（市、区）", 9.0, ["县（市、区）"]),
        ("轮次", 1.0, ["轮次"]),  # a word stays whole: whoever sets it has to break it
        ("GB/T 9704", 3.0, ["GB/T 9704"]),
        ("", -1.0, [""]),  # of sixty columns none has room for anything
        ("第1轮村（社区）数（个）", 7.0, ["第1轮", "村（社区）数", "（个）"]),
    ],
)  # fmt: skip
def test_heads_break_between_words(head: str, room: float, lines: list[str]) -> None:
    assert list(heads.lines(head, room)) == lines


def test_a_head_of_many_words_takes_no_time() -> None:
    lines = heads.lines("巡察对象问题线索" * 200, 4.0)
    assert len(lines) == 400
    assert heads.narrowest("巡察对象问题线索" * 200, True) > 4


_ANY = "巡察组村（社区）全覆盖完成率“四”，：a1% 的一𬭊"


@pytest.mark.parametrize("seed", range(5))
def test_any_head_is_broken_and_nothing_of_it_lost(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(2000):
        head = "".join(rng.choices(_ANY, k=rng.randint(0, 14)))
        room = rng.uniform(-1, 9)
        lines = heads.lines(head, room)
        assert "".join(lines) == head
        assert heads.narrowest(head, seed % 2 == 0) <= layout.width(head)


@pytest.mark.parametrize("room", [3.0, 4.2, 5.3, 6.0, 8.0])
def test_every_figure_has_a_head(room: float) -> None:
    for figure in INDICATORS.values():
        head = f"{figure.label}（{figure.unit}）"
        lines = heads.lines(head, room)
        assert "".join(lines) == head
        assert all(len(line) > 1 for line in lines), lines
        assert heads.lines(head, 99.0) == (head,)


@pytest.mark.parametrize("spacious", [False, True])
def test_the_least_room_of_a_head_breaks_no_word(spacious: bool) -> None:
    for figure in INDICATORS.values():
        head = f"{figure.label}（{figure.unit}）"
        least = heads.narrowest(head, spacious)
        assert least <= layout.width(head)
        assert all(layout.width(line) <= least for line in heads.lines(head, least + 0.01)), head
