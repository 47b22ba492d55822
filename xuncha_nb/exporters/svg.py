"""Charts as safe SVG: shapes and text only, nothing that runs or is fetched, no clashing ids."""

from __future__ import annotations

import functools
import re
import xml.etree.ElementTree as ET
from typing import Final
from xml.sax.saxutils import escape

from xuncha_nb.errors import ExportError

_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"
# What draws. Scripts, foreign objects, animations, style sheets and links are not in the list.
_ELEMENTS: Final = frozenset(
    """
    svg g defs symbol use path rect circle ellipse line polyline polygon text tspan title desc
    clipPath mask linearGradient radialGradient stop pattern marker image
    """.split()  # noqa: SIM905
)
_PICTURE: Final = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]*")
_OUTSIDE: Final = re.compile(r"url\(\s*['\"]?(?!#)|expression\(|@import|javascript:", re.I)
_REFERENCE: Final = re.compile(r"url\(\s*['\"]?#([^'\")]+)['\"]?\s*\)")
# The one style sheet matplotlib writes; as attributes of the root it means the same.
_MATPLOTLIB: Final = {"stroke-linejoin": "round", "stroke-linecap": "butt"}
# Properties of a style attribute that an attribute of the same name says as well.
_PRESENTATION: Final = frozenset(
    """
    fill fill-opacity fill-rule stroke stroke-width stroke-dasharray stroke-dashoffset
    stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity opacity text-anchor
    font-size font-family font-weight font-style clip-path clip-rule visibility display
    """.split()  # noqa: SIM905
)
#: Attributes that are never a name or a reference.
_PLAIN: Final = frozenset(("d", "x", "y", "width", "height", "viewBox", "version"))
_FONT: Final = re.compile(
    r"(?:(?P<style>italic|oblique)\s+)?(?:(?P<weight>bold|[1-9]00)\s+)?"
    r"(?P<size>[\d.]+)px\s+(?P<family>.+)"
)
#: Beginning of the id of a group that draws a figure's number; see ``charts.style.marked``.
_FIGURE: Final = "figure:"


# Each format cleans the same charts.
@functools.lru_cache(maxsize=32)
def clean(source: str, prefix: str = "", *, inline: bool = False) -> str:
    """Return the SVG with only drawing elements left.

    Parameters
    ----------
    source : str
        SVG text, for instance as matplotlib writes it.
    prefix : str
        Put in front of every id and every reference to one, so that several charts can stand
        in one page.
    inline : bool
        Write it for an HTML page: no namespaces, no size of its own (the page sets it), and no
        style attributes, which a strict content security policy would switch off. A group
        marked as a figure's number says so in ``data-figure``.

    Raises
    ------
    ExportError
        If the text is not SVG.
    """
    root = _parsed(source)
    said = _attributes(root, prefix)
    for name, value in _MATPLOTLIB.items():
        said.setdefault(name, value)
    if "viewBox" not in said:
        size = [re.sub(r"[a-z]+$", "", said.get(side, "")) for side in ("width", "height")]
        if all(size):
            said["viewBox"] = f"0 0 {size[0]} {size[1]}"
    if inline:
        for side in ("width", "height", "version"):
            said.pop(side, None)
    else:
        said |= {"xmlns": _SVG, "xmlns:xlink": _XLINK}
    return _written(root, said, prefix, inline)


@functools.lru_cache(maxsize=32)
def texts(source: str) -> tuple[str, ...]:
    """Return the text that a chart shows, for the check of the fonts."""
    root = _parsed(source)
    return tuple("".join(node.itertext()) for node in root.iter() if _local(node.tag) == "text")


# Cleaned for several formats, and read for its texts: nothing changes the tree.
@functools.lru_cache(maxsize=32)
def _parsed(source: str) -> ET.Element:
    text = _stripped(source)
    try:
        root = ET.fromstring(text)  # noqa: S314 - entity definitions are refused above
    except ET.ParseError as error:
        raise ExportError(
            f"图的 SVG：应为完整的 SVG 文本，实际无法解析（{error}），请重新执行笔记本再导出"
        ) from None
    if _local(root.tag) != "svg":
        raise ExportError(
            f"图的 SVG：根元素应为 svg，实际为 {_local(root.tag)}，请重新执行笔记本再导出"
        )
    return root


def _stripped(source: str) -> str:
    if "<!ENTITY" in source:
        raise ExportError("图的 SVG：应不含实体定义，实际含有 <!ENTITY，请重新生成该图再导出")
    text = re.sub(r"<\?xml[^>]*\?>", "", source, count=1)
    return re.sub(r"<!DOCTYPE[^>]*>", "", text, count=1).strip()


def _written(node: ET.Element, said: dict[str, str], prefix: str, inline: bool) -> str:
    """Return an element as text, with what may be in it and nothing else."""
    tag = _local(node.tag)
    namespace = node.tag.rpartition("}")[0].lstrip("{")
    if inline:
        _unstyle(said)
    else:
        said.pop("data-figure", None)
    inner = [_escaped(node.text)] if node.text else []
    for child in node:
        if _draws(child.tag, namespace):
            inner.append(_written(child, _attributes(child, prefix), prefix, inline))
        if child.tail:  # the text behind it stays even where the element goes
            inner.append(_escaped(child.tail))
    start = "".join([tag, *(f' {name}="{_quoted(value)}"' for name, value in said.items())])
    return f"<{start}>{''.join(inner)}</{tag}>" if inner else f"<{start} />"


def _draws(tag: object, namespace: str) -> bool:
    """Whether an element is one that draws: of SVG, or of no namespace in a drawing of none."""
    if not isinstance(tag, str) or _local(tag) not in _ELEMENTS:
        return False
    return tag.startswith(f"{{{_SVG}}}") or ("}" not in tag and not namespace)


@functools.lru_cache(maxsize=256)
def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _attributes(node: ET.Element, prefix: str) -> dict[str, str]:
    """Return the attributes that an element may have."""
    said: dict[str, str] = {}
    for name, value in node.attrib.items():
        short = _local(name)
        if short == "id" and value.startswith(_FIGURE):
            # Several numbers of a chart may be one figure's; an id stands only once.
            said["data-figure"] = value.removeprefix(_FIGURE)
        elif kept := _attribute(short, value, prefix):
            # xlink:href for renderers of SVG 1.1, which matplotlib and typst speak.
            said["xlink:href" if short == "href" and "xlink" in name else short] = kept
    return said


def _attribute(name: str, value: str, prefix: str) -> str:
    """Return the value an attribute may have, or nothing to drop it."""
    # The outlines are the bulk of a chart, and have none of the marks that are looked for.
    if name in _PLAIN and "(" not in value and ":" not in value and "@" not in value:
        return value
    return _looked_at(name, value, prefix)


# A chart has a handful of styles, each hundreds of times.
@functools.lru_cache(maxsize=1024)
def _looked_at(name: str, value: str, prefix: str) -> str:
    if name.lower().startswith("on"):
        return ""
    marked = "(" in value or ":" in value or "@" in value
    if marked and _OUTSIDE.search(value):
        return ""
    if name == "id":
        return prefix + value
    if name == "href":
        if value.startswith("#"):
            return f"#{prefix}{value[1:]}"
        return value if _PICTURE.fullmatch(value) else ""
    return _REFERENCE.sub(lambda m: f"url(#{prefix}{m[1]})", value) if marked else value


def _unstyle(said: dict[str, str]) -> None:
    """Say what a style attribute says in attributes of their own."""
    said.update(_properties(said.pop("style", "")))


# A chart has a handful of styles, each hundreds of times.
@functools.lru_cache(maxsize=1024)
def _properties(style: str) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for part in style.split(";"):
        name, _, value = (x.strip() for x in part.partition(":"))
        if name in _PRESENTATION:
            found[name] = value
        elif name == "font" and (font := _FONT.fullmatch(value)):
            found |= {f"font-{key}": said for key, said in font.groupdict().items() if said}
    return tuple(found.items())


def _escaped(text: str) -> str:
    return escape(text) if "&" in text or "<" in text or ">" in text else text


def _quoted(value: str) -> str:
    # Outlines are long, and looking for a character is faster than any expression.
    if '"' in value:
        return escape(value, {'"': "&quot;"})
    return _escaped(value)
