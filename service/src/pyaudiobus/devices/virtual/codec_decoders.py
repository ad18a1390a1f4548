"""Which decoder and which way to find its frames a stream of each codec gets."""

from __future__ import annotations

import math
from collections.abc import Callable

from pyaudiobus.devices.virtual import contexts
from pyaudiobus.devices.virtual.decoder import Decoder, FrameDecoder, ParserSplitter, SilentDecoder
from pyaudiobus.devices.virtual.flac_frames import FlacFrames
from pyaudiobus.devices.virtual.packets import (
    AlacPackets,
    ApeFrames,
    Bursts,
    LengthHeaders,
    OggPackets,
    amr_frames,
    blocks,
    g723_frames,
    with_lengths,
)
from pyaudiobus.model.format import Codec, EncodedFormat

_AAC_DECODERS = {"": "aac", "adts": "aac", "mp2adts": "aac", "loas": "aac_latm"}
"""By the framings in which frames can be found."""
_ALAC_COOKIE = 24
_APE_TABLE_SINCE = 3980
_VORBIS_HEADERS = 3
_PATIENCE = 16 * 1024
"""Bytes; an AAC frame has at most 8 KiB, an MP3 frame less. A FLAC stream may begin with pictures of any size."""


def decoder_for(form: EncodedFormat) -> Decoder:
    """Make the decoder of one stream; one that plays silence where nothing here can decode it."""
    made = _MAKERS.get(form.codec)
    decoder = made(form) if made else None
    return SilentDecoder(form) if decoder is None else decoder


def _flac(form: EncodedFormat) -> Decoder:
    frames = FlacFrames(form.codec_private)
    return FrameDecoder(lambda: contexts.plain("flac", frames.stream_info), frames, form, math.inf)


def _parsed(name: str, form: EncodedFormat) -> Decoder:
    return FrameDecoder(lambda: contexts.plain(name), ParserSplitter(name), form, _PATIENCE)


def _aac(form: EncodedFormat) -> Decoder | None:
    name = _AAC_DECODERS.get(form.stream_format)
    return _parsed(name, form) if name else None


def _alac(form: EncodedFormat) -> Decoder | None:
    if len(form.codec_private) < _ALAC_COOKIE:
        return None
    return FrameDecoder(lambda: contexts.alac(form), AlacPackets(lambda: contexts.alac(form)), form, math.inf)


def _ape(form: EncodedFormat) -> Decoder | None:
    if int.from_bytes(form.codec_private[:2], "little") < _APE_TABLE_SINCE:
        return None
    return FrameDecoder(lambda: contexts.ape(form), ApeFrames(), form, math.inf)


def _vorbis(form: EncodedFormat) -> Decoder:
    packets = LengthHeaders(_VORBIS_HEADERS) if form.stream_format == "length" else OggPackets(_VORBIS_HEADERS)
    return FrameDecoder(lambda: contexts.vorbis(packets.headers), packets, form, math.inf)


def _opus(form: EncodedFormat) -> Decoder:
    return FrameDecoder(lambda: contexts.opus(form), with_lengths(), form, math.inf)


def _blocks(form: EncodedFormat) -> Decoder | None:
    if not form.block_align:
        return None
    return FrameDecoder(lambda: contexts.in_wav(form), blocks(form.block_align), form, math.inf)


def _amr(form: EncodedFormat) -> Decoder:
    name, magic = ("amrnb", b"#!AMR\n") if form.codec is Codec.AMR else ("amrwb", b"#!AMR-WB\n")
    return FrameDecoder(lambda: contexts.plain(name, rate=form.rate, channels=1), amr_frames(magic), form, math.inf)


def _bursts(form: EncodedFormat) -> Decoder | None:
    name = {"ac3": "ac3", "eac3": "eac3", "dts": "dca"}.get(form.variant)
    return FrameDecoder(lambda: contexts.plain(name), Bursts(), form, math.inf) if name else None


def _real(form: EncodedFormat) -> Decoder | None:
    name = {"ra_144": "real_144"}.get(form.variant)
    if name is None or not form.block_align:
        return None
    return FrameDecoder(
        lambda: contexts.plain(name, rate=form.rate, channels=form.channels), blocks(form.block_align), form, math.inf
    )


def _g723(form: EncodedFormat) -> Decoder:
    return FrameDecoder(lambda: contexts.plain("g723_1", rate=form.rate, channels=1), g723_frames(), form, math.inf)


_MAKERS: dict[Codec, Callable[[EncodedFormat], Decoder | None]] = {
    Codec.MP3: lambda form: _parsed("mp3float", form),
    Codec.AAC: _aac,
    Codec.FLAC: _flac,
    Codec.ALAC: _alac,
    Codec.APE: _ape,
    Codec.VORBIS: _vorbis,
    Codec.OPUS: _opus,
    Codec.WMA: _blocks,
    Codec.AMR: _amr,
    Codec.AMR_WB: _amr,
    Codec.IEC61937: _bursts,
    Codec.REAL: _real,
    Codec.G723_1: _g723,
}
