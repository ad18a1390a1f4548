"""Decoding with FFmpeg: exact lengths, exact seeks, and no error but MediaError."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import av
import pytest

from pyaudiobus.errors import MediaError
from pyaudiobus.media.decode import Decoder, facts_of
from pyaudiobus.model.format import Encoding, PcmFormat
from tests.media.conftest import Write
from tests.media.taps import FILES

S16, S32 = Encoding.S16, Encoding.S32
LENGTHS: dict[str, tuple[PcmFormat, int | None]] = {
    "lame-cbr-64.mp3": (PcmFormat(S16, 44100, 2), 44100),
    "lame-vbr.mp3": (PcmFormat(S16, 44100, 2), 44100),
    "lame-vbr-no-info.mp3": (PcmFormat(S16, 44100, 2), 40 * 1152),
    "lame-mpeg25-mono.mp3": (PcmFormat(S16, 8000, 1), 16 * 576),
    "lame-id3v2-art-ape-id3v1.mp3": (PcmFormat(S16, 44100, 2), 44100),
    "layer2.mp2": (PcmFormat(S16, 44100, 1), 39 * 1152),
    "flac-16-stereo.flac": (PcmFormat(S16, 44100, 2), 22050),
    "flac-24-stereo.flac": (PcmFormat(S32, 48000, 2), 14400),
    "flac-small-blocks.flac": (PcmFormat(S16, 44100, 1), 44100),
    "flac.oga": (PcmFormat(S16, 44100, 1), 44100),
    "alac.m4a": (PcmFormat(S16, 44100, 1), 44100),
    "opus.opus": (PcmFormat(S16, 48000, 1), 48000),
    "pcm.wav": (PcmFormat(S16, 8000, 1), 8000),
    "vorbis.ogg": (PcmFormat(S16, 44100, 1), None),
    "aac.m4a": (PcmFormat(S16, 44100, 1), None),
    "aac.aac": (PcmFormat(S16, 44100, 1), None),
    "wma.wma": (PcmFormat(S16, 44100, 1), None),
}
"""Frames where codec and container keep them to the last; None where FFmpeg gives a packet more or less."""
REPEATABLE = [name for name in LENGTHS if not name.startswith("aac")]
"""FFmpeg's AAC decoder fills bands with noise that a seek begins anew."""


def everything(decoder: Decoder, piece: int = 5000) -> bytes:
    pieces = []
    while taken := decoder.read(piece):
        pieces.append(taken)
    return b"".join(pieces)


@pytest.mark.parametrize("name", LENGTHS)
def test_a_file_becomes_all_its_audible_frames(name: str) -> None:
    form, frames = LENGTHS[name]
    decoder = Decoder(str(FILES / name))
    sound = everything(decoder)
    assert decoder.form == form
    assert len(sound) % form.frame_size == 0
    if frames is not None:
        assert len(sound) // form.frame_size == frames
    assert abs(decoder.duration - len(sound) / form.frame_size / form.rate) < 0.05
    assert any(sound)
    assert decoder.errors == 0
    assert decoder.read(10) == b""
    decoder.close()
    decoder.close()


@pytest.mark.parametrize("name", REPEATABLE)
def test_a_seek_is_exact_to_the_frame(name: str) -> None:
    decoder = Decoder(str(FILES / name))
    sound = everything(decoder)
    size = decoder.form.frame_size
    total = len(sound) // size
    for frame in (0, 1, total // 2, 100, total - 1, total, total + 9, 3, total // 3):
        decoder.seek(frame)
        assert decoder.read(700) == sound[frame * size : (frame + 700) * size]


def test_a_seek_far_into_a_long_vbr_file_is_exact(write: Write) -> None:
    frames = (FILES / "lame-vbr-no-info.mp3").read_bytes()
    decoder = Decoder(write(frames * 25))
    sound = everything(decoder)
    assert len(sound) == 25 * 40 * 1152 * 4
    assert decoder.duration == 25 * 40 * 1152 / 44100
    for frame in (900_000, 200_000, 1_100_000, 0, 555_555):
        decoder.seek(frame)
        assert decoder.read(3000) == sound[frame * 4 : (frame + 3000) * 4]


def test_reads_of_any_size_give_the_same_sound() -> None:
    path = str(FILES / "vorbis.ogg")
    assert everything(Decoder(path), 1) == everything(Decoder(path), 44101)


def test_a_broken_packet_is_left_out_and_counted(write: Write) -> None:
    data = bytearray((FILES / "alac.m4a").read_bytes())
    data[9000:9400] = random.Random(2).randbytes(400)
    decoder = Decoder(write(bytes(data)))
    sound = everything(decoder)
    assert decoder.errors >= 1
    assert 44100 - 3 * 4096 <= len(sound) // 2 <= 44100


def test_a_multichannel_file_names_its_channels(tmp_path: Path) -> None:
    path = tmp_path / "six.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="5.1")
        frame = av.AudioFrame(format="s16", layout="5.1", samples=800)
        frame.sample_rate = 8000
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux(stream.encode(frame))
    decoder = Decoder(str(path))
    assert decoder.form.channels == 6
    assert decoder.form.channel_map[:3] == ("FL", "FR", "FC")
    assert len(everything(decoder)) == 800 * 12


def test_sound_deeper_than_16_bits_keeps_its_bits() -> None:
    decoder = Decoder(str(FILES / "flac-24-stereo.flac"))
    sound = everything(decoder)
    assert set(sound[0::4]) == {0}
    assert len(set(sound[1::4])) > 50


@pytest.mark.parametrize("ask", [Decoder, facts_of], ids=["Decoder", "facts_of"])
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (bytes(4096), "no audio file that FFmpeg knows"),
        (random.Random(1).randbytes(4096), "no audio file that FFmpeg knows"),
        (b"These are words.\n" * 100, "no audio file that FFmpeg knows"),
        (b"#EXTM3U\nhttp://127.0.0.1:9/x.mp3\n", "no audio file that FFmpeg knows"),
        (b"PK\x03\x04" + bytes(500), "is a ZIP archive"),
        (b"<!DOCTYPE html><html>404</html>", "is a web page"),
        ((FILES / "video-only.mp4").read_bytes(), "has no audio stream"),
        ((FILES / "aac.m4a").read_bytes()[:3000], "FFmpeg"),
        ((FILES / "aac.m4a").read_bytes().replace(b"mp4a", b"drms"), "encrypted"),
        ((FILES / "aac.m4a").read_bytes().replace(b"mp4a", b"enca"), "encrypted"),
    ],
    ids=["empty", "zeros", "noise", "text", "playlist", "zip", "html", "video", "cut", "fairplay", "cenc"],
)
def test_what_holds_no_sound_is_refused_in_a_sentence(ask: type[Decoder], data: bytes, said: str, write: Write) -> None:
    with pytest.raises(MediaError) as caught:
        ask(write(data))
    assert said in caught.value.what


def test_libav_writes_nothing_on_standard_error(write: Write) -> None:
    data = bytearray((FILES / "lame-vbr.mp3").read_bytes())
    data[2000:2300] = random.Random(9).randbytes(300)
    script = (
        "import sys; from pyaudiobus.media.decode import Decoder\nd = Decoder(sys.argv[1])\nwhile d.read(9999): pass"
    )
    done = subprocess.run([sys.executable, "-c", script, write(bytes(data))], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
