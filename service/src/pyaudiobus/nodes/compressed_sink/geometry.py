"""The shape of the DSP's ring: chosen from the bit rate within what the driver takes, or as a person asked."""

from __future__ import annotations

from pyaudiobus.devices.compress import CompressCaps, Geometry
from pyaudiobus.devices.quirks import Quirks
from pyaudiobus.errors import UserError
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.model.record import Record

RING_SECONDS = 30.0
"""How much sound the ring should hold: what the CPU may sleep between two refills."""
FRAGMENT_SECONDS = 1.0
"""A fragment holds at most this much: it bounds how coarse the position is on drivers without timestamps."""
ASSUMED_BIT_RATE = 320_000
"""For streams that do not tell theirs: the largest of MP3, so that the ring errs on the safe side."""


class RingRequest(Record):
    """What a person asked for; None leaves the choice to us."""

    ring_size: int | None = None
    """Bytes."""
    fragments: int | None = None


def choose_geometry(form: EncodedFormat, caps: CompressCaps, quirks: Quirks, request: RingRequest) -> Geometry:
    """Return the ring for this stream. Raises UserError when what was asked for cannot be had."""
    if request.ring_size is None and request.fragments is None:
        return _by_bit_rate(form, caps, quirks)
    asked = _as_asked(form, caps, quirks, request)
    _check(asked, request, caps, quirks)
    return asked


def _by_bit_rate(form: EncodedFormat, caps: CompressCaps, quirks: Quirks) -> Geometry:
    byte_rate = (form.bit_rate or ASSUMED_BIT_RATE) / 8
    size = _fragment_for(byte_rate, caps, quirks)
    fragments = caps.fragments.minimum
    while fragments * size < byte_rate * RING_SECONDS and fragments < caps.fragments.maximum:
        fragments *= 2
    return Geometry(size, min(fragments, caps.fragments.maximum))


def _fragment_for(byte_rate: float, caps: CompressCaps, quirks: Quirks) -> int:
    """Return the largest power of two that holds a fragment's time, within caps and quirks."""
    top = min(caps.fragment_size.maximum, quirks.max_fragment_size)
    size = 1
    while size * 2 <= min(byte_rate * FRAGMENT_SECONDS, top):
        size *= 2
    while size < caps.fragment_size.minimum:
        size *= 2
    return size if size in caps.fragment_size else caps.fragment_size.minimum


def _as_asked(form: EncodedFormat, caps: CompressCaps, quirks: Quirks, request: RingRequest) -> Geometry:
    if request.ring_size is None:
        return Geometry(_by_bit_rate(form, caps, quirks).fragment_size, request.fragments or 0)
    if request.fragments is None:
        size = _fragment_of(request.ring_size, form, caps, quirks)
        return Geometry(size, request.ring_size // size)
    size, rest = divmod(request.ring_size, request.fragments)
    if rest:
        raise UserError(
            f"a buffer of {request.ring_size} bytes does not divide into {request.fragments} equal fragments",
            advice=f"Ask for {size * request.fragments} or {(size + 1) * request.fragments} bytes.",
        )
    return Geometry(size, request.fragments)


def _fragment_of(ring_size: int, form: EncodedFormat, caps: CompressCaps, quirks: Quirks) -> int:
    """Return the fragment size nearest to our own choice that gives a ring of this size a count the driver takes."""
    size = _by_bit_rate(form, caps, quirks).fragment_size
    while ring_size // size < caps.fragments.minimum and size // 2 >= caps.fragment_size.minimum:
        size //= 2
    top = min(caps.fragment_size.maximum, quirks.max_fragment_size)
    while ring_size // size > caps.fragments.maximum and size * 2 <= top:
        size *= 2
    return size


def _check(geometry: Geometry, request: RingRequest, caps: CompressCaps, quirks: Quirks) -> None:
    allowed = [f"the device takes {caps.fragments} fragments of {caps.fragment_size} bytes"]
    size = geometry.fragment_size
    if geometry.fragments not in caps.fragments or size not in caps.fragment_size:
        ring_size = request.ring_size or geometry.ring_size
        what = f"a ring of {ring_size} bytes, {geometry.fragments} fragments of {size} bytes, is not possible"
        raise UserError(what, facts=allowed, advice="Choose --buffer and --fragments within these limits.")
    if size > quirks.max_fragment_size:
        raise UserError(
            f"fragments of {size} bytes would stop this driver",
            facts=[*allowed, f"its driver loses count above {quirks.max_fragment_size} bytes a fragment"],
            advice="Ask for more fragments or a smaller buffer.",
        )
    if quirks.power_of_two_fragments and size & (size - 1):
        raise UserError(
            f"a fragment of {size} bytes is not a power of two, as this driver needs",
            facts=allowed,
            advice="Choose --buffer and --fragments so that their quotient is a power of two.",
        )
