"""What a program knows of its stream, playing or recording, and what it can ask of it. Nothing is sent here."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from pyaudiobus.client.conversation import Request
from pyaudiobus.client.happenings import Happening, close_all
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.model.buffering import StreamClock
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.messages import (
    AttributesChanged,
    AttributesSet,
    Cork,
    CreateStream,
    FormatLost,
    Killed,
    Move,
    Moved,
    Named,
    SetAttributes,
    SetMute,
    SetProperties,
    SetVolume,
    StreamCreated,
    Suspended,
)
from pyaudiobus.protocol.session_messages import StreamHeld
from pyaudiobus.protocol.words import Attributes, PcmShape, Shape

MAX_HAPPENINGS = 1024
"""Events of a stream that nobody has looked at; the oldest go first."""


class StreamKilled(AudiobusError):
    """Somebody else ended the stream."""


class StreamReformed(AudiobusError):
    """The stream goes on in another shape, on a ring that begins at 0."""

    def __init__(self, lost: FormatLost) -> None:
        super().__init__(
            f"the stream has to go on in another shape: {lost.reason}",
            facts=[f"all before index {lost.index} was taken"],
            advice="Write what comes after that index again, in the stream's new shape.",
        )
        self.shape = lost.shape
        self.index = lost.index
        """Of the old shape's bytes: where to go on."""


class StreamState:
    """A stream, but for its ring."""

    def __init__(self, created: StreamCreated) -> None:
        self.serial = created.serial
        """Its name on the bus."""
        self.shape: Shape = created.shape
        self.attributes: Attributes = created.attributes
        """As granted, in bytes."""
        self.device = created.device_name
        """Where it plays, or what it hears."""
        self.device_serial = created.device
        self.is_suspended = created.suspended
        self.reason = created.reason
        """Why there, in the policy's words."""
        self.configured_latency = created.latency
        """Of its device, in ns."""
        self.is_corked = False
        self.held = ""
        """Why policy holds it, beside its own cork; empty where it does not."""
        self.killed = ""
        """Why somebody ended it; empty while it lives."""
        self.lost_format: FormatLost | None = None
        """What a writer has not been told yet."""
        self.happenings: deque[Happening] = deque(maxlen=MAX_HAPPENINGS)
        """Events that nobody has fetched."""
        self.clock = _clock_of(created.shape)

    @property
    def format(self) -> PcmFormat:
        """Its shape where it is PCM. UserError where it is not."""
        shape = self.shape
        if not isinstance(shape, PcmShape):
            raise UserError(f"stream {self.serial} is encoded; it has no PCM format")
        return PcmFormat(Encoding(shape.encoding), shape.rate, shape.channels, shape.channel_map)

    def check(self) -> None:
        """StreamKilled where it is no more."""
        if self.killed:
            raise StreamKilled(f"the stream was ended: {self.killed}")

    # ---- what can be asked ----

    def corking(self, *, is_corked: bool) -> Request:
        """Hold it, or let it go on; its sync group with it."""
        return Request("cork", Cork(self.serial, is_corked))

    def naming(self, request: str) -> Request:
        """Ask for what needs nothing but the stream's name: trigger, prebuf, flush, drain, destroy."""
        return Request(request, Named(self.serial))

    def setting_attributes(self, attributes: Attributes, *, adjust: bool, early: bool) -> Request:
        """Ask for other buffer attributes."""
        return Request("set-attributes", SetAttributes(self.serial, attributes, adjust, early))

    def setting_volume(self, gains: tuple[float, ...], ramp: int) -> Request:
        """Set linear gains, one for all channels or one each, reached in `ramp` milliseconds."""
        return Request("set-volume", SetVolume(self.serial, gains, ramp))

    def setting_mute(self, *, is_muted: bool) -> Request:
        """Silence it, or not."""
        return Request("set-mute", SetMute(self.serial, is_muted))

    def setting_properties(self, changes: dict[str, str | None]) -> Request:
        """Change properties; None removes one."""
        return Request("set-properties", SetProperties(self.serial, changes))

    def moving(self, target: str) -> Request:
        """Play or record elsewhere."""
        return Request("move", Move(self.serial, target))

    # ---- what is told ----

    def hear(self, happening: Happening) -> None:
        """Take an event of this stream."""
        body: Any = happening.body
        if isinstance(body, Killed):
            self.killed = body.reason or "without a reason"
        elif isinstance(body, Moved):
            self.device, self.device_serial, self.reason = body.device_name, body.device, body.reason
            self.is_suspended = body.suspended
            self.granted(body)
        elif isinstance(body, AttributesChanged):
            self.granted(body)
        elif isinstance(body, Suspended):
            self.is_suspended = body.suspended
        elif isinstance(body, StreamHeld):
            self.held = (body.reason or "without a reason") if body.held else ""
        elif isinstance(body, FormatLost):
            self.reform(body, happening.descriptors)
        else:
            close_all(happening.descriptors)
        self.happenings.append(Happening(happening.name, body))

    def granted(self, granted: AttributesSet | AttributesChanged | Moved) -> None:
        """Follow the attributes that the bus has granted."""
        self.attributes, self.configured_latency = granted.attributes, granted.latency

    def reform(self, lost: FormatLost, descriptors: tuple[int, ...]) -> None:
        """Go on in another shape, on another ring."""
        self.shape, self.attributes, self.lost_format = lost.shape, lost.attributes, lost
        self.clock = _clock_of(lost.shape)
        close_all(descriptors)


def pcm_wish(direction: str, form: PcmFormat, name: str, **wish: Any) -> CreateStream:  # noqa: ANN401
    """Put a PCM stream into the protocol's words; `wish` as the fields of CreateStream."""
    return CreateStream(direction, name, (pcm_shape(form),), **wish)


def pcm_shape(form: PcmFormat) -> PcmShape:
    """Put a format into the protocol's words."""
    return PcmShape(form.encoding.value, form.rate, form.channels, form.channel_map)


def now() -> int:
    """Return the time by which the bus tells of clocks: CLOCK_MONOTONIC in ns."""
    return time.monotonic_ns()


def _clock_of(shape: Shape) -> StreamClock | None:
    """Return how bytes and time relate; None for encoded streams, where they do not."""
    if not isinstance(shape, PcmShape):
        return None
    return StreamClock(shape.rate, Encoding(shape.encoding).width * shape.channels)
