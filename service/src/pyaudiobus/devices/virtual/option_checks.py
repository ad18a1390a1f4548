"""Whether struct snd_codec makes sense, by itself and for the stream that follows: what a careful driver would refuse.

The same rules stand in the kernel module (recipes-kernel/snd-virtual-dsp/files/options.c). Bytes that are recognised as
nothing are let through: a DSP looks for its sync words further on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyaudiobus.devices.uapi import CODEC_IDS
from pyaudiobus.model.format import Codec

if TYPE_CHECKING:
    from pyaudiobus.devices._abi import CValue

Check = Callable[["CValue"], str]
StreamCheck = Callable[["CValue", bytes], str]

_U16_MAX = 0xFFFF
_ADTS, _LOAS, _ADIF = (0x01, 0x02), 0x04, 0x10
_AAC_FORMATS = (0, *_ADTS, _LOAS, 0x08, _ADIF, 0x20, 0x40)
_AAC_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350)
_WMA_PROFILES = (0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40)
_AMR_FSF = 0x08
_AMR = {
    CODEC_IDS[Codec.AMR]: (b"#!AMR\n", 8000, (4750, 5150, 5900, 6700, 7400, 7950, 10_200, 12_200)),
    CODEC_IDS[Codec.AMR_WB]: (
        b"#!AMR-WB\n",
        16_000,
        (6600, 8850, 12_650, 14_250, 15_850, 18_250, 19_850, 23_050, 23_850),
    ),
}
_BURST_TYPES = {0x02: (0x01,), 0x40: (0x0B, 0x0C, 0x0D), 0x200: (0x15,)}
"""Data types of IEC 61937-2 by SND_AUDIOMODE_IEC_*."""
_FEWEST_BLOCK = 16
_OPUS_LONGEST = 61_440


def refusal_of(codec: CValue) -> str:
    """Say what is wrong with the options by themselves; empty if nothing is."""
    check = _ALONE.get(codec.id)
    return check(codec) if check else ""


def contradiction(codec: CValue, head: bytes) -> str:
    """Say where the first bytes of a stream contradict the options; empty where they do not."""
    check = _WITH_STREAM.get(codec.id)
    return check(codec, head) if check else ""


def _flac(codec: CValue) -> str:
    flac = codec.options.flac_d
    if flac.min_blk_size > flac.max_blk_size:
        return f"flac_d: min_blk_size {flac.min_blk_size} is above max_blk_size {flac.max_blk_size}"
    if 0 < flac.max_blk_size < _FEWEST_BLOCK or flac.sample_size > 32:  # noqa: PLR2004  # bits
        return f"flac_d: blocks of {flac.max_blk_size} samples of {flac.sample_size} bits do not exist"
    return ""


def _flac_stream(codec: CValue, head: bytes) -> str:
    """Compare with STREAMINFO, behind "fLaC" and the header of its block.

    Sizes are bounds: a decoder that has room for more plays it too.
    """
    if not head.startswith(b"fLaC") or len(head) < 42:  # noqa: PLR2004  # with all of STREAMINFO
        return ""
    flac, info = codec.options.flac_d, head[8:42]
    packed = int.from_bytes(info[10:18], "big")
    smallest, largest = int.from_bytes(info[0:2], "big"), int.from_bytes(info[2:4], "big")
    longest = min(int.from_bytes(info[7:10], "big"), _U16_MAX)
    if flac.min_blk_size > smallest:
        return f"flac_d: min_blk_size is {flac.min_blk_size}, the stream says {smallest}"
    if 0 < flac.max_blk_size < largest:
        return f"flac_d: max_blk_size is {flac.max_blk_size}, the stream says {largest}"
    if 0 < flac.max_frame_size < longest:
        return f"flac_d: max_frame_size is {flac.max_frame_size}, the stream says {longest}"
    return _differing(
        "flac_d",
        sample_size=(flac.sample_size, (packed >> 36 & 31) + 1),
        sample_rate=(codec.sample_rate, packed >> 44),
        ch_in=(codec.ch_in, (packed >> 41 & 7) + 1),
    )


def _aac(codec: CValue) -> str:
    return "" if codec.format in _AAC_FORMATS else f"AAC in stream format {codec.format:#x}"


def _aac_stream(codec: CValue, head: bytes) -> str:
    if codec.format in _ADTS:
        return _adts_stream(codec, head)
    if codec.format == _LOAS and head[:1] == b"\x56" and head[1] & 0xE0 == 0xE0:  # noqa: PLR2004  # sync word
        return ""
    if codec.format == _LOAS:
        return "format says LOAS, the stream does not begin with its sync word"
    if codec.format == _ADIF and not head.startswith(b"ADIF"):
        return "format says ADIF, the stream does not begin with it"
    return ""


def _adts_stream(codec: CValue, head: bytes) -> str:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:  # noqa: PLR2004  # sync word, layer 0
        return "format says ADTS, the stream does not begin with its sync word"
    index, channels = head[2] >> 2 & 15, (head[2] & 1) << 2 | head[3] >> 6
    rate = _AAC_RATES[index] if index < len(_AAC_RATES) else 0
    if codec.sample_rate not in (rate, 2 * rate):  # with SBR it comes out twice as fast
        return f"sample_rate is {codec.sample_rate}, ADTS says {rate}"
    channels = 8 if channels == 7 else channels  # noqa: PLR2004  # 7.1
    if channels and codec.ch_in != channels and (channels, codec.ch_in) != (1, 2):  # parametric stereo
        return f"ch_in is {codec.ch_in}, ADTS says {channels}"
    if (codec.format == _ADTS[0]) is not bool(head[1] & 8):
        return "format and the stream differ in the version of MPEG"
    return ""


def _alac(codec: CValue) -> str:
    alac = codec.options.alac_d
    if not alac.frame_length or not alac.kb or not alac.mb:
        return "alac_d lacks frame_length, mb or kb"
    return f"alac_d: compatible_version is {alac.compatible_version}" if alac.compatible_version else ""


def _alac_stream(codec: CValue, head: bytes) -> str:
    """Look at the first element: one channel or a pair, and how many samples if that is told."""
    if len(head) < 7 or head[0] >> 5 not in (0, 1) or (codec.ch_in <= 2 and head[0] & 0x1F):  # noqa: PLR2004
        return "the stream does not begin with an element of ALAC"
    if codec.ch_in <= 2 and (head[0] >> 5) + 1 != codec.ch_in:  # noqa: PLR2004  # more channels are several elements
        return f"ch_in is {codec.ch_in}, the first element has {(head[0] >> 5) + 1}"
    if head[2] & 0x10:
        samples = int.from_bytes(head[2:7], "big") >> 1 & 0xFFFFFFFF
        if samples > codec.options.alac_d.frame_length:
            return f"alac_d: frame_length is {codec.options.alac_d.frame_length}, the first packet has {samples}"
    return ""


def _ape(codec: CValue) -> str:
    ape = codec.options.ape_d
    if not 3800 <= ape.compatible_version <= 3999:  # noqa: PLR2004  # 3.80 to 3.99
        return f"ape_d: compatible_version is {ape.compatible_version}"
    if ape.compression_level not in range(1000, 5001, 1000):
        return f"ape_d: compression_level is {ape.compression_level}"
    if not ape.total_frames or not 0 < ape.final_frame_blocks <= ape.blocks_per_frame:
        counts = f"{ape.total_frames} frames of {ape.blocks_per_frame} blocks, the last of {ape.final_frame_blocks}"
        return f"ape_d: {counts}"
    return ""


def _ape_stream(codec: CValue, head: bytes) -> str:
    ape = codec.options.ape_d
    if not head.startswith(b"MAC "):
        return "ape_d: seek_table_present, and no file begins" if ape.seek_table_present else ""
    version = int.from_bytes(head[4:6], "little")
    if ape.compatible_version != version:
        return f"ape_d: compatible_version is {ape.compatible_version}, the file has {version}"
    at = int.from_bytes(head[8:12], "little")
    if version < 3980 or len(head) < at + 16:  # noqa: PLR2004  # before 3.98 there is no descriptor
        return ""
    return _differing(
        "ape_d",
        compression_level=(ape.compression_level, int.from_bytes(head[at : at + 2], "little")),
        format_flags=(ape.format_flags, int.from_bytes(head[at + 2 : at + 4], "little")),
        blocks_per_frame=(ape.blocks_per_frame, int.from_bytes(head[at + 4 : at + 8], "little")),
        final_frame_blocks=(ape.final_frame_blocks, int.from_bytes(head[at + 8 : at + 12], "little")),
        total_frames=(ape.total_frames, int.from_bytes(head[at + 12 : at + 16], "little")),
    )


def _wma(codec: CValue) -> str:
    if codec.profile not in _WMA_PROFILES:
        return f"WMA of profile {codec.profile:#x}"
    return "" if codec.align else "WMA without align, the size of its blocks"


def _opus(codec: CValue) -> str:
    opus = codec.options.opus_d
    if opus.version >> 4 or not opus.version:
        return f"opus_d: version is {opus.version}"
    if not 0 < opus.num_channels <= 8 or opus.num_channels != codec.ch_in:  # noqa: PLR2004
        return f"opus_d: num_channels is {opus.num_channels}, ch_in {codec.ch_in}"
    if opus.mapping_family == 0 and opus.num_channels > 2:  # noqa: PLR2004
        return f"opus_d: mapping_family 0 has no {opus.num_channels} channels"
    if opus.mapping_family and not 0 < opus.stream_count >= opus.coupled_count:
        return f"opus_d: {opus.stream_count} streams, {opus.coupled_count} of them coupled"
    return ""


def _opus_stream(_: CValue, head: bytes) -> str:
    length = int.from_bytes(head[:4], "little")
    return "" if 0 < length <= _OPUS_LONGEST else f"the first packet is said to have {length} bytes"


def _vorbis_stream(codec: CValue, head: bytes) -> str:
    at = 28 if head.startswith(b"OggS") else 4
    if head[at : at + 7] != b"\x01vorbis":
        return "the stream does not begin with Vorbis's first header, in Ogg or behind its length"
    found = {"ch_in": (codec.ch_in, head[at + 11]), "sample_rate": (codec.sample_rate, _word(head, at + 12))}
    return _differing("Vorbis", **found)


def _amr(codec: CValue) -> str:
    rate = _AMR[codec.id][1]
    if (codec.sample_rate, codec.ch_in) != (rate, 1):
        return f"AMR has one channel at {rate} Hz, not {codec.ch_in} at {codec.sample_rate}"
    return "" if codec.format else "AMR without a stream format"


def _amr_stream(codec: CValue, head: bytes) -> str:
    magic, _, rates = _AMR[codec.id]
    if codec.format != _AMR_FSF:
        return ""
    if head.startswith(b"#!AMR") and not head.startswith(magic):
        return "the stream is of the other band"
    kind = head[len(magic)] >> 3 & 15 if head.startswith(magic) and len(head) > len(magic) else len(rates)
    if kind < len(rates) and codec.bit_rate != rates[kind]:
        return f"bit_rate is {codec.bit_rate}, the first frame's mode has {rates[kind]}"
    return ""


def _bursts(codec: CValue) -> str:
    if codec.level not in _BURST_TYPES:
        return f"IEC 61937 in mode {codec.level:#x}"
    return "" if codec.ch_in == 2 else f"IEC 61937 in {codec.ch_in} channels"  # noqa: PLR2004


def _bursts_stream(codec: CValue, head: bytes) -> str:
    if not head.startswith(b"\x72\xf8\x1f\x4e"):
        return "the stream does not begin with a burst's preamble"
    kind = head[4] & 0x1F
    return (
        "" if kind in _BURST_TYPES[codec.level] else f"level says mode {codec.level:#x}, the burst is of type {kind:#x}"
    )


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _differing(where: str, **fields: tuple[int, int]) -> str:
    """Name the first field that is not what the stream says; 0 says nothing."""
    for name, (told, found) in fields.items():
        if told and told != found:
            return f"{where}: {name} is {told}, the stream says {found}"
    return ""


_ALONE: dict[int, Check] = {
    CODEC_IDS[Codec.FLAC]: _flac,
    CODEC_IDS[Codec.AAC]: _aac,
    CODEC_IDS[Codec.ALAC]: _alac,
    CODEC_IDS[Codec.APE]: _ape,
    CODEC_IDS[Codec.WMA]: _wma,
    CODEC_IDS[Codec.OPUS]: _opus,
    CODEC_IDS[Codec.AMR]: _amr,
    CODEC_IDS[Codec.AMR_WB]: _amr,
    CODEC_IDS[Codec.IEC61937]: _bursts,
}
_WITH_STREAM: dict[int, StreamCheck] = {
    CODEC_IDS[Codec.FLAC]: _flac_stream,
    CODEC_IDS[Codec.AAC]: _aac_stream,
    CODEC_IDS[Codec.ALAC]: _alac_stream,
    CODEC_IDS[Codec.APE]: _ape_stream,
    CODEC_IDS[Codec.OPUS]: _opus_stream,
    CODEC_IDS[Codec.VORBIS]: _vorbis_stream,
    CODEC_IDS[Codec.AMR]: _amr_stream,
    CODEC_IDS[Codec.AMR_WB]: _amr_stream,
    CODEC_IDS[Codec.IEC61937]: _bursts_stream,
}
