"""What a sink's monitor hears of several streams, sample by sample, against the same sum computed here."""

from __future__ import annotations

import random
import struct
from itertools import permutations

import pytest

from pyaudiobus.client.commands import set_mute, set_volume
from pyaudiobus.client.mirror import look
from pyaudiobus.client.record import record
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.together import SyncGroup
from pyaudiobus.engine.driver import Matrix, SampleCode
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.words import Attributes
from tests.engine.arithmetic import decode, encode, mixed, single

RATE = 48_000
FRAMES = 500
AT_MINUS_3_DB = 0.5**0.5
TO_STEREO: dict[int, Matrix] = {
    1: ((1,), (1,)),
    2: ((1, 0), (0, 1)),
    4: ((1, 0, AT_MINUS_3_DB, 0), (0, 1, 0, AT_MINUS_3_DB)),
    6: ((1, 0, AT_MINUS_3_DB, 0, AT_MINUS_3_DB, 0), (0, 1, AT_MINUS_3_DB, 0, 0, AT_MINUS_3_DB)),
}
"""FL FR FC LFE RL RR: what has no speaker is heard from those beside it; the subwoofer's channel is dropped."""
Voice = tuple[Encoding, int, tuple[float, ...]]


def samples(chance: random.Random, encoding: Encoding, channels: int) -> bytes:
    """Loud enough to be clipped where two meet; the first frame is not silent."""
    if encoding is Encoding.F32:
        return struct.pack(f"<{FRAMES * channels}f", *(chance.uniform(-0.9, 0.9) for _ in range(FRAMES * channels)))
    data = bytearray(chance.randbytes(FRAMES * channels * encoding.width))
    if encoding is Encoding.S24_32:
        for at in range(3, len(data), 4):
            data[at] = 0xFF if data[at - 1] & 0x80 else 0
    return bytes(data)


def through(matrix: Matrix, gains: tuple[float, ...]) -> Matrix:
    each = gains * len(matrix[0]) if len(gains) == 1 else gains
    return tuple(tuple(single(gain * volume) for gain, volume in zip(row, each, strict=True)) for row in matrix)


@pytest.mark.parametrize("ear", [Encoding.S16, Encoding.S24, Encoding.S32, Encoding.F32])
@pytest.mark.parametrize(
    "voices",
    [
        ((Encoding.S16, 2, (1.0,)), (Encoding.S16, 2, (1.0,))),
        ((Encoding.S16, 1, (0.5,)), (Encoding.S24, 2, (0.25, 0.75))),
        ((Encoding.S32, 2, (0.3,)), (Encoding.F32, 1, (1.7,)), (Encoding.U8, 2, (0.1,))),
        ((Encoding.S24_32, 6, (0.2,)), (Encoding.S16, 4, (0.9, 0.1, 0.5, 0.0))),
    ],
    ids=["plain", "mono", "all", "surround"],
)
def test_a_sum_is_exact(remote: Remote, voices: tuple[Voice, ...], ear: Encoding) -> None:
    chance = random.Random(len(voices))
    parts = []
    with record(remote, PcmFormat(ear, RATE, 2), "ear", "null", attributes=Attributes(fragsize=3840)) as hearing:
        group = SyncGroup(remote)
        for encoding, channels, gains in voices:
            stream = group.play(PcmFormat(encoding, RATE, channels), "voice", target="null", volume=gains)
            data = samples(chance, encoding, channels)
            stream.write(data)
            parts.append((decode(data, SampleCode[encoding.name]), through(TO_STEREO[channels], gains)))
        group.start()
        group.drain()
        size = hearing.format.frame_size
        got = hearing.read(size)
        while not any(got):
            got = hearing.read(size)
        got += hearing.read((FRAMES - 1) * size)
        group.close()
    sums = {encode(mixed(order, 2, FRAMES), SampleCode[ear.name]) for order in permutations(parts)}
    assert got in sums  # the order in which floats are added is the mixer's business


def test_what_a_sink_plays_has_its_volume_and_a_muted_one_is_silent(remote: Remote) -> None:
    form = PcmFormat(Encoding.S16, RATE, 2)
    sink = look(remote).find("other")
    assert sink is not None
    sound = samples(random.Random(5), Encoding.S16, 2)
    with record(remote, form, "ear", "other", attributes=Attributes(fragsize=3840)) as hearing:
        for gains, is_muted in (((0.5,), False), ((0.25, 1.5), False), ((1.0,), True), ((), False)):
            remote.do(set_volume(sink.serial, *gains))
            remote.do(set_mute(sink.serial, is_muted=is_muted))
            remote.ask("sync")
            group = SyncGroup(remote)
            stream = group.play(form, "voice", target="other")
            matrix = through(TO_STEREO[2], gains or (1.0,))
            wanted = encode(mixed([(decode(sound, SampleCode.S16), matrix)], 2, FRAMES), SampleCode.S16)
            stream.write(sound)
            group.start()
            group.drain()
            heard = hearing.read(4)
            while not any(heard) and not is_muted:
                heard = hearing.read(4)
            if not is_muted:
                assert heard + hearing.read(len(wanted) - 4) == wanted
            stream.close()
            hearing.flush()
