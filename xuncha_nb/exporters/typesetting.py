"""The one typst compiler of a process: documents to PDF, charts to pixels.

Typst starts threads with the first compilation. A process that forks afterwards would leave
its children without them, waiting for ever; so prepare a process to be forked with
:func:`preload`, which starts none, and compile in the children.
"""

from __future__ import annotations

import functools
import json
import os
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import typst

from xuncha_nb import chartfont, fonts, glyphs
from xuncha_nb.errors import ExportError

TEMPLATES = Path(__file__).parent / "templates"
_WARM_CHART = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 20"><path d="M0 0L9 9"/>'
    f'<text x="1" y="15" style="font: 12px \'{chartfont.FAMILY}\'">巡察12</text></svg>'
)
_ANSWER: Final = re.compile(rb"<pre>([^<]*)</pre>")
_compiled_in: int | None = None
_one_at_a_time: Final = threading.Lock()


class Picture(NamedTuple):
    """A chart to be drawn: clean SVG (:func:`xuncha_nb.exporters.svg.clean`), millimetres."""

    svg: str
    width: float
    height: float


def preload() -> None:
    """Load compiler, fonts and templates, starting no thread: meant for before a fork.

    The fonts are the slow part of a first compilation. A frame in HTML needs them as pages do,
    but is laid out in this very thread.
    """
    for role in fonts.ROLES:
        glyphs.check("一", fonts.available(role))
    families = [fonts.available(role) for role in fonts.ROLES]
    inputs = {"fonts": packed(families), "svg": _WARM_CHART}
    _compiled("warm.typ", inputs, format="html")


def _about_to_set_pages() -> None:
    global _compiled_in
    if _compiled_in not in (None, os.getpid()):
        raise RuntimeError(
            "typst compiled before this process was forked; call typesetting.preload() instead"
        )
    _compiled_in = os.getpid()


@functools.cache
def _compiler_of(template: str) -> typst.Compiler:
    """Return the compiler that has read a template.

    Typst remembers layouts by file and not by compiler, so PDF and query share them; a template
    that came as bytes would have no file.
    """
    return _made(input=str(TEMPLATES / template))


def _made(**more: Any) -> typst.Compiler:
    # The templates folder is all that typst can read: root keeps everything else out.
    return typst.Compiler(
        root=str(TEMPLATES), font_paths=fonts.typst_fonts(), ignore_system_fonts=True, **more
    )


def packed(value: Any) -> str:
    """Return plain data as a template reads it."""
    return msgspec.json.encode(value).decode()


def pdf(template: str, inputs: Mapping[str, str], timestamp: int) -> bytes:
    """Compile a template to an archival (PDF/A-2a) and accessible (PDF/UA-1) file.

    Parameters
    ----------
    template : str
        File name under ``templates/``.
    inputs : mapping of str to str
        What the template reads from ``sys.inputs``.
    timestamp : int
        Seconds since 1970 for the file's properties.

    Raises
    ------
    ExportError
        If typst refuses the document.
    """
    _about_to_set_pages()
    try:
        made = _compiled(
            template, inputs, format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=timestamp
        )
    except typst.TypstError as error:
        raise ExportError(
            f"PDF 排版：应能排出 PDF/A 文件，实际 typst 报告“{error.message}”，"
            "请把该报告的笔记本发给维护人员"
        ) from error
    assert isinstance(made, bytes)
    return made


def query(template: str, inputs: Mapping[str, str], selector: str) -> Any:
    """Return the values that a template's document carries under a label.

    A document that :func:`pdf` has just compiled is not laid out again.
    """
    _about_to_set_pages()
    compiler = _made(input=str(TEMPLATES / template), sys_inputs=dict(inputs))
    return json.loads(compiler.query(selector, field="value"))


def answer(template: str, inputs: Mapping[str, str]) -> Any:
    """Return what a template says in JSON as the one element of an HTML page.

    Layouts can be measured for it, and no thread is started: a process may ask and then fork.
    """
    page = _compiled(template, inputs, format="html")
    found = _ANSWER.search(page)
    assert found
    return json.loads(found[1])


def _compiled(template: str, inputs: Mapping[str, str], **how: Any) -> Any:
    # A compiler is for one thread at a time, and says so with an error.
    with _one_at_a_time:
        return _compiler_of(template).compile(sys_inputs=dict(inputs), **how)


def lettered(drawing: str) -> str:
    """Return a cleaned chart with its letters in the face that typst draws charts in."""
    return drawing.replace(f"'{fonts.SANS}'", f"'{chartfont.FAMILY}'")


def rasterise(pictures: Sequence[Picture], ppi: int) -> list[bytes]:
    """Draw charts as PNG, all at once: each compilation costs a millisecond of its own.

    Parameters
    ----------
    pictures : sequence of Picture
    ppi : int
        Pixels per inch.

    Raises
    ------
    ExportError
        If typst refuses one.
    """
    if not pictures:
        return []
    drawings = [picture._asdict() for picture in pictures]
    _about_to_set_pages()
    try:
        made = _compiled("picture.typ", {"pictures": packed(drawings)}, format="png", ppi=ppi)
    except typst.TypstError as error:
        raise ExportError(
            f"图：应能画成图片，实际 typst 报告“{error.message}”，请重新执行笔记本再导出"
        ) from error
    return [made] if isinstance(made, bytes) else list(made or [])
