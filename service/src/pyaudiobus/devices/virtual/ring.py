"""The ring between the kernel's core and the DSP: bytes and counters. Decodes nothing and knows no time."""

from __future__ import annotations

from pyaudiobus.devices.compress import Geometry
from pyaudiobus.devices.virtual.profile import Profile


class Ring:
    """The driver's half of a compress stream: its DMA buffer and its counters.

    The core's own total is kept too, because the two part ways: over STOP where the driver does not
    reset its counters, and at a track change where only the driver rounds up to a fragment.
    """

    def __init__(self, geometry: Geometry, profile: Profile) -> None:
        self._size = geometry.fragment_size
        self._memory = bytearray(geometry.ring_size)
        self._profile = profile
        self._core_total = 0
        self._received = 0
        self._sent = 0
        self._slots = 0
        self._first_push = 0
        self._track_is_new = False
        self._track_end: int | None = None
        self._next_start = 0
        self._copied = 0
        self._copied_before_stop = 0
        self._rounded = 0
        self.misread_slots = 0
        """Transfers that the DSP read from another place than the bytes were stored at."""

    @property
    def pending(self) -> int:
        """Bytes stored and not yet fetched."""
        return self._received - self._sent

    @property
    def taken(self) -> int:
        """Bytes the driver says the DSP took (`copied_total`) since the last STOP.

        Never more than was written: what q6asm rounds up at a track's end is left out, as a backend's ledger does it.
        """
        return min(self._copied - self._copied_before_stop - self._rounded, self._core_total)

    @property
    def is_at_track_end(self) -> bool:
        """Tell whether the DSP has fetched all of a track that another one follows."""
        return self._track_end is not None and self._sent >= self._track_end

    def available(self) -> int:
        """Bytes the core lets a writer store (snd_compr_calc_avail); wrong where the core's is wrong."""
        if self._core_total == 0:
            return len(self._memory)
        return len(self._memory) - (self._core_total - self._copied)

    def store(self, data: memoryview) -> int:
        """Take what fits, in one go; return how many bytes that was."""
        count = min(len(data), self.available())
        if count <= 0:
            return 0
        if self._track_is_new:
            self._begin_track()
        for offset in range(0, count, len(self._memory)):
            self._copy(data[offset : min(count, offset + len(self._memory))])
        self._core_total += count
        if self._sent == 0 and self._first_push == 0:
            self._first_push = min(self._size, count)
        return count

    def fetch(self, *, ends: bool) -> bytes:
        """Hand the DSP its next transfer; nothing if none is due.

        `ends` says that the end of the stream was announced, so that a short transfer is in order.
        """
        size = self._transfer_size(ends=ends)
        if size == 0:
            return b""
        stored_at = self._sent % len(self._memory)
        read_at = self._slots * self._size % len(self._memory) if self._profile.reads_by_slot else stored_at
        self.misread_slots += read_at != stored_at
        self._sent += size
        self._slots += 1
        self._copied += size & self._profile.count_mask
        return self._read(read_at, size)

    def announce_track(self) -> None:
        """Let what is stored from now on belong to another track."""
        self._track_is_new = True

    def end_track(self) -> None:
        """Let the present track end with what is stored, if no byte of another one was."""
        if self._track_is_new:
            self._begin_track()

    def pass_track_end(self) -> None:
        """Let the DSP go on with the track after the one it has fetched."""
        skipped = self._next_start - self._sent
        self._sent += skipped
        self._copied += skipped
        self._rounded += skipped
        self._track_end = None

    def stop(self) -> None:
        """Forget what is stored, and the totals as far as this driver does."""
        self._core_total = 0
        self._track_is_new = False
        self._track_end = None
        self._sent = self._received
        self._copied_before_stop, self._rounded = self._copied, 0
        if self._profile.stop_resets_counters:
            self._received = self._sent = self._slots = self._first_push = self._copied = self._copied_before_stop = 0

    def _begin_track(self) -> None:
        self._track_is_new = False
        self._track_end = self._received
        if self._profile.reads_by_slot:
            self._received += -self._received % self._size
        self._next_start = self._received

    def _transfer_size(self, *, ends: bool) -> int:
        edge = self._received if self._track_end is None else self._track_end
        due = min(self._size, edge - self._sent)
        if self._profile.reads_by_slot:
            return min(due, self._first_push) if self._sent == 0 else due
        whole = due == self._size or ends or self._track_end is not None
        return due if whole else 0

    def _copy(self, data: memoryview) -> None:
        at = self._received % len(self._memory)
        head = min(len(data), len(self._memory) - at)
        self._memory[at : at + head] = data[:head]
        self._memory[: len(data) - head] = data[head:]
        self._received += len(data)

    def _read(self, at: int, size: int) -> bytes:
        straight = bytes(self._memory[at : at + size])
        return straight + bytes(self._memory[: size - len(straight)])
