"""Breaking a long title: between words, in the shape of a trapezoid or a diamond."""

from __future__ import annotations

import itertools
import math
import re
from typing import Final

from xuncha_nb.exporters.layout import clean, width

# Words that reports' titles are made of; a title breaks between them, never inside. What is
# not listed (a county's name) sticks together as one word.
_WORDS: Final = frozenset(
    # One string is read and changed more easily than a list of a hundred.
    """
    巡察 巡视 工作 领导小组 办公室 总结 计划 上半年 下半年 半年 全年 情况 汇报 报告 简报
    纪检监察 纪检 监察 纪委 监委 委员会 动员 部署 动员部署 会议 讲话 意见 建议 关于 及 和 与 的
    以及 县委 区委 市委 省委 旗委 党委 党组 中共 共产党 开展 进展 进驻 反馈 整改 落实 回头看
    常规 专项 机动 提级 交叉 轮次 轮 第一 第二 第三 第四 第五 第六 第七 第八 第九 第十 问题 线索
    汇总 统计 分析 报表 台账 监督 检查 执纪 问责 打算 安排 要点 方案 通知 通报 说明 一览表 明细表
    清单 任务 责任 重点 全覆盖 推进 村 社区 乡镇 单位 全市 全县 全区 各县 各区 县区 巡察办 政治
    生态 评估 下一步 今后 阶段 阶段性 季度 第一季度 第二季度 第三季度 第四季度 上级 十四届 届
    信访 举报 案件 处分 人员 队伍 建设 制度 培训 试点 基本 主要 数据 指标 对比 附表
    """.split()  # noqa: SIM905
)
_MOST_WAYS: Final = 3_000
_LONGEST: Final = max(map(len, _WORDS))
# These belong to the word in front of them: no line starts with one.
_TAILS: Final = frozenset(
    (
        "自治县",
        "自治旗",
        "自治州",
        "自治区",
        *"的县区市省旗州镇乡委年月日号届轮次批期个件》）”、，：",
    )
)
_GOOD_END: Final = ("的", "年", "、", "，", "：")
_PERIODS: Final = frozenset(("上半年", "下半年", "半年")) | {f"第{n}季度" for n in "一二三四"}
_BINDERS: Final = frozenset(("和", "及", "与", "以及"))


def lines(title: str, room: float = 20.0) -> tuple[str, ...]:
    """Break a title into as few lines as fit, each at most ``room`` characters wide.

    Of all ways to break between words it takes the best balanced one whose shape is a trapezoid
    or a diamond: two lines of different length, or three with the middle not the shortest.
    """
    text = clean(title.strip())
    # One character short of full: a line that touches both margins looks like body text.
    comfortable = room - 2
    if width(text) <= comfortable:
        return (text,)
    parts = [w for word in words(text) for w in _chopped(word, comfortable)]
    count = math.ceil(width(text) / comfortable)
    for number in range(count, len(parts) + 1):
        found = _best(parts, number, comfortable)
        if found:
            return found
    return _filled(parts, comfortable)


def _filled(parts: list[str], room: float) -> tuple[str, ...]:
    """Fill line after line: for titles so long that trying all ways takes too long."""
    made = [""]
    for part in parts:
        if made[-1] and width(made[-1] + part) > room:
            made.append("")
        made[-1] += part
    return tuple(made)


def words(text: str) -> list[str]:
    """Cut a title into words; what is not in the list of words sticks together."""
    found: list[str] = []
    unknown = ""
    place = 0
    while place < len(text):
        word = _word_at(text, place)
        place += len(word) or 1
        if not word:
            unknown += text[place - 1]
            continue
        if word in _TAILS and (unknown or found):
            if unknown:
                found.append(unknown + word)
                unknown = ""
            else:
                found[-1] += word
            continue
        if unknown:
            found.append(unknown)
            unknown = ""
        found.append(word)
    return [*found, unknown] if unknown else found


def _word_at(text: str, place: int) -> str:
    if number := re.match(r"[0-9A-Za-z.%—\-]+", text[place:]):
        return number[0]
    for length in range(_LONGEST, 0, -1):
        piece = text[place : place + length]
        if piece in _WORDS or piece in _TAILS:
            return piece
    return ""


def _chopped(word: str, room: float) -> list[str]:
    """Cut a word that is longer than a line; there is no better place in it."""
    pieces = [""]
    for character in word:
        if width(pieces[-1] + character) > room:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _best(parts: list[str], number: int, room: float) -> tuple[str, ...]:
    """Return the best way to make ``number`` lines of the parts, or nothing if none fits."""
    best: tuple[float, tuple[str, ...]] = (math.inf, ())
    places = range(1, len(parts))
    if math.comb(len(parts) - 1, number - 1) > _MOST_WAYS:
        return ()
    for cuts in itertools.combinations(places, number - 1):
        edges = [0, *cuts, len(parts)]
        made = tuple("".join(parts[a:b]) for a, b in itertools.pairwise(edges))
        if max(map(width, made)) > room:
            continue
        cost = _cost(made, [parts[c] for c in cuts])
        if cost < best[0]:
            best = (cost, made)
    return best[1]


def _cost(made: tuple[str, ...], starts: list[str]) -> float:
    widths = [width(line) for line in made]
    mean = sum(widths) / len(widths)
    cost = sum((w - mean) ** 2 for w in widths)
    if len(set(widths)) == 1:
        cost += 2  # a rectangle: the standard asks for a trapezoid or a diamond
    if len(widths) > 2 and min(widths[1:-1]) < min(widths[0], widths[-1]):
        cost += 100  # an hourglass
    cost -= sum(3 for line in made[:-1] if line.endswith(_GOOD_END))
    cost += sum(6 for word in starts if word in _BINDERS)
    # 2024年 and 上半年 are one name.
    cost += sum(
        15
        for line, word in zip(made, starts, strict=False)
        if line.endswith("年") and word in _PERIODS
    )
    return cost
