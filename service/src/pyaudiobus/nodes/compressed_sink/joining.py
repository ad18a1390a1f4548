"""One stream behind another on the device with no stop in between: whether it can be, how it is told, when it is.

The order of calls satisfies both the kernel's core (metadata before NEXT_TRACK) and q6asm, which opens its next
stream only when metadata comes after NEXT_TRACK, and takes the padding it hears then for the stream that ends.
"""

from __future__ import annotations

from errno import EINVAL, EPERM

from pyaudiobus.devices.compress import CompressDevice, Geometry, Progress
from pyaudiobus.devices.quirks import Quirks
from pyaudiobus.errors import DeviceError
from pyaudiobus.graph.source import Source
from pyaudiobus.model.format import EncodedFormat, can_follow
from pyaudiobus.nodes.compressed_sink.stream import SinkStream

_REFUSALS = (EPERM, EINVAL)
"""Of parameters for the next track: by the kernel, by the driver."""
SOON = 1e-6
"""Seconds that are not waited for."""
ROUNDED = 1.5
"""PCM frames by which a device's count may be short of all, having been rounded down."""
MOMENT = 0.005
"""Seconds in which a device that plays may be found where it was."""
STANDS = 0.05
"""Seconds until the next look at a device that rendered nothing since the last."""


class Following:
    """What is to follow the present stream."""

    def __init__(self, *, is_asked_for: bool) -> None:
        self.is_asked_for = is_asked_for
        """Whether somebody answers when it is asked what follows."""
        self.was_asked = False
        self.is_told = False
        self.source: Source | None = None
        self.form: EncodedFormat | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether it was asked for and nobody has answered."""
        return self.was_asked and not self.is_told

    @property
    def is_open(self) -> bool:
        """Whether it is to be asked for before the present stream's last bytes are written."""
        return self.is_asked_for and not self.was_asked

    def tell(self, source: Source | None, form: EncodedFormat | None) -> None:
        """Answer."""
        self.source, self.form, self.is_told = source, form, True

    def forget(self) -> None:
        """Let it be asked anew."""
        self.was_asked = self.is_told = False
        self.source = self.form = None


class Join:
    """A stream that was announced behind the present one, until that was heard.

    By then it may have been fed for a while: drivers differ in when they end a partial drain. q6asm does so when the
    old track was rendered, others when they have fetched its last byte.
    """

    def __init__(self, following: SinkStream) -> None:
        self.following = following
        self.gap = 0.0
        """Seconds in which there was nothing to be heard."""
        self._is_fed = self._is_early = False
        self._doubt = 0.0
        self._rendered = -1
        self._moved_at = 0.0

    @property
    def waiting(self) -> int:
        """Bytes written of it that the device did not take."""
        return self.following.feeder.written - self.following.last_taken

    @property
    def ahead(self) -> float:
        """Seconds that it sounds as far as it was written."""
        following = self.following
        return following.source.index.frames_at(following.feeder.written) / following.form.rate

    def feed(self, unheard: float, doubt: float, late: float) -> float:
        """Write what the device can take of it, but for its end; return the seconds until its turn.

        `unheard` is how many seconds of the present track are still to be heard, give or take the `doubt`. The partial
        drain was over `late` seconds ago.
        """
        feeder = self.following.feeder
        if not self._is_fed:
            self._is_fed, self._is_early, self._doubt = True, unheard > doubt, doubt
            self.gap = 0.0 if feeder.written or self._is_early else late
        feeder.fill(keeps_end=True)
        return unheard if self._is_early and unheard > SOON else 0.0

    def begin(self, now: float) -> None:
        """Let its time run. A device that is behind our clock has to come to it before it hears of a third track."""
        self.following.tracker.run(now)
        self.following.watch.begin(now)
        if self._is_early:
            self.following.settled_at = now + self._doubt

    def next_look(self, left: float, now: float) -> float:
        """Return when to look again, `left` seconds before its turn: then, or when the device needs more of it."""
        following = self.following
        taken = following.taken(following.ask(now))
        return min(now + left, following.watch.next_look(taken, following.feeder.written, now))

    def has_moved(self, told: Progress, now: float) -> bool:
        """Note what the device has rendered; tell whether that is more than it was a moment ago."""
        before, self._rendered = self._rendered, told.rendered or 0
        if self._rendered > before:
            self._moved_at = now
        return now < self._moved_at + MOMENT


def can_join(present: EncodedFormat, following: EncodedFormat, quirks: Quirks) -> bool:
    """Tell whether a device can go on with the other stream: its decoder is set up for that too, or can be told.

    SET_PARAMS for the next track is for what lies within one codec, rate and number of channels. Linux before 6.5
    refuses it (EPERM), and q6asm applies it to the stream that is playing.
    """
    if quirks.next_track_params:
        return present.shape == following.shape
    return can_follow(present, following)


def announce(
    device: CompressDevice, quirks: Quirks, present: SinkStream, following: SinkStream, ring: Geometry
) -> bool:
    """Tell the device that what is written from now on is another track. DeviceError where it knows none.

    False where it does not take that track's parameters: this one is to be drained then.
    """
    ends = present if quirks.padding_at_join else following
    padding = ends.form.encoder_padding
    device.set_metadata(following.delay, padding)
    device.next_track()
    if not quirks.write_before_partial_drain:
        device.set_metadata(following.delay, padding)
    if can_follow(present.form, following.form):
        return True
    try:
        device.set_params(following.form, ring)
    except DeviceError as error:
        if error.errno not in _REFUSALS:
            raise
        return False
    return True
