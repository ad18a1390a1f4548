"""Decoded sound made louder and softer."""

from __future__ import annotations

import struct

import pytest

from pyaudiobus.media.loudness import scaled
from pyaudiobus.model.format import Encoding


@pytest.mark.parametrize(
    ("encoding", "kind", "most"), [(Encoding.S16, "h", (1 << 15) - 1), (Encoding.S32, "i", (1 << 31) - 1)]
)
def test_samples_are_multiplied_and_cut_off_at_full_scale(encoding: Encoding, kind: str, most: int) -> None:
    data = struct.pack(f"<5{kind}", 0, 1000, -1000, most, -most - 1)
    assert struct.unpack(f"<5{kind}", scaled(data, 0.5, encoding)) == (0, 500, -500, most // 2, (-most - 1) // 2)
    assert struct.unpack(f"<5{kind}", scaled(data, 2.0, encoding)) == (0, 2000, -2000, most, -most - 1)


def test_what_the_decoder_never_gives_is_left_alone() -> None:
    assert scaled(b"\x01\x02\x03", 0.5, Encoding.S24) == b"\x01\x02\x03"
