"""Which compress devices this machine has, what they can do, and why one cannot be used. Changes nothing."""

from __future__ import annotations

import errno as errno_names
import os

from pyaudiobus.devices.cards import Card, card_number, cards, driver_of, parse_device
from pyaudiobus.devices.compress import CompressCaps
from pyaudiobus.devices.holder import holder_of
from pyaudiobus.devices.node import CompressNode
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.record import Record

__all__ = ["Finding", "card_number", "driver_of", "find_compress_devices", "parse_device"]


class Finding(Record):
    """One compress device of the kernel."""

    name: str
    """As people type it: "hw:0,3"."""
    card: Card
    node: str
    """Path below /dev."""
    caps: CompressCaps | None
    """None where the device could not be asked."""
    reason: str
    """Why it cannot be used; empty if it can."""

    @property
    def usable(self) -> bool:
        """Whether it can be played on now."""
        return not self.reason

    @property
    def driver(self) -> str:
        """The driver's name, the key into quirks.py."""
        return self.card.driver


def find_compress_devices(root: str = "/", libc: str | None = None) -> list[Finding]:
    """Probe every /dev/snd/comprC*D*, in order: open, version, capabilities, close.

    `root` is where /dev, /proc and /sys are, `libc` as in CompressNode. An empty list if there is none.
    """
    listed = cards(root)
    findings = []
    for card, device in _nodes(root):
        known = listed.get(card, Card(card, "", "", ""))
        findings.append(_probe(root, known, device, libc))
    return findings


def _nodes(root: str) -> list[tuple[int, int]]:
    """Card and device number of each node."""
    try:
        entries = os.listdir(os.path.join(root, "dev/snd"))
    except OSError:
        return []
    found = []
    for entry in entries:
        card, separator, device = entry.removeprefix("comprC").partition("D")
        if entry.startswith("comprC") and separator and card.isdecimal() and device.isdecimal():
            found.append((int(card), int(device)))
    return sorted(found)


def _probe(root: str, card: Card, device: int, libc: str | None) -> Finding:
    path = os.path.join(root, f"dev/snd/comprC{card.number}D{device}")
    name = f"hw:{card.number},{device}"
    caps, reason = None, ""
    node = CompressNode(path, name, libc)
    try:
        node.open()
        caps = node.caps()
        if not caps.codecs:
            reason = "it lists no codec"
    except DeviceError as error:
        reason = _why(error, root, path)
    finally:
        node.close()
    return Finding(name, card, path, caps, reason)


def _why(error: DeviceError, root: str, path: str) -> str:
    """Say in a few words why a device cannot be asked."""
    if error.errno == errno_names.EBUSY:
        holder = holder_of(path, root)
        return f"busy: {holder} has it open" if holder else "busy: somebody else has it open"
    words = {
        errno_names.EACCES: f"no permission to open {path}; users of group audio may",
        errno_names.EPERM: f"not allowed to open {path} here (a container?)",
        errno_names.EINVAL: "it does not play; it is a capture or a conversion device",
        errno_names.ENOTTY: f"{path} is no compress device",
        errno_names.ENXIO: "its driver tells no capabilities",
        errno_names.ENODEV: "it was unplugged",
        errno_names.ENOMEM: "its driver has no memory for a ring now",
    }
    return words.get(error.errno, error.what)
