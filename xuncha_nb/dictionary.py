"""The dictionary for reading: rows for programs, and a page for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from xuncha_nb.indicators import GROUPS, INDICATORS
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.ledgers.statistics import DECLARATIONS

KIND_NAMES: Final = {"base": "填报或点数", "derived": "计算"}

GROUP_NAMES: Final = {
    "rounds": "轮次",
    "activity": "工作量",
    "findings": "问题",
    "clues": "线索",
    "assessment": "政治生态评估",
    "coverage": "全覆盖",
    "rectification": "整改",
    "institution": "机构队伍",
    "training": "培训",
    "rules": "制度",
    "tender": "招投标监管",
    "supervision": "监督检查",
    "petitions": "信访举报",
    "discipline": "审查调查",
    "forms": "四种形态",
    "special": "专项监督",
    "daily": "日常监督",
    "education": "警示教育",
    "plan": "计划",
}

#: What stands in the brackets of a family's members.
_MEMBERS: Final = {"category": "问题类别", "type": "单位类别", "grade": "等次"}

_HEAD: Final = """\
# 指标一览

本页由 `make docs` 按程序中的指标定义生成，请勿手工修改；共{count}个指标。

- 类别为“填报或点数”的指标，从台账填报、点数或加总得出；为“计算”的指标，由其他指标算出。
- 标识后带方括号的指标按类分列，填报时写明是哪一类，如 `{example}`。
- 各指标印出的同比增幅、增减数、占比也可填在“填报数”表：标识后加 `_yoy`、`_change`、`_share`。
"""


def rows() -> list[dict[str, str]]:
    """Return the dictionary as ``xuncha indicators --json`` prints it."""
    return [
        {
            "id": i.id,
            "label": i.label,
            "unit": i.unit,
            "group": i.group,
            "kind": i.kind,
            "ledger": "+".join(i.ledgers),
            "definition": i.definition,
        }
        for i in INDICATORS.values()
    ]


def lines() -> Iterator[str]:
    """Yield the dictionary one line each, columns parted by tabs."""
    for row in rows():
        kind = KIND_NAMES[row["kind"]]
        yield "\t".join((row["id"], row["label"], row["unit"], kind, row["definition"]))


def markdown() -> str:
    """Return the page of the dictionary: ``docs/indicators.md``."""
    parts = [_HEAD.format(count=len(INDICATORS), example="objects_by_type[乡镇]")]
    for group in GROUPS:
        table = [
            (
                _identifier(i.id, i.dimension),
                i.label,
                i.unit,
                KIND_NAMES[i.kind],
                "、".join(LEDGERS[name].sheet for name in i.ledgers) or "—",
                i.definition,
            )
            for i in INDICATORS.values()
            if i.group == group
        ]
        parts.append(f"## {GROUP_NAMES[group]}\n")
        parts.append(_table(("标识", "名称", "单位", "类别", "来源台账", "口径"), table))
    declarations = [
        (
            _identifier(id),
            declaration.label,
            "或".join(f"{name}（{value}）" for value, name in declaration.values.items()),
            "、".join(LEDGERS[name].sheet for name in declaration.ledgers),
            "、".join(INDICATORS[figure].label for figure in declaration.figures) or "成组的比重",
        )
        for id, declaration in DECLARATIONS.items()
    ]
    parts.append("## 声明的口径\n\n在台账中与指标一样填一行，“数值”列填口径。\n")
    parts.append(_table(("标识", "名称", "可填", "所在台账", "涉及指标"), declarations))
    return "\n".join(parts)


def _identifier(id: str, dimension: str = "") -> str:
    return f"`{id}[{_MEMBERS[dimension]}]`" if dimension else f"`{id}`"


def _table(heads: tuple[str, ...], table: Iterable[tuple[str, ...]]) -> str:
    cells = [heads, ("---",) * len(heads), *table]
    return "".join(f"| {' | '.join(_cell(c) for c in line)} |\n" for line in cells)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
