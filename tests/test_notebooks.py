"""The notebooks as they lie in git: no outputs, no code of their own, no typed number."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pieces import NOTEBOOKS, without_kernel

from xuncha_nb.indicators import INDICATORS
from xuncha_nb.literals import check_no_typed_numbers
from xuncha_nb.parameters import RunParameters
from xuncha_nb.rollup import COUNTS

pytestmark = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)

FORBIDDEN = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.For,
    ast.While,
    ast.If,
    ast.IfExp,
    ast.Try,
    ast.With,
    ast.Import,
    ast.ListComp,
    ast.DictComp,
    ast.GeneratorExp,
)


def cells(notebook: Path, kind: str = "code") -> list[Any]:
    return [c for c in nbformat.read(notebook, as_version=4).cells if c.cell_type == kind]


def narratives(notebook: Path) -> list[str]:
    return [
        c.source.partition("\n")[2] for c in cells(notebook) if c.source.startswith("%%narrative")
    ]


def trees(notebook: Path) -> list[ast.Module]:
    return [ast.parse(c.source) for c in cells(notebook) if not c.source.startswith("%%")]


def tagged(notebook: Path, tag: str) -> list[Any]:
    return [c for c in cells(notebook) if tag in c.metadata.get("tags", [])]


def test_it_is_a_valid_notebook_for_the_plain_kernel(notebook: Path) -> None:
    read = nbformat.read(notebook, as_version=4)
    nbformat.validate(read)
    assert read.metadata.kernelspec.name == "python3"
    assert "papermill" not in read.metadata
    ids = [cell.id for cell in read.cells]
    assert len(ids) == len(set(ids))


def test_it_carries_no_outputs_and_no_traces_of_a_run(notebook: Path) -> None:
    for cell in cells(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None
        assert set(cell.metadata) <= {"tags", "jupyter"}


def test_one_cell_holds_the_parameters_and_nothing_else(notebook: Path) -> None:
    (cell,) = tagged(notebook, "parameters")
    body = ast.parse(cell.source).body
    assert all(isinstance(node, ast.Assign) for node in body)
    assigned = {target.id for node in body for target in node.targets}  # type: ignore[attr-defined]
    assert set(RunParameters.model_fields) <= assigned
    for node in body:
        assert isinstance(ast.literal_eval(node.value), str)  # type: ignore[attr-defined]


def test_the_last_cell_records(notebook: Path) -> None:
    assert cells(notebook)[-1] == tagged(notebook, "record")[0]
    assert "report.record()" in cells(notebook)[-1].source


def test_it_has_no_code_of_its_own(notebook: Path) -> None:
    for tree in trees(notebook):
        for node in ast.walk(tree):
            assert not isinstance(node, FORBIDDEN), ast.unparse(node)
            if isinstance(node, ast.ImportFrom):
                assert node.module == "xuncha_nb"


def test_its_sentences_carry_no_typed_number(notebook: Path) -> None:
    found = narratives(notebook)
    assert found
    for template in found:
        check_no_typed_numbers(template)
    for cell in cells(notebook):
        if not cell.source.startswith("%%") and "parameters" not in cell.metadata.get("tags", []):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    named = node.value in INDICATORS
                    assert named or not re.search(r"\d", node.value), node.value
    for cell in cells(notebook, "markdown"):
        assert not re.search(r"\d", cell.source)


def test_every_figure_it_shows_exists(notebook: Path) -> None:
    shown = [
        element.value
        for tree in trees(notebook)
        for node in ast.walk(tree)
        if isinstance(node, ast.List)
        for element in node.elts
        if isinstance(element, ast.Constant)
    ]
    groups = {indicator.group for indicator in INDICATORS.values()}
    assert shown
    assert {id for id in shown if id not in INDICATORS and id not in COUNTS} <= groups


def test_its_defaults_run_on_the_packaged_sample(notebook: Path) -> None:
    document = without_kernel(notebook).document()
    assert document.record is not None
    assert document.record["notebook"] == notebook.stem
    assert len(document.blocks) > 15


def test_its_sentences_are_its_own(notebook: Path) -> None:
    """A sentence stands once; nobody pastes a paragraph and forgets it."""
    sentences = [
        s
        for template in narratives(notebook)
        for s in re.split(r"[。；\n]", template)
        if len(s) > 15 and "{%" not in s
    ]
    assert len(sentences) == len(set(sentences))
