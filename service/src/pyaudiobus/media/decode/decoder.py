"""A file as interleaved PCM: decoding, conversion, exact seeks. Opening it is container.py's business."""

from __future__ import annotations

from collections.abc import Iterator

import av.error
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from pyaudiobus.errors import MediaError
from pyaudiobus.media.decode.container import audio_stream, check, open_container, seconds_of
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.model.format import Encoding, PcmFormat

_PREROLL = 1.0
"""Seconds decoded and dropped before the frame that was asked for: what a decoder remembers has then settled."""
_EXACT_TIMES = frozenset({"aiff", "flac", "mov", "mp3", "ogg", "wav", "wv"})
"""Demuxers whose timestamps after a seek are right to the sample."""
_INEXACT_CODECS = frozenset({"speex"})
"""Not even there."""
_COUNTED = ("mp3", "flac", "ogg")
_MOST_DEMUX_ERRORS = 64
_PLAIN_CHANNELS = 2


class Decoder:
    """A file as PCM, from the first audible frame to the last: an encoder's delay and padding are cut off.

    Broken packets are left out and counted in `errors`.
    """

    end: int | None = None
    """PCM frame before which reading ends; None: the file's end."""

    def __init__(self, path: str) -> None:
        """Open `path` and decode its beginning. MediaError if there is no sound to be had."""
        self._path = path
        self.errors = 0
        check(path)
        self._start()
        first = next(self._frames, None)
        if first is None:
            self.close()
            raise self._silent()
        self.form = pcm_format(first, self._stream.codec_context)
        self._origin = _position(first)
        self._begin(first)
        self.duration = _exact_seconds(path, self._container) or seconds_of(self._container, self._stream)
        """Seconds of sound: counted for MP3 and FLAC, else what the container says; 0 where it says nothing."""

    def read(self, frames: int) -> bytes:
        """Return the next `frames` PCM frames, fewer only at the end, and b"" after it."""
        if self.end is not None:
            frames = max(0, min(frames, self.end - self._at))
        wanted = frames * self.form.frame_size
        while len(self._ready) < wanted:
            more = next(self._pcm, None)
            if more is None:
                break
            self._ready += more
        taken = bytes(self._ready[:wanted])
        del self._ready[: len(taken)]
        self._at += len(taken) // self.form.frame_size
        return taken

    def seek(self, frame: int) -> None:
        """Continue at a PCM frame, counted as `read` gives them, exactly. Past the end, nothing is left to read."""
        frame = max(0, frame)
        if not self._at <= frame <= self._at + self.form.rate and not self._jump(frame):
            self._restart()
        self._drop(frame - self._at)

    def close(self) -> None:
        """Give the file back; legal twice."""
        self._container.close()

    def _start(self) -> None:
        self._container = open_container(self._path)
        try:
            self._stream = audio_stream(self._path, self._container)
        except MediaError:
            self.close()
            raise
        self._frames = self._decoded()

    def _begin(self, first: AudioFrame) -> None:
        self._ready = bytearray()
        self._at = 0
        self._pcm = self._converted(first)

    def _restart(self) -> None:
        self.close()
        self._start()
        first = next(self._frames, None)
        if first is None:
            raise self._silent()
        self._begin(first)

    def _jump(self, frame: int) -> bool:
        """Let the container seek to some way before `frame`; False if it cannot do that exactly."""
        if self._origin is None or not self._has_exact_times():
            return False
        target = max(0.0, (frame + self._origin) / self.form.rate - _PREROLL)
        time_base = self._stream.time_base
        if target <= 0 or time_base is None:
            return False
        try:
            self._container.seek(int(target / time_base), stream=self._stream)
        except av.error.FFmpegError:
            return False
        self._frames = self._decoded()
        first = next(self._frames, None)
        position = _position(first) if first else None
        if first is None or position is None or not 0 < position - self._origin <= frame:
            return False
        self._begin(first)
        self._at = position - self._origin
        return True

    def _has_exact_times(self) -> bool:
        is_exact = not _EXACT_TIMES.isdisjoint(self._container.format.name.split(","))
        return is_exact and self._stream.codec_context.codec.canonical_name not in _INEXACT_CODECS

    def _drop(self, frames: int) -> None:
        while frames > 0:
            taken = len(self.read(min(frames, self.form.rate))) // self.form.frame_size
            if not taken:
                return
            frames -= taken

    def _decoded(self) -> Iterator[AudioFrame]:
        for packet in self._packets():
            try:
                frames = self._stream.codec_context.decode(packet)
            except av.error.EOFError:
                return
            except (av.error.FFmpegError, ValueError):
                self.errors += 1
                continue
            yield from frames

    def _packets(self) -> Iterator[Packet[AudioStream]]:
        """Demux to the end, going on after what the demuxer cannot make sense of.

        MediaError if the file cannot be read any more.
        """
        failures = 0
        while True:
            try:
                yield from self._container.demux(self._stream)
            except av.error.FFmpegError as error:
                if isinstance(error, OSError):
                    check(self._path)
                failures += 1
                self.errors += 1
                if failures > _MOST_DEMUX_ERRORS:
                    return
            else:
                return

    def _converted(self, first: AudioFrame) -> Iterator[bytes]:
        """Convert frames to the promised format; one whose shape differs from the last gets a new converter."""
        shape = _shape(first)
        converter = self._converter(first)
        yield from _convert(converter, first)
        for frame in self._frames:
            if _shape(frame) != shape:
                yield from _convert(converter, None)
                shape, converter = _shape(frame), self._converter(frame)
            yield from _convert(converter, frame)
        yield from _convert(converter, None)

    def _converter(self, frame: AudioFrame) -> AudioResampler:
        layout = frame.layout if len(frame.layout.channels) == self.form.channels else _layout(self.form.channels)
        return AudioResampler(format=self.form.encoding.value, layout=layout, rate=self.form.rate)

    def _silent(self) -> MediaError:
        facts = [f"{self.errors} packet(s) could not be decoded"] if self.errors else []
        return MediaError(
            f"{self._path} holds no sound that FFmpeg can decode",
            facts=facts,
            advice="Get the file again; if it is encrypted, only its seller's player can play it.",
        )


def _exact_seconds(path: str, container: InputContainer) -> float:
    if container.format.name not in _COUNTED:
        return 0.0
    encoded = open_encoded(path)
    if encoded is None:
        return 0.0
    encoded.close()
    return encoded.duration


def pcm_format(frame: AudioFrame, context: AudioCodecContext) -> PcmFormat:
    """Take the shape of the first frame: only the decoder knows the rate of HE-AAC."""
    is_deep = frame.format.name.rstrip("p") in ("s32", "s64") or (
        frame.format.name.rstrip("p") in ("flt", "dbl") and context.codec.lossless
    )
    names = tuple(channel.name for channel in frame.layout.channels)
    return PcmFormat(
        Encoding.S32 if is_deep else Encoding.S16,
        frame.sample_rate,
        len(names),
        names if len(names) > _PLAIN_CHANNELS and len(set(names)) == len(names) else (),
    )


def _position(frame: AudioFrame) -> int | None:
    """PCM frames from the container's time zero to the first in this frame."""
    if frame.pts is None or frame.time_base is None:
        return None
    return round(frame.pts * frame.time_base * frame.sample_rate)


def _shape(frame: AudioFrame) -> tuple[str, int, str]:
    return frame.format.name, frame.sample_rate, frame.layout.name


def _layout(channels: int) -> str:
    return {1: "mono", 2: "stereo"}.get(channels, f"{channels}C")


def _convert(converter: AudioResampler, frame: AudioFrame | None) -> Iterator[bytes]:
    if frame is not None:
        frame.pts = None
    for piece in converter.resample(frame):
        size = piece.samples * piece.format.bytes * len(piece.layout.channels)
        yield bytes(piece.planes[0])[:size]
