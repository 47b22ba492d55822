"""``xuncha-docx``: the official layout as a Word file, written by pandoc from a tree of data."""

from __future__ import annotations

import functools
import json
import os
import subprocess

from traitlets import default

from xuncha_nb.document import Document
from xuncha_nb.errors import ExportError
from xuncha_nb.exporters import layout, reference, tree, word
from xuncha_nb.exporters.base import DocumentExporter
from xuncha_nb.exporters.glyphs import check_glyphs

_SECONDS = 120
# On Windows a console window would flash up for every file.
_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class XunchaDocxExporter(DocumentExporter):
    """Exports an executed report notebook as a Word file."""

    output_mimetype = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    export_from_notebook = "公文 Word（xuncha）"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".docx"

    def render(self, content: Document) -> bytes:
        """Return the Word file.

        Raises
        ------
        FontError
            If a character cannot be shown with the fonts there are.
        ExportError
            If pandoc is missing or fails.
        """
        check_glyphs(content)
        source = json.dumps(tree.build(content), ensure_ascii=False).encode()
        return word.finished(_pandoc(source, layout.timestamp(content.title)), content)


def preload() -> None:
    """Find pandoc and write the reference document."""
    _program()
    reference.path()


@functools.cache
def _program() -> str:
    try:
        import pypandoc

        return str(pypandoc.get_pandoc_path())
    except (ImportError, OSError):
        raise ExportError(
            "Word 导出：应有 pypandoc_binary 包里的 pandoc，实际没有找到，"
            "请重新安装：pip install pypandoc_binary"
        ) from None


def _pandoc(source: bytes, timestamp: int) -> bytes:
    command = [_program(), "--sandbox", "--from=json", "--to=docx", "--output=-"]
    command.append(f"--reference-doc={reference.path()}")
    made = subprocess.run(  # noqa: S603 - our own pandoc, arguments without user text
        command,
        input=source,
        capture_output=True,
        check=False,
        timeout=_SECONDS,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(timestamp)},
        creationflags=_NO_WINDOW,
    )
    if made.returncode:
        reason = " ".join(made.stderr.decode(errors="replace").split())
        raise ExportError(
            f"Word 导出：应由 pandoc 写出文件，实际报告“{reason[:200]}”，"
            "请把该报告的笔记本发给维护人员"
        )
    return made.stdout
