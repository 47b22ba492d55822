"""What stands behind a report besides its data: the program, its libraries, the fonts.

As hashes, for the fingerprint that a batch resumes by and for the manifest that ``xuncha verify``
reads.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from xuncha_nb import __version__, fonts, paper, workspace

_PACKAGE: Final = Path(__file__).resolve().parent
#: Libraries whose edition can show in a report.
_LIBRARIES: Final = (
    "fonttools",
    "ipykernel",
    "ipython",
    "jinja2",
    "matplotlib",
    "mistune",
    "nbclient",
    "nbformat",
    "numpy",
    "pandas",
    "papermill",
    "pydantic",
    "python-calamine",
    "typst",
    "uharfbuzz",
    "xlsxwriter",
)


@functools.cache
def program() -> str:
    """Return the hash of the package, of what it stands on, and of the fonts."""
    digest = hashlib.sha256(__version__.encode())
    suffixes = {".py", ".yaml", ".typ", ".j2", ".css", ".js", ".xml"}
    own = (p for p in _PACKAGE.rglob("*") if p.suffix in suffixes and "packaged" not in p.parts)
    add(digest, sorted(own))
    for name in _LIBRARIES:
        try:
            digest.update(f"{name}=={importlib.metadata.version(name)}".encode())
        except importlib.metadata.PackageNotFoundError:
            digest.update(f"{name} absent".encode())
    add(digest, font_files(workspace.packaged()))
    return digest.hexdigest()


@functools.cache
def facts() -> Mapping[str, str]:
    """Return by name what has to be equal on every machine that makes reports of one batch.

    Versions of the package, of Python and of the libraries, and short hashes of the package's own
    files and of the fonts: if nothing differs, :func:`program` is equal. Looked up once in a
    process, as that is: a cluster's worker is asked before every county.
    """
    versions = {"xuncha_nb": __version__, "python": ".".join(platform.python_version_tuple()[:2])}
    for name in _LIBRARIES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    fonts_used = hashlib.sha256()
    add(fonts_used, font_files(workspace.packaged()))
    return versions | {"字体": fonts_used.hexdigest()[:8], "程序文件": program()[:8]}


def font_files(folder: Path) -> list[Path]:
    """Return the files of the fonts that a workspace's documents are set in."""
    families = {told["used"] for told in paper.load(folder).fonts_used().values()}
    return sorted(Path(fonts.files()[family][0]) for family in families)


@functools.cache
def font_hashes(folder: Path) -> dict[str, str]:
    """Return file name → SHA-256 of the fonts that a workspace's documents are set in."""
    return {path.name: file_hash(path) for path in font_files(folder)}


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def add(digest: hashlib._Hash, paths: Iterable[Path]) -> None:
    """Take files into a hash, by name and content."""
    for path in paths:
        digest.update(path.name.encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
