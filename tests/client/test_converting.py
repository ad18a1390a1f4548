"""Streams whose rate the bus does not take: converted in the program, heard as they were meant."""

import array
import math

import pytest

from pyaudiobus.client.converting import play_converted, record_converted
from pyaudiobus.client.playback import PlaybackStream, Seek
from pyaudiobus.client.record import record
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import NotSupported
from pyaudiobus.media.decode.convert import Converter
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.messages import Code
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Attributes


def sine(rate: int, frames: int, channels: int = 1, hertz: int = 440) -> bytes:
    return array.array(
        "h",
        [
            int(12_000 * math.sin(2 * math.pi * hertz * frame / rate))
            for frame in range(frames)
            for _ in range(channels)
        ],
    ).tobytes()


def error(one: bytes, other: bytes) -> float:
    """Return how much two sounds differ, as a part of the first."""
    first, second = array.array("h", one), array.array("h", other)
    power = sum(value * value for value in first)
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(first, second, strict=False)) / power)


@pytest.mark.parametrize("piece", [1, 7, 480, 44_100])
def test_pieces_of_any_size_are_converted_alike_and_nothing_is_lost(piece: int) -> None:
    converter = Converter(PcmFormat(Encoding.S16, 44_100, 2), PcmFormat(Encoding.S16, 48_000, 2))
    data = sine(44_100, 4410 if piece == 1 else 44_100, 2)
    found = b"".join(converter.convert(data[at : at + piece * 4]) for at in range(0, len(data), piece * 4))
    found += converter.finish()
    expected = sine(48_000, len(data) // 4 * 48_000 // 44_100, 2)
    assert abs(len(found) - len(expected)) <= 4
    middle = slice(2000, len(expected) - 2000)
    assert error(expected[middle], found[middle]) < 0.001


@pytest.mark.parametrize("encoding", list(Encoding))
def test_every_encoding_survives_a_way_there_and_back(encoding: Encoding) -> None:
    plain = PcmFormat(Encoding.S16, 48_000, 1)
    other = PcmFormat(encoding, 48_000, 1)
    data = sine(48_000, 4800)
    there, back = Converter(plain, other), Converter(other, plain)
    through = there.convert(data) + there.finish()
    assert len(through) == 4800 * encoding.width
    found = back.convert(through) + back.finish()
    assert error(data, found) < (0.02 if encoding is Encoding.U8 else 0.0001)


def test_a_converter_that_heard_nothing_holds_nothing() -> None:
    converter = Converter(PcmFormat(Encoding.S16, 44_100, 2), PcmFormat(Encoding.S16, 48_000, 2))
    assert converter.convert(b"") == converter.finish() == b""


def test_a_stream_that_fits_is_not_converted(remote: Remote) -> None:
    with play_converted(remote, PcmFormat(Encoding.S16, 48_000, 2), "fits") as stream:
        assert type(stream) is PlaybackStream


def test_a_stream_of_another_rate_is_heard_at_its_pitch(remote: Remote) -> None:
    form = PcmFormat(Encoding.S16, 44_100, 2)
    with (
        play_converted(remote, form, "odd", attributes=Attributes(tlength=17_640)) as stream,
        record(remote, PcmFormat(Encoding.S16, 48_000, 2), "ear", str(stream.serial)) as ear,
    ):
        assert stream.format == form
        assert stream.attributes.tlength == 19_200
        stream.write(sine(44_100, 11_025, 2))
        stream.drain()
        ear.wait_readable(size=12_000 * 4)
        got = ear.read(12_000 * 4)
    expected = sine(48_000, 12_000, 2)
    assert error(expected[2000:-2000], got[2000:-2000]) < 0.001


def test_a_recording_of_another_rate_and_other_channels_is_converted(remote: Remote) -> None:
    form = PcmFormat(Encoding.F32, 16_000, 1)
    with record_converted(remote, form, "ear", "mic", attributes=Attributes(fragsize=1600)) as ear:
        assert ear.format == form
        assert len(ear.read(3200)) == 3200
        assert len(ear.read()) % 4 == 0
        ear.flush()


def test_what_a_converted_stream_cannot_do_is_refused(remote: Remote) -> None:
    with play_converted(remote, PcmFormat(Encoding.S16, 44_100, 1), "odd") as stream:
        with pytest.raises(NotSupported, match="at a place"):
            stream.write_at(b"\0\0", 0, Seek.ABSOLUTE)
        assert stream.wait_writable(1) % 2 == 0
        assert stream.writable() > 0
        stream.write(sine(44_100, 100))
        stream.flush()


def test_other_refusals_are_not_tried_again(remote: Remote) -> None:
    with pytest.raises(Refused) as caught:
        play_converted(remote, PcmFormat(Encoding.S16, 44_100, 1), "odd", target="nowhere")
    assert caught.value.code is Code.NOT_FOUND
    with pytest.raises(Refused, match="volumes"):
        play_converted(remote, PcmFormat(Encoding.S16, 48_000, 2), "odd", volume=(1.0, 1.0, 1.0))
