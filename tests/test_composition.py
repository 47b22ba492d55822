"""Pieces shown where their cells are: numbered as in the whole, replaced when a cell runs again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

from xuncha_nb.document import Heading, Paragraph, Piece, Run, Title, composed_pieces

OPEN = """
from xuncha_nb.composition import Composition
from xuncha_nb.document import Heading, Paragraph, Piece, Run, Title

document = Composition()


def show(*blocks):
    document.add(Piece(blocks=blocks))


def head(text):
    return Heading(level=1, runs=(Run(text=text),))


def say(text):
    return Paragraph(runs=(Run(text=text),))
"""


def head(text: str) -> Heading:
    return Heading(level=1, runs=(Run(text=text),))


def say(text: str) -> Paragraph:
    return Paragraph(runs=(Run(text=text),))


def test_each_piece_gets_its_own_blocks_back_pruned_and_numbered() -> None:
    title = Title(title="总结")
    pieces = [
        Piece(blocks=(title, head("空"))),
        Piece(blocks=(head("甲"), say("话"))),
        Piece(blocks=(head("甲"), say("话"))),
    ]
    first, second, third = composed_pieces(pieces)
    assert first == (title,)
    assert [block.number for block in second if isinstance(block, Heading)] == ["一、"]
    assert [block.number for block in third if isinstance(block, Heading)] == ["二、"]


class Kernel:
    """A running kernel that takes cells as JupyterLab sends them, with the cell's identity."""

    def __init__(self) -> None:
        self.manager, self.client = start_new_kernel(kernel_name="python3")
        self.shown: dict[str, str] = {}
        self.run("open", OPEN)

    def run(self, cell: str, code: str) -> None:
        message = self.client.session.msg(
            "execute_request",
            {"code": code, "silent": False, "store_history": True, "user_expressions": {},
             "allow_stdin": False, "stop_on_error": True},
            metadata={"cellId": cell},
        )  # fmt: skip
        self.client.shell_channel.send(message)
        while True:
            reply: dict[str, Any] = self.client.get_iopub_msg(timeout=60)
            if reply["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            content = reply["content"]
            assert reply["msg_type"] != "error", content
            if reply["msg_type"] in ("display_data", "update_display_data"):
                handle = content["transient"]["display_id"]
                self.shown[handle] = content["data"]["text/plain"]
            if reply["msg_type"] == "status" and content["execution_state"] == "idle":
                return

    @property
    def screen(self) -> list[str]:
        return list(self.shown.values())


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    running = Kernel()
    yield running
    running.client.stop_channels()
    running.manager.shutdown_kernel(now=True)


@pytest.mark.kernel
def test_the_screen_follows_later_cells_and_a_cell_that_runs_again(kernel: Kernel) -> None:
    kernel.run("a", 'show(Title(title="总结"))')
    kernel.run("b", 'show(head("甲"))')
    assert kernel.screen == ["总结", ""], "a heading with nothing under it is not shown"
    kernel.run("c", 'show(say("话"))')
    assert kernel.screen == ["总结", "一、甲", "话"], "now it is, with its number"
    kernel.run("d", 'show(head("乙"), say("又"))')
    assert kernel.screen[-1] == "二、乙\n又"
    kernel.run("b", 'show(head("甲乙"))')
    kernel.run("e", 'print("/".join(type(b).__name__ for b in document.document().blocks))')
    assert kernel.screen[-1] == "一、甲乙", "the cell's new display"
    kernel.run("f", 'show(say("完"))')
    assert "二、乙\n又" in kernel.screen, "run again, the first heading is counted once"
