"""Charts already drawn: drawing one takes a tenth of a second, and most do not change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from functools import wraps
from typing import Any, Final, ParamSpec, cast

from xuncha_nb.document import Chart

_P = ParamSpec("_P")

#: Charts kept; a document has about ten, and each may flicker between two looks.
_KEPT: Final = 48
_drawn: Final[OrderedDict[Hashable, Chart | None]] = OrderedDict()


class _Key:
    """Arguments that are hashed once: a chart's figures take longer for it than to be compared."""

    __slots__ = ("_arguments", "_hash")

    def __init__(self, arguments: Hashable) -> None:
        self._arguments = arguments
        self._hash = hash(arguments)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._arguments == other._arguments


def remembered(draw: Callable[_P, Chart | None]) -> Callable[_P, Chart | None]:
    """Make a drawing function return the chart it drew last time from equal arguments."""

    @wraps(draw)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> Chart | None:
        key = _Key((draw.__qualname__, _frozen(args), _frozen(kwargs)))
        if key not in _drawn:
            _drawn[key] = draw(*args, **kwargs)
            while len(_drawn) > _KEPT:
                _drawn.popitem(last=False)
        _drawn.move_to_end(key)
        return _drawn[key]

    return call


def _frozen(value: Any) -> Hashable:
    """Return a value that can be a key: lists become tuples, dictionaries pairs."""
    if isinstance(value, Mapping):
        return tuple((key, _frozen(inside)) for key, inside in value.items())
    if isinstance(value, list | tuple):
        return tuple(_frozen(inside) for inside in value)
    return cast("Hashable", value)
