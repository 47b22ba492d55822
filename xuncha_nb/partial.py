"""A notebook that failed, kept as far as it came: for whoever mends it, without paths."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from xuncha_nb import outputs

#: Colour codes of a terminal, which a traceback is full of.
_COLOUR: Final = re.compile("\x1b\\[[0-9;]*m")


def keep(notebook: Any, path: Path) -> None:
    """Write a failed notebook, whole or not at all.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        As far as it came. Its tracebacks lose the folders of this machine.
    path : Path
        Where to keep it; the folder is made.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    import nbformat

    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.traceback = [without_folders(line) for line in output.traceback]
                output.evalue = without_folders(output.evalue)
            elif output.output_type == "stream":
                output.text = without_folders(output.text)
    path.parent.mkdir(parents=True, exist_ok=True)
    outputs.replace(path, (nbformat.writes(notebook) + "\n").encode())


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
