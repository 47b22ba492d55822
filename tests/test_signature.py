"""Parameters that a notebook declares of its own: found without running it, typed, checked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pieces import HALF_YEAR_SUMMARY, MOBILIZATION_BRIEF

from xuncha_nb.errors import ParameterError
from xuncha_nb.signature import own_parameters, parameter_cells, split

OWN = {"round": "", "rows": 5, "share": 0.5, "annex": True}


def notebook(path: Path, *sources: str) -> Path:
    cells = [{"source": s, "metadata": {"tags": ["parameters"]}} for s in sources]
    path.write_text(json.dumps({"cells": cells}), "utf-8")
    return path


def test_the_notebooks_of_the_package() -> None:
    assert own_parameters(HALF_YEAR_SUMMARY) == {}
    assert own_parameters(MOBILIZATION_BRIEF) == {"round": ""}


def test_literals_of_the_parameters_cell_are_the_notebooks_own(tmp_path: Path) -> None:
    source = 'county = "331124"\nrounds = 3\nshare = 0.5\nannex = True\nother = open("x")'
    path = notebook(tmp_path / "a.ipynb", source)
    assert own_parameters(path) == {"rounds": 3, "share": 0.5, "annex": True}
    assert parameter_cells(path) == [source]


def test_given_names_are_split_and_typed() -> None:
    given = {"county": "0310", "round": "十三届-7", "rows": "7", "share": "0.25", "annex": "否"}
    common, own = split(given, OWN, "a.yaml")
    assert common == {"county": "0310"}
    assert own == {"round": "十三届-7", "rows": 7, "share": 0.25, "annex": False}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"rounds": "7"}, "a.yaml：不认识的参数“rounds”，是否应为“round”？"),
        ({"rows": "七"}, "a.yaml：参数“rows”应为整数，实为“七”"),
        ({"share": "x"}, "参数“share”应为数"),
        ({"annex": "也许"}, "参数“annex”应为是或否"),
    ],
)
def test_what_nobody_declares_or_is_of_another_type_is_refused(
    given: dict[str, str], told: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        split(given, OWN, "a.yaml")
    assert told in str(caught.value)


def test_a_file_that_is_no_notebook_or_has_no_parameters_cell_is_named(tmp_path: Path) -> None:
    for name, text in (("a.ipynb", "no"), ("b.ipynb", "[]"), ("c.ipynb", '{"cells": [1]}')):
        (tmp_path / name).write_text(text, "utf-8")
        with pytest.raises(ParameterError, match=f"{name}：不是 Jupyter 笔记本"):
            own_parameters(tmp_path / name)
    with pytest.raises(ParameterError, match="实有0个"):
        own_parameters(notebook(tmp_path / "d.ipynb"))
    with pytest.raises(ParameterError, match="实有2个"):
        own_parameters(notebook(tmp_path / "e.ipynb", "a = 1", "b = 2"))
    with pytest.raises(ParameterError, match="不是正确的 Python"):
        own_parameters(notebook(tmp_path / "f.ipynb", "a ="))
