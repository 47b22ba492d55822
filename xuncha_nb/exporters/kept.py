"""The last answers about a document and its parts, kept: the formats of a report ask the same."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec, TypeVar

from xuncha_nb.document import Document, Table

_Subject = TypeVar("_Subject")
_Others = ParamSpec("_Others")
_Answer = TypeVar("_Answer")
#: Documents have a handful of tables, each asked about for one room or two.
_TABLES: Final = 16


def kept(
    ask: Callable[Concatenate[Document, _Others], _Answer],
) -> Callable[Concatenate[Document, _Others], _Answer]:
    """Decorate a function of a document so that asking again about the same one is free.

    Documents are frozen, so identity tells whether it is the same; the other arguments are
    compared. One answer is kept, together with its document. Answers are not to be changed.
    """
    return _kept(ask, 1)


def kept_of_tables(
    ask: Callable[Concatenate[Table, _Others], _Answer],
) -> Callable[Concatenate[Table, _Others], _Answer]:
    """Decorate a function of a table as :func:`kept` does one of a document."""
    return _kept(ask, _TABLES)


def _kept(
    ask: Callable[Concatenate[_Subject, _Others], _Answer], most: int
) -> Callable[Concatenate[_Subject, _Others], _Answer]:
    last: tuple[tuple[_Subject, object, _Answer], ...] = ()

    @functools.wraps(ask)
    def asked(subject: _Subject, /, *args: _Others.args, **others: _Others.kwargs) -> _Answer:
        nonlocal last
        # Taken once: another thread may put its own answer there meanwhile.
        for known, others_known, answer in last:
            if known is subject and others_known == (args, others):
                return answer
        answer = ask(subject, *args, **others)
        last = ((subject, (args, others), answer), *last[: most - 1])
        return answer

    return asked
