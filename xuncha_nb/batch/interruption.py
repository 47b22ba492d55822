"""What Ctrl-C means while a batch runs: stop once, in order, and say how to go on."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType


@contextlib.contextmanager
def once(tell: Callable[[str], None]) -> Iterator[None]:
    """Let the first Ctrl-C stop a batch, and the second not disturb the stopping.

    The third ends the program where it is. Nothing is torn by that, and no county's process
    stays: each is tied to its parent's life.

    Parameters
    ----------
    tell : callable
        Prints a line.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = 0

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed += 1
        if pressed == 1:
            raise KeyboardInterrupt
        if pressed == 2:
            tell("正在停止，请稍候；再按一次 Ctrl-C 立即退出，已完成的县不受影响。")
        else:
            os._exit(130)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
