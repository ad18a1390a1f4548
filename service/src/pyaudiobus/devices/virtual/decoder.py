"""The DSP's decoders: encoded bytes in, PCM out, by FFmpeg through PyAV. Knows no time and no ring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler

from pyaudiobus.devices.virtual.flac_frames import FlacFrames
from pyaudiobus.model.format import Codec, EncodedFormat, Encoding, PcmFormat

_STREAM_INFO_SIZE = 34
_DEPTH_AT = 12
"""Offset in STREAMINFO of the two bytes that hold the depth (RFC 9639 8.2)."""
_S24_BITS = 24
_USUAL_BIT_RATE = 128_000
_LOSSLESS = frozenset({Codec.ALAC, Codec.APE, Codec.WMA})
"""Codecs whose samples may have more than 16 bits, beside FLAC."""


Opened = Callable[[], AudioCodecContext]
"""Opens the decoder, as late as possible: a stream may bring its own headers."""


class Splitter(Protocol):
    """Cuts a byte stream into the packets its decoder takes."""

    def split(self, data: bytes) -> list[bytes]:
        """Return the packets that end within `data`."""

    def settle(self) -> list[bytes]:
        """Return a packet that was held back for what follows it, if it is whole."""

    def flush(self) -> list[bytes]:
        """Return what is left when nothing can follow."""


class ParserSplitter:
    """Cuts with FFmpeg's own parser, for codecs whose frames begin with a header."""

    def __init__(self, decoder: str) -> None:
        self._parser = av.CodecContext.create(decoder, "r")

    def split(self, data: bytes) -> list[bytes]:
        """Return the packets that end within `data`."""
        return [bytes(packet) for packet in self._parser.parse(data)]

    def settle(self) -> list[bytes]:
        """Return nothing: headers tell a frame's size, so that none is held back."""
        return []

    def flush(self) -> list[bytes]:
        """Return what is left when nothing can follow."""
        return self.split(b"")


class Decoder(Protocol):
    """One stream's decoder."""

    form: PcmFormat | None
    """What comes out; None until the first frame is out."""
    errors: int
    """Packets that could not be decoded."""

    def feed(self, data: bytes) -> bytes:
        """Return the PCM that `data` completes."""

    def settle(self) -> bytes:
        """Return the PCM of what was held back, as nothing more comes for now."""

    def flush(self) -> bytes:
        """Return the PCM that is left; nothing may be fed afterwards."""


class FrameDecoder:
    """Decodes really. What comes out is what FFmpeg's command line makes of the same bytes.

    16 bits a sample where the codec has 16 or fewer or knows no depth, 24 or 32 where it has more.
    A packet that cannot be decoded is counted and skipped. A stream of nothing else (MP3 in free
    format, which FFmpeg does not know) plays as the silence it lasts: `patience` is how many bytes
    may come before the first frame is out.
    """

    def __init__(self, opened: Opened, splitter: Splitter, form: EncodedFormat, patience: float) -> None:
        self.form: PcmFormat | None = None
        self.errors = 0
        self._silence = SilentDecoder(form)
        self._patience = patience
        self._is_mute = False
        self._opened = opened
        self._depth = form.bit_depth if form.codec in _LOSSLESS else 0
        self._splitter = splitter
        self._context: AudioCodecContext | None = None
        self._layout: AudioLayout | None = None
        self._resampler: AudioResampler | None = None

    def feed(self, data: bytes) -> bytes:
        """Return the PCM that `data` completes."""
        self._silence.take(data)
        if not self._is_mute:
            pcm = b"".join([self._decode(packet) for packet in self._splitter.split(data)])
            if self.form is not None or self._silence.taken <= self._patience:
                return pcm
            self._fall_silent()
        return self._silence.give()

    def settle(self) -> bytes:
        """Return the PCM of what was held back."""
        if self._is_mute:
            return b""
        return b"".join([self._decode(packet) for packet in self._splitter.settle()])

    def flush(self) -> bytes:
        """Return the PCM that is left."""
        if not self._is_mute:
            rest = b"".join([self._decode(packet) for packet in self._splitter.flush()])
            rest += self._decode(None) if self._context is not None else b""
            if self.form is not None:
                return rest
            self._fall_silent()
        return self._silence.give()

    def _fall_silent(self) -> None:
        self._is_mute = True
        self.errors += 1
        self.form = self._silence.form

    def _decode(self, packet: bytes | None) -> bytes:
        if self._context is None:
            self._context = self._opened()
        try:
            frames = self._context.decode(None if packet is None else av.Packet(packet))
        except av.FFmpegError:
            self.errors += 1
            return b""
        return b"".join([self._pcm(frame) for frame in frames])

    def _pcm(self, frame: AudioFrame) -> bytes:
        """Interleave one frame in the shape that the stream began with."""
        if self.form is None:
            self._layout = frame.layout
            self.form = PcmFormat(self._encoding(frame), frame.sample_rate, frame.layout.nb_channels)
        form = self.form
        return b"".join([_samples(part, form.encoding) for part in self._converted(frame, form)])

    def _converted(self, frame: AudioFrame, form: PcmFormat) -> list[AudioFrame]:
        if self._resampler is None:
            self._resampler = self._resampler_to(form)
        try:
            return self._resampler.resample(frame)
        except ValueError:  # PyAV's word for a frame of another shape than the ones before it
            self._resampler = self._resampler_to(form)
            return self._resampler.resample(frame)

    def _resampler_to(self, form: PcmFormat) -> AudioResampler:
        return AudioResampler("s16" if form.encoding is Encoding.S16 else "s32", self._layout, form.rate)

    def _encoding(self, frame: AudioFrame) -> Encoding:
        if frame.format.bytes == Encoding.S16.width:
            return Encoding.S16
        if isinstance(self._splitter, FlacFrames):
            return _encoding_for(max(_S24_BITS, _depth(self._splitter.stream_info)))
        return _encoding_for(self._depth)


class SilentDecoder:
    """Plays silence for as long as the bit rate says, for codecs whose packets only their container tells apart."""

    def __init__(self, form: EncodedFormat) -> None:
        self._shape = PcmFormat(Encoding.S16, form.rate, form.channels)
        self.form: PcmFormat | None = self._shape
        self.errors = 0
        self._bit_rate = form.bit_rate or _USUAL_BIT_RATE
        self.taken = 0
        """Bytes counted."""
        self._given = 0

    def take(self, data: bytes) -> None:
        """Count bytes."""
        self.taken += len(data)

    def give(self) -> bytes:
        """Return the silence of the bytes counted since the last time."""
        due = self.taken * 8 * self._shape.rate // self._bit_rate
        frames, self._given = due - self._given, due
        return bytes(frames * self._shape.frame_size)

    def feed(self, data: bytes) -> bytes:
        """Return as much silence as `data` would last."""
        self.take(data)
        return self.give()

    def settle(self) -> bytes:
        """Return nothing: silence is never late."""
        return b""

    def flush(self) -> bytes:
        """Return nothing: silence is never late."""
        return b""


def likely_output(form: EncodedFormat) -> PcmFormat:
    """Guess what a decoder will give before it has given anything."""
    depth = form.bit_depth if form.codec in _LOSSLESS else 0
    if form.codec is Codec.FLAC:
        depth = _depth(form.codec_private)
    return PcmFormat(_encoding_for(depth), form.rate, form.channels)


def _encoding_for(depth: int) -> Encoding:
    if depth > _S24_BITS:
        return Encoding.S32
    return Encoding.S24 if depth > Encoding.S16.width * 8 else Encoding.S16


def _depth(stream_info: bytes) -> int:
    """Bits of a sample according to STREAMINFO; 24 without one."""
    if len(stream_info) < _STREAM_INFO_SIZE:
        return _S24_BITS
    return (int.from_bytes(stream_info[_DEPTH_AT : _DEPTH_AT + 2], "big") >> 4 & 0x1F) + 1


def _samples(frame: AudioFrame, encoding: Encoding) -> bytes:
    """Return the packed samples of one frame; 24 bits are the upper three bytes of FFmpeg's 32."""
    width = 2 if encoding is Encoding.S16 else 4
    packed = bytes(frame.planes[0])[: frame.samples * frame.layout.nb_channels * width]
    if encoding is not Encoding.S24:
        return packed
    narrow = bytearray(len(packed) // 4 * 3)
    narrow[0::3], narrow[1::3], narrow[2::3] = packed[1::4], packed[2::4], packed[3::4]
    return bytes(narrow)
