"""What runs on the DSP: fetches, decodes and plays at the stream's own pace. Knows no kernel states and no errnos.

It is passive: nothing runs by itself, each call says what time it is and the DSP catches up.
"""

from __future__ import annotations

import math

from pyaudiobus.devices.virtual.codec_decoders import decoder_for
from pyaudiobus.devices.virtual.decoder import Decoder
from pyaudiobus.devices.virtual.journal import Journal
from pyaudiobus.devices.virtual.recording import Playout, Tap
from pyaudiobus.devices.virtual.ring import Ring
from pyaudiobus.devices.virtual.trim import Trim
from pyaudiobus.devices.wav_file import WavSeries
from pyaudiobus.model.format import EncodedFormat

_BITE = 4096
"""Bytes decoded at a time: what bounds the PCM in memory, a fragment of digital silence being minutes long."""

_ROUNDING = 1e-6
"""Part of a frame by which the difference of two readings of a clock may be short."""


class Firmware:
    """One stream in the DSP, from SET_PARAMS on."""

    def __init__(
        self, form: EncodedFormat, ring: Ring, journal: Journal, *, render: WavSeries | None, tap: Tap | None
    ) -> None:
        self._form = form
        self._ring = ring
        self._journal = journal
        self._tap = tap
        self._playout = Playout(render)
        self._fifo = memoryview(b"")
        self._decoder: Decoder = decoder_for(form)
        self._trim = Trim(form.codec)
        self._next_form = form
        self._next_metadata = (0, 0)
        self._anchor: tuple[float, int] | None = None
        self._starved_since: float | None = None
        self._is_starvation_counted = False
        self._ends = False
        self._is_flushed = False
        self._errors_before = 0
        self._zero = 0
        self.consumed = 0
        """Bytes fetched out of the ring."""
        self.starvations = 0
        """How often sound stopped for want of bytes while nobody had announced the end."""
        self.tracks_passed = 0
        """Ends of tracks that were heard and followed by another track."""

    @property
    def rate(self) -> int:
        """Frames per second at which it plays: the bit stream's own once that is known."""
        return self._decoder.form.rate if self._decoder.form is not None else self._form.rate

    @property
    def rendered(self) -> int:
        """Frames that left the DSP."""
        return self._playout.heard - self._zero

    @property
    def errors(self) -> int:
        """Packets no decoder could make sense of."""
        return self._errors_before + self._decoder.errors

    @property
    def is_finished(self) -> bool:
        """Tell whether the announced end was heard."""
        return self._ends and self._is_flushed and self._playout.is_all_heard

    @property
    def has_work(self) -> bool:
        """Tell whether anything is under way: in the ring, in the FIFO, decoded, or not understood so far."""
        is_searching = self.consumed > 0 and self._decoder.form is None
        return self._ring.pending > 0 or len(self._fifo) > 0 or not self._playout.is_all_heard or is_searching

    def run(self, now: float) -> None:
        """Play from this instant on."""
        if self._anchor is None:
            self._anchor = (now, self._playout.heard)
            self.advance(now)

    def hold(self, now: float) -> None:
        """Stand still."""
        self.advance(now)
        self._anchor = None
        self._starved_since = None

    def announce_end(self, now: float) -> None:
        """Let what is in the ring be all there is; short transfers are in order from here on."""
        self._ends = True
        self.advance(now)

    def continue_after_end(self) -> None:
        """Be ready for more after the end was heard."""
        self._change_decoder(self._form)
        self._ends = False

    def cut(self) -> None:
        """Stand still and forget everything that was not heard."""
        self._anchor = None
        self._fifo = memoryview(b"")
        self._playout.cut()
        self.continue_after_end()

    def count_from_zero(self) -> None:
        """Let `rendered` start anew."""
        self._zero = self._playout.heard

    def next_instant(self) -> float:
        """When there will be something to do: what is decoded was heard. Infinite while it stands still."""
        if self._anchor is None or self._starved_since is not None:
            return math.inf
        since, frames = self._anchor
        return since + (self._playout.decoded - frames) / self.rate

    def advance(self, now: float) -> None:
        """Catch up with the time."""
        if self._anchor is None:
            return
        if self._starved_since is not None and not self._recovers(now):
            return
        while now + _ROUNDING / self.rate >= (dry := self.next_instant()):
            self._playout.hear(self._playout.decoded)
            if not self._decode_more():
                self._starve(dry, now)
                return
        since, frames = self._anchor
        self._playout.hear(frames + int((now - since) * self.rate + _ROUNDING))

    def set_next_form(self, form: EncodedFormat) -> None:
        """Let the next track be of another shape."""
        self._next_form = form

    def trim_present(self, *, delay: int | None = None, padding: int | None = None) -> None:
        """Trim the track that is playing; what was heard already stays heard."""
        if delay is not None:
            self._trim.set_delay(delay)
        if padding is not None:
            self._trim.set_padding(padding)

    def trim_next(self, delay: int, padding: int) -> None:
        """Trim the track after the present one."""
        self._next_metadata = (delay, padding)

    def _recovers(self, now: float) -> bool:
        """Leave starvation if there are bytes again; count it if it took any time."""
        assert self._starved_since is not None  # noqa: S101  # asked by the caller
        if not self._is_starvation_counted and now > self._starved_since and not self._ends:
            self._is_starvation_counted = True
            self.starvations += 1
            self._journal.note(f"starved at frame {self.rendered}")
        if not self._decode_more():
            return False
        self._starved_since = None
        self._anchor = (now, self._playout.heard)
        return True

    def _starve(self, since: float, now: float) -> None:
        self._starved_since = since
        self._is_starvation_counted = False
        if now > since:
            self._recovers(now)

    def _decode_more(self) -> bool:
        """Decode one bite, fetching a transfer first if need be; False if there is nothing to decode."""
        if not self._fifo and not self._fetch():
            return self._flush()
        bite, self._fifo = self._fifo[:_BITE], self._fifo[_BITE:]
        self._play(self._decoder.feed(bytes(bite)))
        return True

    def _fetch(self) -> bool:
        if self._ring.is_at_track_end:
            return False
        misread = self._ring.misread_slots
        data = self._ring.fetch(ends=self._ends)
        if self._ring.misread_slots > misread == 0:
            self._journal.blame(
                "a transfer before the end of the stream was not a whole fragment: wrong slots are read since"
            )
        if self._tap is not None and data:
            self._tap.write(data)
        self.consumed += len(data)
        self._fifo = memoryview(data)
        return len(data) > 0

    def _flush(self) -> bool:
        """Let the decoder give what it holds; at the end of a track, turn to the next one if there is one."""
        between_tracks = self._ring.is_at_track_end
        if not self._is_flushed and (between_tracks or (self._ends and self._ring.pending == 0)):
            self._is_flushed = True
            self._play(self._decoder.flush())
            return True
        if between_tracks:
            self._turn_to_next_track()
            return True
        held_back = b"" if self._is_flushed else self._decoder.settle()
        self._play(held_back)
        return len(held_back) > 0

    def _turn_to_next_track(self) -> None:
        if self._anchor is not None and self._starved_since is None:
            self._anchor = (self.next_instant(), self._playout.heard)  # from here on frames may last otherwise
        self._ring.pass_track_end()
        self._change_decoder(self._next_form)
        self.trim_present(delay=self._next_metadata[0], padding=self._next_metadata[1])
        self._next_metadata = (0, 0)
        self.tracks_passed += 1
        self._journal.note(f"track boundary at frame {self.rendered}")

    def _change_decoder(self, form: EncodedFormat) -> None:
        self._errors_before = self.errors
        self._form = self._next_form = form
        self._decoder = decoder_for(form)
        self._trim = Trim(form.codec)
        self._is_flushed = False

    def _play(self, pcm: bytes) -> None:
        form = self._decoder.form
        if form is not None and pcm:
            self._playout.add(form, self._trim.push(pcm, form.frame_size))
