"""Files of other codecs and containers, taken apart: what is sent, how long it sounds, where a seek lands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import av
import pytest

from pyaudiobus.errors import MediaError
from pyaudiobus.media.encoded import EncodedFile, open_encoded
from pyaudiobus.media.encoded_file import Presentation
from pyaudiobus.media.framing import iec61937
from tests.media.conftest import Write
from tests.media.taps import FILES

SHAPES = {
    "aac.m4a": ("aac/44100/1", "lc", 46080, 1024, 956),
    "aac-itunsmpb.m4a": ("aac/44100/1", "lc", 46080, 1024, 956),
    "aac.aac": ("aac/44100/1", "lc", 46080, 0, 0),
    "aac.mkv": ("aac/44100/1", "lc", 46080, 0, 0),
    "aac.loas": ("aac/44100/1", "lc", 46080, 0, 0),
    "aac.avi": ("aac/44100/1", "lc", 46080, 0, 0),
    "alac.m4a": ("alac/44100/1", "", 44100, 0, 0),
    "alac.caf": ("alac/44100/1", "", 44100, 0, 0),
    "vorbis.ogg": ("vorbis/44100/1", "", 44608, 0, 636),
    "vorbis.webm": ("vorbis/44100/1", "", 44608, 0, 0),
    "opus.opus": ("opus/48000/1", "", 48960, 312, 648),
    "opus.webm": ("opus/48000/1", "", 48960, 312, 648),
    "opus.mp4": ("opus/48000/1", "", 48960, 312, 648),
    "wma.wma": ("wma/44100/1", "9", 45056, 0, 0),
    "wmav1.wma": ("wma/44100/1", "7", 45056, 0, 0),
    "amr.amr": ("amr/8000/1", "", 8160, 0, 0),
    "amr.3gp": ("amr/8000/1", "", 8160, 50, 110),
    "amr-wb.awb": ("amr-wb/16000/1", "", 16000, 0, 0),
    "ac3.ac3": ("iec61937/48000/2", "ac3", 24576, 0, 0),
    "eac3.eac3": ("iec61937/48000/2", "eac3", 24576, 0, 0),
    "eac3.mp4": ("iec61937/48000/2", "eac3", 24576, 256, 0),
    "dts.dts": ("iec61937/48000/1", "dts", 9728, 0, 0),
    "real.rm": ("real/8000/1", "ra_144", 8160, 0, 0),
    "g723.wav": ("g723.1/8000/1", "", 8160, 0, 0),
    "g723.tco": ("g723.1/8000/1", "", 8160, 0, 0),
    "flac.mkv": ("flac/44100/1", "", 44100, 0, 0),
    "mp3.wav": ("mp3/44100/1", "", 46080, 0, 0),
}
"""Format, which codec of that name, all PCM frames, delay and padding among them."""


@contextmanager
def opened(name: str) -> Iterator[EncodedFile]:
    found = open_encoded(str(FILES / name))
    assert found is not None
    yield found
    found.close()


def sent(way: Presentation, piece: int = 1000) -> bytes:
    reader = way.reader()
    out = bytearray()
    while not reader.ended:
        taken = reader.peek(piece)
        out += taken
        reader.advance(len(taken))
    return bytes(out)


def packets_of(name: str) -> list[bytes]:
    with av.open(str(FILES / name)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.audio[0]) if packet.size]


@pytest.mark.parametrize("name", SHAPES)
def test_what_a_device_is_told(name: str) -> None:
    with opened(name) as found:
        form = found.form
        told = (str(form), form.variant, found.total_frames, form.encoder_delay, form.encoder_padding)
        assert told == SHAPES[name]
        assert found.warnings == ()


@pytest.mark.parametrize("name", SHAPES)
def test_every_form_has_as_many_bytes_as_its_index_says_and_they_hold_the_packets_in_order(name: str) -> None:
    packets = packets_of(name)
    with opened(name) as found:
        for way in found.presentations:
            data = sent(way)
            assert len(data) == way.index.total_bytes
            assert data.startswith(way.header)
            if found.form.variant not in iec61937.PAYLOADS and way.form.stream_format not in ("loas", "latm"):
                at = len(way.header)
                for packet in packets:
                    body = packet[7:] if name == "aac.aac" and way.form.stream_format == "raw" else packet
                    at = data.index(body, at) + len(body)


@pytest.mark.parametrize("name", SHAPES)
def test_a_seek_gives_the_bytes_that_were_there_the_first_time(name: str) -> None:
    with opened(name) as found:
        for way in found.presentations:
            whole, reader = sent(way), way.reader()
            for part in (9, 3, 5, 0, 7):
                byte = way.index.byte_at(way.index.total_frames * part // 10)
                reader.seek(byte)
                assert bytes(reader.peek(700)) == whole[byte : byte + 700]


def test_adts_is_what_ffmpeg_makes_of_the_same_packets(tmp_path: Path) -> None:
    copied = tmp_path / "copied.aac"
    with av.open(str(FILES / "aac.m4a")) as source, av.open(str(copied), "w", format="adts") as target:
        stream = source.streams.audio[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.size:
                packet.stream = copy
                target.mux(packet)
    with opened("aac.m4a") as found:
        assert sent(found.presentations[0]) == copied.read_bytes()


@pytest.mark.parametrize("name", ["ac3.ac3", "eac3.eac3", "dts.dts"])
def test_bursts_are_what_ffmpeg_makes_of_the_same_packets(name: str, tmp_path: Path) -> None:
    copied = tmp_path / "copied.spdif"
    with av.open(str(FILES / name)) as source, av.open(str(copied), "w", format="spdif") as target:
        stream = source.streams.audio[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.size:
                packet.stream = copy
                target.mux(packet)
    with opened(name) as found:
        assert sent(found.presentations[0]) == copied.read_bytes()


def test_opus_packets_stand_behind_their_length() -> None:
    with opened("opus.webm") as found:
        data = sent(found.presentations[0])
    assert data == b"".join(len(packet).to_bytes(4, "little") + packet for packet in packets_of("opus.webm"))


def test_vorbis_pages_are_a_file_that_ffmpeg_plays_like_the_original(tmp_path: Path) -> None:
    pages = tmp_path / "pages.ogg"
    with opened("vorbis.webm") as found:
        pages.write_bytes(sent(found.presentations[0]))
    with av.open(str(pages)) as container:
        assert [bytes(packet) for packet in container.demux(audio=0) if packet.size] == packets_of("vorbis.webm")


@pytest.mark.parametrize("name", ["aac.m4a", "alac.caf", "opus.opus", "vorbis.webm", "wma.wma", "amr.amr", "ac3.ac3"])
def test_a_file_that_is_cut_off_plays_up_to_there_or_says_why_not(name: str, write: Write) -> None:
    data = (FILES / name).read_bytes()
    for length in range(40, len(data), max(1, len(data) // 12)):
        with suppress(MediaError):
            found = open_encoded(write(data[:length], name))
            assert found is not None
            assert len(sent(found.presentations[0], 4096)) == found.index.total_bytes
            found.close()


def test_a_file_that_changes_while_it_plays_is_an_error(write: Write) -> None:
    path = Path(write((FILES / "opus.webm").read_bytes(), "song.webm"))
    found = open_encoded(str(path))
    assert found is not None
    path.write_bytes((FILES / "vorbis.webm").read_bytes())
    with pytest.raises(MediaError, match="changed while it was being read"):
        sent(found.presentations[0])
    found.close()
