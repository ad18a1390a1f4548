"""Every kind of bad file gives one sentence, the facts and an advice, and never a traceback."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pyaudiobus.errors import MediaError
from pyaudiobus.media.decode import Decoder
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.media.probe import probe
from tests.media.build_mp3 import frame, id3v2
from tests.media.conftest import Write
from tests.media.taps import FILES, tap

Seen = Callable[[str], object]
SMALL = (
    "lame-mpeg25-mono.mp3",
    "lame-vbr.mp3",
    "flac-small-blocks.flac",
    "flac.oga",
    "aac.m4a",
    "vorbis.ogg",
    "pcm.wav",
)


def play_encoded(path: str) -> None:
    found = open_encoded(path)
    if found is None:
        return
    sent = tap(found)
    assert len(sent) == found.index.total_bytes
    assert found.index.byte_at(found.total_frames) == len(sent)
    assert found.duration > 0
    found.close()


def play_decoded(path: str) -> None:
    decoder = Decoder(path)
    while decoder.read(20_000):
        pass
    decoder.seek(1000)
    decoder.read(10)
    decoder.close()


WAYS: tuple[Seen, ...] = (play_encoded, probe, play_decoded)


def complaint(way: Seen, path: str) -> str:
    """Return the sentence of the error; anything but MediaError fails the test."""
    try:
        way(path)
    except MediaError as error:
        return error.what
    return ""


def only_a_sentence(path: str, ways: tuple[Seen, ...] = WAYS) -> None:
    for way in ways:
        said = complaint(way, path)
        assert "\n" not in said
        assert said.startswith(path) or not said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (bytes(10_000), "begins with 4096 zero bytes"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "is a PNG picture"),
        (b"\xef\xbb\xbf\n <html><body>", "is a web page"),
        (b"Salted__" + random.Random(1).randbytes(500), "is encrypted (openssl)"),
        (b"-----BEGIN PGP MESSAGE-----\n", "is encrypted (PGP)"),
        (id3v2(), "holds a tag and no MP3 or FLAC frame"),
        (id3v2() + frame()[:300], "holds a tag and no MP3 or FLAC frame"),
        (b"fLaC" + bytes(600), "holds no whole FLAC frame"),
    ],
    ids=["empty", "zeros", "png", "html", "openssl", "pgp", "tag only", "no whole frame", "flac of zeros"],
)
def test_a_file_that_is_plainly_bad_is_named_for_what_it_is(write: Write, data: bytes, said: str) -> None:
    path = write(data)
    with pytest.raises(MediaError) as caught:
        open_encoded(path)
    assert said in caught.value.what
    only_a_sentence(path)


@pytest.mark.parametrize("way", WAYS)
def test_what_cannot_be_opened_is_the_same_sentence_everywhere(way: Seen, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="does not exist"):
        way(str(tmp_path / "gone.mp3"))
    with pytest.raises(MediaError, match="is a directory"):
        way(str(tmp_path))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad") / "file.bin"


def test_noise_named_mp3_is_not_called_encrypted(write: Write) -> None:
    with pytest.raises(MediaError, match="holds no sound") as caught:
        Decoder(write(b"\xff" * 100_000, "noise.mp3"))
    assert "damaged" in caught.value.advice


@settings(max_examples=60)
@given(
    data=st.binary(min_size=1, max_size=3000),
    magic=st.sampled_from((b"", b"fLaC", b"ID3\4\0\0", b"OggS", b"\xff\xfb\x90\x40")),
)
@example(data=b"\0", magic=b"")
def test_random_bytes(scratch: Path, data: bytes, magic: bytes) -> None:
    scratch.write_bytes(magic + data)
    only_a_sentence(str(scratch))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A real file with some bytes changed, lost or added, more often near its beginning."""
    data = bytearray((FILES / draw(st.sampled_from(SMALL))).read_bytes())
    for _ in range(draw(st.integers(1, 6))):
        reach = draw(st.sampled_from((60, 600, len(data))))
        at = draw(st.integers(0, min(reach, len(data)) - 1))
        lost = draw(st.sampled_from((0, 0, 1, 4, 50, 2000)))
        data[at : at + lost] = draw(st.binary(max_size=60))
        if not data:
            return b"\0"
    return bytes(data)


@settings(max_examples=100)
@given(data=damaged())
def test_damaged_files(scratch: Path, data: bytes) -> None:
    scratch.write_bytes(data)
    only_a_sentence(str(scratch))


@pytest.mark.parametrize("name", SMALL)
def test_files_cut_off_near_their_beginning_and_end(scratch: Path, name: str) -> None:
    data = (FILES / name).read_bytes()
    for length in [*range(1, 200, 3), *range(len(data) - 100, len(data), 3)]:
        scratch.write_bytes(data[:length])
        only_a_sentence(str(scratch), (play_encoded,))
    for length in [*range(1, 200, 29), *range(300, len(data), len(data) // 12)]:
        scratch.write_bytes(data[:length])
        only_a_sentence(str(scratch))
