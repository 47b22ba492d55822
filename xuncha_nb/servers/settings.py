"""The settings that the servers are started with, written anew at every start."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path
from typing import Any, Final

from xuncha_nb import bounds, workspace
from xuncha_nb.errors import OutputError, XunchaError

_ASSETS: Final = resources.files("xuncha_nb.servers") / "assets"

#: Nothing is loaded from anywhere else, whatever a page asks for.
_POLICY: Final = (
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self' ws: blob: data:; "
    "frame-ancestors 'self'; form-action 'self'"
)

_OVERRIDES: Final[dict[str, Any]] = {
    "@jupyterlab/translation-extension:plugin": {"locale": "zh_CN"},
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "fetchNews": "false",
        "doNotDisturbMode": True,
    },
    "@jupyterlab/extensionmanager-extension:plugin": {"enabled": False},
    # Every piece of the document stays on the page, so that it can be looked up and printed.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none", "kernelShutdown": True},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": True},
}

_PYTHON: Final = """\
# 由 xuncha lab 写成，每次启动重写。
from xuncha_nb.servers.settings import without_outputs

c = get_config()
c.FileContentsManager.pre_save_hook = without_outputs
"""


def write_lab(home: Path, root: Path, port: int) -> None:
    """Write JupyterLab's settings.

    Parameters
    ----------
    home : Path
        The server's folder under the workspace's ``.xuncha``.
    root : Path
        The workspace.
    port : int
    """
    config = {
        "ServerApp": _common(root, port)
        | {"root_dir": str(root), "terminals_enabled": False, "allow_remote_access": False},
        "LabApp": {
            "extension_manager": "readonly",
            "news_url": None,
            "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
            "default_url": "/lab",
        },
    }
    cards = [{"name": name, "title": title} for name, title in documents(root)]
    try:
        _put(home / "config" / "jupyter_server_config.json", config)
        (home / "config" / "jupyter_server_config.py").write_text(_PYTHON, "utf-8")
        _put(home / "config" / "labconfig" / "default_setting_overrides.json", _OVERRIDES)
        page = {"xunchaDocuments": json.dumps(cards, ensure_ascii=False)}
        _put(home / "config" / "labconfig" / "page_config.json", page)
        _copy("labextension", home / "share" / "labextensions" / "xuncha_nb")
    except OSError as error:
        raise _unwritable(error) from None


def write_app(home: Path, root: Path, port: int, token: str) -> None:
    """Write Voila's settings and its pages.

    Parameters
    ----------
    home, root, port
        As for :func:`write_lab`.
    token : str
    """
    config = {
        "Voila": _common(root, port) | {"token": token, "port": port},
        "VoilaConfiguration": {
            "template": "xuncha",
            "classic_tree": True,
            "strip_sources": True,
            "show_tracebacks": False,
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
        },
    }
    titles = [{"file": f"{name}.ipynb", "title": title} for name, title in documents(root)]
    try:
        _put(home / "config" / "voila.json", config)
        folder = home / "share" / "voila" / "templates" / "xuncha"
        _copy("voila", folder)
        page = (folder / "tree.html").read_text("utf-8")
        told = json.dumps(titles, ensure_ascii=False).replace("<", "\\u003c")
        (folder / "tree.html").write_text(page.replace("@@documents@@", told), "utf-8")
    except OSError as error:
        raise _unwritable(error) from None


def _common(root: Path, port: int) -> dict[str, Any]:
    return {
        "ip": "127.0.0.1",
        "port": port,
        "port_retries": 0,
        "open_browser": False,
        "log_level": 40,
        "tornado_settings": {"headers": {"Content-Security-Policy": _POLICY}},
    }


def documents(root: Path) -> list[tuple[str, str]]:
    """Return name and Chinese title of each notebook of a workspace, by its first heading."""
    found = []
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        try:
            cells = json.loads(bounds.content(path, bounds.NOTEBOOK))["cells"]
            first = "".join(next(c["source"] for c in cells if c["cell_type"] == "markdown"))
        except (
            XunchaError,
            OSError,
            ValueError,
            KeyError,
            TypeError,
            StopIteration,
            RecursionError,
        ):
            first = ""
        title = first.partition("\n")[0].lstrip("# ").strip()
        found.append((path.stem, title or path.stem))
    return found


def without_outputs(path: str, model: dict[str, Any], contents_manager: Any, **_: Any) -> None:
    """Keep what a run shows out of a saved notebook: it is the document's wording, not a report.

    Jupyter Server calls this before it saves a file.
    """
    if model.get("type") != "notebook" or not path.strip("/").startswith("notebooks/"):
        return
    notebook = model["content"]
    notebook.get("metadata", {}).pop("widgets", None)
    for cell in notebook.get("cells", []):
        if cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None
            cell.get("metadata", {}).pop("execution", None)


def _put(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), "utf-8")


def _copy(name: str, target: Path) -> None:
    with resources.as_file(_ASSETS / name) as folder:
        shutil.copytree(folder, target, dirs_exist_ok=True)


def _unwritable(error: OSError) -> OutputError:
    return OutputError(
        f"{workspace.display_path('.xuncha')}：不能写入（{error.strerror}），请检查工作目录的权限"
    )
