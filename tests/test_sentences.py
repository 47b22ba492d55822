"""What documents share stands once, in parameters/sentences.yaml, and is used."""

from __future__ import annotations

import re

import nbformat
import pytest
from pieces import NOTEBOOKS

from xuncha_nb.literals import check_no_typed_numbers
from xuncha_nb.parameters import load_standards

SENTENCES = load_standards().sentences
#: What the report itself says, whatever the document.
OF_THE_REPORT = {"no_data", "suppressed"}
TEMPLATES = {
    path.stem: [
        cell.source.partition("\n")[2]
        for cell in nbformat.read(path, as_version=4).cells
        if cell.source.startswith("%%narrative")
    ]
    for path in NOTEBOOKS
}


def long_sentences(template: str) -> set[str]:
    parts = (part.strip() for part in re.split(r"[。；\n]", template))
    return {part for part in parts if sum("一" <= c <= "鿿" for c in part) > 14}


def test_no_sentence_stands_in_two_places() -> None:
    stands: dict[str, list[str]] = {}
    for name, templates in TEMPLATES.items():
        for sentence in set().union(*map(long_sentences, templates)):
            stands.setdefault(sentence, []).append(name)
    for name, text in SENTENCES.items():
        for sentence in long_sentences(text):
            stands.setdefault(sentence, []).append(f"sentences.yaml: {name}")
    assert {s: where for s, where in stands.items() if len(where) > 1} == {}


@pytest.mark.parametrize("name", SENTENCES)
def test_a_shared_paragraph_carries_no_typed_number(name: str) -> None:
    check_no_typed_numbers(SENTENCES[name])


@pytest.mark.parametrize("name", [name for name in SENTENCES if name not in OF_THE_REPORT])
def test_a_shared_paragraph_is_used(name: str) -> None:
    users = [
        notebook
        for notebook, templates in TEMPLATES.items()
        if any(f'include "{name}"' in template for template in templates)
    ]
    assert users
