"""A stream of bytes as PCM, decoded in order: the container need not be a file, and may have no end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import av
import av.error
import av.logging
from av.audio.stream import AudioStream
from av.packet import Packet

from pyaudiobus.errors import MediaError
from pyaudiobus.media.decode.container import audio_stream, seconds_of
from pyaudiobus.media.decode.decoder import Decoder, pcm_format

_MOST_DEMUX_ERRORS = 64


class ByteStream(Protocol):
    """Bytes in order."""

    def read(self, size: int) -> bytes:
        """Wait for bytes and return some; nothing at the end."""


class StreamDecoder(Decoder):
    """A stream as PCM, from its first frame on. It cannot be sought in."""

    def __init__(self, stream: ByteStream, name: str) -> None:
        """Decode the beginning. MediaError if there is no sound to be had in this order."""
        self._path = name
        self._bytes = stream
        self.errors = 0
        self._start()
        first = next(self._frames, None)
        if first is None:
            self.close()
            raise self._silent()
        context = self._stream.codec_context
        self.form = pcm_format(first, context)
        self.codec_name = context.codec.canonical_name
        """What FFmpeg calls the codec."""
        self.bit_rate = context.bit_rate or 0
        self._origin = None
        self._begin(first)
        self.duration = seconds_of(self._container, self._stream)

    def _start(self) -> None:
        av.logging.set_level(None)
        try:
            self._container = av.open(self._bytes, "r", metadata_errors="replace")
        except (av.error.FFmpegError, UnicodeError) as error:
            raise MediaError(
                f"{self._path} is no audio that FFmpeg can read in this order",
                facts=[f"FFmpeg says: {getattr(error, 'strerror', None) or error}"],
                advice="If it is an MP4 whose index lies at its end, save it first and play the file.",
            ) from error
        try:
            self._stream = audio_stream(self._path, self._container)
        except MediaError:
            self.close()
            raise
        self._frames = self._decoded()

    def _packets(self) -> Iterator[Packet[AudioStream]]:
        """Demux to the end, going on after what the demuxer cannot make sense of."""
        failures = 0
        while failures <= _MOST_DEMUX_ERRORS:
            try:
                yield from self._container.demux(self._stream)
            except av.error.FFmpegError:
                failures += 1
                self.errors += 1
            else:
                return
