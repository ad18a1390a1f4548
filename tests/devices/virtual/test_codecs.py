"""Every codec on the virtual DSP: it consumes what is sent, and what is heard is what FFmpeg makes of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyaudiobus.errors import DeviceError
from pyaudiobus.media.decode import Decoder
from pyaudiobus.model.format import Codec, EncodedFormat
from tests.devices.virtual.codec_files import FILES, encoded, play

NAMES = [
    "aac.m4a", "aac-itunsmpb.m4a", "aac.aac", "aac.mkv", "aac.loas", "aac.avi", "alac.m4a", "alac.caf", "alac-24.m4a",
    "vorbis.ogg", "vorbis.webm", "opus.opus", "opus.webm", "opus.mp4", "wma.wma", "wmav1.wma", "amr.amr", "amr.3gp",
    "amr-wb.awb", "ac3.ac3", "eac3.eac3", "eac3.mp4", "real.rm", "g723.wav", "g723.tco", "flac.mkv", "mp3.wav",
]  # fmt: skip
_FEWER = {"wma.wma": 2048, "wmav1.wma": 2048}
"""FFmpeg keeps the half of the last block that overlaps with nothing."""


def decoded(name: str) -> tuple[bytes, int]:
    """What FFmpeg makes of a file, and the size of a frame, as narrow as it is heard."""
    decoder = Decoder(str(FILES / name))
    data, form = decoder.read(1 << 24), decoder.form
    decoder.close()
    if name != "alac-24.m4a":
        return data, form.frame_size
    narrow = bytearray(len(data) // 4 * 3)
    narrow[0::3], narrow[1::3], narrow[2::3] = data[1::4], data[2::4], data[3::4]
    return bytes(narrow), form.frame_size * 3 // 4


@pytest.mark.parametrize("name", NAMES)
def test_what_is_heard_is_what_ffmpeg_decodes_without_delay_and_padding(name: str, tmp_path: Path) -> None:
    song = encoded(name)
    sound, consumed = play(song.presentations[0], tmp_path)
    reference, frame_size = decoded(name)
    frames = round(song.duration * song.form.rate) - _FEWER.get(name, 0)
    assert len(sound) == frames * frame_size
    assert sound == reference[: len(sound)]
    assert consumed == bytes(song.reader().peek(1 << 30))
    song.close()


@pytest.mark.parametrize(
    ("name", "framing"), [("aac.m4a", "loas"), ("vorbis.webm", "length"), ("vorbis.ogg", "length")]
)
def test_another_framing_sounds_the_same(name: str, framing: str, tmp_path: Path) -> None:
    song = encoded(name)
    first, other = (
        play(way, tmp_path)[0] for way in song.presentations if way.form.stream_format in ("adts", "ogg", framing)
    )
    assert first == other
    song.close()


LIES = [
    ("alac.m4a", {"codec_private": bytes(24)}, "alac_d lacks frame_length"),
    ("alac.m4a", {"channels": 2}, "ch_in is 2, the first element has 1"),
    ("flac.mkv", {"bit_depth": 24}, "flac_d: sample_size is 24, the stream says 16"),
    ("flac.mkv", {"rate": 48000}, "flac_d: sample_rate is 48000, the stream says 44100"),
    ("opus.opus", {"channels": 2}, "opus_d: num_channels is 1, ch_in 2"),
    ("opus.opus", {"codec_private": b"OpusHead" + bytes(11)}, "opus_d: version is 0"),
    ("aac.m4a", {"rate": 32000}, "sample_rate is 32000, ADTS says 44100"),
    ("aac.m4a", {"channels": 6}, "ch_in is 6, ADTS says 1"),
    ("aac.m4a", {"stream_format": "loas"}, "format says LOAS"),
    ("aac.m4a", {"stream_format": "mp2adts"}, "differ in the version of MPEG"),
    ("wma.wma", {"block_align": 0}, "WMA without align"),
    ("wma.wma", {"profile": 0x999}, "WMA of profile 0x999"),
    ("amr.amr", {"profile": 3}, "bit_rate is 6700, the first frame's mode has 12200"),
    ("amr.amr", {"rate": 16000}, "AMR has one channel at 8000 Hz"),
    ("amr.amr", {"codec": Codec.AMR_WB, "rate": 16000}, "the stream is of the other band"),
    ("ac3.ac3", {"variant": "dts"}, "the burst is of type 0x1"),
    ("vorbis.ogg", {"channels": 2}, "Vorbis: ch_in is 2, the stream says 1"),
]


@pytest.mark.parametrize(("name", "lie", "words"), LIES)
def test_options_that_lie_are_refused_and_the_reason_is_told(
    name: str, lie: dict[str, object], words: str, tmp_path: Path
) -> None:
    song = encoded(name)
    form: EncodedFormat = song.form.replace(**lie)
    with pytest.raises(DeviceError, match="EINVAL") as refusal:
        play(song.presentations[0], tmp_path, form)
    assert words in " ".join(refusal.value.facts)
    play(song.presentations[0], tmp_path)
    song.close()
