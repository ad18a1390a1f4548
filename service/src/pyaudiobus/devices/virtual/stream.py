"""One configured stream: ring and DSP together, how it ends and how tracks follow. No states and no errnos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyaudiobus.devices._abi import ffi
from pyaudiobus.devices.codec_params import fill_codec
from pyaudiobus.devices.compress import Geometry, Progress
from pyaudiobus.devices.virtual.firmware import Firmware
from pyaudiobus.devices.virtual.journal import Journal
from pyaudiobus.devices.virtual.option_checks import contradiction
from pyaudiobus.devices.virtual.profile import Profile
from pyaudiobus.devices.virtual.recording import Tap
from pyaudiobus.devices.virtual.ring import Ring
from pyaudiobus.devices.wav_file import WavSeries
from pyaudiobus.model.format import EncodedFormat

if TYPE_CHECKING:
    from pyaudiobus.devices._abi import CValue

_HEAD = 256
"""Bytes in which a stream says what it is."""


def codec_of(form: EncodedFormat) -> CValue:
    """Return what a driver is told of a stream."""
    codec = ffi.new("struct snd_codec *")
    fill_codec(codec, form)
    return codec


class Stream:
    """What lives from SET_PARAMS to close."""

    def __init__(
        self,
        form: EncodedFormat,
        geometry: Geometry,
        profile: Profile,
        journal: Journal,
        *,
        render: WavSeries | None,
        tap: Tap | None,
    ) -> None:
        self.geometry = geometry
        self.ring = Ring(geometry, profile)
        self.firmware = Firmware(form, self.ring, journal, render=render, tap=tap)
        self.is_next_track_announced = False
        self._profile = profile
        self._journal = journal
        self._metadata_is_set = False
        self._metadata_follows_announcement = False
        self._was_stopped = False
        self._waits_for_track = False
        self._track_due = 0
        self._is_end_lost = False
        self._codec = codec_of(form) if profile.checks_options else None
        if geometry.fragment_size > profile.count_mask:
            journal.blame(f"fragments of {geometry.fragment_size} bytes never come back: their length has 16 bits")

    def progress(self) -> Progress:
        """What the driver's pointer operation fills in."""
        if not self._profile.fills_timestamps:
            return Progress(self.ring.taken, None, 0)
        return Progress(self.ring.taken, self.firmware.rendered, self.firmware.rate)

    def contradiction(self, data: memoryview) -> str:
        """Say where the first bytes of a stream contradict its options; empty where they do not, and later."""
        why = "" if self._codec is None else contradiction(self._codec, bytes(data[:_HEAD]))
        if not why:
            self._codec = None
        return why

    def write(self, data: memoryview, now: float) -> int:
        """Store what fits; return how many bytes that was."""
        if self._was_stopped and not self._profile.stop_resets_counters:
            self._journal.blame("a stream was used again after STOP: this driver still counts from before it")
        taken = self.ring.store(data)
        self.firmware.advance(now)
        return taken

    def stop(self, now: float) -> None:
        """Drop what was not heard, and count from zero if this driver does."""
        self.firmware.hold(now)
        self.firmware.cut()
        self.ring.stop()
        if self._profile.stop_resets_counters:
            self.firmware.count_from_zero()
        self._was_stopped = True
        self.is_next_track_announced = False

    def begin_drain(self, now: float) -> None:
        """Announce the end; lost on a driver that tells its DSP only with a transfer's completion, if none is due."""
        self._waits_for_track = False
        self._is_end_lost = self._profile.drain_needs_data and not self.firmware.has_work
        if not self._is_end_lost:
            self.firmware.announce_end(now)

    def begin_partial_drain(self, now: float) -> None:
        """Announce the end of the present track, with the same flaw."""
        is_over = self.firmware.tracks_passed >= self._track_due
        self._is_end_lost = self._profile.drain_needs_data and not self.firmware.has_work and not is_over
        self._waits_for_track = True
        self.is_next_track_announced = False
        if self._profile.reads_by_slot and not self._metadata_follows_announcement:
            self._journal.blame("no metadata came after NEXT_TRACK: this driver opens the next track only then")
        self.ring.end_track()
        self.firmware.advance(now)

    def is_drained(self, *, at_fetch: bool) -> bool:
        """Tell whether what the last drain waits for was heard; with `at_fetch` a track's was fetched."""
        if self._is_end_lost:
            return False
        if not self._waits_for_track:
            return self.firmware.is_finished
        return self.firmware.tracks_passed >= self._track_due or (at_fetch and self.ring.is_at_track_end)

    @property
    def is_partial_drain(self) -> bool:
        """Tell whether the last drain was for one track only."""
        return self._waits_for_track

    def announce_next_track(self) -> bool:
        """Let what is written from now on be another track; False if no metadata was set before."""
        if not self._metadata_is_set:
            return False
        self.ring.announce_track()
        self._track_due = self.firmware.tracks_passed + 1
        self.is_next_track_announced = True
        self._metadata_is_set = self._metadata_follows_announcement = False
        return True

    def set_metadata(self, delay: int, padding: int, *, is_playing: bool) -> None:
        """Trim the first track if it does not play yet, else the next one, as far as this driver does.

        q6asm takes the padding it hears of after NEXT_TRACK for the end of the present track.
        """
        self._metadata_is_set = True
        self._metadata_follows_announcement = self.is_next_track_announced
        if is_playing:
            self.firmware.trim_next(delay, 0 if self._profile.reads_by_slot else padding)
        elif self._profile.trims_first_track:
            self.firmware.trim_present(delay=delay, padding=padding)
        if self.is_next_track_announced and self._profile.reads_by_slot:
            self.firmware.trim_present(padding=padding)

    def set_next_form(self, form: EncodedFormat) -> None:
        """Configure the next track. q6asm opens the present DSP stream again instead, to no good."""
        if self._profile.reads_by_slot:
            self._journal.blame("SET_PARAMS for the next track: this driver applies it to the present one")
        else:
            self.firmware.set_next_form(form)
