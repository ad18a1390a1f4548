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
_AAC_MODES = {"main": 0x01, "lc": 0x02, "ssr": 0x04, "ltp": 0x08, "he": 0x10, "er-lc": 0x40, "ld": 0x80, "he-ps": 0x100}
"""SND_AUDIOMODE_AAC_*."""
_AMR_FSF = 0x08
"""SND_AUDIOSTREAMFORMAT_FSF."""
_AMR_RATES = {
    Codec.AMR: (4750, 5150, 5900, 6700, 7400, 7950, 10_200, 12_200),
    Codec.AMR_WB: (6600, 8850, 12_650, 14_250, 15_850, 18_250, 19_850, 23_050, 23_850),
}
"""Bits per second of speech by band mode (3GPP TS 26.101 and 26.201)."""
_IEC_MODES = {"ac3": 0x02, "mpeg1": 0x04, "mp3": 0x08, "dts": 0x40, "eac3": 0x200}
"""SND_AUDIOMODE_IEC_*, "mandatory for decoders"."""
_REAL_MODES = {"ra_144": 0x01, "ra_288": 0x01, "sipr": 0x01, "cook": 0x02}
"""SND_AUDIOMODE_REALAUDIO_*: cook came with version 8, what was before is G2."""
_WMA_PROFILES = {0x160: 0x01, 0x161: 0x04, 0x166: 0x08, 0x162: 0x10, 0x163: 0x20, 0x167: 0x40}
"""SND_AUDIOPROFILE_WMA* by the wFormatTag of the ASF file."""
_WMA_WITHOUT_ASF_HEADER = 0x02
_OPUS_CHANNELS = 8


def fill_codec(codec: CValue, form: EncodedFormat) -> None:
    """Fill a zeroed struct snd_codec.

    What is unknown stays 0: the unused bytes of the option union reach the driver too. The header has a list of modes
    for AAC and IEC 61937 that decoders need and no field of that name; they stand in `level`, which is free.
    """
    codec.id = CODEC_IDS[form.codec]
    codec.ch_in = codec.ch_out = form.channels
    codec.sample_rate = form.rate
    codec.bit_rate = form.bit_rate
    if form.codec in _ONLY_PROFILE:
        codec.profile = 1
    if form.codec in _FILLERS:
        _FILLERS[form.codec](codec, form)


_ONLY_PROFILE = frozenset(
    {
        Codec.AAC,
        Codec.AMR,
        Codec.AMR_WB,
        Codec.AMR_WB_PLUS,
        Codec.G723_1,
        Codec.G729,
        Codec.IEC61937,
        Codec.REAL,
        Codec.VORBIS,
    }
)
"""Codecs whose only profile is number 1."""


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
    codec.level = _AAC_MODES.get(form.variant, 0)


def _fill_amr(codec: CValue, form: EncodedFormat) -> None:
    """Frames of a file, each behind its type; the band mode tells how many bits of speech a second has."""
    rates = _AMR_RATES[form.codec]
    codec.format = _AMR_FSF
    if form.profile < len(rates):
        codec.bit_rate = rates[form.profile]


def _fill_bursts(codec: CValue, form: EncodedFormat) -> None:
    """Fill in what goes over the wire, not what is in it: two channels, for E-AC-3 four times as fast."""
    codec.level = _IEC_MODES.get(form.variant, 0)
    codec.ch_in = codec.ch_out = 2
    codec.sample_rate = form.rate * (4 if form.variant == "eac3" else 1)


def _fill_real(codec: CValue, form: EncodedFormat) -> None:
    codec.level = _REAL_MODES.get(form.variant, 0)
    codec.align = form.block_align


def _fill_vorbis(codec: CValue, form: EncodedFormat) -> None:
    """Nothing but SND_AUDIOMODE_VORBIS: options are for encoders, and the headers are in the stream."""
    del form
    codec.level = 1


def _fill_wma(codec: CValue, form: EncodedFormat) -> None:
    """Fill from WAVEFORMATEX: the tag gives the profile, the bytes after it the encoder's options."""
    codec.profile = _WMA_PROFILES.get(form.profile, form.profile)
    codec.format = _WMA_WITHOUT_ASF_HEADER
    codec.align = form.block_align
    options, extra = codec.options.wma_d, form.codec_private
    if form.profile == 0x160 and len(extra) >= 4:  # noqa: PLR2004  # samples per block, then the options
        (options.encoder_option,) = struct.unpack_from("<H", extra, 2)
    elif form.profile == 0x161 and len(extra) >= 6:  # noqa: PLR2004  # samples per block in four bytes
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
    """Version, compression level and flags; the three counts of APE_HEADER; whether a seek table is in the stream."""
    options, header = codec.options.ape_d, form.codec_private
    if len(header) >= 6:  # noqa: PLR2004
        options.compatible_version, options.compression_level, options.format_flags = struct.unpack_from("<HHH", header)
    if len(header) >= 18:  # noqa: PLR2004
        options.blocks_per_frame, options.final_frame_blocks, options.total_frames = struct.unpack_from(
            "<III", header, 6
        )
    if len(header) >= 22:  # noqa: PLR2004
        (options.seek_table_present,) = struct.unpack_from("<I", header, 18)


def _fill_opus(codec: CValue, form: EncodedFormat) -> None:
    """OpusHead (RFC 7845, 5.1), with or without its magic. Family 0 has no table: one stream, in order (5.1.1.1)."""
    head = form.codec_private.removeprefix(b"OpusHead")
    if len(head) < 11:  # noqa: PLR2004
        return
    options = codec.options.opus_d
    (options.version, options.num_channels, options.pre_skip, options.sample_rate, options.output_gain,
     options.mapping_family) = struct.unpack_from("<BBHIHB", head)  # fmt: skip
    table = head[11:]
    if not options.mapping_family:
        table = bytes((1, max(0, options.num_channels - 1), *range(min(options.num_channels, _OPUS_CHANNELS))))
    if len(table) >= 2:  # noqa: PLR2004
        options.stream_count, options.coupled_count = table[0], table[1]
        for place, channel in enumerate(table[2 : 2 + min(options.num_channels, _OPUS_CHANNELS)]):
            options.channel_map[place] = channel


_FILLERS = {
    Codec.FLAC: _fill_flac,
    Codec.AAC: _fill_aac,
    Codec.AMR: _fill_amr,
    Codec.AMR_WB: _fill_amr,
    Codec.IEC61937: _fill_bursts,
    Codec.REAL: _fill_real,
    Codec.VORBIS: _fill_vorbis,
    Codec.WMA: _fill_wma,
    Codec.ALAC: _fill_alac,
    Codec.APE: _fill_ape,
    Codec.OPUS: _fill_opus,
}
