"""After how long a pause a device is closed, by who says so."""

from __future__ import annotations

from math import inf

import pytest

from pyaudiobus.nodes.compressed_sink.node import SUSPEND_AFTER, longest_pause


@pytest.mark.parametrize(
    ("told", "seconds"),
    [((), SUSPEND_AFTER), ((None, None), SUSPEND_AFTER), ((None, 5), 5), ((7, 5), 7), ((0, 5), inf), ((None, 0), inf)],
)
def test_the_first_who_says_so_is_obeyed_and_0_is_for_ever(told: tuple[int | None, ...], seconds: float) -> None:
    assert longest_pause(*told) == seconds
