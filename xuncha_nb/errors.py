"""User errors: one clear Chinese line each (or one line per fault), never a traceback.

Every class here pickles, because errors cross process borders in a batch, and renders itself
in Jupyter as its message alone: IPython asks an exception for ``_render_traceback_`` first.
"""

from __future__ import annotations

from typing import ClassVar

from xuncha_nb.personal import masked
from xuncha_nb.verdicts import Verdict


def _visible(text: str) -> str:
    """Return a message without characters that a terminal would act on or cannot print.

    Messages quote what stood in somebody's file.
    """
    if text.isprintable():
        return text
    kept = (c if c.isprintable() or c == "\n" else " " if c.isspace() else "" for c in text)
    return "".join(kept)


class XunchaError(Exception):
    """A mistake of the user's or of the data, said in one Chinese line.

    Attributes
    ----------
    exit_code : int
        What the command line returns: 2 when the input could not be read or understood,
        1 when it was read and errors were found in it.
    """

    exit_code: ClassVar[int] = 2
    #: Whether the same may succeed when it is simply tried again.
    transient: ClassVar[bool] = False
    #: Number of the notebook cell that failed, counted from 1; 0 when no cell did.
    cell: int = 0

    def __str__(self) -> str:
        """Return the line, without anything unseen or that identifies a person or a machine."""
        return masked(_visible(self.said()))

    def said(self) -> str:
        """Return the line as it was made."""
        return super().__str__()

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class ParameterError(XunchaError):
    """A parameter, plan or file under ``parameters/`` is not what it should be."""


class PeriodError(ParameterError):
    """A reporting period or cut-off date that cannot be understood."""


class QuantityError(XunchaError):
    """A printed number that cannot be understood, or a sum over different units."""

    exit_code = 1


class SourceError(XunchaError):
    """A data source that cannot be read at all: missing file, sheet or column."""


class CheckError(XunchaError):
    """The data were read, and contain errors; carries every one of them.

    Parameters
    ----------
    verdicts : tuple of Verdict
        All findings of the check, errors first. The message lists the errors, one a line.
    """

    exit_code = 1

    def __init__(self, verdicts: tuple[Verdict, ...]) -> None:
        self.verdicts = tuple(verdicts)
        super().__init__(self.verdicts)

    def said(self) -> str:
        """Return the line as it was made."""
        errors = [v for v in self.verdicts if v.severity == "error"]
        head = f"数据有{len(errors)}处错误，未生成报告："
        return "\n".join([head, *(f"  {i}. {v.line}" for i, v in enumerate(errors, 1))])


class NoDataError(XunchaError):
    """The source is readable but says nothing about the period asked for."""

    exit_code = 1


class NarrativeError(XunchaError):
    """A narrative cell that cannot be composed: unknown figure, typed number, bad template."""

    exit_code = 1


class FontError(XunchaError):
    """No usable font, or a character that no font of the chain can show."""


class ExportError(XunchaError):
    """A notebook that cannot be exported (not executed, or not one of ours)."""


class OutputError(XunchaError):
    """The output folder cannot be written."""


class ConfidentialError(XunchaError):
    """An output that has what must not leave; names the places, never what stands there."""

    exit_code = 1


class StorageError(OutputError):
    """The disk is full or cannot be written at all: no other report would fare better."""


class DatabaseError(SourceError):
    """A database that cannot be reached at the moment."""

    transient = True


class ClusterError(XunchaError):
    """A scheduler that cannot be reached or is gone, or a worker that does not fit."""


class TimeLimitError(XunchaError):
    """A report took longer than it may."""

    exit_code = 1


class MemoryLimitError(XunchaError):
    """A report needed more memory than it may have."""

    exit_code = 1


class CrashError(XunchaError):
    """The process of a report ended without a word: killed, or crashed in native code."""

    exit_code = 1
    transient = True


class ExecutionError(XunchaError):
    """A notebook cell failed for a reason that is not a user error.

    Parameters
    ----------
    notebook : str
        Name of the notebook.
    cell : int
        Number of the failing cell, counted from 1.
    reason : str
        Exception class and message as the kernel reported them.
    """

    exit_code = 1

    def __init__(self, notebook: str, cell: int, reason: str) -> None:
        self.notebook, self.cell, self.reason = notebook, cell, reason
        super().__init__(notebook, cell, reason)

    def said(self) -> str:
        """Return the line as it was made."""
        return f"笔记本 {self.notebook} 第{self.cell}个单元格执行失败：{self.reason}"


class NotebookUserError(XunchaError):
    """A user error that a notebook raised in its kernel, brought back by its own message.

    Parameters
    ----------
    message : str
        The message, as the kernel printed it.
    code : int
        Exit code of the original error class.
    """

    def __init__(self, message: str, code: int = 1) -> None:
        self.message, self.code = message, code
        super().__init__(message, code)

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """Exit code of the error class that the kernel raised."""
        return self.code

    def said(self) -> str:
        """Return the line as it was made."""
        return self.message
