"""From an EncodedFormat to the kernel's struct snd_codec. Where each driver reads its decoder options from."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from pyaudiobus.devices.uapi import CODEC_IDS
from pyaudiobus.model.format import Codec, EncodedFormat

if TYPE_CHECKING:
    from pyaudiobus.devices._abi import CValue

_U16_MAX = 0xFFFF

_AAC_FORMATS = {"adts": 0x02, "mp4adts": 0x02, "mp2adts": 0x01, "loas": 0x04, "latm": 0x08, "adif": 0x10, "mp4ff": 0x20,
                "raw": 0x40}  # fmt: skip

_WMA_PROFILES = {0x161: 0x04, 0x166: 0x08, 0x162: 0x10, 0x163: 0x20, 0x167: 0x40}
"""SND_AUDIOPROFILE_WMA* by the wFormatTag of the ASF file."""


def fill_codec(codec: CValue, form: EncodedFormat) -> None:
    """Fill a zeroed struct snd_codec.

    What is unknown stays 0: the unused bytes of the option union reach the driver too.
    """
    codec.id = CODEC_IDS[form.codec]
    codec.ch_in = codec.ch_out = form.channels
    codec.sample_rate = form.rate
    codec.bit_rate = form.bit_rate
    if form.codec in _FILLERS:
        _FILLERS[form.codec](codec, form)


def _fill_flac(codec: CValue, form: EncodedFormat) -> None:
    """STREAMINFO (RFC 9639, 8.2): block sizes of 16 bits, frame sizes of 24 bits, 0 for unknown."""
    options = codec.options.flac_d
    options.sample_size = form.bit_depth
    info = form.codec_private
    if len(info) < 10:  # noqa: PLR2004  # the four sizes at its start
        return
    options.min_blk_size, options.max_blk_size = struct.unpack_from(">HH", info)
    # The kernel's fields have 16 bits; a frame may need more, and a cut-off number would be a wrong one.
    options.min_frame_size = min(int.from_bytes(info[4:7], "big"), _U16_MAX)
    options.max_frame_size = min(int.from_bytes(info[7:10], "big"), _U16_MAX)


def _fill_aac(codec: CValue, form: EncodedFormat) -> None:
    codec.format = _AAC_FORMATS.get(form.stream_format, 0)


def _fill_wma(codec: CValue, form: EncodedFormat) -> None:
    """Fill from WAVEFORMATEX: the tag gives the profile, the bytes after it the encoder's options."""
    codec.profile = _WMA_PROFILES.get(form.profile, form.profile)
    codec.align = form.block_align
    options, extra = codec.options.wma_d, form.codec_private
    if form.profile in (0x160, 0x161) and len(extra) >= 6:  # noqa: PLR2004  # samples per block, then the options
        (options.encoder_option,) = struct.unpack_from("<H", extra, 4)
    elif len(extra) >= 18:  # noqa: PLR2004  # valid bits, channel mask, reserved, then three options
        options.adv_encoder_option2, options.encoder_option, options.adv_encoder_option = struct.unpack_from(
            "<IHH", extra, 10
        )


def _fill_alac(codec: CValue, form: EncodedFormat) -> None:
    """ALACSpecificConfig, big endian, bare or inside its MP4 box."""
    cookie = form.codec_private
    if cookie[4:8] == b"alac":
        cookie = cookie[12:]
    if len(cookie) < 24:  # noqa: PLR2004  # ALACSpecificConfig
        return
    options = codec.options.alac_d
    (options.frame_length, options.compatible_version, _depth, options.pb, options.mb, options.kb, _channels,
     options.max_run, options.max_frame_bytes, average, _rate) = struct.unpack_from(">IBBBBBBHIII", cookie)  # fmt: skip
    codec.bit_rate = form.bit_rate or average


def _fill_ape(codec: CValue, form: EncodedFormat) -> None:
    """Version, compression level and flags as FFmpeg keeps them; then, if there, the three counts of APE_HEADER."""
    options, header = codec.options.ape_d, form.codec_private
    if len(header) >= 6:  # noqa: PLR2004
        options.compatible_version, options.compression_level, options.format_flags = struct.unpack_from("<HHH", header)
    if len(header) >= 18:  # noqa: PLR2004
        options.blocks_per_frame, options.final_frame_blocks, options.total_frames = struct.unpack_from(
            "<III", header, 6
        )


def _fill_opus(codec: CValue, form: EncodedFormat) -> None:
    """OpusHead (RFC 7845, 5.1), with or without its magic."""
    head = form.codec_private.removeprefix(b"OpusHead")
    if len(head) < 11:  # noqa: PLR2004
        return
    options = codec.options.opus_d
    (options.version, options.num_channels, options.pre_skip, options.sample_rate, options.output_gain,
     options.mapping_family) = struct.unpack_from("<BBHIHB", head)  # fmt: skip
    if options.mapping_family and len(head) >= 13:  # noqa: PLR2004
        options.stream_count, options.coupled_count = head[11], head[12]
        for place, channel in enumerate(head[13:21]):
            options.channel_map[place] = channel


_FILLERS = {
    Codec.FLAC: _fill_flac,
    Codec.AAC: _fill_aac,
    Codec.WMA: _fill_wma,
    Codec.ALAC: _fill_alac,
    Codec.APE: _fill_ape,
    Codec.OPUS: _fill_opus,
}
