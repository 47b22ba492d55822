"""Which parameters of its own a notebook declares, besides those of every notebook.

They stand in its parameters cell as plain assignments; the default's type is the parameter's.
Nothing of the notebook is executed to find out.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from xuncha_nb import bounds
from xuncha_nb.errors import ParameterError
from xuncha_nb.parameters import RunParameters, unknown_parameter

Value = str | int | float | bool

_TAG: Final = "parameters"
_TRUE, _FALSE = ("true", "yes", "是"), ("false", "no", "否")


def parameter_cells(path: Path) -> list[str]:
    """Return the sources of the cells tagged ``parameters``; a notebook of ours has one.

    Raises
    ------
    ParameterError
        If the file is no Jupyter notebook.
    """
    try:
        cells = json.loads(bounds.content(path, bounds.NOTEBOOK, ParameterError))["cells"]
        tagged = [c for c in cells if _TAG in c.get("metadata", {}).get("tags", [])]
        sources = [c["source"] for c in tagged]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ParameterError(f"{path.name}：不是 Jupyter 笔记本，请核对文件") from None
    return [s if isinstance(s, str) else "".join(s) for s in sources]


def own_parameters(path: Path) -> dict[str, Value]:
    """Return the notebook's own parameters with their defaults.

    Raises
    ------
    ParameterError
        If the file is no notebook, or has not exactly one parameters cell.
    """
    sources = parameter_cells(path)
    if len(sources) != 1:
        raise ParameterError(
            f"{path.name}：应有一个标为 parameters 的单元格，实有{len(sources)}个，请改正笔记本"
        )
    try:
        body = ast.parse(sources[0]).body
    except SyntaxError:
        raise ParameterError(f"{path.name}：参数单元格不是正确的 Python，请改正笔记本") from None
    found: dict[str, Value] = {}
    for node in body:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Constant):
            continue
        for target in node.targets:
            known = isinstance(target, ast.Name) and target.id not in RunParameters.model_fields
            if known and isinstance(node.value.value, str | int | float):
                assert isinstance(target, ast.Name)
                found[target.id] = node.value.value
    return found


def split(
    data: Mapping[str, Any], own: Mapping[str, Value], where: str
) -> tuple[dict[str, Any], dict[str, Value]]:
    """Split given parameters into those of every notebook and the notebook's own, typed.

    Parameters
    ----------
    data : mapping
        Name to value, as a parameter file has them: text.
    own : mapping
        What :func:`own_parameters` returned.
    where : str
        File, for messages.

    Raises
    ------
    ParameterError
        If a name is declared by nobody, or a value is not of its default's type.
    """
    known = [*RunParameters.model_fields, *own]
    strangers = [name for name in data if name not in known]
    if strangers:
        lines = (f"{where}：{unknown_parameter(name, known)}" for name in strangers)
        raise ParameterError("\n".join(lines))
    common = {name: value for name, value in data.items() if name not in own}
    mine = {name: _typed(name, data[name], own[name], where) for name in own if name in data}
    return common, mine


def _typed(name: str, value: Any, default: Value, where: str) -> Value:
    text = str(value).strip()
    if isinstance(default, bool):
        if text.lower() in _TRUE + _FALSE:
            return text.lower() in _TRUE
        expected = "是或否"
    elif isinstance(default, str):
        return str(value)
    else:
        kind = type(default)
        try:
            return kind(text)
        except ValueError:
            expected = "整数" if kind is int else "数"
    raise ParameterError(f"{where}：参数“{name}”应为{expected}，实为“{value}”，请改正")
