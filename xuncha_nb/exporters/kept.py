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
    last: tuple[Document, object, _Answer] | None = None

    @functools.wraps(ask)
    def asked(content: Document, /, *args: _Others.args, **others: _Others.kwargs) -> _Answer:
        nonlocal last
        known = last  # taken once: another thread may put its own answer there meanwhile
        if known is None or known[0] is not content or known[1] != (args, others):
            last = known = (content, (args, others), ask(content, *args, **others))
        return known[2]

    return asked
