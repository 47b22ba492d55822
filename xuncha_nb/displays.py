"""Updates of displays that wait until nobody types.

While somebody types, the page of the panel shows changed pieces by itself, in one go. What the
front end keeps of each display (to save the notebook, to show a cell anew) is brought up to date
as soon as there is a pause, one display at a time, so that the next key need not wait for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

#: Seconds without a change before the displays follow, and between one and the next.
QUIET: Final = 0.6
PAUSE: Final = 0.02


class LateUpdates:
    """Displays that are to be updated in the next pause.

    Parameters
    ----------
    update : callable
        Updates the display of a handle.
    """

    def __init__(self, update: Callable[[str], None]) -> None:
        self._update = update
        self._waiting: dict[str, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def put(self, handles: Iterable[str]) -> None:
        """Let displays follow in the next pause; at once where no event loop runs."""
        self._waiting |= dict.fromkeys(handles)
        if self._timer is not None:
            self._timer.cancel()
        try:
            self._timer = asyncio.get_running_loop().call_later(QUIET, self._next)
        except RuntimeError:
            self.flush()

    def flush(self) -> None:
        """Update every display that waits."""
        while self._waiting:
            self._take()

    def _next(self) -> None:
        self._timer = None
        if self._waiting:
            self._take()
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(PAUSE, self._next)

    def _take(self) -> None:
        handle = next(iter(self._waiting))
        del self._waiting[handle]
        self._update(handle)
