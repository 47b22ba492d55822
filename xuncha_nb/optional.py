"""What a process can do without, where that costs more than it gives."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(name: str) -> Iterator[None]:
    """Have imports in the block find a module as if it were not installed.

    A module that is loaded already stays what it is for whoever has it.
    """
    kept = sys.modules.get(name)
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]
        if kept is not None:
            sys.modules[name] = kept


def load_nbformat() -> None:
    """Load nbformat without the grammar of international addresses that jsonschema may use.

    Nothing in a notebook's schema is such an address, and building the grammar takes half of
    the time in which a single report is made.
    """
    if "jsonschema" not in sys.modules:
        with without("rfc3987_syntax"):
            importlib.import_module("jsonschema")
    importlib.import_module("nbformat")


def collect_seldom() -> None:
    """Let the collector look seldom: a report leaves little behind that only it can free.

    What is loaded for one stays besides; to look through it again and again is a twentieth of a
    command's time.
    """
    gc.set_threshold(50_000, 50, 100)
