"""``xuncha verify``: whether a report is what its manifest says, and its inputs what they were.

A hash tells that a file is not what was recorded. It tells neither who changed it nor that the
manifest itself is genuine: who can write the folder can write a new manifest, seal and all.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from xuncha_nb import __version__, outputs, provenance, regions, rollup, sources, workspace
from xuncha_nb.adjustments import store
from xuncha_nb.errors import SourceError, XunchaError
from xuncha_nb.parameters import RunParameters, load_standards
from xuncha_nb.provenance import file_hash
from xuncha_nb.sources import database

State = Literal["changed", "missing", "added", "unknown"]
#: What a message calls each state.
_STATES: Final[Mapping[State, str]] = {
    "changed": "与清单不符",
    "missing": "清单里有，文件夹里没有",
    "added": "清单里没有",
    "unknown": "没有找到，未核对",
}
_INPUT_STATES: Final[Mapping[State, str]] = {
    "changed": "已经改变",
    "missing": "已经不在",
    "added": "是新加的",
    "unknown": "没有找到，未核对",
}


@dataclass(frozen=True)
class Difference:
    """A file or an input that is not what the manifest says.

    Attributes
    ----------
    name : str
        File of the report, or what the input is called.
    state : {'changed', 'missing', 'added', 'unknown'}
        ``unknown``: an input that was not found, and was not looked at.
    """

    name: str
    state: State


@dataclass(frozen=True)
class Checked:
    """What was found out about one report.

    Attributes
    ----------
    folder : str
        As the user named it, or below it.
    files, inputs : tuple of Difference
        Empty when everything is as recorded.
    fault : str
        Why nothing could be found out; empty otherwise.
    """

    folder: str
    files: tuple[Difference, ...] = ()
    inputs: tuple[Difference, ...] = field(default=())
    fault: str = ""

    @property
    def code(self) -> int:
        """0 as recorded, 1 something differs, 2 unreadable; an input not found is no difference."""
        if self.fault:
            return 2
        differs = [*self.files, *(item for item in self.inputs if item.state != "unknown")]
        return 1 if differs else 0

    @property
    def lines(self) -> tuple[str, ...]:
        """What to tell."""
        if self.fault:
            return (f"{self.folder}：{self.fault}",)
        report = "；".join(f"{d.name} {_STATES[d.state]}" for d in self.files)
        inputs = "；".join(f"{d.name}{_INPUT_STATES[d.state]}" for d in self.inputs)
        return (
            f"{self.folder}：报告{f'不符：{report}' if report else '与清单一致'}",
            f"{self.folder}：输入{f'：{inputs}' if inputs else '没有变化'}",
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {
            "folder": self.folder,
            "code": self.code,
            "fault": self.fault,
            "files": {d.name: d.state for d in self.files},
            "inputs": {d.name: d.state for d in self.inputs},
        }


def verify(folders: Sequence[Path]) -> Iterator[Checked]:
    """Verify reports: each a report's folder, or a folder with reports somewhere below.

    Yields
    ------
    Checked
        One a report, in the order of their names.
    """
    for folder in folders:
        name = workspace.display_path(folder)
        if not folder.is_dir():
            yield Checked(name, fault="不是文件夹，应为一份报告的文件夹或 outputs，请核对")
            continue
        manifests = list(_manifests(folder))
        if not manifests:
            yield Checked(name, fault="没有报告，应有 manifest.json，请核对文件夹")
        for path in manifests:
            below = path.parent.relative_to(folder).as_posix()
            yield _one(path, name if below == "." else f"{name}/{below}")


def _manifests(folder: Path) -> Iterator[Path]:
    """Yield the manifests of finished reports; what begins with a dot is in the making."""
    own = folder / outputs.MANIFEST
    # A report that lost its manifest still is one, and is told.
    is_report = (folder / "report.ipynb").exists() or own.exists()
    found = [own] if is_report else sorted(
        {p.with_name(outputs.MANIFEST) for name in (outputs.MANIFEST, "report.ipynb")
         for p in folder.rglob(name)}
    )  # fmt: skip
    for path in found:
        parts = path.relative_to(folder).parts
        if not any(p.startswith(".") or p == "failed" for p in parts):
            yield path


def _one(path: Path, name: str) -> Checked:
    try:
        manifest = json.loads(path.read_text("utf-8"))
        recorded = {str(k): str(v) for k, v in manifest["outputs"].items()}
        inputs = manifest["inputs"]
        dict(inputs["parameters"]), dict(inputs["source"])
    except FileNotFoundError:
        return Checked(name, fault="没有 manifest.json，无法核对，请重新出报告")
    except OSError as error:
        return Checked(name, fault=f"manifest.json 不能读取（{error.strerror}），请检查权限")
    except (ValueError, KeyError, TypeError, AttributeError):
        return Checked(name, fault="manifest.json 不是本程序写的清单，或已损坏，请重新出报告")
    files = list(_files(path.parent, recorded))
    if manifest.get(outputs.SEAL) != outputs.sealed(manifest):
        files.insert(0, Difference(outputs.MANIFEST, "changed"))
    return Checked(name, tuple(files), tuple(_Inputs(path.parent, manifest).differences()))


def _files(folder: Path, recorded: Mapping[str, str]) -> Iterator[Difference]:
    there = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if not p.is_dir()}
    there.pop(outputs.MANIFEST, None)
    for name in sorted({*there, *recorded}):
        if name not in there:
            yield Difference(name, "missing")
        elif name not in recorded:
            yield Difference(name, "added")
        elif not there[name].is_file() or file_hash(there[name]) != recorded[name]:
            yield Difference(name, "changed")


class _Inputs:
    """The inputs of one report, looked for around its folder and around the current one."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self._manifest = manifest
        self._recorded = manifest["inputs"]
        request = self._recorded.get("request") or {}
        self._given = dict(request.get("parameters", {}))
        self._own = set(request.get("own", ()))
        here = folder.resolve()
        starts = (here, Path.cwd().resolve())
        # Where there is no workspace around, the packaged one stands in, which lies elsewhere.
        found = [root for s in starts if s.is_relative_to(root := workspace.root(s).resolve())]
        #: Where the report was made, as far as that can be known; None when it cannot.
        self._root: Path | None = found[0] if found else None
        bases = [r / str(request.get("base", "")) for r in found] + list(starts)
        self._bases = [base for base in bases if base.is_dir()]

    def differences(self) -> Iterator[Difference]:
        """Yield what is not what it was."""
        yield from self._data()
        yield from self._adjustments()
        yield from self._notebook()
        yield from self._parameters()
        if self._manifest.get("version") != __version__:
            yield Difference(
                f"程序版本（{self._manifest.get('version')}→{__version__}）", "changed"
            )
        elif self._recorded.get("program") != provenance.program():
            yield Difference("程序或它的库", "changed")
        for name in self._fonts():
            yield Difference(f"字体 {name}", "changed")

    def _data(self) -> Iterator[Difference]:
        name = f"数据 {self._recorded['source'].get('name', '')}"
        recorded = self._recorded["source"].get("sha256")
        now = [digest for base in self._bases if (digest := self._digest(base))]
        if not now:
            yield Difference(name, "unknown")
        elif recorded not in now:
            yield Difference(name, "changed")

    def _digest(self, base: Path) -> str:
        """Return the fingerprint of the source as it is, seen from a folder; empty if not there."""
        source, county = str(self._given.get("source", "")), str(self._given.get("county", ""))
        with contextlib.suppress(XunchaError, OSError, ValueError):
            parameters = self._asked()
            if database.is_address(source):
                # User and password are in no manifest: a server is asked if the environment
                # tells them, a file of SQLite if it lies where it would be looked for.
                address = database.absolute(database.whole(source), base)
                return sources.book(address, county, parameters.window()).fingerprint
            if self._recorded["source"].get("name") == rollup.SOURCE_NAME:
                region, folder = regions.find(county), sources.locate(source, county, base)
                if region is None:
                    return ""
                standards = load_standards(base)
                return rollup.roll_up(region, folder, parameters.window(), standards).fingerprint
            return sources.fingerprint(source, county, base)
        return ""

    def _asked(self) -> RunParameters:
        common = {k: v for k, v in self._given.items() if k not in self._own}
        return RunParameters.model_validate(common)

    def _adjustments(self) -> Iterator[Difference]:
        recorded = self._recorded.get("adjustments") or {}
        with contextlib.suppress(XunchaError, ValueError):
            parameters = self._asked()
            if parameters.adjustments == store.NONE:
                return
            paths = [
                base / parameters.adjustments if parameters.adjustments
                else store.standard_path(str(self._manifest["county"]), parameters.window(), base)
                for base in self._bases
            ]  # fmt: skip
            there = [path for path in paths if path.is_file()]
            if recorded and not there:
                # Without a workspace around, it was not looked for where it was.
                yield Difference("数字的调整", "missing" if self._root else "unknown")
            elif there and not recorded:
                yield Difference("数字的调整", "added")
            elif there and recorded["sha256"] not in [file_hash(path) for path in there]:
                yield Difference("数字的调整", "changed")

    def _notebook(self) -> Iterator[Difference]:
        name = str(self._manifest.get("notebook"))
        recorded = self._recorded.get("notebook")
        try:
            path = workspace.notebook(name, self._root)
        except XunchaError:
            yield Difference(f"笔记本 {name}", "unknown")
            return
        if file_hash(path) != recorded:
            # The packaged one stands in for a workspace that is not here.
            yield Difference(f"笔记本 {name}", "changed" if self._root else "unknown")

    def _parameters(self) -> Iterator[Difference]:
        folder = (self._root or workspace.packaged()) / "parameters"
        recorded = dict(self._recorded["parameters"])
        now = {path.name: file_hash(path) for path in sorted(folder.glob("*.yaml"))}
        if now != recorded and self._root is None:
            yield Difference("参数文件", "unknown")
            return
        for name in sorted({*recorded, *now}):
            if name not in now:
                yield Difference(f"参数 {name}", "missing")
            elif name not in recorded:
                yield Difference(f"参数 {name}", "added")
            elif now[name] != recorded[name]:
                yield Difference(f"参数 {name}", "changed")

    def _fonts(self) -> Iterator[str]:
        recorded = dict(self._recorded.get("fonts") or {})
        try:
            now = provenance.font_hashes(self._root or workspace.packaged())
        except (SourceError, OSError):
            now = {}
        yield from sorted(n for n in {*recorded, *now} if recorded.get(n) != now.get(n))
