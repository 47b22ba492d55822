"""What the panel's form offers: data of the workspace, counties and periods they speak of."""

from __future__ import annotations

from typing import Final

from xuncha_nb import areas, sources, workspace
from xuncha_nb.adjustments.desk import Desk
from xuncha_nb.adjustments.history import Change
from xuncha_nb.adjustments.model import ChartChoice
from xuncha_nb.adjustments.staleness import NO_DATA
from xuncha_nb.parameters import SAMPLE, RunParameters
from xuncha_nb.periods import Period
from xuncha_nb.sources import Book

_DATA: Final = (".xlsx", ".csv")


def data(current: str) -> list[dict[str, str]]:
    """Return the sources to choose from: the workspace's data, then the packaged samples."""
    found = []
    data = workspace.root() / "data"
    if data.is_dir():
        for path in sorted(data.iterdir()):
            if path.suffix.lower() in _DATA and not path.name.startswith((".", "~", "台账模板")):
                found.append({"value": f"data/{path.name}", "name": f"data/{path.name}"})
    if current != SAMPLE and current not in [item["value"] for item in found]:
        found.insert(0, {"value": current, "name": current})
    for path in sorted((workspace.samples() / "data").iterdir()):
        area = areas.find(path.stem)
        name = path.stem if area is None else area.name
        found.append({"value": f"{SAMPLE}:{path.stem}", "name": f"样例：{name}"})
    return found


def counties(book: Book, parameters: RunParameters) -> list[str]:
    """Return the counties that a source can be of: those it names, and the one asked for."""
    named = list(dict.fromkeys(book["reported"].filled("area")))
    codes = [parameters.county, *named] if areas.find(parameters.county) else named
    names = [area.name if (area := areas.find(code)) else code for code in codes]
    return list(dict.fromkeys(names))


def periods(book: Book, current: str) -> list[dict[str, str]]:
    """Return the periods that a source says something about, newest first, and their years."""
    found = {str(period) for period in sources.periods_in(book)}
    years = {text[:4] for text in found if text[4:] in ("H1", "H2")}
    listed = sorted(found | years | ({current} if current else set()), reverse=True)
    return [{"value": text, "name": Period.parse(text).name} for text in listed]


def told(desk: Desk, change: Change) -> str:
    """Return a change of the history in words."""
    old, new = change.before, change.after
    if isinstance(old, ChartChoice) or isinstance(new, ChartChoice):
        return f"图“{change.subject}”的样式"
    label = desk.label(change.subject)
    if new is None:
        return f"{label}：删去调整 {old.adjusted if old else ''}"
    origin = old.adjusted if old else new.original or NO_DATA
    return f"{label}：{origin} → {new.adjusted}（{new.reason}）"
