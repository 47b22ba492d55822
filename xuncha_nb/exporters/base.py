"""What the three exporters share: from an executed notebook to a :class:`Document`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import Exporter, ResourcesDict
from nbformat import NotebookNode
from pydantic import ValidationError
from traitlets import Unicode, default

from xuncha_nb import confidential, document, guard, paper
from xuncha_nb.errors import ExportError
from xuncha_nb.exporters.kept import kept
from xuncha_nb.personal import Watchlist, watched


class DocumentExporter(Exporter):
    """Base of the exporters: collects the document and hands it to :meth:`render`.

    The notebook's own cells are never printed, so none of nbconvert's preprocessors has
    anything to do; only ``--execute`` and preprocessors the user asks for are honoured.
    """

    workspace = Unicode(
        "",
        help="Folder with parameters/ to lay out by; empty: the one around the current folder.",
    ).tag(config=True)

    @default("default_preprocessors")
    def _default_preprocessors_default(self) -> list[str]:
        if self.config.ExecutePreprocessor.get("enabled"):
            return ["nbconvert.preprocessors.ExecutePreprocessor"]
        return []

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[Any, ResourcesDict]:
        """Export an executed notebook.

        Parameters
        ----------
        nb : nbformat.NotebookNode
            An executed report notebook.
        resources : dict, optional
            As nbconvert passes it; only the output extension is set.
        **kw
            Ignored, as in nbconvert.

        Returns
        -------
        tuple
            The file (text for HTML, bytes for PDF and Word), and the resources.

        Raises
        ------
        ExportError
            If the notebook is not an executed report notebook.
        ConfidentialError
            If the document has what must not leave.
        """
        if self._preprocessors:
            nb, resources = super().from_notebook_node(nb, resources, **kw)
        else:
            # Without preprocessors nothing changes the notebook: the two deep copies that
            # nbconvert would make of every chart are saved.
            resources = self._init_resources(resources)
        content = collected(nb)
        declared = confidential.load(Path(self.workspace) if self.workspace else None)
        watches = tuple(watched())
        _guarded(content, declared.allowed, watches, sum(map(len, watches)))
        return self.render(content), resources

    def paper(self) -> paper.PaperLayout:
        """Return the options of the paper formats that the workspace asks for.

        Raises
        ------
        ParameterError
            If ``parameters/layout.yaml`` is wrong.
        """
        return paper.load(Path(self.workspace) if self.workspace else None)

    def render(self, content: document.Document) -> str | bytes:
        """Lay the document out in the exporter's format."""
        raise NotImplementedError


def collected(notebook: NotebookNode) -> document.Document:
    """Return the document of an executed notebook, ready to be laid out.

    Raises
    ------
    ExportError
        If it is no executed report notebook, or one that is not finished.
    """
    try:
        content = document.from_notebook(notebook)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ExportError(
            f"笔记本的输出：{place} 应为本版本 xuncha_nb 写的报告内容，"
            f"实际不符（{first['msg']}），请重新执行笔记本再导出"
        ) from None
    _refuse_unfinished(content)
    return content


@kept
def _guarded(
    content: document.Document, allowed: frozenset[str], watches: tuple[Watchlist, ...], held: int
) -> None:
    """Let pass what the guard finds nothing in; once for all formats, as long as ``held`` stays.

    Parameters
    ----------
    content : Document
    allowed : frozenset of str
    watches : tuple of Watchlist
    held : int
        How many words the watches hold: they are the same objects when they hold more.

    Raises
    ------
    ConfidentialError
    """
    guard.refuse(guard.of_document(content), allowed, watches)


def _refuse_unfinished(content: document.Document) -> None:
    """Refuse a notebook that somebody left in the middle of adjusting, or with errors.

    Raises
    ------
    ExportError
    """
    record = content.record or {}
    if record.get("unsaved"):
        raise ExportError("笔记本里有没有保存的调整，请先在面板里保存或放弃，再导出")
    wrong = sum(v.get("severity") == "error" for v in record.get("verdicts", ()))
    if wrong:
        raise ExportError(f"报告还有{wrong}处错误没有改正（见面板或校验结果），改正以前不能导出")
