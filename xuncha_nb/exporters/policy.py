"""Content security policy of a page: its own style and script by their hashes, nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable


def policy(styles: Iterable[str], scripts: Iterable[str]) -> str:
    """Return the policy for a page that may load nothing and run only what it carries.

    Parameters
    ----------
    styles, scripts : iterable of str
        The exact text between the tags.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_sources(styles)}",
            f"script-src {_sources(scripts)}",
            "img-src data:",
            "font-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _sources(texts: Iterable[str]) -> str:
    found = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in texts
    ]
    return " ".join(found) or "'none'"
