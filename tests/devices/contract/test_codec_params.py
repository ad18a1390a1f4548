"""What each codec's EncodedFormat becomes in struct snd_codec."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from pyaudiobus.devices._abi import ffi
from pyaudiobus.devices.codec_params import fill_codec
from pyaudiobus.model.format import Codec, EncodedFormat

if TYPE_CHECKING:
    from pyaudiobus.devices._abi import CValue


def codec_of(form: EncodedFormat) -> CValue:
    codec = ffi.new("struct snd_codec *")
    fill_codec(codec, form)
    return codec


def stream_info(frame_sizes: tuple[int, int] = (1200, 9000)) -> bytes:
    smallest, largest = frame_sizes
    blocks = struct.pack(">HH", 4096, 4608)
    return blocks + smallest.to_bytes(3, "big") + largest.to_bytes(3, "big") + bytes(24)


def test_an_mp3_is_told_by_its_shape_alone() -> None:
    codec = codec_of(EncodedFormat(Codec.MP3, 44100, 1, bit_rate=64000))
    assert (codec.id, codec.ch_in, codec.ch_out, codec.sample_rate, codec.bit_rate) == (2, 1, 1, 44100, 64000)
    assert not any(codec.options.generic.reserved)


def test_a_flac_brings_its_stream_info() -> None:
    flac = codec_of(EncodedFormat(Codec.FLAC, 96000, 2, bit_depth=24, codec_private=stream_info())).options.flac_d
    assert (flac.sample_size, flac.min_blk_size, flac.max_blk_size) == (24, 4096, 4608)
    assert (flac.min_frame_size, flac.max_frame_size) == (1200, 9000)


def test_a_flac_frame_size_beyond_16_bits_is_the_largest_that_fits() -> None:
    flac = codec_of(EncodedFormat(Codec.FLAC, 96000, 8, codec_private=stream_info((70000, 200000)))).options.flac_d
    assert (flac.min_frame_size, flac.max_frame_size) == (65535, 65535)


def test_an_unknown_flac_frame_size_stays_unknown() -> None:
    flac = codec_of(EncodedFormat(Codec.FLAC, 44100, 2, codec_private=stream_info((0, 0)))).options.flac_d
    assert (flac.min_frame_size, flac.max_frame_size) == (0, 0)


@pytest.mark.parametrize("codec", [Codec.FLAC, Codec.ALAC, Codec.APE, Codec.WMA, Codec.OPUS])
@pytest.mark.parametrize("length", range(0, 30, 3))
def test_a_header_that_is_cut_short_leaves_its_fields_unknown(codec: Codec, length: int) -> None:
    assert codec_of(EncodedFormat(codec, 44100, 2, codec_private=bytes(length))).sample_rate == 44100


@pytest.mark.parametrize(("framing", "number"), [("adts", 2), ("adif", 0x10), ("latm", 8), ("raw", 0x40), ("", 0)])
def test_an_aac_stream_names_its_framing(framing: str, number: int) -> None:
    assert codec_of(EncodedFormat(Codec.AAC, 48000, 2, stream_format=framing)).format == number


@pytest.mark.parametrize(
    ("tag", "profile"), [(0x161, 4), (0x166, 8), (0x162, 0x10), (0x163, 0x20), (0x167, 0x40), (4, 4)]
)
def test_a_wma_stream_has_a_profile_and_a_packet_size(tag: int, profile: int) -> None:
    codec = codec_of(EncodedFormat(Codec.WMA, 44100, 2, profile=tag, block_align=2973, bit_rate=128000))
    assert (codec.profile, codec.align, codec.bit_rate) == (profile, 2973, 128000)


def test_a_wma_2_stream_brings_its_encoders_options() -> None:
    extra = struct.pack("<IHI", 4096, 0x1F, 0)
    assert (
        codec_of(EncodedFormat(Codec.WMA, 44100, 2, profile=0x161, codec_private=extra)).options.wma_d.encoder_option
        == 0x1F
    )


@pytest.mark.parametrize("box", [b"", struct.pack(">I4sI", 36, b"alac", 0)])
def test_an_alac_cookie_is_read_bare_or_in_its_box(box: bytes) -> None:
    cookie = struct.pack(">IBBBBBBHIII", 4096, 0, 24, 40, 10, 14, 2, 255, 9000, 700000, 48000)
    codec = codec_of(EncodedFormat(Codec.ALAC, 48000, 2, bit_depth=24, codec_private=box + cookie))
    alac = codec.options.alac_d
    assert (alac.frame_length, alac.compatible_version, alac.pb, alac.mb, alac.kb) == (4096, 0, 40, 10, 14)
    assert (alac.max_run, alac.max_frame_bytes, codec.bit_rate) == (255, 9000, 700000)


def test_an_ape_header_is_read() -> None:
    header = struct.pack("<HHHIII", 3990, 2000, 0x20, 73728 * 4, 1000, 12)
    ape = codec_of(EncodedFormat(Codec.APE, 44100, 2, codec_private=header)).options.ape_d
    assert (ape.compatible_version, ape.compression_level, ape.format_flags) == (3990, 2000, 0x20)
    assert (ape.blocks_per_frame, ape.final_frame_blocks, ape.total_frames) == (73728 * 4, 1000, 12)


def test_an_opus_head_is_read_with_its_channel_map() -> None:
    head = b"OpusHead" + struct.pack("<BBHIHB", 1, 6, 312, 48000, 0, 1) + bytes([4, 2, 0, 4, 1, 2, 3, 5])
    opus = codec_of(EncodedFormat(Codec.OPUS, 48000, 6, codec_private=head)).options.opus_d
    assert (opus.version, opus.num_channels, opus.pre_skip, opus.mapping_family) == (1, 6, 312, 1)
    assert (opus.stream_count, opus.coupled_count, list(opus.channel_map)) == (4, 2, [0, 4, 1, 2, 3, 5, 0, 0])
