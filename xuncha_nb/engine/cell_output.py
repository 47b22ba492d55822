"""Outputs of a cell as the notebook format has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from nbformat.notebooknode import NotebookNode

#: Kinds of data that may be anything; all others are text (schema of notebooks 4.5).
_ANYTHING: Final = re.compile(r"application/(.*\+)?json")
_NESTED: Final = frozenset({dict, list})


def as_node(kind: str, content: Mapping[str, Any]) -> NotebookNode | None:
    """Return what ``nbformat.v4.output_from_msg`` makes of a message, where that is plain.

    Parameters
    ----------
    kind : str
        Type of the message.
    content : mapping
        Its content, as it came from the wire.

    Returns
    -------
    NotebookNode or None
        None for anything that the schema of outputs would have to be asked about.
    """
    if kind == "stream" and _texts(content["name"], content["text"]):
        return NotebookNode(output_type=kind, name=content["name"], text=content["text"])
    if kind not in ("display_data", "execute_result"):
        return None
    data, metadata = content["data"], content["metadata"]
    if type(data) is not dict or type(metadata) is not dict:
        return None
    if not _texts(*(value for name, value in data.items() if not _ANYTHING.fullmatch(name))):
        return None
    count = {"execution_count": content["execution_count"]} if kind == "execute_result" else {}
    if any(type(number) is not int for number in count.values()):
        return None
    return NotebookNode(output_type=kind, metadata=_node(metadata), data=_node(data), **count)


def _node(value: Any) -> Any:
    """Return what ``nbformat.notebooknode.from_dict`` does of a value as the wire gives it.

    Setting an item of a node asks whether it is a mapping; here it is known which are. A piece of
    a report stays what it is: nobody asks for its parts by attribute.
    """
    if type(value) is dict:
        node = NotebookNode()
        dict.update(node, value)
        for name, item in value.items():
            if type(item) in _NESTED:
                dict.__setitem__(node, name, _node(item))
        return node
    if type(value) is list:
        return [_node(item) if type(item) in _NESTED else item for item in value]
    return value


def _texts(*values: Any) -> bool:
    return all(type(value) is str for value in values)
