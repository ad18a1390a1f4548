"""A thread that decodes bytes as they come into a bounded store of PCM. Loaded only where something is decoded."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from math import inf
from typing import Protocol

from pyaudiobus.client.stream.prefetch import PIECE, Prefetch
from pyaudiobus.client.stream.rest import Rest
from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.errors import AudiobusError, MediaError
from pyaudiobus.media.decode.stream_decoder import StreamDecoder

AHEAD = 4.0
"""Seconds that are decoded ahead."""
_STEP = 0.25
"""Seconds that are decoded at a time."""


class Encoded(Protocol):
    """Encoded frames as they come."""

    @property
    def ended(self) -> bool:
        """True once every byte was taken and no more will come."""

    def peek(self, size: int) -> memoryview:
        """Up to `size` bytes; fewer where no more came yet."""

    def advance(self, count: int) -> None:
        """Take bytes."""


class Decoding:
    """Decodes from one place of a stream to its end, or until it is halted. What it reads belongs to its thread."""

    def __init__(
        self,
        prefetch: Prefetch,
        clock: Clock,
        encoded: Encoded | None,
        *,
        holds_time: bool,
        prologue: bytes = b"",
        skip: int = 0,
        padding: int = 0,
    ) -> None:
        """Decode what a store brings, or the encoded frames that were found in it.

        A decoder is given the `prologue` first; of what it makes, `skip` PCM frames in front and `padding` at the very
        end are left out.
        """
        self.signal: Signal = clock.signal()
        self.has_ended = False
        self.failure: AudiobusError | None = None
        self.stored = 0
        """Bytes that can be taken now."""
        self._prefetch = prefetch
        self._clock = clock
        self._encoded = encoded
        self._prologue = prologue
        self._skip = skip
        self._padding = padding
        self._holds_time = holds_time
        self._lock = threading.Lock()
        self._room = Rest(clock, on_clock=holds_time)
        self._pieces: deque[bytes] = deque()
        self._is_halted = False
        self._decoders: list[StreamDecoder] = []
        """The one that decodes, once it has begun."""
        self._wakes, self._wake_at = self.signal, 1.0
        if holds_time:
            clock.join()
        self._thread = threading.Thread(target=self._run, name="decode", daemon=True)
        self._thread.start()

    # ---- for who plays ----

    def decoder(self) -> StreamDecoder | None:
        """Wait until it has begun, and return what tells the form; None where there is no sound."""
        while not self._decoders and not self.has_ended:
            self._clock.wait(self.signal, inf)
        return self._decoders[0] if self._decoders else None

    def wait(self, seconds: float) -> None:
        """Sleep until there is something to take, or so long."""
        deadline = self._clock.now() + seconds
        while not self.stored and not self.has_ended and self._clock.now() < deadline:
            self.signal.clear()
            self.wake_at(1.0, self.signal)
            self._clock.wait(self.signal, deadline)

    @property
    def is_complete(self) -> bool:
        """Nothing will be stored that is not."""
        return self.has_ended or self._is_full()

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
            self.stored -= count
        self._room.notify()

    def wake_at(self, stored: float, signal: Signal) -> None:
        """Raise a signal once so many bytes are stored, or no more will be."""
        with self._lock:
            self._wakes, self._wake_at = signal, stored
            self._wake()

    def halt(self, let_go: Callable[[], None] | None = None) -> None:
        """End; what it was reading is the caller's again. `let_go` is called before the thread's end is waited for."""
        self._is_halted = True
        self._room.notify()
        if let_go is None:
            self._prefetch.notify_elsewhere()
            self._thread.join()
        else:
            let_go()
            self._thread.join(timeout=1)

    # ---- the thread ----

    def read(self, size: int) -> bytes:
        """Wait for bytes of the stream: what FFmpeg calls, in the thread that decodes."""
        while not self._is_halted:
            data, is_over = self._next(min(size, PIECE))
            if data or is_over:
                return data
            self._prefetch.wait_elsewhere(lambda: self._is_halted)
        return b""

    def _next(self, size: int) -> tuple[bytes, bool]:
        """Return what is there now, and whether nothing more will be."""
        if self._prologue:
            data, self._prologue = self._prologue[:size], self._prologue[size:]
            return data, False
        encoded = self._encoded
        if encoded is None:
            is_over = self._prefetch.is_drained
            return self._prefetch.take(size), is_over
        data = bytes(encoded.peek(size))
        encoded.advance(len(data))
        return data, encoded.ended

    def _run(self) -> None:
        try:
            decoder = StreamDecoder(self, self._prefetch.name)
            self._decoders.append(decoder)
            self.signal.set()
            self._decode(decoder)
            decoder.close()
        except AudiobusError as error:
            self.failure = error
        except Exception as error:  # a mistake here must end in words, not in a thread that is gone
            self.failure = MediaError(f"{self._prefetch.name} cannot be decoded: {error!r}")
        finally:
            with self._lock:
                self.has_ended = True
                self._wake()
            self.signal.set()
            if self._holds_time:
                self._clock.leave()

    def _decode(self, decoder: StreamDecoder) -> None:
        step, frame = max(1, int(decoder.form.rate * _STEP)), decoder.form.frame_size
        while self._skip and not self._is_halted:
            left = len(decoder.read(min(step, self._skip))) // frame
            self._skip -= left or self._skip
        held, spare = b"", self._padding * frame
        while not self._is_halted:
            data = held + decoder.read(step)
            if len(data) <= len(held):
                break
            keep = len(data) - spare
            held = data[max(0, keep) :]
            if keep > 0:
                self._store(data[:keep])
        if held and self._error is not None:  # it was cut off: these are sound
            self._store(held)

    @property
    def _error(self) -> AudiobusError | None:
        return self._prefetch.error or self.failure

    def _store(self, data: bytes) -> None:
        with self._lock:
            self._pieces.append(data)
            self.stored += len(data)
            self._wake()
        self._room.wait_for(lambda: self._is_halted or not self._is_full())

    def _is_full(self) -> bool:
        return any(self.stored >= AHEAD * one.form.rate * one.form.frame_size for one in self._decoders)

    def _wake(self) -> None:
        if self._wake_at and (self.stored >= self._wake_at or self.is_complete):
            self._wake_at = 0.0
            self._wakes.set()
