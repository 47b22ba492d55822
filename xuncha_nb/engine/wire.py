"""What a message looks like to whoever reads it from the wire, without writing it there.

Packing every message as JSON and reading it again is a twentieth of a report's time. What JSON
leaves as it is, is only copied here; whatever it changes (tuples, keys that are no strings,
numbers of NumPy, dates, not-a-number, lone surrogates) still goes through the session's own
packer. A piece of a report is the sender's last word (:class:`xuncha_nb.document.Said`) and is
handed over itself.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

import msgspec
from jupyter_client.adapter import adapt
from jupyter_client.jsonutil import extract_dates, json_default
from jupyter_client.session import Session

from xuncha_nb.document import Said

_TEXT: Final = frozenset({str})
#: What can be shared between sender and receiver, and is the same after JSON.
_LEAVES: Final = frozenset({str, int, bool, type(None)})


class _Changed(Exception):  # noqa: N818 - no error: the value takes the other way
    """JSON would not give this value back as it is."""


def as_received(
    session: Session, message: dict[str, Any], buffers: Iterable[Any]
) -> dict[str, Any]:
    """Return a message as ``Session.deserialize`` gives it on the other side.

    Parameters
    ----------
    session : Session
        Packs and unpacks what JSON changes.
    message : dict
        ``header, parent_header, metadata, content``, as ``Session.msg`` builds it; not changed,
        and nothing in the result is shared with it but what it says for good.
    buffers : iterable
        Binary parts, copied.

    Returns
    -------
    dict
        Its ``buffers`` are ``memoryview``; dates in the headers are ``datetime``.

    Raises
    ------
    UnicodeEncodeError, TypeError
        If the session cannot pack it either.
    """
    header = _header(session, message["header"])
    received = {
        "header": header,
        "msg_id": header["msg_id"],
        "msg_type": header["msg_type"],
        "parent_header": _header(session, message["parent_header"]),
        "metadata": _part(session, message["metadata"]),
        "content": _part(session, message["content"]),
        "buffers": [memoryview(bytes(buffer)) for buffer in buffers],
    }
    return dict(adapt(received))


def _header(session: Session, part: dict[str, Any]) -> dict[str, Any]:
    """Return a header; a date with its zone comes back from the wire as what it was."""
    return {
        name: value if _stays(value) else extract_dates(_part(session, value))
        for name, value in part.items()
    }


def _stays(value: Any) -> bool:
    """Whether the value of a header comes back as it is: a date that is one, or no text of one."""
    if type(value) is str:
        return value.isascii() and value[4:5] != "-"
    return type(value) is datetime and value.tzinfo is not None


def _part(session: Session, part: Any) -> Any:
    try:
        return _copied(part)
    except (_Changed, UnicodeEncodeError):
        return session.unpack(session.pack(part))


def _copied(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        _sound(value)
        return value
    if kind is dict:
        if set(map(type, value)) - _TEXT:
            raise _Changed
        _sound("".join(value))
        copy = value.copy()
        if _nested(value.values()):
            for name, item in value.items():
                if type(item) not in _LEAVES:
                    copy[name] = _copied(item)
        return copy
    if kind is list:
        if _nested(value):
            return [item if type(item) in _LEAVES else _copied(item) for item in value]
        return value.copy()
    if kind is Said:
        msgspec.json.encode(value)  # fails, as the session does, where a lone surrogate is
        return value
    if kind is datetime:
        return json_default(value)  # what the session's packer asks; every reply has one
    if kind in _LEAVES or (kind is float and math.isfinite(value)):
        return value
    raise _Changed


def _nested(values: Collection[Any]) -> bool:
    """Whether there is more than leaves; looks at all texts at once."""
    kinds = set(map(type, values))
    if str in kinds:
        _sound("".join([item for item in values if type(item) is str]))
    return not kinds <= _LEAVES


def _sound(text: str) -> None:
    """Fail where a lone surrogate is: no wire takes one."""
    if not text.isascii():
        text.encode()
