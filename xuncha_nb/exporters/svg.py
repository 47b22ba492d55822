"""Charts as safe SVG: shapes and text only, nothing that runs or is fetched, no clashing ids."""

from __future__ import annotations

import functools
import re
import xml.etree.ElementTree as ET
from typing import Final

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
    _scrub(root, prefix)
    for name, value in _MATPLOTLIB.items():
        root.attrib.setdefault(name, value)
    if "viewBox" not in root.attrib:
        size = [re.sub(r"[a-z]+$", "", root.get(side, "")) for side in ("width", "height")]
        if all(size):
            root.set("viewBox", f"0 0 {size[0]} {size[1]}")
    if inline:
        for node in root.iter():
            _unstyled(node)
        for side in ("width", "height", "version"):
            root.attrib.pop(side, None)
    else:
        for node in root.iter():
            node.attrib.pop("data-figure", None)
        root.set("xmlns", _SVG)
        root.set("xmlns:xlink", _XLINK)
    return ET.tostring(root, encoding="unicode")


@functools.lru_cache(maxsize=32)
def texts(source: str) -> tuple[str, ...]:
    """Return the text that a chart shows, for the check of the fonts."""
    root = _parsed(source)
    return tuple("".join(node.itertext()) for node in root.iter() if _local(node.tag) == "text")


def _parsed(source: str) -> ET.Element:
    # Parsed anew for fonts and for drawing: it is cheap, and the tree is changed in place.
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


@functools.lru_cache(maxsize=32)
def _stripped(source: str) -> str:
    if "<!ENTITY" in source:
        raise ExportError("图的 SVG：应不含实体定义，实际含有 <!ENTITY，请重新生成该图再导出")
    text = re.sub(r"<\?xml[^>]*\?>", "", source, count=1)
    return re.sub(r"<!DOCTYPE[^>]*>", "", text, count=1).strip()


def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _scrub(node: ET.Element, prefix: str) -> None:
    namespace = node.tag.rpartition("}")[0].lstrip("{")
    node.tag = _local(node.tag)
    for name, value in list(node.attrib.items()):
        del node.attrib[name]
        short = _local(name)
        if short == "id" and value.startswith(_FIGURE):
            # Several numbers of a chart may be one figure's; an id stands only once.
            node.set("data-figure", value.removeprefix(_FIGURE))
        elif kept := _attribute(short, value, prefix):
            # xlink:href for renderers of SVG 1.1, which matplotlib and typst speak.
            node.set("xlink:href" if short == "href" and "xlink" in name else short, kept)
    for child in list(node):
        inside = isinstance(child.tag, str) and child.tag.startswith(f"{{{_SVG}}}")
        bare = isinstance(child.tag, str) and "}" not in child.tag and not namespace
        if (inside or bare) and _local(child.tag) in _ELEMENTS:
            _scrub(child, prefix)
        else:
            _cut(node, child)


def _unstyled(node: ET.Element) -> None:
    """Write what a style attribute says as attributes of their own."""
    for part in node.attrib.pop("style", "").split(";"):
        name, _, value = (x.strip() for x in part.partition(":"))
        if name in _PRESENTATION:
            node.set(name, value)
        elif name == "font" and (font := _FONT.fullmatch(value)):
            for key, said in font.groupdict().items():
                if said:
                    node.set(f"font-{key}", said)


def _cut(parent: ET.Element, child: ET.Element) -> None:
    """Remove a child but not the text behind it."""
    place = list(parent).index(child)
    if child.tail:
        if place:
            parent[place - 1].tail = (parent[place - 1].tail or "") + child.tail
        else:
            parent.text = (parent.text or "") + child.tail
    parent.remove(child)


def _attribute(name: str, value: str, prefix: str) -> str:
    """Return the value an attribute may have, or nothing to drop it."""
    if name.lower().startswith("on") or _OUTSIDE.search(value):
        return ""
    if name == "id":
        return prefix + value
    if name == "href":
        if value.startswith("#"):
            return f"#{prefix}{value[1:]}"
        return value if _PICTURE.fullmatch(value) else ""
    return _REFERENCE.sub(lambda m: f"url(#{prefix}{m[1]})", value)
