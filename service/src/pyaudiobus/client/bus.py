"""What a player sees of a bus: the daemon over a socket or the same graph in this process, behind one Protocol."""

from __future__ import annotations

from typing import Protocol

from pyaudiobus.client.file_node import FileNode
from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.model.changes import Change
from pyaudiobus.model.format import Format
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.model.record import Record

RATES = (48_000, 44_100, 96_000, 88_200, 192_000, 176_400, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
"""What is tried after the rate of a file or stream, the likeliest first: a sink mixes at its own, clients convert."""


class Terms(Record):
    """Where a stream plays, how, and why there."""

    mode: str
    """"offload" or "pcm"."""
    sink: str
    format: Format
    reason: str


class Connection(Protocol):
    """One stream linked to one sink, and those that follow it without a gap.

    All calls come from the thread that plays. None blocks for longer than a device's own calls take. What a device
    cannot do surfaces as DeviceError from step(), after everything that could be tried was tried; what this kind of
    connection cannot do at all as NotSupported from the call itself, and it plays on.
    """

    @property
    def terms(self) -> Terms:
        """What was agreed on; other terms after a Relocated."""

    @property
    def signal(self) -> Signal:
        """Raised when step() should be called before its deadline.

        set() is legal from any thread, and wakes whoever waits for it on the bus's clock.
        """

    def start(self) -> None:
        """Let it play, or go on at the frame where pause() held it, however long ago that was."""

    def pause(self) -> None:
        """Hold at the frame that is being heard: legal at any moment, while it fills and while it drains too.

        step() is still to be called at its deadlines: after a time the device is given back (Slept).
        """

    def seek(self, seconds: float) -> None:
        """Let the frame at this media time be the next that is heard; past the end there is none.

        Nothing of what was queued is heard any more. It stays paused if it is.
        """

    @property
    def wants_next(self) -> bool:
        """Whether all of the stream is on its way to the device, and queue() has not told what follows."""

    def queue(self, node: FileNode | None) -> bool:
        """Let a file follow the present one without a gap; None: nothing follows.

        True: it will, and Joined tells when. False: it cannot, because its format differs or the device knows no next
        track; the present one plays to its end, and the file is to be connected then. Where nobody answers
        wants_next, the stream ends as if nothing followed, but no sooner than the next step().
        """

    def step(self) -> float | None:
        """Do what is due; return the instant of the next call, None when all was heard."""

    def position(self) -> Position:
        """Media time being heard, of the file that is being heard."""

    def latency(self) -> float:
        """Seconds of sound that are in the device's buffer and not heard."""

    def queued(self) -> tuple[int, int]:
        """Bytes in the device's buffer now, and bytes it can hold."""

    def fragment_size(self) -> int:
        """Bytes the device takes at a time."""

    def news(self) -> tuple[str | Change, ...]:
        """What has become of the stream since the last call, and in words what a person should know of it."""

    def counters(self) -> Counters:
        """What the file that is being heard has cost and carried."""

    def close(self) -> None:
        """Stop and part; legal at any moment and twice."""


class Bus(Protocol):
    """Somewhere to play."""

    @property
    def clock(self) -> Clock:
        """What the player sleeps on."""

    def connect(self, node: FileNode, *, joins: bool = False) -> Connection:
        """Link a stream to the sink that suits it best. AudiobusError tells why none does.

        With `joins` the caller answers wants_next; without it a stream ends as soon as it can.
        """
