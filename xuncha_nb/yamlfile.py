"""YAML files as mappings of text, bounded: every scalar stays the text that somebody typed.

A county code 0310 stays 0310. What YAML can do beyond that is refused: references, by which a
kilobyte becomes a gigabyte; a name given twice, of which one would silently be lost; depths and
lengths that no parameter file has.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from xuncha_nb import bounds, workspace
from xuncha_nb.errors import ParameterError

_DEPTH: Final = 20
_NODES: Final = 50_000


class _Loader(yaml.BaseLoader):
    """PyYAML's loader of plain text, without references and without end."""

    depth = 0
    nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise _refused("不能用 * 引用别处的内容，请把内容写全", mark)
        self.depth += 1
        self.nodes += 1
        if self.depth > _DEPTH:
            raise _refused(f"嵌套超过{_DEPTH}层，请核对括号和缩进", mark)
        if self.nodes > _NODES:
            raise _refused(f"内容超过{_NODES}项，请核对是否放错了文件", mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _refused("名称应为文字，请改正", key.start_mark)
            if key.value in seen:
                raise _refused(f"“{key.value[:40]}”写了两次，请删去一处", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _refused(why: str, mark: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(note=why, problem_mark=mark)


@lru_cache(maxsize=64)  # a batch reads the same few files for each of its counties
def _parsed(text: str) -> Any:
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - text only


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file as a mapping with text scalars.

    Raises
    ------
    ParameterError
        If the file is missing, too large, is not UTF-8 YAML, or is not a mapping.
    """
    where = workspace.display_path(path)
    try:
        text = bounds.content(path, bounds.PARAMETERS, ParameterError).decode("utf-8-sig")
        data = copy.deepcopy(_parsed(text))
    except OSError:
        raise ParameterError(f"{where}：文件不存在或不能读取，请核对路径") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" 第{mark.line + 1}行" if mark is not None else ""
        why = getattr(error, "note", None) or "不是正确的 YAML（UTF-8），请改正缩进或冒号"
        raise ParameterError(f"{where}{line}：{why}") from None
    if not isinstance(data, dict):
        raise ParameterError(f"{where}：应为“名称: 值”的列表，请改正")
    return data
