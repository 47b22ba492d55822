"""Tables of figures, and the annex that lists every one with its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xuncha_nb import wording
from xuncha_nb.breakdowns import Round
from xuncha_nb.document import Cell, Column, Table
from xuncha_nb.figures import Figure, Figures
from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.parameters import Thresholds
from xuncha_nb.quantities import Quantity

#: How a cell says that there is no number: missing is neither zero nor blank.
NONE = "—"
#: A cell names no more members than this.
_NAMES = 20


def _value(figure: Figure | None) -> Cell:
    if figure is None:
        return Cell(text=NONE)
    return Cell(text=figure.value.text, figure=figure.id)


def _signed(quantity: Quantity | None, id: str) -> Cell:
    if quantity is None:
        return Cell(text=NONE)
    text = quantity.text.lstrip("+")
    plus = "+" if quantity.value > 0 and not text.startswith(("增", "上", "提")) else ""
    return Cell(text=f"{plus}{text}", figure=id)


def movement_cells(figure: Figure, thresholds: Thresholds) -> tuple[Cell, Cell, Cell]:
    """Return the cells base, change and growth of a figure; a rate's change is in 百分点."""
    base = Cell(text=NONE)
    if figure.base is not None:
        base = Cell(text=figure.base.text, figure=f"{figure.id}_base")
    growth = figure.growth(thresholds.percent_decimals)
    change = _signed(figure.change, f"{figure.id}_change")
    if figure.change is not None and figure.change.unit == "百分点":
        change = change.model_copy(update={"text": f"{change.text}个百分点"})
    return base, change, _signed(growth, f"{figure.id}_yoy")


def comparison(
    figures: Sequence[Figure], title: str, base_name: str, thresholds: Thresholds
) -> Table | None:
    """Return a table of figures with unit, base period, change and growth.

    Columns: 指标, 单位, 本期, base period, 增减, 同比（%）; the last three only when a base
    period is known for at least one row and named. None when there are no figures.
    """
    if not figures:
        return None
    with_base = bool(base_name) and any(f.base is not None for f in figures)
    columns = [
        Column(header="指标", width=3.4),
        Column(header="单位", align="center", width=0.9),
        Column(header="本期", align="right", width=1.2),
    ]
    if with_base:
        columns += [
            Column(header=base_name, align="right", width=1.2),
            Column(header="增减", align="right", width=2),
            Column(header="同比（%）", align="right", width=1.4),
        ]
    rows = []
    for figure in figures:
        row = [Cell(text=figure.label), Cell(text=figure.unit), _value(figure)]
        if with_base:
            row += movement_cells(figure, thresholds)
        rows.append(tuple(row))
    return Table(title=title, columns=tuple(columns), rows=tuple(rows))


def by_type(
    totals: dict[str, Figure],
    parts: Sequence[tuple[str, dict[str, Figure]]],
    title: str,
    total_row: Sequence[Figure | None],
) -> Table | None:
    """Return a table of family members: name, total, and a column a part, with a total row."""
    if not totals:
        return None
    headers = ["总数", *(name for name, _ in parts)]
    columns = [Column(header="类别", width=2)] + [
        Column(header=f"{h}（个）", align="right") for h in headers
    ]
    rows = [
        (Cell(text=member), _value(figure), *(_value(family.get(member)) for _, family in parts))
        for member, figure in totals.items()
    ]
    rows.append(
        (
            Cell(text="合计", bold=True),
            *(_value(f).model_copy(update={"bold": True}) for f in total_row),
        )
    )
    return Table(title=title, columns=tuple(columns), rows=tuple(rows))


def rounds(items: Sequence[Round], title: str, year: int) -> Table | None:
    """Return a table of rounds: name, dates, state, teams, units, findings."""
    if not items:
        return None
    columns = (
        Column(header="轮次", width=3.2),
        Column(header="起止日期", width=3),
        Column(header="状态", align="center", width=1.4),
        Column(header="巡察组（个）", align="right", width=1.1),
        Column(header="单位（个）", align="right", width=1.1),
        Column(header="发现问题（个）", align="right", width=1.2),
    )
    rows = []
    for item in items:
        dates = wording.span(item.dates.get("start"), item.dates.get("end"), year)
        rows.append(
            (
                Cell(text=item.name),
                Cell(text=dates.text if dates else NONE),
                Cell(text=item.state),
                _value(item.figures.get("teams_count")),
                _value(item.figures.get("units_inspected")),
                _value(item.figures.get("findings_total")),
            )
        )
    note = "正在开展的轮次，结束日期为计划日期" if any(r.state != "已完成" for r in items) else ""
    return Table(title=title, columns=columns, rows=tuple(rows), note=note)


def teams(item: Round, title: str, year: int) -> Table | None:
    """Return a table of a round's teams with the units each takes and its contact dates."""
    if not item.teams:
        return None
    columns = (
        Column(header="巡察组", width=1.6),
        Column(header="巡察单位", width=6),
        Column(header="联系日期", width=2.6),
    )
    rows = []
    for team in item.teams:
        dates = wording.span(*team.contact, year) if team.contact else None
        rows.append(
            (
                Cell(text=team.name),
                Cell(text=wording.listed(team.unit_names) or NONE),
                Cell(text=dates.text if dates else NONE),
            )
        )
    return Table(title=title, columns=columns, rows=tuple(rows))


def members(
    rows: Sequence[tuple[str, Mapping[str, Figure]]],
    total: Mapping[str, Figure],
    ids: Sequence[str],
    title: str,
    head: str,
    whole_name: str,
    *,
    ranked: str = "",
) -> Table | None:
    """Return a table of members by figures, with the whole in the last row.

    Parameters
    ----------
    rows : sequence of (name, figures by plain identifier)
        In the order of the table; a member without figures has not reported.
    total : mapping of str to Figure
        The whole's figures.
    ids : sequence of str
        Columns: identifiers, members of families one by one. A figure that neither the whole
        nor any member has is no column.
    title, head, whole_name : str
        ``head`` heads the column of names; ``whole_name`` begins the last row.
    ranked : str
        Identifier by which the rows are in order, for a column of places; equal values share
        a place.
    """
    shown = [id for id in ids if id in total or any(id in figures for _, figures in rows)]
    if not shown or not rows:
        return None
    sample = {id: f for _, figures in reversed(rows) for id, f in figures.items()} | dict(total)
    columns = [Column(header="位次", align="center", width=0.9)] if ranked else []
    longest = max(len(name) for name, _ in rows)
    columns.append(Column(header=head, width=min(4.0, max(2.2, 0.42 * longest))))
    for id in shown:
        unit = f"（{sample[id].unit}）" if sample[id].unit else ""
        columns.append(Column(header=f"{sample[id].short_label}{unit}", align="right", width=1.5))
    places = _places([figures.get(ranked) for _, figures in rows])
    made = []
    for (name, figures), place in zip(rows, places, strict=True):
        first = (Cell(text=place),) if ranked else ()
        made.append((*first, Cell(text=name), *(_value(figures.get(id)) for id in shown)))
    first = (Cell(text=""),) if ranked else ()
    last = [_value(total.get(id)).model_copy(update={"bold": True}) for id in shown]
    made.append((*first, Cell(text=whole_name, bold=True), *last))
    blank = any(id not in figures for _, figures in rows for id in shown)
    note = "“—”表示没有报送，不是零，未计入合计" if blank else ""
    wide = len(columns) > 8
    return Table(title=title, columns=tuple(columns), rows=tuple(made), note=note, wide=wide)


def _places(figures: Sequence[Figure | None]) -> list[str]:
    """Return the places of figures in descending order; equal ones share the better place."""
    known = [f.value.value for f in figures if f is not None]
    return [
        NONE if f is None else str(1 + sum(value > f.value.value for value in known))
        for f in figures
    ]


def gaps(items: Sequence[tuple[Figure, Sequence[str]]], title: str, head: str) -> Table | None:
    """Return a table of figures that not every member reported, with those who did not."""
    if not items:
        return None
    columns = (Column(header="指标", width=3), Column(header=f"未报送的{head}", width=6))
    rows = tuple(
        (Cell(text=figure.label), Cell(text=wording.listed(list(names), _NAMES)))
        for figure, names in items
    )
    return Table(title=title, columns=columns, rows=rows)


def every_figure(
    figures: Figures, ids: Iterable[str], title: str, base_name: str, thresholds: Thresholds
) -> Table | None:
    """Return the annex table: every figure with unit, value, base, change and source."""
    known = [figures[id] for id in ids if id in figures]
    if not known:
        return None
    with_base = any(f.base is not None for f in known)
    columns = [
        Column(header="序号", align="center", width=0.9),
        Column(header="指标", width=3.6),
        Column(header="单位", align="center", width=1),
        Column(header="本期", align="right", width=1.4),
    ]
    if with_base:
        columns += [
            Column(header=base_name, align="right", width=1.7),
            Column(header="增减", align="right", width=2),
            Column(header="同比（%）", align="right", width=1.8),
        ]
    columns += [Column(header="来源", width=3.4), Column(header="口径", width=6)]
    rows = []
    for position, figure in enumerate(known, 1):
        movement = movement_cells(figure, thresholds) if with_base else ()
        rows.append(
            (
                Cell(text=str(position)),
                Cell(text=figure.label),
                Cell(text=figure.unit or NONE),
                _value(figure),
                *movement,
                Cell(text=source(figure)),
                Cell(text=figure.indicator.definition),
            )
        )
    return Table(
        title=title,
        columns=tuple(columns),
        rows=tuple(rows),
        wide=True,
        note="“—”表示没有数据，不是零；来源列括号内为所依据的台账行数",
    )


def source(figure: Figure) -> str:
    """Return where a figure comes from: its ledgers with the number of rows, or 填报数."""
    if figure.origin == "填报":
        return "填报数"
    if figure.origin == "汇总":
        return f"汇总（{figure.rows}个县级）" if figure.rows else "汇总"
    if figure.origin == "调整":
        before = "原无数据" if figure.original is None else f"原{figure.original.text}"
        return f"调整（{before}）"
    sheets = "、".join(LEDGERS[name].sheet for name in figure.indicator.ledgers if name in LEDGERS)
    if figure.indicator.kind == "derived":
        return f"计算（{sheets}）" if sheets else "计算"
    return f"{sheets}（{figure.rows}行）"
