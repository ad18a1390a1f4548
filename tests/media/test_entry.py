"""Entering a stream in its middle: what a decoder makes of it there is what it makes of the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyaudiobus.client.encoded_source import EncodedSource
from pyaudiobus.devices.virtual.codec_decoders import decoder_for
from pyaudiobus.graph.source import Passage
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.media.encoded_file import EncodedFile
from pyaudiobus.media.mp3_header import main_data_begin, parse_header, silent_frame

FILES = Path(__file__).with_name("files")
MP3S = [
    "lame-cbr-64.mp3",
    "lame-vbr.mp3",
    "lame-abr.mp3",
    "lame-crc.mp3",
    "lame-mpeg2-mono.mp3",
    "lame-mpeg25-mono.mp3",
]
FLACS = ["flac-16-mono.flac", "flac-16-stereo.flac", "flac-24-stereo.flac", "flac-small-blocks.flac", "flac.oga"]


def opened(name: str) -> EncodedFile:
    file = open_encoded(str(FILES / name))
    assert file is not None
    return file


def decoded(file: EncodedFile, passage: Passage) -> tuple[bytes, int]:
    decoder = decoder_for(file.form)
    pcm = decoder.feed(bytes(passage.source.peek(1 << 30))) + decoder.flush()
    assert decoder.form is not None
    return pcm, decoder.form.frame_size


def places(file: EncodedFile) -> list[int]:
    return [0, 1, 530, *range(700, file.total_frames, file.total_frames // 9), file.total_frames - 1]


@pytest.mark.parametrize("name", MP3S + FLACS)
def test_what_is_settled_decodes_to_the_same_samples_from_the_frame_on_that_was_asked_for(name: str) -> None:
    file = opened(name)
    source = EncodedSource(file.presentations[0], for_kernel=False)
    whole, size = decoded(file, source.passage(0, settled=True))
    assert len(whole) == file.total_frames * size
    for frame in places(file):
        passage = source.passage(frame, settled=True)
        pcm, _ = decoded(file, passage)
        assert pcm[(frame - passage.frame) * size :] == whole[frame * size :]
        assert passage.source.index.total_frames * size == len(pcm)
    file.close()


@pytest.mark.parametrize("name", MP3S + FLACS)
def test_without_what_settles_it_no_sound_comes_before_the_encoded_frame_and_the_next_one_is_exact(name: str) -> None:
    file = opened(name)
    source = EncodedSource(file.presentations[0], for_kernel=False)
    whole, size = decoded(file, source.passage(0, settled=False))
    for frame in places(file):
        passage = source.passage(frame, settled=False)
        pcm, _ = decoded(file, passage)
        start = file.index.frames_at(file.index.byte_at(frame))
        before = pcm[: (start - passage.frame) * size]
        assert before == bytes(len(before))
        settled = start + (1152 if name.endswith("mp3") else 0)
        assert pcm[(settled - passage.frame) * size :] == whole[settled * size :]
    file.close()


def test_past_the_end_there_is_nothing_to_send() -> None:
    for name in ("lame-vbr.mp3", "flac-16-mono.flac"):
        file = opened(name)
        for settled in (True, False):
            passage = EncodedSource(file.presentations[0], for_kernel=False).passage(file.total_frames, settled=settled)
            assert passage.source.ended
            assert passage.frame == file.total_frames
        file.close()


def test_a_passage_is_given_in_pieces_of_any_size() -> None:
    file = opened("flac-16-stereo.flac")
    source = EncodedSource(file.presentations[0], for_kernel=False)
    wanted = bytes(source.passage(9000, settled=True).source.peek(1 << 30))
    passage = source.passage(9000, settled=True).source
    got = b""
    while not passage.ended:
        piece = bytes(passage.peek(37))
        passage.advance(len(piece))
        got += piece
    assert got == wanted
    file.close()


def test_a_silent_frame_takes_the_smallest_bit_rate_that_has_the_room_and_ends_with_what_it_carries() -> None:
    head = parse_header(bytes.fromhex("fffb9064"))
    assert head is not None
    made = silent_frame(head, b"reservoir" * 50)
    made_head = parse_header(made)
    assert made_head is not None
    assert made_head.size == len(made)
    assert (made_head.rate, made_head.channels, made_head.version) == (head.rate, head.channels, head.version)
    assert made.endswith(b"reservoir" * 50)
    assert main_data_begin(made, made_head) == 0
    assert len(silent_frame(head, b"")) < len(made)
