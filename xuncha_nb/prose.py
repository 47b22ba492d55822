"""Faults that a careful editor strikes from a finished text, whatever the figures say.

Source: ``domain.md``, Faults that real documents have. A number is the business of the figures
and their relations; here it is what stands around it: placeholders, a sentence cut off, a date
without its day, words of another period or another area, the measure word of another unit, a
list that does not have as many members as the number before it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from xuncha_nb.document import Annex, Block, Chart, Document, Heading, Paragraph, Run, Table
from xuncha_nb.figures import Figures, indicator_of
from xuncha_nb.indicators import INDICATORS
from xuncha_nb.periods import Period
from xuncha_nb.sources import Book
from xuncha_nb.verdicts import Severity, Verdict

#: Measure words of the dictionary, the longest first: 人次 is not 人.
MEASURES: Final = tuple(
    sorted({i.unit for i in INDICATORS.values()} - {"%", "日期"}, key=len, reverse=True)
)
_MEASURE: Final = re.compile("|".join(map(re.escape, MEASURES)))
_ENDS: Final = "。；：！？”」）》…"

#: A mark that stood for something to be filled in: XX, ***, ____, 某某, and a lone X before a
#: measure word, a percent sign or a word of time.
_PLACEHOLDER: Final = re.compile(
    rf"[XxＸ×]{{2,}}|\*{{3,}}|[_＿]{{3,}}|□{{2,}}|某某|待填|待补充|（略）|TODO"
    rf"|(?<![A-Za-zＡ-Ｚ\d])[XＸ×](?=(?:{'|'.join(map(re.escape, MEASURES))}|[%％月日年县区市]))"
)
_NOISE: Final = re.compile(
    r"https?://|www\.|打印本页|关闭窗口|责任编辑|浏览次数|点击次数|上一篇|下一篇|当前位置|版权所有"
    r"|ICP备|字号[：:]|首页\s*[>＞»]"
)
#: 6月3 without 日; 6月3— is the start of a range.
_DAYLESS: Final = re.compile(r"\d{1,2}月\d{1,2}(?![\d日—－～~至-])")
_YEARS: Final = re.compile(r"((?:19|20)\d{2})年?[—－-]((?:19|20)\d{2})年")
_LISTED: Final = re.compile(r"^[，：]?(?:即|分别是|分别为|包括)：?([^。；]+)")

#: Words that only fit a longer or a shorter time than the document's.
_SPANS: Final = {
    "year": re.compile("半年来|本季度"),
    "half": re.compile("一年来|一年以来|本季度"),
    "quarter": re.compile("一年来|一年以来|半年来"),
}
_AREAS: Final = {"县": "全县", "区": "全区", "市": "全市", "旗": "全旗", "省": "全省", "国": "全国"}
#: A county speaks of these only when it means them.
_WIDE: Final = ("全国", "全省")
#: Persons are counted in either; a text that mixes them is not wrong, only uneven.
_PERSONS: Final = frozenset(("人", "名"))


@dataclass(frozen=True)
class Context:
    """What a text is held against.

    Attributes
    ----------
    name : str
        In front of every place: the notebook, or nothing.
    area : str
        The document's county, city or province.
    period : Period or None
    aliases : tuple of (str, str)
        (name, former name) of units.
    """

    name: str
    area: str
    period: Period | None
    aliases: tuple[tuple[str, str], ...] = field(default=())


def context(figures: Figures, book: Book) -> Context:
    """Return what a county's document is held against: its area, period and units' names."""
    units = book["units"]
    aliases = (
        (name, former.strip())
        for name, formers in zip(units["name"], units["former_names"], strict=True)
        if name is not None and formers is not None
        for former in re.split("[、，,；;]", formers)
        if former.strip()
    )
    return Context("", figures.county_name, figures.window.period, tuple(aliases))


def evaluate(document: Document, context: Context) -> Iterator[Verdict]:
    """Yield what an editor would strike, in the order of the document.

    Returns
    -------
    iterator of Verdict
        Placeholders, wrong measure words and wrong lists are errors; the rest are warnings.
    """
    reader = _Reader(context)
    yield from reader.text(document.title.title, "题目")
    paragraphs = 0
    for block in document.blocks:
        if isinstance(block, Paragraph):
            paragraphs += 1
        yield from reader.block(block, paragraphs)
    yield from reader.whole(document.blocks)


@dataclass(frozen=True)
class _Reader:
    context: Context

    def block(self, block: Block, paragraphs: int) -> Iterator[Verdict]:
        match block:
            case Heading():
                yield from self.text(_text(block.runs), f"标题“{block.number}{_text(block.runs)}”")
            case Paragraph():
                text = _text(block.runs)
                place = f"第{paragraphs}段“{text[:12]}…”"
                yield from self.text(text, place)
                yield from self._runs(block.runs, place)
                if text and text[-1] not in _ENDS:
                    message = "句子没有写完，请补全或删去"
                    yield self._found("warning", "sentence_cut", place, message, text[-12:])
            case Table() | Chart() | Annex():
                yield from self.text(block.title, f"{block.number}题目")

    def text(self, text: str, place: str) -> Iterator[Verdict]:
        faults: list[tuple[Severity, str, re.Pattern[str], str]] = [
            ("error", "placeholder", _PLACEHOLDER, "留有没有填的占位符，请填写或删去"),
            ("warning", "web_noise", _NOISE, "混入了网页上的文字，请删去"),
            ("warning", "date_without_day", _DAYLESS, "日期缺“日”字，请补上"),
        ]
        period = self.context.period
        if period is not None and period.kind in _SPANS:
            message = f"与报告期间（{period.name}）不符，请改写"
            faults.append(("warning", "other_span", _SPANS[period.kind], message))
        own = _AREAS.get(self.context.area[-1:], "")
        if own and own not in _WIDE:
            others = [word for word in _AREAS.values() if word not in (own, *_WIDE)]
            pattern = re.compile("|".join(others))
            message = f"说的是{self.context.area}，范围的说法不一致，请核对"
            faults.append(("warning", "other_area", pattern, message))
        for severity, rule, pattern, message in faults:
            for match in pattern.finditer(text):
                yield self._found(severity, rule, place, message, match[0])

    def _runs(self, runs: Sequence[Run], place: str) -> Iterator[Verdict]:
        for position, run in enumerate(runs):
            if run.figure is None or run.figure.partition("@")[0].endswith(("_yoy", "_share")):
                continue
            after = _text(runs[position + 1 :])
            yield from self._measure(run, after, place)
            yield from self._list(run, after, place)

    def _measure(self, run: Run, after: str, place: str) -> Iterator[Verdict]:
        """A number of one unit with the measure word of another behind it."""
        try:
            unit = indicator_of(str(run.figure).removesuffix("_base")).unit
        except KeyError:
            return
        printed = _MEASURE.match(after)
        if run.text[-1:].isdigit() and printed and unit not in ("%", "日期", printed[0]):
            severity: Severity = "warning" if {unit, printed[0]} == _PERSONS else "error"
            message = "计量单位与指标不一致，同一件事只用一个单位，请改写"
            found = f"{run.text}{printed[0]}"
            yield self._found(severity, "measure_word", place, message, found, f"{run.text}{unit}")

    def _list(self, run: Run, after: str, place: str) -> Iterator[Verdict]:
        """A number followed by the list of what it counts: 制定文件3项，即《…》、《…》."""
        listed = _LISTED.match(after)
        number = re.match(r"\d+", run.text)
        if listed is None or number is None or "等" in listed[1]:
            return
        # 、 inside 《》 or brackets separates nothing.
        items = re.sub(r"《[^》]*》|（[^）]*）", "名", listed[1])
        count = len(re.split(r"[、，]|和(?=名)", items))
        if count != int(number[0]):
            message = "列出的数目与前面的数不一致，请核对"
            yield self._found("error", "list_count", place, message, f"{count}个", run.text)

    def whole(self, blocks: Iterable[Block]) -> Iterator[Verdict]:
        """What only the whole text shows: two plan periods, two names of one unit."""
        texts = [_text(b.runs) for b in blocks if isinstance(b, Paragraph | Heading)]
        together = "\n".join(texts)
        plans = {f"{m[1]}—{m[2]}年" for t in texts for m in _YEARS.finditer(t) if "规划" in t}
        if len(plans) > 1:
            message = "规划的起止年份前后不一致，请核对"
            yield self._found("warning", "two_plans", "全文", message, "、".join(sorted(plans)))
        for name, former in self.context.aliases:
            # The longer name may contain the shorter one.
            long, short = sorted((name, former), key=len, reverse=True)
            if long in together and short in together.replace(long, ""):
                message = "同一单位用了两个名称，请统一"
                yield self._found("warning", "two_names", "全文", message, f"{name}、{former}")

    def _found(
        self,
        severity: Severity,
        rule: str,
        place: str,
        message: str,
        found: str,
        expected: str = "",
    ) -> Verdict:
        period = "" if self.context.period is None else str(self.context.period)
        where = f"{self.context.name} {place}".strip()
        text = message if expected else f"“{found}”{message}"
        area = self.context.area
        return Verdict(severity, rule, text, area, period, (), expected, found, where)


def _text(runs: Sequence[Run]) -> str:
    return "".join(run.text for run in runs)
