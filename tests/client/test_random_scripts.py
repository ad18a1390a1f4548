"""Pause, suspend, seek, next, xrun, stall, unplug, theft and failing calls in one: every sample, every position."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.client.random_script.script import make_script

DEEDS = 40


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("profile", ["generic", "q6asm"])
def test_what_is_heard_and_told_is_what_was_asked_for_whatever_goes_wrong(
    tmp_path: Path, profile: str, seed: int
) -> None:
    script = make_script(tmp_path, seed, DEEDS, profile)
    try:
        script.run()
    except AssertionError as error:
        raise AssertionError(f"{error}\n{script.story()}") from error
    assert script.meddler.is_through
