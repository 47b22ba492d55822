"""The numbers of one executed notebook, each against the record."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from xuncha_nb import prose, views
from xuncha_nb.document import (
    MIME,
    Annex,
    Chart,
    Heading,
    Paragraph,
    Piece,
    Run,
    Table,
    compose,
    composed_pieces,
)
from xuncha_nb.errors import PeriodError
from xuncha_nb.marks import MARK
from xuncha_nb.periods import Period
from xuncha_nb.proof.printed import Recorded, contradictions, numbers, undated
from xuncha_nb.verdicts import Severity, Verdict

_META: Final = ("county", "county_name", "period", "period_name", "cutoff", "edition")
_CORRECT: Final = "请重新出报告，不要手工改数"
_TAG: Final = re.compile(r"<[^>]*>")
_SVG_TEXT: Final = re.compile(r"<text\b[^>]*>(.*?)</text>", re.DOTALL)


@dataclass
class _Place:
    """Where a number stands, in words, and what stands before it."""

    name: str
    before: str = ""
    signed: bool = False


#: What is read of every recorded figure.
_FIELDS: Final = frozenset(
    [
        "id",
        "label",
        "unit",
        "scope",
        "member",
        "value",
        "text",
        "interval",
        "origin",
        "base",
        "base_origin",
        "change",
        "change_unit",
        "growth",
        "share",
        "original",
    ]
)


class Pages:
    """One executed notebook, as its pieces and as what was shown of them.

    Attributes
    ----------
    name : str
        Its path, for messages.
    record : dict or None
    known : Recorded
        The figures of the record.

    Raises
    ------
    KeyError
        If a recorded figure lacks a part that every one has.
    """

    def __init__(self, name: str, shown: Sequence[tuple[Piece, dict[str, Any]]]) -> None:
        self.name = name
        self._shown = shown
        self._document = compose(piece for piece, _ in shown)
        self.record = self._document.record
        figures = (self.record or {}).get("figures", [])
        if lacking := [part for f in figures for part in _FIELDS - f.keys()]:
            raise KeyError(*lacking[:1])
        self.known = Recorded({f["id"]: f for f in figures})
        #: Texts with digits that are data of no figure: names, periods, rounds.
        self._names = {str((self.record or {}).get(key, "")) for key in _META}
        for figure in figures:
            self._names |= {figure["label"], figure["member"], figure["scope"]}
        for item in (self.record or {}).get("adjustments", []):
            self._names |= {item["reason"], item["author"]}
        self._names = {name for name in self._names if re.search(r"\d", name)}

    def verdicts(self) -> Iterator[Verdict]:
        """Yield what is wrong with the record, sentences, tables, charts and the screen."""
        if self.record is None:
            yield self._verdict(
                "error",
                "record_missing",
                self.name,
                "笔记本没有记录指标，文中的数无从核对；最后应有 report.record()，请补上后重新执行",
            )
            return
        for id, what, expected, found in contradictions(self.known):
            yield self.differs(
                f"{self.name} 记录", f"{what}与本期、基期的数对不上", id, expected, found
            )
        paragraphs = 0
        title = self._document.title
        yield from self._stray(f"{title.title} {title.addressee} {title.office}", "题目和落款")
        for block in self._document.blocks:
            match block:
                case Paragraph():
                    paragraphs += 1
                    yield from self._runs(block.runs, f"第{paragraphs}段")
                case Heading():
                    yield from self._runs(block.runs, f"标题“{block.number}”")
                case Table():
                    yield from self._table(block)
                case Chart():
                    yield from self._chart(block)
                case Annex():
                    yield from self._stray(block.title, f"{block.number}标题")
        yield from self._screen()

    def faults_of_text(self) -> Iterator[Verdict]:
        """Yield what an editor would strike from the text, whatever the numbers are."""
        record = self.record or {}
        try:
            period = Period.parse(str(record.get("period", "")))
        except PeriodError:
            period = None
        context = prose.Context(self.name, str(record.get("county_name", "")), period)
        yield from prose.evaluate(self._document, context)

    # -- where numbers stand ----------------------------------------------------------------

    def _runs(self, runs: Sequence[Run], place: str) -> Iterator[Verdict]:
        texts = [run.text for run in runs]
        for position, run in enumerate(runs):
            before, after = "".join(texts[:position]), "".join(texts[position + 1 :])
            where = f"{place}“…{before[-8:]}{run.text[:30]}{after[:6]}…”"
            if run.figure is None:
                yield from self._stray(run.text, where)
            else:
                yield from self._printed(run.text, run.figure, _Place(where, before))

    def _table(self, table: Table) -> Iterator[Verdict]:
        heads = [column.header for column in table.columns]
        yield from self._stray(" ".join([table.title, table.note, *heads]), f"{table.number}表题")
        for line, row in enumerate(table.rows, 1):
            mine = next((self.known.figures.get(c.figure) for c in row if c.figure), None)
            for column, cell in enumerate(row, 1):
                where = f"{table.number}第{line}行第{column}列“{cell.text[:20]}”"
                if cell.figure is not None:
                    text = cell.text.removesuffix(MARK)
                    yield from self._printed(text, cell.figure, _Place(where, signed=True))
                elif heads[column - 1] == "序号" and cell.text == str(line):
                    pass
                elif heads[column - 1] == "位次":
                    if line == 1:
                        yield from self._ranks(table, where)
                elif mine is not None and heads[column - 1] == "口径":
                    yield from self._stray(cell.text.replace(mine["definition"], ""), where)
                elif mine is not None and heads[column - 1] == "来源":
                    said = {"rows": r"（(\d+)行）", "original": r"（原([\d.]+[余多]?[万亿]?)）"}
                    for key, pattern in said.items():
                        match = re.search(pattern, cell.text)
                        if match and match[1] != str(mine[key]):
                            message = "来源与记录不一致"
                            expected = str(mine[key])
                            yield self.differs(
                                self._at(where), message, mine["id"], expected, match[1]
                            )
                else:
                    yield from self._stray(cell.text, where)

    def _ranks(self, table: Table, where: str) -> Iterator[Verdict]:
        """Places in a ranking: one more than the members with a higher value of one column."""
        members = table.rows[:-1]  # the last row is the whole, without a place
        places = [row[0].text for row in members]
        for column in range(1, len(table.columns)):
            known = [self.known.figures.get(row[column].figure or "") for row in members]
            values = [None if figure is None else _number(figure) for figure in known]
            reached = [v for v in values if v is not None]
            if reached and places == [
                "—" if v is None else str(1 + sum(other > v for other in reached)) for v in values
            ]:
                return
        found = "、".join(places)
        yield self.differs(self._at(where), f"位次与指标的大小不符，{_CORRECT}", "", "", found)

    def _chart(self, chart: Chart) -> Iterator[Verdict]:
        yield from self._stray(f"{chart.title} {chart.note}", f"{chart.number}图题")
        figures = []
        for id in chart.figures:
            figure = self.known.figures.get(id)
            if figure is None:
                yield self._unknown(chart.number, id)
            else:
                figures.append(figure)
        values = Counter(n for f in figures for n in numbers(f["text"]))
        bases = Counter(n for f in figures for n in numbers(f["base"] or ""))
        texts = [html.unescape(_TAG.sub("", t)) for t in _SVG_TEXT.findall(chart.svg)]
        drawn = Counter(n for t in texts for n in numbers(undated(t, self._names)))
        said = Counter(numbers(undated(chart.alt, self._names)))
        listed = "、".join(f"{f['label']}{f['text']}" for f in figures)
        for what, seen in (("图中", drawn), ("图的文字说明中", said)):
            # A chart may leave all base numbers out, not some.
            whole = values + bases if seen.total() >= (values + bases).total() else values
            lacking = list(whole - seen)
            for number in seen - whole:
                # A figure may be named twice; not instead of another one.
                if number in values + bases and not lacking:
                    continue
                yield self._verdict(
                    "error",
                    "number_differs",
                    self._at(chart.number),
                    f"{what}的数不是所画指标的数，{_CORRECT}",
                    chart.figures,
                    "、".join(lacking) or listed,
                    number,
                )

    def _screen(self) -> Iterator[Verdict]:
        """Compare what Jupyter shows with the pieces that the exporters read."""
        composed = composed_pieces([piece for piece, _ in self._shown])
        for (piece, data), blocks in zip(self._shown, composed, strict=True):
            for kind, expected in views.bundle(piece, blocks).items():
                if kind == MIME or kind not in data:
                    continue
                ours, theirs = _visible(expected, kind), _visible(data[kind], kind)
                if ours != theirs:
                    pairs = zip([*ours, "无"], [*theirs, "无"], strict=False)
                    one, other = next(pair for pair in pairs if pair[0] != pair[1])
                    message = f"屏幕上显示的数与报告内容不一致，{_CORRECT}"
                    where = self._at(
                        f"单元格输出“{views.plain(blocks[0])[:20]}”" if blocks else "记录"
                    )
                    yield self._verdict("error", "number_differs", where, message, (), one, other)

    # -- one number -------------------------------------------------------------------------

    def _printed(self, text: str, id: str, place: _Place) -> Iterator[Verdict]:
        figure, companion = self.known.find(id)
        if figure is None:
            yield self._unknown(place.name, id)
            return
        accepted = self.known.texts(figure, companion, text, place.before, place.signed)
        if accepted is None:
            message = f"“{figure['label']}”的占比以什么为总数没有声明，没有核对"
            yield self._verdict("note", "share_whole_unknown", self._at(place.name), message, (id,))
        elif text not in accepted:
            expected = accepted[0] if accepted else "没有这个数"
            message = f"“{figure['label']}”与记录的数不一致，{_CORRECT}"
            yield self.differs(self._at(place.name), message, id, expected, text)

    def _stray(self, text: str, where: str) -> Iterator[Verdict]:
        rest = undated(text, self._names)
        stray = "、".join(re.findall(r"[\d.]*\d", rest))
        if stray:
            message = f"“{stray}”不是指标的数，也不是日期，请核对"
            yield self._verdict("warning", "number_unrecorded", self._at(where), message)

    def _unknown(self, where: str, id: str) -> Verdict:
        message = f"记录里没有指标“{id}”，{_CORRECT}"
        return self._verdict("error", "number_unrecorded", self._at(where), message, (id,))

    def _at(self, where: str) -> str:
        return f"{self.name} {where}"

    def differs(self, where: str, message: str, id: str, expected: str, found: str) -> Verdict:
        """Return the finding that a number is not the recorded one."""
        return self._verdict("error", "number_differs", where, message, (id,), expected, found)

    def _verdict(
        self,
        severity: Severity,
        rule: str,
        where: str,
        message: str,
        ids: Iterable[str] = (),
        expected: str = "",
        found: str = "",
    ) -> Verdict:
        record: Mapping[str, Any] = self.record or {}
        area, period = str(record.get("county_name", "")), str(record.get("period", ""))
        return Verdict(severity, rule, message, area, period, tuple(ids), expected, found, where)


def _number(figure: Mapping[str, Any]) -> Fraction | None:
    try:
        return Fraction(str(figure["value"]))
    except ValueError:
        return None


def _visible(shown: Any, kind: str) -> list[str]:
    """Return the numbers that a reader sees of an output."""
    text = "".join(shown) if isinstance(shown, list) else str(shown)
    if kind == "image/svg+xml":
        text = " ".join(_SVG_TEXT.findall(text))
    if kind != "text/plain":
        text = html.unescape(_TAG.sub(" ", text))
    return re.findall(r"\d+(?:\.\d+)?", text)
