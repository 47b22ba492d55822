"""One adjustments file with its history: read, saved against what was read, restored.

The history's line is written before the file: a save that a kill interrupts between the two is
finished at the next opening. A file that somebody edited by hand is taken as it is, and noted
in the history before the next save.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml

from xuncha_nb import areas, workspace
from xuncha_nb.adjustments import durable, history
from xuncha_nb.adjustments.history import Entry, History
from xuncha_nb.adjustments.model import State, checked
from xuncha_nb.errors import ParameterError, XunchaError
from xuncha_nb.parameters import validated
from xuncha_nb.periods import Window
from xuncha_nb.yamlfile import read_yaml

#: Value of the parameter ``adjustments`` that switches adjusting off.
NONE: Final = "无"
_HAND: Final = "手工修改"
_HEAD: Final = "# 数字的调整：请在面板或用 xuncha adjust 修改，每次修改都留有历史。\n"


class ConflictError(XunchaError):
    """Another session has saved since this one read; carries both states.

    Parameters
    ----------
    theirs : Snapshot
        What is saved now.
    line : str
        What to tell.
    """

    exit_code = 1

    def __init__(self, theirs: Snapshot, line: str) -> None:
        self.theirs, self.line = theirs, line
        super().__init__(theirs, line)

    def said(self) -> str:
        """Return the line as it was made."""
        return self.line


@dataclass(frozen=True)
class Snapshot:
    """An adjustments file as it was read.

    Attributes
    ----------
    state : State
    digest : str
        SHA-256 of the file; empty when there is none.
    history : History
    fault : str
        Why the file cannot be read; the state is then empty.
    by_hand : bool
        Whether the file differs from what was last saved.
    """

    state: State
    digest: str = ""
    history: History = field(default_factory=History)
    fault: str = ""
    by_hand: bool = False


def standard_path(county: str, window: Window, start: Path | None = None) -> Path:
    """Return ``parameters/adjustments/<county>/<period>.yaml`` of the workspace.

    Figures at another cut-off than the period's last day are other figures: their file is
    named ``<period>.<cut-off>.yaml``.
    """
    area = areas.find(county)
    folder = workspace.root(start) / "parameters" / "adjustments"
    early = "" if window.cutoff == window.period.end else f".{window.cutoff.isoformat()}"
    return folder / (county if area is None else area.code) / f"{window.period}{early}.yaml"


def load(path: Path) -> State:
    """Read an adjustments file.

    Raises
    ------
    ParameterError
        If it is not one, or a line of it may not be.
    """
    where = workspace.display_path(path)
    data = read_yaml(path)
    data.pop("revision", None)  # for the reader; the history counts
    return checked(validated(State, data, where), where)


def read(path: Path) -> Snapshot:
    """Read an adjustments file with its history, finishing a save that was interrupted.

    Raises
    ------
    OutputError
        If the files exist and cannot be read.
    """
    try:
        snapshot, pending = _read(path)
        if pending is None:
            return snapshot
        with durable.locked(path):
            snapshot, pending = _read(path)
            if pending is not None:
                durable.replace_file(path, _text(pending.state, pending.number))
                snapshot, _ = _read(path)
        return snapshot
    except OSError as error:
        raise ParameterError(
            f"{workspace.display_path(path)}：不能读取（{error.strerror}），请检查权限"
        ) from None


def _read(path: Path) -> tuple[Snapshot, Entry | None]:
    """Return what is there, and the entry whose file was not written yet, if that happened."""
    past = history.read(path)
    content = path.read_bytes() if path.is_file() else None
    digest = "" if content is None else hashlib.sha256(content).hexdigest()
    entries = past.entries
    before = entries[-2].file if len(entries) > 1 else ""
    pending = None
    if entries and digest != entries[-1].file and digest == before:
        pending = entries[-1]
    if content is None:
        return Snapshot(State(), "", past, by_hand=bool(entries) and pending is None), pending
    by_hand = digest != (entries[-1].file if entries else "")
    try:
        state = load(path)
    except ParameterError as error:
        return Snapshot(State(), digest, past, str(error), by_hand), pending
    return Snapshot(state, digest, past, "", by_hand), pending


def save(
    path: Path,
    state: State,
    read_as: Snapshot,
    author: str,
    action: str = "保存",
    note: str = "",
    now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
) -> Snapshot:
    """Save a state, if the file still is what was read.

    Parameters
    ----------
    path : Path
    state : State
    read_as : Snapshot
        What the change started from.
    author, action, note : str
        For the history.
    now : callable, optional
        The clock.

    Returns
    -------
    Snapshot
        What is saved now.

    Raises
    ------
    ConflictError
        If another session has saved since.
    OutputError
        If it cannot be written.
    ParameterError
        If the state may not be.
    """
    checked(state, workspace.display_path(path))
    with durable.locked(path):
        found, pending = _read(path)
        if pending is not None:  # of a session that was killed: its save comes first
            durable.replace_file(path, _text(pending.state, pending.number))
            found, _ = _read(path)
        if found.digest != read_as.digest:
            who = found.history.entries[-1] if found.history.entries else None
            by = f"（{who.author}，{who.time[:16].replace('T', ' ')}）" if who else ""
            raise ConflictError(
                found,
                f"{workspace.display_path(path)}：打开之后有别人保存过{by}，这次没有保存；"
                "请核对两边的不同，再保存",
            )
        time = now().isoformat(timespec="seconds")
        past = found.history
        if found.by_hand:
            text = path.read_text("utf-8", "replace") if found.fault else ""
            digest = found.digest
            _append(path, past, time, author, _HAND, found.fault, found.state, digest, text)
            past = history.read(path)
        content = _text(state, past.next_number)
        digest = hashlib.sha256(content).hexdigest()
        _append(path, past, time, author, action, note, state, digest)
        durable.replace_file(path, content)
        saved, _ = _read(path)
        return saved


def _append(
    path: Path,
    past: History,
    time: str,
    author: str,
    action: str,
    note: str,
    state: State,
    digest: str,
    text: str = "",
) -> None:
    entry = Entry(
        number=past.next_number,
        time=time,
        author=author,
        action=action,
        note=note,
        state=state,
        file=digest,
        previous=past.last,
        text=text,
    )
    history.append(path, entry)


def _text(state: State, number: int) -> bytes:
    """Return the file's text; the same state and number give the same bytes."""
    data: dict[str, Any] = {
        "revision": number,
        "adjustments": [item.model_dump() for item in state.adjustments],
    }
    if state.charts:
        data["charts"] = [item.model_dump() for item in state.charts]
    body = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000)
    return (_HEAD + body).encode()
