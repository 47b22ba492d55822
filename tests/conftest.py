"""Settings for every test."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is no failure: examples may take as long as they take.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
