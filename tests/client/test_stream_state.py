"""What a program knows of its stream when the bus tells of changes; without a bus."""

import os
from collections.abc import Iterator

import pytest

from pyaudiobus.client.happenings import MAX_KEPT, Happening, Happenings
from pyaudiobus.client.playing import Playing, heard
from pyaudiobus.client.stream_state import StreamKilled, StreamReformed
from pyaudiobus.engine.ring import RingConsumer, Timing
from pyaudiobus.errors import NotSupported, UserError
from pyaudiobus.model.buffering import StreamClock
from pyaudiobus.protocol.messages import FormatLost, Killed, Moved, StreamAt, StreamCreated, Suspended
from pyaudiobus.protocol.session_messages import StreamHeld
from pyaudiobus.protocol.words import Attributes, EncodedShape, PcmShape

SHAPE = PcmShape("s16", 48_000, 2)
GRANTED = Attributes(8192, 4096, 0, 512)


def ring(frame: int = 4) -> RingConsumer:
    return RingConsumer.create(8192, frame)


def descriptors(end: RingConsumer) -> tuple[int, ...]:
    return tuple(map(os.dup, end.descriptors))


@pytest.fixture
def playing() -> Iterator[Playing]:
    with ring() as bus:
        state = Playing(
            StreamCreated(7, SHAPE, GRANTED, 3, "null", 1000, suspended=False, reason="default"), descriptors(bus)
        )
        yield state
        state.ring.close()


def test_a_stream_knows_why_policy_holds_it(playing: Playing) -> None:
    playing.hear(Happening("stream-held", StreamHeld(7, held=True, reason="a call plays")))
    assert playing.held == "a call plays"
    playing.hear(Happening("stream-held", StreamHeld(7, held=False, reason="the call is over")))
    assert playing.held == ""


def test_a_stream_that_moves_follows_its_new_attributes(playing: Playing) -> None:
    playing.hear(
        Happening("moved", Moved(7, 9, "dsp", Attributes(8192, 2048, 0, 256), 5, suspended=True, reason="asked"))
    )
    assert (playing.device, playing.device_serial, playing.reason, playing.is_suspended) == ("dsp", 9, "asked", True)
    assert (playing.queue.tlength, playing.queue.minreq) == (2048, 256)
    playing.hear(Happening("suspended", Suspended(7, suspended=False)))
    assert not playing.is_suspended


def test_a_stream_that_was_killed_takes_nothing(playing: Playing) -> None:
    playing.hear(Happening("killed", Killed(7, "the sink is gone")))
    with pytest.raises(StreamKilled, match="the sink is gone"):
        playing.room()


def test_a_lost_format_is_told_to_the_writer_once_and_a_new_ring_is_there(playing: Playing) -> None:
    with ring(2) as other:
        lost = FormatLost(7, PcmShape("s16", 48_000, 1), Attributes(8192, 1024, 0, 128), 4000, "the DSP is gone")
        playing.put(memoryview(bytes(400)), 400)
        playing.hear(Happening("format-lost", lost, descriptors(other)))
        with pytest.raises(StreamReformed, match="the DSP is gone") as caught:
            playing.room()
        assert (caught.value.index, caught.value.shape) == (4000, lost.shape)
        assert playing.room() == 1024
        assert playing.format.channels == 1
        playing.put(memoryview(b"ab"), 2)
        assert bytes(other.view(other.look().stored)) == b"ab"


def test_encoded_bytes_have_no_time() -> None:
    with ring(1) as bus:
        shape = EncodedShape("mp3", 44_100, 2)
        created = StreamCreated(7, shape, GRANTED, 3, "dsp", 1000, suspended=False, reason="")
        state = Playing(created, descriptors(bus))
        state.put(memoryview(b"abc"), 3)
        with pytest.raises(NotSupported, match="no time"):
            state.latency()
        with pytest.raises(UserError, match="encoded"):
            _ = state.format
        state.ring.close()


SECOND = 1_000_000_000
CLOCK = StreamClock(48_000, 4)


@pytest.mark.parametrize(
    ("timing", "moment", "usec"),
    [
        (Timing(192_000, 0, SECOND // 2, 192_000, 0, 0, 1), 0, 500_000),
        (Timing(192_000, 0, SECOND // 2, 192_000, 0, 0, 1), SECOND // 4, 750_000),
        (Timing(192_000, 0, SECOND // 2, 192_000, 0, 0, 1), 2 * SECOND, 1_000_000),
        (Timing(192_000, 0, SECOND // 2, 0, 48_000, 1, 0), 0, 750_000),
        (Timing(192_000, 0, SECOND // 2, 0, 192_000, 1, 0), 0, 1_000_000),
        (Timing(0, 0, SECOND // 2, 0, 2**64 - 1, 0, 0), 0, 0),
        (Timing(4800, 0, SECOND, 4800, 0, 0, 1), 0, 0),
        (Timing(192_000, SECOND, SECOND // 2, 192_000, 0, 0, 1), 0, 0),
    ],
)
def test_time_between_two_looks_is_what_sounds_then(timing: Timing, moment: int, usec: int) -> None:
    assert heard(timing, CLOCK, moment) == usec


def test_events_that_nobody_fetches_are_bounded_and_their_descriptors_closed() -> None:
    happenings = Happenings()
    reader, writer = os.pipe()
    happenings.hear("buffers-shared", StreamAt(1, 0), (writer,))
    for index in range(MAX_KEPT):
        happenings.hear("started", StreamAt(1, index), ())
    assert happenings.lost == 1
    assert os.read(reader, 1) == b""
    os.close(reader)
    assert len(happenings.fetch()) == MAX_KEPT
    assert happenings.fetch() == []
