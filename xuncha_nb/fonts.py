"""Fonts, found offline: the standard's names first, open fonts that are always there last.

The right fonts of an official document (小标宋, 仿宋_GB2312, 楷体_GB2312) are not free and sit
on the users' own machines; the open ones come inside the ``mplfonts`` package. That package
also carries a SimHei that may not be used, so its folder is never handed to a renderer: a
private folder with links to the two open files is.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from xuncha_nb import chartfont
from xuncha_nb.errors import FontError

if TYPE_CHECKING:
    import typst

Role = Literal["song_title", "fangsong", "kai", "hei", "song", "latin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

SERIF: Final = "Noto Serif CJK SC"
SANS: Final = "Noto Sans CJK SC"
_FILES: Final = ("NotoSerifCJKsc-Regular.otf", "NotoSansCJKsc-Regular.otf")

#: The standard's face first, other names and makes of the same face next, open fonts last.
_CHAINS: Final[Mapping[Role, tuple[str, ...]]] = {
    "song_title": (
        "方正小标宋简体",
        "FZXiaoBiaoSong-B05S",
        "方正小标宋_GBK",
        "FZXiaoBiaoSong-B05",
        "小标宋",
        "华文中宋",
        "STZhongsong",
        SERIF,
        SANS,
    ),
    "fangsong": (
        "仿宋_GB2312",
        "FangSong_GB2312",
        "FangSong",
        "仿宋",
        "方正仿宋_GBK",
        "FZFangSong-Z02",
        "STFangsong",
        "华文仿宋",
        SERIF,
        SANS,
    ),
    "kai": (
        "楷体_GB2312",
        "KaiTi_GB2312",
        "KaiTi",
        "楷体",
        "方正楷体_GBK",
        "FZKai-Z03",
        "STKaiti",
        "华文楷体",
        "LXGW WenKai",
        "霞鹜文楷",
        SERIF,
        SANS,
    ),
    "hei": ("SimHei", "黑体", "方正黑体_GBK", "FZHei-B01", SANS, SERIF),
    "song": ("SimSun", "宋体", "NSimSun", SERIF, SANS),
    # Only for offices that want it, and then for digits and letters alone.
    "latin": (
        "Times New Roman",
        "Liberation Serif",
        "Tinos",
        "TeX Gyre Termes",
        "Nimbus Roman",
        SERIF,
        SANS,
    ),
}
#: The standard's name of each role's face, as Word and WPS list it.
STANDARD: Final[Mapping[Role, str]] = {
    "song_title": "方正小标宋简体",
    "fangsong": "仿宋_GB2312",
    "kai": "楷体_GB2312",
    "hei": "黑体",
    "song": "宋体",
    "latin": "Times New Roman",
}
# How many of a role's chain are the standard's face; what follows only stands in for it.
_REAL: Final[Mapping[Role, int]] = {
    "song_title": 5,
    "fangsong": 8,
    "kai": 8,
    "hei": 4,
    "song": 3,
    "latin": 1,
}
_HEAVY: Final = 7  # of the title's chain, the first seven are heavy by themselves


def font_paths() -> tuple[Path, ...]:
    """Return the two open font files that ship with mplfonts: serif, then sans.

    Raises
    ------
    FontError
        If mplfonts or one of the files is missing.
    """
    # find_spec and not import: importing mplfonts is slow and writes to matplotlib's settings.
    spec = importlib.util.find_spec("mplfonts")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        paths = tuple(Path(folder) / "fonts" / name for name in _FILES)
        if all(path.is_file() for path in paths):
            return paths
    raise FontError(
        "字体：应有 mplfonts 包里的 "
        + "、".join(_FILES)
        + "，实际没有找到，请重新安装：pip install mplfonts"
    )


def cache_dir() -> Path:
    """Return this user's cache folder for the package; it need not exist yet."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "xuncha_nb"


@functools.cache
def typst_font_dir() -> Path:
    """Return a private folder that holds the two open fonts, the face of charts, and no more.

    It is made once per user, under :func:`cache_dir`, and appears whole or not at all; when
    that place cannot be written, a temporary folder serves for this process.
    """
    sources = font_paths()
    stamps = [f"{p}:{p.stat().st_size}:{p.stat().st_mtime_ns}" for p in sources]
    key = hashlib.sha256("\n".join([*stamps, chartfont.RECIPE]).encode()).hexdigest()[:16]
    try:
        return _linked(sources, cache_dir() / f"fonts-{key}")
    except (OSError, RuntimeError):  # read-only or no home: Path.home raises RuntimeError
        folder = Path(tempfile.mkdtemp(prefix="xuncha_nb-fonts-"))
        atexit.register(_remove, folder, os.getpid())
        return _linked(sources, folder / "fonts")


def _linked(sources: tuple[Path, ...], target: Path) -> Path:
    if _whole(sources, target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".fonts-", dir=target.parent))
    try:
        for source in sources:
            _link(source, fresh / source.name)
        chartfont.write(sources[-1], fresh / chartfont.FILE)
        try:
            fresh.replace(target)
        except OSError:
            # There is a folder: another process was first, or an installation that is gone left
            # half of one. Nothing is ever taken out of it: someone may be reading its fonts.
            if not _whole(sources, target):
                for name in (*(source.name for source in sources), chartfont.FILE):
                    (fresh / name).replace(target / name)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def _whole(sources: tuple[Path, ...], folder: Path) -> bool:
    # The face of charts is written before the folder appears: where it is, it is whole.
    return (folder / chartfont.FILE).is_file() and all(
        (folder / s.name).is_file() and (folder / s.name).stat().st_size == s.stat().st_size
        for s in sources
    )


def _link(source: Path, target: Path) -> None:
    for way in (os.link, os.symlink):
        try:
            way(source, target)
        except (OSError, NotImplementedError):
            continue
        return
    shutil.copyfile(source, target)


def _remove(folder: Path, owner: int) -> None:
    # A forked child runs the same exit hooks; only the process that made the folder owns it.
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


@functools.cache
def typst_fonts() -> typst.Fonts:
    """Return the fonts typst may use: the system's and those of :func:`typst_font_dir`."""
    import typst

    return typst.Fonts(
        include_system_fonts=True,
        include_embedded_fonts=False,
        font_paths=[str(typst_font_dir())],
    )


def chain(role: Role) -> tuple[str, ...]:
    """Return every family name that may stand for ``role``, the standard's names first."""
    return _CHAINS[role]


@functools.cache
def _families() -> Mapping[str, str]:
    return {name.casefold(): name for name in typst_fonts().families()}


@functools.cache
def available(role: Role, preferred: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the families that this machine has for a role, under the names it gives them.

    Parameters
    ----------
    role : str
        One of :data:`ROLES`.
    preferred : tuple of str
        What the office wants in front of the chain (``parameters/layout.yaml``).
    """
    here = _families()
    wanted = (name.casefold() for name in (*preferred, *chain(role)))
    return tuple(dict.fromkeys(here[name] for name in wanted if name in here))


def resolved(role: Role, preferred: tuple[str, ...] = ()) -> str:
    """Return the family that ``role`` is set in on this machine."""
    families = available(role, preferred)
    if not families:
        raise FontError(
            f"字体：{role} 应有 {'、'.join(chain(role))} 之一，实际一个也没有，"
            "请重新安装：pip install mplfonts"
        )
    return families[0]


def heavy_title(preferred: tuple[str, ...] = ()) -> bool:
    """Return whether the title's family is a real 小标宋, which needs no thickening."""
    heavy = (*preferred, *chain("song_title")[:_HEAVY])
    return resolved("song_title", preferred).casefold() in {name.casefold() for name in heavy}


def stands_in(role: Role, preferred: tuple[str, ...] = ()) -> bool:
    """Return whether the family of a role only stands in for the standard's face."""
    real = (*preferred, *chain(role)[: _REAL[role]])
    return resolved(role, preferred).casefold() not in {name.casefold() for name in real}


@functools.cache
def files() -> Mapping[str, tuple[str, int]]:
    """Return family → (file, face number), regular weight preferred."""
    ordered = sorted(typst_fonts().fonts(), key=lambda f: (abs(f.weight - 400), f.style))
    found: dict[str, tuple[str, int]] = {}
    for font in ordered:
        if font.path:
            found.setdefault(font.family, (font.path, font.index))
    return found
