"""What holds for every test of the service: property tests repeat themselves exactly and are never timed."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True, database=None)
settings.load_profile("house")
