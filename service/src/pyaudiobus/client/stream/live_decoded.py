"""A stream that is still coming, decoded in a thread of its own. Loaded only where something is decoded."""

from __future__ import annotations

import threading
from collections import deque
from math import inf

from pyaudiobus.client.stream.live_source import LiveSource
from pyaudiobus.client.stream.prefetch import PIECE, Prefetch
from pyaudiobus.client.stream.rest import Rest
from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.errors import AudiobusError, MediaError, NotSupported
from pyaudiobus.media.codec_names import common_name, kernel_codec
from pyaudiobus.media.decode.stream_decoder import StreamDecoder
from pyaudiobus.media.live.index import ENDLESS
from pyaudiobus.model.format import Codec, EncodedFormat, PcmFormat

MP3_DELAY = 529
"""PCM frames by which every MP3 decoder is late: LAME's padding counts them."""
AHEAD = 4.0
"""Seconds that are decoded ahead."""
_STEP = 0.25
"""Seconds that are decoded at a time."""


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

        They belong to the thread that decodes from now on.
        """
        self.prefetch = prefetch
        self._live = live
        self._prologue = live.prologue if live is not None and not live.position else b""
        self._padding = 0 if live is None else max(0, live.form.encoder_padding - MP3_DELAY)
        """PCM frames at the very end that an encoder has added; FFmpeg cuts them off of files only."""
        self.signal: Signal = clock.signal()
        self._clock = clock
        self._holds_time = holds_time
        self._lock = threading.Lock()
        self._room = Rest(clock, on_clock=holds_time)
        self._pieces: deque[bytes] = deque()
        self._stored = self._taken = 0
        self._has_ended = self._is_closed = False
        self._failure: AudiobusError | None = None
        self._decoders: list[StreamDecoder] = []
        """The one that decodes, once it has begun."""
        self._wakes, self._wake_at = self.signal, 1.0
        if holds_time:
            clock.join()
        self._thread = threading.Thread(target=self._run, name="decode", daemon=True)
        self._thread.start()
        decoder = self._wait_for_decoder()
        self.form: PcmFormat = decoder.form
        self.codec_name = decoder.codec_name
        codec = kernel_codec(common_name(decoder.codec_name))
        self.encoded: EncodedFormat | None = None
        if codec is not None and codec is not Codec.PCM:
            self.encoded = EncodedFormat(codec, self.form.rate, self.form.channels, decoder.bit_rate)
        self.duration = live.duration if live is not None else decoder.duration if prefetch.size is not None else 0.0
        self.index: PcmIndex = PcmIndex(self.form.frame_size)

    def _wait_for_decoder(self) -> StreamDecoder:
        while not self._decoders and not self._has_ended:
            self._clock.wait(self.signal, inf)
        if not self._decoders:
            self.close()
            raise self.prefetch.error or self._failure or MediaError(f"{self.prefetch.name} holds no sound")
        return self._decoders[0]

    # ---- what a sink asks for ----

    @property
    def ended(self) -> bool:
        """True once the last frame was taken."""
        if self._has_ended and not self._stored:
            self.index.total_frames = self._taken // self.form.frame_size
            return True
        return False

    def peek(self, size: int) -> memoryview:
        """Up to `size` bytes of whole frames; fewer where no more were decoded yet."""
        with self._lock:
            while len(self._pieces) > 1 and len(self._pieces[0]) < size:
                self._pieces.appendleft(self._pieces.popleft() + self._pieces.popleft())
            return memoryview(self._pieces[0] if self._pieces else b"")[:size]

    def advance(self, count: int) -> None:
        """Take bytes."""
        with self._lock:
            rest = self._pieces.popleft()[count:] if self._pieces else b""
            if rest:
                self._pieces.appendleft(rest)
            self._stored -= count
            self._taken += count
        self._room.notify()

    def check_seek(self, seconds: float) -> None:
        """Refuse."""
        del seconds
        raise NotSupported(f"{self.prefetch.name} is decoded as it comes, and can only be played in order")

    # ---- what a patient player asks for ----

    @property
    def available(self) -> int:
        """Bytes that can be had now."""
        return self._stored

    @property
    def fresh(self) -> int:
        """The same: nothing is given twice."""
        return self._stored

    @property
    def is_complete(self) -> bool:
        """Nothing will be available that is not."""
        return self._has_ended or self._is_full()

    @property
    def delivered(self) -> float:
        """Media time up to which bytes were taken, in seconds."""
        return self._taken / self.byte_rate

    @property
    def byte_rate(self) -> float:
        """Bytes that sound for a second."""
        return float(self.form.rate * self.form.frame_size)

    @property
    def error(self) -> AudiobusError | None:
        """Why the stream ended before its time."""
        return self.prefetch.error or self._failure

    def wake_at(self, fresh: float, signal: Signal) -> None:
        """Raise a signal once so many bytes are there, or no more will be."""
        with self._lock:
            self._wakes, self._wake_at = signal, fresh
            self._wake()

    def titles_at(self, seconds: float) -> tuple[str, ...]:
        """Take the titles that came: where they belong is lost in decoding."""
        del seconds
        return tuple(title.text for title in self.prefetch.titles())

    def news(self) -> tuple[str, ...]:
        """Take what a person should know of the stream."""
        return self.prefetch.news()

    def close(self) -> None:
        """Let go of the origin."""
        self._is_closed = True
        self._room.notify()
        self.prefetch.close()
        self._thread.join(timeout=1)

    # ---- the thread ----

    def read(self, size: int) -> bytes:
        """Wait for bytes of the stream: what FFmpeg calls, in the thread that decodes."""
        while not self._is_closed:
            data, is_over = self._next(min(size, PIECE))
            if data or is_over:
                return data
            self.prefetch.wait_elsewhere()
        return b""

    def _next(self, size: int) -> tuple[bytes, bool]:
        """Return what is there now, and whether nothing more will be."""
        if self._prologue:
            data, self._prologue = self._prologue[:size], self._prologue[size:]
            return data, False
        live = self._live
        if live is None:
            is_over = self.prefetch.is_drained
            return self.prefetch.take(size), is_over
        data = bytes(live.peek(size))
        live.advance(len(data))
        return data, live.ended

    def _run(self) -> None:
        try:
            decoder = StreamDecoder(self, self.prefetch.name)
            self._decoders.append(decoder)
            self.signal.set()
            self._decode(decoder)
            decoder.close()
        except AudiobusError as error:
            self._failure = error
        except Exception as error:  # a mistake here must end in words, not in a thread that is gone
            self._failure = MediaError(f"{self.prefetch.name} cannot be decoded: {error!r}")
        finally:
            with self._lock:
                self._has_ended = True
                self._wake()
            self.signal.set()
            if self._holds_time:
                self._clock.leave()

    def _decode(self, decoder: StreamDecoder) -> None:
        held, spare = b"", self._padding * decoder.form.frame_size
        while not self._is_closed:
            data = held + decoder.read(max(1, int(decoder.form.rate * _STEP)))
            if len(data) <= len(held):
                break
            keep = len(data) - spare
            held = data[max(0, keep) :]
            if keep > 0:
                self._store(data[:keep])
        if held and self.error is not None:  # it was cut off: these are sound
            self._store(held)

    def _store(self, data: bytes) -> None:
        with self._lock:
            self._pieces.append(data)
            self._stored += len(data)
            self._wake()
        self._room.wait_for(lambda: self._is_closed or not self._is_full())

    def _is_full(self) -> bool:
        return any(self._stored >= AHEAD * one.form.rate * one.form.frame_size for one in self._decoders)

    def _wake(self) -> None:
        if self._wake_at and (self._stored >= self._wake_at or self.is_complete):
            self._wake_at = 0.0
            self._wakes.set()
