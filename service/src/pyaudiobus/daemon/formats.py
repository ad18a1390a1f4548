"""Between the protocol's words and the model's values: shapes, buffer attributes, volumes."""

from __future__ import annotations

from pyaudiobus.errors import UserError
from pyaudiobus.model.buffering import LatencyMode, PlaybackBuffering, RecordBuffering
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.words import Attributes, PcmShape

LONGEST_RAMP = 60_000
"""Milliseconds."""


def pcm_format(shape: PcmShape) -> PcmFormat:
    """Return a shape's format. UserError."""
    try:
        encoding = Encoding(shape.encoding)
    except ValueError:
        known = ", ".join(member.value for member in Encoding)
        raise UserError(f"{shape.encoding!r} is no encoding", facts=[f"known: {known}"]) from None
    return PcmFormat(encoding, shape.rate, shape.channels, tuple(place.upper() for place in shape.channel_map))


def pcm_shape(form: PcmFormat) -> PcmShape:
    """Return a format's shape."""
    return PcmShape(form.encoding.value, form.rate, form.channels, form.channel_map)


def playback_wish(attributes: Attributes) -> PlaybackBuffering:
    """Return what a playback stream asks for."""
    return PlaybackBuffering(attributes.maxlength, attributes.tlength, attributes.prebuf, attributes.minreq)


def record_wish(attributes: Attributes) -> RecordBuffering:
    """Return what a record stream asks for."""
    return RecordBuffering(attributes.maxlength, attributes.fragsize)


def playback_attributes(buffering: PlaybackBuffering) -> Attributes:
    """Return what a playback stream was granted."""
    return Attributes(buffering.maxlength, buffering.tlength, buffering.prebuf, buffering.minreq)


def record_attributes(buffering: RecordBuffering) -> Attributes:
    """Return what a record stream was granted."""
    return Attributes(buffering.maxlength, fragsize=buffering.fragsize)


def latency_mode(adjust: bool, early: bool) -> LatencyMode:  # noqa: FBT001  # two flags of the protocol
    """Return what a stream's lengths speak of. UserError where the flags exclude each other."""
    if adjust and early:
        raise UserError("adjust_latency and early_requests exclude each other")
    return LatencyMode.ADJUST if adjust else LatencyMode.EARLY_REQUESTS if early else LatencyMode.TRADITIONAL


def check_gains(gains: tuple[float, ...], channels: int) -> None:
    """Check that volumes fit. UserError."""
    if len(gains) not in (0, 1, channels):
        raise UserError(f"{len(gains)} volumes do not fit {channels} channels")
    if any(gain != gain for gain in gains):  # noqa: PLR0124  # NaN
        raise UserError("a volume is not a number")
