"""Real files by real encoders: what is sent, and what is known of it.

The digests of MP3 streams are those of `ffmpeg -map 0:a -c copy -f data` (5.1), which drops tags and the Info frame as
well; FFmpeg cannot read free format, so that one was checked with mpg123. FLAC streams are decoded and compared with
the digest that their encoder put into STREAMINFO.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

import av
import pytest

from pyaudiobus.errors import MediaError
from pyaudiobus.media.encoded import open_encoded, open_framed
from pyaudiobus.media.flac_header import parse_stream_info
from pyaudiobus.model.format import Codec
from tests.media.conftest import Write
from tests.media.taps import FILES, open_real, tap


class Expected(NamedTuple):
    digest: str
    rate: int
    channels: int
    mode: str
    delay: int
    padding: int
    encoded_frames: int
    first: int


CBR = "d207d31c9bcaea555c9279f5f54d74ec"
VBR = "58fecd42c4c8d82ff3d22cf3c44343d9"
MP3 = {
    "lame-cbr-64": Expected(CBR, 44100, 2, "cbr", 576, 1404, 40, 208),
    "lame-vbr": Expected(VBR, 44100, 2, "vbr", 576, 1404, 40, 417),
    "lame-abr": Expected("19284d37554e8862a4c26bbdd5e89c34", 44100, 2, "abr", 576, 1404, 40, 417),
    "lame-vbr-no-info": Expected(VBR, 44100, 2, "vbr", 0, 0, 40, 0),
    "lame-crc": Expected("bd29b5d7ad6e796e4db6848ad480d8cf", 44100, 2, "cbr", 576, 1404, 40, 208),
    "lame-free-format": Expected("bc1994266a81d122ab119356ce6e4c9e", 44100, 1, "cbr", 576, 1404, 40, 225),
    "lame-mpeg2-mono": Expected("932eb2693a6b6e3da39217a31215e6cc", 22050, 1, "cbr", 0, 0, 41, 0),
    "lame-mpeg25-mono": Expected("291eef6e1948cf45cd99a53533246339", 8000, 1, "cbr", 0, 0, 16, 0),
    "lame-id3v2-art-ape-id3v1": Expected(CBR, 44100, 2, "cbr", 576, 1404, 40, 1898),
    "lavf": Expected(CBR, 44100, 2, "cbr", 576, 1404, 40, 228),
}
FLAC = {
    "flac-16-stereo.flac": (44100, 2, 16, 22050),
    "flac-16-mono.flac": (44100, 1, 16, 44100),
    "flac-24-stereo.flac": (48000, 2, 24, 14400),
    "flac-small-blocks.flac": (44100, 1, 16, 44100),
    "flac.oga": (44100, 1, 16, 44100),
}


@pytest.mark.parametrize("name", MP3)
def test_an_mp3_is_sent_as_its_whole_frames(name: str) -> None:
    expected, found = MP3[name], open_real(f"{name}.mp3")
    form = found.form
    samples = 1152 if expected.rate > 24000 else 576
    assert hashlib.md5(tap(found)).hexdigest() == expected.digest
    assert (form.codec, form.rate, form.channels) == (Codec.MP3, expected.rate, expected.channels)
    assert (form.encoder_delay, form.encoder_padding) == (expected.delay, expected.padding)
    assert found.total_frames == expected.encoded_frames * samples
    assert (found.bit_rate_mode, found.first_frame_offset) == (expected.mode, expected.first)
    assert found.audio_bytes == len(tap(found))
    assert [text.split(",")[0] for text in found.warnings] == ["free format"] * ("free-format" in name)
    if expected.delay:
        assert found.duration == 1.0


@pytest.mark.parametrize("name", FLAC)
def test_a_flac_is_sent_so_that_it_decodes_to_its_own_digest(name: str, tmp_path: Path) -> None:
    found = open_real(name)
    stream = tap(found)
    info = parse_stream_info(stream[8:42])
    assert (info.rate, info.channels, info.bit_depth, info.total_samples) == FLAC[name]
    assert found.total_frames == info.total_samples
    assert hashlib.md5(decoded(stream, info.bit_depth, tmp_path)).digest() == info.md5
    assert found.form.codec_private == stream[8:42]
    assert found.form.bit_depth == info.bit_depth
    assert found.warnings == ()


def test_ogg_and_native_flac_are_sent_alike() -> None:
    assert tap(open_real("flac.oga")) == tap(open_real("flac-16-mono.flac"))


def test_a_flac_of_unknown_length_is_counted() -> None:
    found = open_real("flac-unknown-length.flac")
    assert parse_stream_info(tap(found)[8:42]).total_samples == 0
    assert (found.total_frames, found.duration) == (44100, 1.0)


@pytest.mark.parametrize(
    "name",
    ["layer2.mp2", "aac.m4a", "aac.aac", "alac.m4a", "vorbis.ogg", "opus.opus", "wma.wma", "pcm.wav", "video-only.mp4"],
)
def test_everything_else_is_left_to_ffmpeg(name: str) -> None:
    assert open_framed(str(FILES / name)) is None


@pytest.mark.parametrize("name", ["lame-id3v2-art-ape-id3v1.mp3", "lame-free-format.mp3", "flac-small-blocks.flac"])
def test_a_truncated_file_plays_up_to_its_last_whole_frame(name: str, write: Write) -> None:
    whole = open_real(name)
    data, index = (FILES / name).read_bytes(), whole.index
    before = whole.first_frame_offset - index.byte_at(0)
    for length in sorted({*range(1, len(data), 197), *range(len(data) - 400, len(data) + 1, 7)}):
        kept = index.boundary_at(max(0, length - before))
        kept = kept if kept > index.byte_at(0) else 0
        try:
            found = open_encoded(write(data[:length]))
        except MediaError:
            assert not kept
            continue
        assert (tap(found) if found else b"") == tap(whole)[:kept]


def test_the_name_of_a_file_says_nothing(write: Write) -> None:
    flac = open_encoded(write((FILES / "flac-16-mono.flac").read_bytes(), "song.mp3"))
    mp3 = open_encoded(write((FILES / "lame-vbr.mp3").read_bytes(), "song.flac"))
    assert flac is not None
    assert mp3 is not None
    assert (flac.form.codec, mp3.form.codec) == (Codec.FLAC, Codec.MP3)


def test_readers_of_one_file_know_nothing_of_each_other() -> None:
    found = open_real("lame-vbr.mp3")
    first, second = found.reader(), found.reader()
    first.advance(1000)
    assert second.position == 0
    assert bytes(first.peek(10)) == tap(found)[1000:1010]


def test_many_faults_are_told_in_a_few_lines(write: Write) -> None:
    frames = tap(open_real("lame-crc.mp3"))
    pieces = [frames[at : at + 209 * 3] for at in range(0, len(frames), 209 * 3)]
    found = open_encoded(write(bytes(7).join(pieces)))
    assert found is not None
    assert len(found.warnings) <= 9


def test_a_file_that_shrinks_between_opening_and_reading_is_an_error(write: Write) -> None:
    path = write((FILES / "flac-16-stereo.flac").read_bytes())
    found = open_encoded(path)
    assert found is not None
    os.truncate(path, 9000)
    with pytest.raises(MediaError, match="became shorter"):
        tap(found)


def decoded(stream: bytes, depth: int, tmp_path: Path) -> bytes:
    """Decode a native FLAC stream to the bytes that STREAMINFO's digest is taken of."""
    path = tmp_path / "tap.flac"
    path.write_bytes(stream)
    width = depth // 8
    with av.open(str(path)) as container:
        samples = b"".join(
            bytes(piece.planes[0])[: piece.samples * piece.format.bytes * len(piece.layout.channels)]
            for piece in container.decode(audio=0)
        )
    if width != 3:
        return samples
    return b"".join(samples[at + 1 : at + 4] for at in range(0, len(samples), 4))
