"""A notebook that failed, kept as far as it came: for whoever mends it, without paths."""

from __future__ import annotations

import contextlib
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from xuncha_nb import optional, outputs
from xuncha_nb.personal import masked

#: Colour codes of a terminal, which a traceback is full of.
_COLOUR: Final = re.compile("\x1b\\[[0-9;]*m")


def keep(notebook: Any, path: Path) -> None:
    """Write a failed notebook, whole or not at all.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        As far as it came. Its outputs lose the folders of this machine, and what identifies
        a person.
    path : Path
        Where to keep it; the folder is made.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    import nbformat

    # Papermill notes where its files lie.
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.source = masked(cell.source)
        for output in cell.get("outputs", []):
            for key, value in output.items():
                if key != "output_type":
                    output[key] = _harmless(value)
    path.parent.mkdir(parents=True, exist_ok=True)
    outputs.replace(path, (nbformat.writes(notebook) + "\n").encode())


def mask(path: Path) -> None:
    """Take out of a notebook that papermill itself kept what must not be in it."""
    if not path.exists():
        return
    optional.load_nbformat()

    import nbformat

    with contextlib.suppress(OSError, ValueError, AttributeError):
        keep(nbformat.read(path, as_version=4), path)


def _harmless(value: Any) -> Any:
    """Return an output's value without folders and without what identifies a person."""
    if isinstance(value, str):
        return masked(without_folders(value))
    if isinstance(value, dict):
        return type(value)({key: _harmless(inside) for key, inside in value.items()})
    if isinstance(value, list | tuple):
        return [_harmless(inside) for inside in value]
    return value


def without_folders(text: str) -> str:
    """Return a text without colours and without this machine's folders in front of files."""
    text = _COLOUR.sub("", text)
    folders = {
        sys.prefix,
        sys.base_prefix,
        tempfile.gettempdir(),
        str(Path.home()),
        str(Path.cwd()),
    }
    folders |= {str(Path(__file__).resolve().parents[1])}
    # The longest first: a folder may lie within another.
    for folder in sorted(folders - {"/", ""}, key=len, reverse=True):
        text = text.replace(folder, "…")
    return text
