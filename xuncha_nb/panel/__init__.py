"""The panel: a widget in front of the desk where figures are adjusted.

The only module that knows widgets. The widget is one ipywidgets model (built with anywidget,
whose front end comes with its wheel), not a thousand small ones, so that 160 figures are there
at once; its front end is ``panel.js`` beside this file, without a build and without a network.
"""

from __future__ import annotations

import gc
from importlib import resources
from typing import Any, Protocol

import anywidget
import traitlets

from xuncha_nb.errors import XunchaError


class Host(Protocol):
    """What the panel works on; see :class:`xuncha_nb.bench.Bench`."""

    def view(self) -> dict[str, Any]:
        """Return everything that the panel shows."""

    def act(self, do: str, given: dict[str, Any]) -> dict[str, Any]:
        """Do what a button asks for; return what is to be told the page alone.

        Raises
        ------
        XunchaError
            Told in one clear line.
        """


class Panel(anywidget.AnyWidget):
    """The widget. Its traits mirror the host's view; its messages are the host's actions."""

    _esm = (resources.files(__name__) / "panel.js").read_text("utf-8")
    _css = (resources.files(__name__) / "panel.css").read_text("utf-8")

    form: Any = traitlets.Dict().tag(sync=True)
    rows: Any = traitlets.List().tag(sync=True)
    status: Any = traitlets.Dict().tag(sync=True)
    charts: Any = traitlets.List().tag(sync=True)
    history: Any = traitlets.List().tag(sync=True)

    def __init__(self, host: Host) -> None:
        self._host = host
        super().__init__(**host.view())
        self.on_msg(self._heard)

    def _heard(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
        """Take a message of the page: ``do`` names the action, ``turn`` numbers the message."""
        given = dict(content)
        do, turn = str(given.pop("do", "")), given.pop("turn", 0)
        answer: dict[str, Any]
        try:
            answer = self._host.act(do, given)
        except XunchaError as error:
            answer = {"fault": str(error)}
        # The answer first: it brings the changed sentences and charts.
        files = answer.pop("files", [])
        self.send(answer | {"do": do, "turn": turn}, files)
        self.show()
        if do == "hello":
            # Opened, and nobody waits: what is there now is kept for good, so that no later
            # search for garbage (a quarter of a second) goes through it while somebody types.
            gc.collect()
            gc.freeze()

    def show(self) -> None:
        """Bring the page up to date; what has not changed is not sent."""
        with self.hold_sync():
            for name, value in self._host.view().items():
                if getattr(self, name) != value:
                    setattr(self, name, value)

    def tell(self, answer: dict[str, Any]) -> None:
        """Tell the page something that it did not ask for, such as a finished export."""
        self.show()
        self.send(answer)


def show(host: Any) -> None:
    """Show the panel of a host in the cell that is running."""
    from IPython.display import display

    panel = Panel(host)
    host.when_finished(panel.tell)
    display(panel)
