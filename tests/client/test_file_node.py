"""A file as a node: what it offers, and whose bytes it hands on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from pathlib import Path

import pytest

from pyaudiobus.client.decoded_file import DecodedFile
from pyaudiobus.client.file_node import FileNode
from pyaudiobus.errors import MediaError, NotSupported, UserError
from pyaudiobus.graph.node import Command, Direction, IoArea, ParamId, Status
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.model.format import EncodedFormat, PcmFormat, parse_format
from pyaudiobus.model.negotiation import EncodedOffer, PcmOffer
from tests.client.studio import AAC, DEMO_FLAC, DEMO_MP3, MEDIA, open_files


def node_for(path: Path) -> FileNode:
    return FileNode(str(path), open_encoded(str(path)), DecodedFile)


def refuse(path: str) -> DecodedFile:
    raise AssertionError(f"{path} need not be decoded")


@pytest.mark.parametrize("path", [DEMO_MP3, DEMO_FLAC], ids=str)
def test_an_mp3_or_flac_is_offered_as_it_is_first_and_then_decoded(path: Path) -> None:
    encoded, pcm = node_for(path).enum_params(ParamId.ENUM_FORMAT)
    assert isinstance(encoded, EncodedOffer)
    assert isinstance(pcm, PcmOffer)
    assert encoded.template is not None


def test_an_mp3_that_plays_undecoded_needs_no_decoder() -> None:
    node = FileNode(str(DEMO_MP3), open_encoded(str(DEMO_MP3)), refuse)
    (offer, _) = node.enum_params(ParamId.ENUM_FORMAT)
    assert isinstance(offer, EncodedOffer)
    node.set_param(ParamId.FORMAT, offer.template)
    assert bytes(node.source().peek(1)) == b"\xff"
    node.close()


@pytest.mark.parametrize(
    "name", ["lame-vbr.mp3", "lame-mpeg25-mono.mp3", "flac-16-mono.flac", "flac-24-stereo.flac", "flac.oga"]
)
def test_the_pcm_offered_before_decoding_is_the_pcm_that_comes_out(name: str) -> None:
    node, decoded = node_for(MEDIA / name), DecodedFile(str(MEDIA / name))
    form = node.pcm_format
    assert form == decoded.form
    assert node.duration == pytest.approx(decoded.index.total_frames / form.rate)
    decoded.close()
    node.close()


def test_aac_is_offered_in_every_framing_and_then_as_pcm() -> None:
    node = node_for(AAC)
    *encoded, pcm = node.enum_params(ParamId.ENUM_FORMAT)
    assert isinstance(pcm, PcmOffer)
    framings = []
    for offer in encoded:
        assert isinstance(offer, EncodedOffer)
        assert isinstance(offer.template, EncodedFormat)
        framings.append(offer.template.stream_format)
    assert framings == ["adts", "raw", "loas", "latm", "adif"]
    node.close()


def test_each_framing_of_aac_has_bytes_of_its_own() -> None:
    node = node_for(AAC)
    beginnings = {}
    for form in node.encoded_formats:
        node.set_param(ParamId.FORMAT, form)
        beginnings[form.stream_format] = bytes(node.source().peek(4))
    node.close()
    assert beginnings["adts"][:2] == b"\xff\xf1"
    assert beginnings["loas"][:2] == b"\x56\xe0"
    assert beginnings["adif"] == b"ADIF"
    assert len(set(beginnings.values())) == 5


def test_a_file_the_kernel_has_no_name_for_is_offered_as_pcm_only() -> None:
    node = node_for(MEDIA / "pcm.wav")
    (offer,) = node.enum_params(ParamId.ENUM_FORMAT)
    assert isinstance(offer, PcmOffer)
    assert node.encoded_format is None
    node.close()


def test_the_bytes_are_those_of_the_format_agreed_on_and_begin_at_the_first() -> None:
    node = node_for(DEMO_FLAC)
    form = node.encoded_format
    assert isinstance(form, EncodedFormat)
    node.set_param(ParamId.FORMAT, form)
    for _ in range(2):
        source = node.source()
        assert bytes(source.peek(4)) == b"fLaC"
        source.advance(1000)
    node.set_param(ParamId.FORMAT, node.pcm_format)
    source = node.source()
    assert isinstance(node.pcm_format, PcmFormat)
    assert source.index.total_frames == round(node.duration * form.rate)
    node.close()


def test_decoded_bytes_come_in_whole_and_end() -> None:
    decoded = DecodedFile(str(MEDIA / "flac-16-mono.flac"))
    count = 0
    while chunk := decoded.peek(1000):
        assert not decoded.ended
        count += len(chunk)
        decoded.advance(len(chunk))
    assert decoded.ended
    assert count == decoded.index.total_bytes
    decoded.close()


def test_a_closed_node_has_no_file_open() -> None:
    before = open_files()
    for path in (DEMO_MP3, AAC):
        node = node_for(path)
        node.set_param(ParamId.FORMAT, node.pcm_format)
        node.source()
        assert str(path.resolve()) in open_files()
        node.close()
        node.close()
    assert open_files() == before


def test_a_node_that_cannot_be_made_leaves_no_file_open() -> None:
    before = open_files()
    with pytest.raises(MediaError):
        node_for(MEDIA / "video-only.mp4")
    assert open_files() == before


def test_a_file_is_a_source_with_one_port_and_no_will_of_its_own() -> None:
    node = node_for(DEMO_MP3)
    assert node.direction is Direction.OUTPUT
    assert node.enum_params(ParamId.FORMAT) == node.enum_params(ParamId.BUFFERS) == ()
    cycle = node.process()
    assert (cycle.status, cycle.deadline) == (Status.HAVE_DATA, inf)
    node.send_command(Command.START)
    refusals: list[Callable[[], None]] = [
        partial(node.use_buffers, None),
        partial(node.add_port, Direction.OUTPUT),
        node.remove_port,
    ]
    for refused in refusals:
        with pytest.raises(NotSupported):
            refused()
    with pytest.raises(NotSupported, match="read only"):
        node.set_param(ParamId.BUFFERS, None)
    with pytest.raises(UserError, match="not a format"):
        node.set_param(ParamId.FORMAT, IoArea.CLOCK)
    assert parse_format("mp3/44100/2") not in node.enum_params(ParamId.FORMAT)
    node.close()
