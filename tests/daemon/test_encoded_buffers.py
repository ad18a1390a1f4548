"""What is granted of the buffer attributes that an encoded stream asks for."""

from __future__ import annotations

import pytest

from pyaudiobus.daemon.encoded_buffers import settle
from pyaudiobus.graph.node import BuffersParam
from pyaudiobus.protocol.words import Attributes

RING = 1_048_576
DEVICE = BuffersParam(8_192, 524_288)


@pytest.mark.parametrize(
    ("wish", "granted"),
    [
        (Attributes(), Attributes(RING, RING, 524_288, 8_192)),
        (Attributes(prebuf=0), Attributes(RING, RING, 0, 8_192)),
        (Attributes(prebuf=20_000), Attributes(RING, RING, 20_000, 8_192)),
        (Attributes(tlength=100_000), Attributes(RING, 100_000, 91_809, 8_192)),
        (Attributes(tlength=100_000, minreq=30_000), Attributes(RING, 100_000, 70_001, 30_000)),
        (Attributes(tlength=100_000, minreq=200_000), Attributes(RING, 100_000, 2, 99_999)),
        (Attributes(tlength=0, minreq=0, prebuf=0), Attributes(RING, 2, 0, 1)),
        (Attributes(maxlength=5, tlength=2**32 - 1, prebuf=2**32 - 1), Attributes(RING, RING, 1_040_385, 8_192)),
    ],
)
def test_attributes_are_clamped_as_pulseaudio_does_with_frames_of_one_byte(
    wish: Attributes, granted: Attributes
) -> None:
    assert settle(wish, RING, DEVICE) == granted
