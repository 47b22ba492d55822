"""Names in a template that stand for nothing known: missing figures, and mistyped names.

Missing is data: the sentence leaves itself out. A name that means nothing is a mistake: an error
that names the nearest.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

import jinja2

from xuncha_nb.errors import NarrativeError
from xuncha_nb.indicators import INDICATORS


class Missing:
    """A figure or phrase that is not known; false, and contagious through every filter."""

    def __init__(self, name: str) -> None:
        self._missing = name

    def __bool__(self) -> bool:
        return False

    def __getattr__(self, name: str) -> Missing:
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Unknown(jinja2.StrictUndefined):
    """A name that is neither a figure nor a variable: an error that names the nearest."""

    __slots__ = ()

    def _fail_with_undefined_error(self, *args: Any, **kwargs: Any) -> Any:
        raise NarrativeError(unknown_name(str(self._undefined_name)))

    __iter__ = __str__ = __len__ = __bool__ = __call__ = __getattr__ = _fail_with_undefined_error
    __eq__ = __ne__ = __hash__ = _fail_with_undefined_error


def unknown_name(name: str, known: Iterable[str] = INDICATORS) -> str:
    """Return the message for a name in a template that means nothing, with the nearest."""
    near = difflib.get_close_matches(name, list(known), 3, 0.4)
    hint = f"是否应为 {'、'.join(near)}？" if near else "可用的指标见 xuncha indicators。"
    return f"叙述中的“{name}”不是指标，{hint}请改正"


def named(value: Any) -> Any:
    """Return the value, or raise if its name means nothing; a test must not take it for false."""
    return str(value) if isinstance(value, Unknown) else value
