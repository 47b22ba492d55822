"""The audit trail: every saved state of an adjustments file, one JSON line each, never rewritten.

Beside ``2024H1.yaml`` lies ``2024H1.history.jsonl``. A line carries the whole state after the
change, what changed, who, when, and the SHA-256 of the line before it: a line that was changed
or taken out later breaks the chain, and that is said.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from xuncha_nb.adjustments import durable
from xuncha_nb.adjustments.model import Adjustment, ChartChoice, State


class Entry(BaseModel):
    """One line of the history.

    Attributes
    ----------
    number : int
        Counted from 1.
    time, author, action : str
        When, who, and what was done: 保存, 恢复, 撤销, 确认, 删除 or 手工修改.
    note : str
        More about it, such as the state restored.
    state : State
        The whole state after the change.
    file : str
        SHA-256 of the adjustments file as it was then written.
    previous : str
        SHA-256 of the line before.
    text : str
        Of a file that was edited by hand and could not be read: its text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    time: str
    author: str
    action: str
    note: str = ""
    state: State
    file: str
    previous: str = ""
    text: str = ""


@dataclass(frozen=True)
class History:
    """The lines of a history that can be read, oldest first.

    Attributes
    ----------
    entries : tuple of Entry
    last : str
        SHA-256 of the last line.
    broken : int
        Number of the first line that does not follow from the line before it; 0 if none.
    """

    entries: tuple[Entry, ...] = ()
    last: str = ""
    broken: int = 0

    @property
    def next_number(self) -> int:
        """Number of the entry to come."""
        return self.entries[-1].number + 1 if self.entries else 1

    def entry(self, number: int) -> Entry | None:
        """Return an entry by its number."""
        return next((e for e in self.entries if e.number == number), None)

    def state_before(self, entry: Entry) -> State:
        """Return the state that an entry changed."""
        earlier = [e for e in self.entries if e.number < entry.number]
        return earlier[-1].state if earlier else State()


def path_of(file: Path) -> Path:
    """Return the history's path of an adjustments file."""
    return file.with_name(f"{file.stem}.history.jsonl")


def read(file: Path) -> History:
    """Read the history of an adjustments file; a torn last line, of a killed writer, is not in.

    Raises
    ------
    OSError
        If it exists and cannot be read.
    """
    try:
        raw = path_of(file).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return History()
    lines = raw.split(b"\n")[:-1]
    entries: list[Entry] = []
    digest, broken = "", 0
    for position, line in enumerate(lines, 1):
        try:
            entry = Entry.model_validate_json(line)
        except ValidationError:
            broken = broken or position
        else:
            if entry.previous != digest or entry.number != position:
                broken = broken or position
            entries.append(entry)
        digest = hashlib.sha256(line).hexdigest()
    return History(tuple(entries), digest, broken)


def append(file: Path, entry: Entry) -> None:
    """Append an entry.

    Raises
    ------
    OSError
    """
    line = json.dumps(entry.model_dump(exclude_defaults=False), ensure_ascii=False)
    durable.append_line(path_of(file), line.encode())


@dataclass(frozen=True)
class Change:
    """What happened to one figure or chart between two states; ``before`` None if it is new."""

    subject: str
    before: Adjustment | ChartChoice | None
    after: Adjustment | ChartChoice | None


def changes(before: State, after: State) -> Iterator[Change]:
    """Yield what differs between two states, figures first."""
    pairs: tuple[tuple[dict[Any, Any], dict[Any, Any]], ...] = (
        (before.figures(), after.figures()),
        (before.looks(), after.looks()),
    )
    for old, new in pairs:
        for key in dict.fromkeys([*old, *new]):
            if old.get(key) != new.get(key):
                subject = key if isinstance(key, str) else key[1]
                yield Change(subject, old.get(key), new.get(key))
