"""Exporters: one document, three formats (``xuncha-html``, ``xuncha-pdf``, ``xuncha-docx``).

Nothing is imported here: each format costs its own start-up time only when it is used.
"""


def preload() -> None:
    """Load what all three formats need, starting no thread: for a process about to fork.

    Exporting itself starts threads (see :mod:`xuncha_nb.exporters.typesetting`): a process that
    has exported a PDF or Word file must not fork and export again in the child.
    """
    from xuncha_nb.exporters import docx, entries, html, pdf, typesetting

    typesetting.preload()
    entries.preload()
    docx.preload()
    html.preload()
    assert pdf
