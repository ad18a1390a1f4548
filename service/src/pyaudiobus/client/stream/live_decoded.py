"""A stream that is still coming, as PCM. Loaded only where something is decoded: it brings FFmpeg."""

from __future__ import annotations

from pyaudiobus.client.stream.decoding import Decoding, Encoded
from pyaudiobus.client.stream.live_source import LiveSource
from pyaudiobus.client.stream.prefetch import Prefetch
from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.errors import AudiobusError, MediaError, NotSupported
from pyaudiobus.graph.source import Passage
from pyaudiobus.media.codec_names import common_name, kernel_codec
from pyaudiobus.media.live.index import ENDLESS
from pyaudiobus.model.format import Codec, EncodedFormat, PcmFormat

MP3_DELAY = 529
"""PCM frames by which every MP3 decoder is late: LAME's padding counts them."""
PROMPT = 0.5
"""Seconds for which the first sound behind a jump is waited for, so that a player does not take it to be late."""


class PcmIndex:
    """Where the bytes of a PCM stream lie in time; its end is known once it was decoded."""

    def __init__(self, frame_size: int) -> None:
        self._frame_size = frame_size
        self.total_frames = ENDLESS

    @property
    def total_bytes(self) -> int:
        """Bytes of the whole stream."""
        return self.total_frames * self._frame_size

    def frames_at(self, byte: int) -> int:
        """PCM frames before a byte."""
        return byte // self._frame_size

    def byte_at(self, frame: int) -> int:
        """Where a PCM frame begins."""
        return frame * self._frame_size


class LiveDecoded:
    """PCM of one stream, as a file that is decoded; what is not decoded yet is not there."""

    def __init__(
        self, prefetch: Prefetch, clock: Clock, live: LiveSource | None = None, *, holds_time: bool = False
    ) -> None:
        """Decode what a store brings, or the encoded frames that were found in it. Waits for sound; MediaError.

        They are not to be read by others meanwhile. Of frames of which a device had some, nothing is decoded before
        passage() says where to go on.
        """
        self.prefetch = prefetch
        self._clock = clock
        self._live = live
        self._holds_time = holds_time
        self._first = self._taken = 0
        """The PCM frame that it began with, and bytes taken since."""
        self._decoding: Decoding | None = None
        self.form: PcmFormat
        self.encoded: EncodedFormat | None = None
        if live is not None and live.position:
            self.form, self.codec_name, self.encoded = live.pcm_format, live.form.codec.value, live.form
            self.duration = live.duration
        else:
            self._decoding = self._begin(live, live.prologue if live is not None else b"")
            self._learn(self._decoding)
        self.index: PcmIndex = PcmIndex(self.form.frame_size)

    def _begin(self, encoded: Encoded | None, prologue: bytes = b"", skip: int = 0) -> Decoding:
        padding = 0 if self._live is None else max(0, self._live.form.encoder_padding - MP3_DELAY)
        return Decoding(
            self.prefetch,
            self._clock,
            encoded,
            holds_time=self._holds_time,
            prologue=prologue,
            skip=skip,
            padding=padding,  # FFmpeg cuts it off of files only
        )

    def _learn(self, decoding: Decoding) -> None:
        """Wait for sound, and take from the decoder what it is."""
        decoder = decoding.decoder()
        if decoder is None:
            error = self.error
            self.close()
            raise error or MediaError(f"{self.prefetch.name} holds no sound")
        self.form, self.codec_name = decoder.form, decoder.codec_name
        codec = kernel_codec(common_name(decoder.codec_name))
        if codec is not None and codec is not Codec.PCM:
            self.encoded = EncodedFormat(codec, self.form.rate, self.form.channels, decoder.bit_rate)
        self.duration = decoder.duration if self.prefetch.size is not None else 0.0
        if self._live is not None:
            self.duration = self._live.duration

    # ---- what a sink asks for ----

    @property
    def ended(self) -> bool:
        """True once the last frame was taken."""
        decoding = self._decoding
        if decoding is not None and decoding.has_ended and not decoding.stored:
            self.index.total_frames = self._taken // self.form.frame_size
            return True
        return False

    def peek(self, size: int) -> memoryview:
        """Up to `size` bytes of whole frames; fewer where no more were decoded yet."""
        return memoryview(b"") if self._decoding is None else self._decoding.peek(size)

    def advance(self, count: int) -> None:
        """Take bytes."""
        if self._decoding is not None:
            self._decoding.advance(count)
        self._taken += count

    def check_seek(self, seconds: float) -> None:
        """NotSupported, with the reason, where the stream cannot go to a media time."""
        if self._live is None:
            raise NotSupported(f"{self.prefetch.name} is decoded as it comes, and can only be played in order")
        self._live.check_seek(seconds)

    def passage(self, frame: int, *, settled: bool) -> Passage:
        """Go on at a PCM frame, exactly. NotSupported where nobody knows where it lies; MediaError."""
        del settled
        self.check_seek(frame / self.form.rate)
        live = self._live
        assert live is not None  # noqa: S101  # else it was refused
        self.halt()
        place = frame + live.form.lead
        entry = live.passage(place, settled=True)
        missed = max(0, entry.frame - place)
        self._decoding = self._begin(entry.source, skip=max(0, place - entry.frame))
        self._first, self._taken = frame + missed, 0
        self.index = PcmIndex(self.form.frame_size)
        self._decoding.wait(PROMPT)
        return Passage(self, self._first)

    def halt(self) -> None:
        """Decode no further: the frames are free to be read by others."""
        if self._decoding is not None:
            self._decoding.halt()
            self._decoding = None

    # ---- what a patient player asks for ----

    @property
    def available(self) -> int:
        """Bytes that can be had now."""
        return 0 if self._decoding is None else self._decoding.stored

    @property
    def fresh(self) -> int:
        """The same: nothing is given twice."""
        return self.available

    @property
    def is_complete(self) -> bool:
        """Nothing will be available that is not."""
        return self._decoding is not None and self._decoding.is_complete

    @property
    def delivered(self) -> float:
        """Media time up to which bytes were taken, in seconds."""
        return self._first / self.form.rate + self._taken / self.byte_rate

    @property
    def byte_rate(self) -> float:
        """Bytes that sound for a second."""
        return float(self.form.rate * self.form.frame_size)

    @property
    def error(self) -> AudiobusError | None:
        """Why the stream ended before its time."""
        return self.prefetch.error or (None if self._decoding is None else self._decoding.failure)

    def wake_at(self, fresh: float, signal: Signal) -> None:
        """Raise a signal once so many bytes are there, or no more will be."""
        if self._decoding is not None:
            self._decoding.wake_at(fresh, signal)

    def titles_at(self, seconds: float) -> tuple[str, ...]:
        """Take the titles that came: where they belong is lost in decoding, but for those of frames that were found."""
        if self._live is not None:
            return self._live.titles_at(seconds)
        return tuple(title.text for title in self.prefetch.titles())

    def news(self) -> tuple[str, ...]:
        """Take what a person should know of the stream."""
        return self.prefetch.news()

    def close(self) -> None:
        """Let go of the origin."""
        if self._decoding is not None:
            self._decoding.halt(self.prefetch.close)
            self._decoding = None
        self.prefetch.close()
