"""Outputs of a cell as the notebook format has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from nbformat.notebooknode import NotebookNode, from_dict

#: Kinds of data that may be anything; all others are text (schema of notebooks 4.5).
_ANYTHING: Final = re.compile(r"application/(.*\+)?json")


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
    return NotebookNode(
        output_type=kind, metadata=from_dict(metadata), data=from_dict(data), **count
    )


def _texts(*values: Any) -> bool:
    return all(type(value) is str for value in values)
