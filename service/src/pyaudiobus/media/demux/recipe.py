"""What one codec needs to be sent: how long its packets sound, and the forms in which a device may take them."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import NamedTuple

from pyaudiobus.media.demux.reader import Bare, Framing
from pyaudiobus.media.demux.scan import Measure, Scan
from pyaudiobus.model.format import EncodedFormat


class Facts(NamedTuple):
    """What a container says of its stream."""

    path: str
    codec: str
    """FFmpeg's name."""
    container: str
    """FFmpeg's name, the first if it has several."""
    rate: int
    channels: int
    private: bytes
    block_align: int = 0


class NotSendable(Exception):
    """A stream that only a decoder can make something of; the words say what is missing."""


class Way(NamedTuple):
    """One form of sending."""

    form: EncodedFormat
    """Without what counting the packets tells: bit rate, delay, padding."""
    header: bytes = b""
    framing: Framing = Bare()
    groups: array[int] | None = None
    """First packets of the groups that are framed together; None where each is for itself."""


class Recipe(NamedTuple):
    """How to treat one stream."""

    rate: int
    """PCM frames per second, as durations are counted."""
    measure: Measure
    ways: Callable[[Scan], list[Way]]
    """The forms, the one that needs least doing first; NotSendable where the stream fits none."""


def by_container(packet: bytes) -> None:
    """Leave the duration to the container."""
    del packet
