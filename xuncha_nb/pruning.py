"""What a missing figure takes with it: its clause, its sentence, its paragraph or heading."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: Stands in a rendered template where a figure is missing.
GONE: Final = "\ue002"

_RUN_IN_HEAD: Final = re.compile(r"\*\*[^*]+。\*\*")
_CLAUSE: Final = re.compile(r"\[\[((?:(?!\[\[|\]\]).)*)\]\]", re.DOTALL)
_SENTENCE: Final = re.compile(r"[^。；！？]*[。；！？]?[”’）]?")


def pruned(text: str) -> str:
    """Drop clauses, sentences, items and paragraphs whose figures are missing."""
    kept = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.splitlines()
        groups: list[str] = []
        for line in lines:
            stripped = line.strip()
            if not stripped:
                continue
            # Headings and items stand alone; other lines continue the paragraph before.
            if stripped.startswith(("#", "- ")) or not groups or groups[-1].startswith("#"):
                groups.append(stripped)
            else:
                groups[-1] += stripped
        left = []
        for group in groups:
            mark = re.match(r"#+ |- ", group)
            head = mark[0] if mark else ""
            body = _pruned_sentences(group[len(head) :])
            # A run-in head whose sentences all left themselves out goes with them.
            if body and not _RUN_IN_HEAD.fullmatch(body):
                left.append(head + body)
        if left:
            kept.append("\n".join(left))
    return "\n\n".join(kept)


def _pruned_sentences(text: str) -> str:
    while (found := _CLAUSE.search(text)) is not None:
        inner = "" if GONE in found[1] else found[1]
        text = text[: found.start()] + inner + text[found.end() :]
    parts = _SENTENCE.findall(text)
    for place in range(1, len(parts)):
        # The mark that closes a bold sentence belongs to it, not to the next one.
        if parts[place].startswith("**") and parts[place - 1].count("**") % 2:
            parts[place - 1] += "**"
            parts[place] = parts[place][2:]
    # A sentence whose clauses all left themselves out is only punctuation: gone as well.
    sentences = [s for s in parts if GONE not in s and any(map(_says_something, s))]
    joined = "".join(sentences).strip()
    if not joined:
        return ""
    if joined.endswith("；") and not text.rstrip().endswith("；"):
        joined = joined[:-1] + "。"
    # A clause that left itself out may leave its comma behind.
    joined = re.sub(r"[，、：](?=[，。；！？])", "", joined)
    return re.sub(r"(?<=[。；！？])[，、；]+|^[，、；]+", "", joined)


def _says_something(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNC"
