"""The last answer about a document, kept: the formats of a report ask the same of it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from xuncha_nb.document import Document

_Others = ParamSpec("_Others")
_Answer = TypeVar("_Answer")


def kept(
    ask: Callable[Concatenate[Document, _Others], _Answer],
) -> Callable[Concatenate[Document, _Others], _Answer]:
    """Decorate a function of a document so that asking again about the same one is free.

    Documents are frozen, so identity tells whether it is the same; the other arguments are
    compared. One answer is kept, together with its document. Answers are not to be changed.
    """
    last: list[tuple[Document, object, _Answer]] = []

    @functools.wraps(ask)
    def asked(content: Document, /, *args: _Others.args, **others: _Others.kwargs) -> _Answer:
        # Taken once: another thread may put its own answer there meanwhile.
        for known, said, answer in last[-1:]:
            if known is content and said == (args, others):
                return answer
        answer = ask(content, *args, **others)
        last[:] = [(content, (args, others), answer)]
        return answer

    return asked
