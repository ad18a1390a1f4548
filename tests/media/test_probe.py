"""Probing real files of many kinds."""

from __future__ import annotations

import pytest

from pyaudiobus.errors import MediaError
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.media.labels import Gapless, read_labels
from pyaudiobus.media.probe import probe
from pyaudiobus.model.format import Codec
from tests.media.build_mp3 import id3v2
from tests.media.conftest import Write
from tests.media.taps import FILES

SHAPES = {
    "lame-vbr.mp3": ("mp3", "mp3", 44100, 2, 0),
    "layer2.mp2": ("mp2", "mp2", 44100, 1, 0),
    "flac-24-stereo.flac": ("flac", "flac", 48000, 2, 24),
    "flac.oga": ("flac", "ogg", 44100, 1, 16),
    "aac.m4a": ("aac", "mp4", 44100, 1, 0),
    "aac.aac": ("aac", "adts", 44100, 1, 0),
    "alac.m4a": ("alac", "mp4", 44100, 1, 16),
    "vorbis.ogg": ("vorbis", "ogg", 44100, 1, 0),
    "opus.opus": ("opus", "ogg", 48000, 1, 0),
    "wma.wma": ("wma", "asf", 44100, 1, 0),
    "pcm.wav": ("pcm", "wav", 8000, 1, 16),
}


def real(name: str) -> str:
    return str(FILES / name)


@pytest.mark.parametrize("name", SHAPES)
def test_the_shape_of_a_file(name: str) -> None:
    found = probe(real(name))
    assert (found.codec, found.container, found.rate, found.channels, found.bit_depth) == SHAPES[name]
    assert found.bit_rate > 8000
    assert 0 < found.audio_bytes < (FILES / name).stat().st_size + 1


@pytest.mark.parametrize(
    ("name", "seconds", "delay", "padding"),
    [
        ("lame-cbr-64.mp3", 1.0, 576, 1404),
        ("lame-vbr-no-info.mp3", 40 * 1152 / 44100, 0, 0),
        ("flac-24-stereo.flac", 0.3, 0, 0),
        ("aac-itunsmpb.m4a", 1.0, 1024, 956),
        ("aac.m4a", 1.0, 1024, 956),
        ("opus.opus", 1.0, 312, 648),
        ("vorbis.ogg", 43972 / 44100, 0, 636),
        ("pcm.wav", 1.0, 0, 0),
        ("layer2.mp2", 39 * 1152 / 44100, 0, 0),
    ],
)
def test_how_long_a_file_sounds(name: str, seconds: float, delay: int, padding: int) -> None:
    found = probe(real(name))
    assert found.seconds == pytest.approx(seconds, abs=1e-4)
    assert (found.encoder_delay, found.encoder_padding) == (delay, padding)


@pytest.mark.parametrize(
    ("name", "first", "size"),
    [
        ("lame-id3v2-art-ape-id3v1.mp3", 1898, 8359),
        ("flac-small-blocks.flac", 108, 23016),
        ("pcm.wav", 44, 16000),
        ("aac.aac", 0, 6736),
    ],
)
def test_where_the_sound_lies(name: str, first: int, size: int) -> None:
    found = probe(real(name))
    assert (found.first_frame_offset, found.audio_bytes) == (first, size)


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "layer2.mp2"])
def test_a_device_is_told_what_it_needs(name: str) -> None:
    found = probe(real(name))
    form = found.encoded_format
    assert form is not None
    assert form.codec is Codec(found.codec)
    assert (form.rate, form.channels, form.bit_depth) == (found.rate, found.channels, found.bit_depth)


def test_codecs_without_a_kernel_name_have_no_encoded_format() -> None:
    assert probe(real("layer2.mp2")).encoded_format is None


def test_what_the_drivers_of_other_codecs_ask_for() -> None:
    wma, alac = probe(real("wma.wma")), probe(real("alac.m4a"))
    adts, raw = probe(real("aac.aac")), probe(real("aac.m4a"))
    assert (wma.profile, wma.block_align) == (0x161, 278)
    assert len(wma.codec_private) == 10
    assert (len(alac.codec_private), alac.codec_private[:4]) == (24, (4096).to_bytes(4, "big"))
    assert (adts.stream_format, raw.stream_format) == ("adts", "adts")
    assert {way.stream_format for way in raw.ways} >= {"adts", "raw", "loas", "latm", "adif"}
    assert raw.codec_private[:2] == b"\x12\x08"


def test_probing_and_opening_agree() -> None:
    opened = open_encoded(real("lame-vbr.mp3"))
    assert opened is not None
    assert probe(real("lame-vbr.mp3")).encoded_format == opened.form


@pytest.mark.parametrize("name", ["lame-id3v2-art-ape-id3v1.mp3", "flac-24-stereo.flac", "aac-itunsmpb.m4a"])
def test_the_title_is_read_from_every_kind_of_tag(name: str) -> None:
    assert read_labels(real(name)).title == "Small test"


def test_replay_gain_is_read() -> None:
    assert read_labels(real("lame-id3v2-art-ape-id3v1.mp3")).track_gain == -6.5


def test_itunes_notes_its_delay_in_mp3_files_too(write: Write) -> None:
    text = b"\3engiTunSMPB\0 00000000 00000210 00000984 000000000000A86C 00000000"
    comment = b"COMM" + len(text).to_bytes(4, "big") + bytes(2) + text
    found = probe(write(id3v2(comment + bytes(20)) + (FILES / "lame-vbr-no-info.mp3").read_bytes()))
    assert found.labels.gapless == Gapless(0x210, 0x984, 0xA86C)
    assert (found.encoder_delay, found.encoder_padding) == (0x210, 0x984)
    assert found.seconds == 0xA86C / 44100


def test_damaged_tags_do_not_hide_the_sound(write: Write) -> None:
    data = bytearray((FILES / "lame-id3v2-art-ape-id3v1.mp3").read_bytes())
    data[10:400] = b"\xfe" * 390
    found = probe(write(bytes(data)))
    assert (found.seconds, found.first_frame_offset) == (1.0, 1898)


def test_what_is_no_audio_is_refused(write: Write) -> None:
    with pytest.raises(MediaError, match="FFmpeg"):
        probe(write(b"words, not sound\n" * 50))
