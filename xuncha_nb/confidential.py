"""``parameters/confidential.yaml``: which columns are confidential, and what is let pass."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from xuncha_nb.parameters import parameter_file, validated
from xuncha_nb.yamlfile import read_yaml


class Confidential(BaseModel):
    """What an office declares of its confidential data.

    Attributes
    ----------
    columns : tuple of str
        A column of a ledger whose header contains one of these words is confidential: it is not
        read, and no output may have what stands in it.
    allowed : tuple of str
        Texts that the guard lets pass: the office's public telephone, a word that somebody's name
        equals. Each is compared with what was found, character by character.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: tuple[str, ...] = ()
    allowed: frozenset[str] = frozenset()

    def covers(self, header: str) -> bool:
        """Whether a column of that header is confidential."""
        return any(word in header for word in self.columns)


def load(start: Path | None = None) -> Confidential:
    """Return the declaration of the workspace around a folder, else the packaged one.

    Raises
    ------
    ParameterError
        If the file is wrong.
    """
    path = parameter_file("confidential.yaml", start)
    return _loaded(path, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=8)
def _loaded(path: Path, changed: int) -> Confidential:
    return validated(Confidential, read_yaml(path), path.name) if changed else Confidential()
