"""Charts of figures: one style, SVG with live text, every number a figure's.

Bars start at zero, numbers stand beside their bars instead of on an axis, the base period is
always the same muted grey, and nothing depends on colour alone. Same figures, same bytes.
"""

from __future__ import annotations

from xuncha_nb.charts.bars import bars
from xuncha_nb.charts.columns import columns
from xuncha_nb.charts.course import course
from xuncha_nb.charts.panels import panels
from xuncha_nb.charts.ranking import ranking
from xuncha_nb.charts.stacked import Segment, stacked
from xuncha_nb.charts.timeline import timeline

__all__ = ["Segment", "bars", "columns", "course", "panels", "ranking", "stacked", "timeline"]
