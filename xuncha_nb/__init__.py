"""Reporting notebooks for inspection offices: figures defined once, checked, and printed.

A notebook needs one name from here, a roll-up another::

    from xuncha_nb import open_report
    from xuncha_nb import open_rollup
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xuncha_nb.opening import open_report
    from xuncha_nb.regional import open_rollup
    from xuncha_nb.report import Report

__version__ = "0.1.0"
__all__ = ["Report", "open_report", "open_rollup"]


def __getattr__(name: str) -> Any:
    # Lazy, so that the command line starts without importing pandas and matplotlib.
    if name in __all__:
        from xuncha_nb import opening, regional

        return getattr(regional if name == "open_rollup" else opening, name)
    raise AttributeError(name)
