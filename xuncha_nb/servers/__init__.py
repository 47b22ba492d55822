"""``xuncha lab`` and ``xuncha app``: JupyterLab and Voila on a workspace, in Chinese, offline.

Both listen on 127.0.0.1 alone and ask for a token that is drawn anew at every start. What they
need of settings is written to ``.xuncha/`` in the workspace; the user's own Jupyter settings are
neither read nor touched.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xuncha_nb import workspace
from xuncha_nb.composition import INTERACTIVE
from xuncha_nb.errors import OutputError, ParameterError
from xuncha_nb.servers import settings

HOST: Final = "127.0.0.1"


@dataclass(frozen=True)
class Server:
    """A server as it is started.

    Attributes
    ----------
    command : tuple of str
    environment : dict of str to str
        The token is in here or in the settings, never among the arguments.
    url : str
        Address with the token, for the browser.
    root : Path
        The workspace.
    """

    command: tuple[str, ...]
    environment: dict[str, str]
    url: str
    root: Path


def lab(port: int = 0) -> Server:
    """Prepare JupyterLab on the workspace: Chinese, a card per document, no questions outside.

    Parameters
    ----------
    port : int
        0 for any free one.

    Raises
    ------
    ParameterError
        If there is no workspace.
    OutputError
        If its folder cannot be written.
    """
    root, home, token, port = _prepared("lab", port)
    settings.write_lab(home, root, port)
    command = (sys.executable, "-m", "jupyterlab", "--no-browser", *_allowed())
    environment = _environment(root, home) | {"JUPYTER_TOKEN": token}
    return Server(command, environment, f"http://{HOST}:{port}/lab?token={token}", root)


def app(notebook: str = "", port: int = 0) -> Server:
    """Prepare Voila on the workspace: the same notebooks as pages without code.

    Parameters
    ----------
    notebook : str
        The document to begin with; empty for the list of all.
    port : int
        0 for any free one.

    Raises
    ------
    ParameterError
        If there is no workspace, or no such notebook.
    OutputError
        If its folder cannot be written.
    """
    root, home, token, port = _prepared("app", port)
    settings.write_app(home, root, port, token)
    page = "voila/tree"
    if notebook:
        page = f"voila/render/{workspace.notebook(notebook, root).name}"
    command = (sys.executable, "-m", "voila", str(root / "notebooks"), "--no-browser")
    url = f"http://{HOST}:{port}/{page}?token={token}"
    return Server(command, _environment(root, home), url, root)


def serve(server: Server, tell: Callable[[str], None], *, browser: bool = True) -> int:
    """Run a server until it is interrupted, and open the browser when it answers.

    Returns
    -------
    int
        Exit code of the server.
    """
    with subprocess.Popen(  # noqa: S603 - our own command, no shell
        server.command, cwd=server.root, env=server.environment, stdin=subprocess.DEVNULL
    ) as running:
        try:
            if _answers(server, running):
                tell(server.url)
                if browser:
                    webbrowser.open(server.url)
            return running.wait()
        except KeyboardInterrupt:
            running.terminate()
            running.wait()
            return 0


def _answers(server: Server, running: subprocess.Popen[bytes]) -> bool:
    """Wait until the port answers; False if the server ends before."""
    port = int(server.url.split(":")[2].partition("/")[0])
    while running.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex((HOST, port)) == 0:
                return True
        try:
            running.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
    return False


def _prepared(kind: str, port: int) -> tuple[Path, Path, str, int]:
    root = workspace.root()
    if root == workspace.packaged() and not (root / "pyproject.toml").is_file():
        raise ParameterError("这里不是工作目录，请先运行 xuncha init 工作目录，再进入它运行")
    home = root / ".xuncha" / kind
    try:
        shutil.rmtree(home / "config", ignore_errors=True)
        shutil.rmtree(home / "share", ignore_errors=True)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f".xuncha：不能写入（{error.strerror}），请检查工作目录的权限") from None
    return root, home, secrets.token_hex(24), port or _free_port()


def _allowed() -> tuple[str, ...]:
    """Jupyter wants to be told that root may run it; containers know no other user."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ("--allow-root",) if is_root else ()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _environment(root: Path, home: Path) -> dict[str, str]:
    return os.environ | {
        workspace.VARIABLE: str(root),
        INTERACTIVE: "1",
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_CONFIG_PATH": str(home / "config"),
        "JUPYTER_PATH": str(home / "share"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_NO_CONFIG": "",
        "IPYTHONDIR": str(home / "ipython"),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "LANGUAGE": "zh_CN",
        "PYTHONWARNINGS": "ignore",
    }
