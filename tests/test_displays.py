"""Displays follow in a pause, one at a time, and each once."""

from __future__ import annotations

import asyncio

import pytest

from xuncha_nb import displays
from xuncha_nb.displays import LateUpdates


def test_without_a_loop_displays_follow_at_once() -> None:
    seen: list[str] = []
    LateUpdates(seen.append).put(["a", "b", "a"])
    assert seen == ["a", "b"]


def test_displays_wait_for_a_pause_and_a_key_puts_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(displays, "QUIET", 0.05)
    monkeypatch.setattr(displays, "PAUSE", 0.0)
    seen: list[str] = []

    async def typing() -> list[str]:
        late = LateUpdates(seen.append)
        late.put(["a", "b"])
        await asyncio.sleep(0.02)
        late.put(["b", "c"])  # the next key
        await asyncio.sleep(0.04)
        before = [*seen]
        await asyncio.sleep(0.2)
        return before

    assert asyncio.run(typing()) == []
    assert seen == ["a", "b", "c"]
