"""The volume of one's own stream on a bus. How it gets louder is the bus's business."""

from __future__ import annotations

from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import NotSupported
from pyaudiobus.protocol.messages import Named, SetVolume
from pyaudiobus.protocol.wire import Refused


def volume_of(remote: Remote, serial: int) -> float:
    """Return a stream's linear gain, the first channel's where they differ. NotSupported where it has none."""
    told = remote.ask("get", Named(serial)).facts.get("volume")
    try:
        return float(str(told).split()[0])
    except (ValueError, IndexError):
        raise NotSupported("this stream has no volume of its own", advice="Change that of its sink.") from None


def set_volume_of(remote: Remote, serial: int, gain: float) -> None:
    """Have another. NotSupported where the bus refuses that."""
    try:
        remote.ask("set-volume", SetVolume(serial, (gain,)))
    except Refused as error:
        raise NotSupported(error.what, facts=error.facts, advice=error.advice) from error
