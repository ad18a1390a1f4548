"""FFmpeg's decoders, opened as each codec needs it. What they are fed is cut in packets.py."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING

import av
from av.audio.codeccontext import AudioCodecContext

from pyaudiobus.model.format import EncodedFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALAC_BOX = struct.pack(">I4sI", 36, b"alac", 0)
_OPUS_PRE_SKIP = 12
_APE_DEPTHS = (8, 16, 24)


def plain(name: str, extradata: bytes = b"", *, rate: int = 0, channels: int = 0) -> AudioCodecContext:
    """Open a decoder that needs no more than its name, or its header too."""
    context = av.CodecContext.create(name, "r")
    assert isinstance(context, AudioCodecContext)  # noqa: S101  # create() knows every kind of codec
    if extradata:
        context.extradata = extradata
    if rate:
        context.sample_rate = rate
    if channels:
        context.layout = {1: "mono", 2: "stereo"}.get(channels, f"{channels}c")
    return context


def alac(form: EncodedFormat) -> AudioCodecContext:
    """Open ALAC's, which wants the cookie in the box that MP4 has it in."""
    return plain("alac", _ALAC_BOX + form.codec_private)


def opus(form: EncodedFormat) -> AudioCodecContext:
    """Open Opus's with the header, but for the pre-skip: like every codec's, it is cut off as metadata tells."""
    head = form.codec_private
    return plain("opus", head[:10] + bytes(2) + head[12:] if len(head) > _OPUS_PRE_SKIP else b"")


def vorbis(headers: Sequence[bytes]) -> AudioCodecContext:
    """Open Vorbis's with the three header packets, laced as Xiph does."""
    lacing = b"".join(b"\xff" * (len(header) // 255) + bytes((len(header) % 255,)) for header in headers[:-1])
    return plain("vorbis", bytes((len(headers) - 1,)) + lacing + b"".join(headers))


def in_wav(form: EncodedFormat) -> AudioCodecContext:
    """Open the decoder of a codec that wants the size of its blocks, which only a container can tell PyAV's."""
    extra = form.codec_private
    shape = struct.pack(
        "<HHIIHHH",
        form.profile, form.channels, form.rate, form.bit_rate // 8, form.block_align, form.bit_depth or 16, len(extra),
    )  # fmt: skip
    block = bytes(form.block_align)
    fmt = b"fmt " + struct.pack("<I", len(shape) + len(extra)) + shape + extra + bytes(len(extra) % 2)
    body = b"WAVE" + fmt + b"data" + struct.pack("<I", len(block)) + block
    return _from_file(b"RIFF" + struct.pack("<I", len(body)) + body, "wav")


def ape(form: EncodedFormat) -> AudioCodecContext:
    """Open Monkey's Audio's by a header of one frame, which tells the depth."""
    version, level, flags = struct.unpack_from("<HHH", form.codec_private)
    descriptor = struct.pack("<4sHH7I16s", b"MAC ", max(version, 3980), 0, 52, 24, 4, 0, 64, 0, 0, bytes(16))
    depth = form.bit_depth if form.bit_depth in _APE_DEPTHS else 16
    header = struct.pack("<HHIIIHHI", level, flags, 73728, 64, 1, depth, form.channels, form.rate)
    return _from_file(descriptor + header + struct.pack("<I", 80) + bytes(64), "ape")


def _from_file(data: bytes, container: str) -> AudioCodecContext:
    with av.open(BytesIO(data), "r", format=container) as opened:
        context = opened.streams.audio[0].codec_context
        context.flush_buffers()
        return context
