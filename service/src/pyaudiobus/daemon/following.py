"""The track that is to follow the one that plays: where it begins in the ring, and whether there is enough of it."""

from __future__ import annotations

from pyaudiobus.daemon.ring_source import RingSource, source_of
from pyaudiobus.engine.ring import RingConsumer
from pyaudiobus.errors import NotSupported, UserError
from pyaudiobus.model.format import EncodedFormat, can_follow


class Following:
    """One track behind another in the same ring. Belongs to the thread that plays."""

    def __init__(self, ring: RingConsumer, index: int, form: EncodedFormat, size: int, *, keeps_end: bool) -> None:
        """Take the ring's index of its first byte, and how many there are; 0 where that is open."""
        self.form = form
        self.source: RingSource = source_of(ring, form, base=index)
        self.is_told = False
        """Whether the sink knows of it."""
        self._ring = ring
        self._size = size
        if size:
            self.source.be_known(size, keeps_end=keeps_end)

    def enough_at(self, fragment: int) -> int:
        """Return the ring's index up to which a device that takes fragments needs it to begin."""
        return self.source.base + min(fragment, self._size or fragment)

    def has_begun(self, fragment: int) -> bool:
        """Whether so much of it is stored that a device can go on with it. PeerError."""
        fill, end = self._ring.look(), self.source.end()
        stored = self._ring.taken + fill.stored
        is_full = fill.stored >= self._ring.capacity
        return stored >= self.enough_at(fragment) or is_full or (end is not None and stored >= end)


def check_following(present: EncodedFormat, form: EncodedFormat, index: int, first: int, last: int) -> None:
    """Refuse a track that cannot follow: `index` must lie between what the device has and what is stored.

    UserError, NotSupported.
    """
    if not can_follow(present, form):
        raise NotSupported(
            f"{form} cannot follow {present} without a stop: their decoders are set up differently",
            advice="Mark the end of the one, and play the other as a stream of its own.",
        )
    if not first <= index <= last:
        raise UserError(
            f"no track can begin at byte {index} of the ring",
            facts=[f"the device was given the bytes before {first}", f"the bytes before {last} are stored"],
            advice="Let it begin where the stored bytes of the present track end.",
        )
