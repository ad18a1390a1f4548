"""`audiobus devices`: every compress device, what it takes, and why one cannot be used. Changes nothing."""

from __future__ import annotations

import argparse
import json

from pyaudiobus.cli.printing import put_line
from pyaudiobus.devices.catalogue import find_compress_devices
from pyaudiobus.devices.compress import Bounds, CompressCaps
from pyaudiobus.devices.quirks import Quirks, quirks_for
from pyaudiobus.devices.virtual.profile import PROFILES
from pyaudiobus.model.record import Record


class Entry(Record):
    """One line of the list."""

    name: str
    """As --device takes it."""
    driver: str
    card: str
    """The card's name; empty for a virtual device."""
    reason: str
    """Why it cannot be used; empty when it can."""
    caps: CompressCaps | None
    """None when it could not be asked."""

    @property
    def quirks(self) -> Quirks:
        """What is known of the driver beyond what it says."""
        return quirks_for(self.driver)

    def as_json(self) -> dict[str, object]:
        """One object of --json."""
        caps, quirks = self.caps, self.quirks
        return {
            "name": self.name,
            "driver": self.driver,
            "usable": not self.reason,
            "reason": self.reason,
            "codecs": [codec.value for codec in caps.codecs] if caps else [],
            "fragment_size": _bounds(caps.fragment_size) if caps else None,
            "fragments": _bounds(caps.fragments) if caps else None,
            "quirks": {
                "max_fragment_size": quirks.max_fragment_size,
                "power_of_two_fragments": quirks.power_of_two_fragments,
                "timestamps": quirks.timestamps,
                "routes": [route.name for route in quirks.routes],
            },
        }

    def describe(self) -> str:
        """Lines for people."""
        origin = ", ".join(part for part in (self.driver or "unknown driver", self.card) if part)
        lines = [f"{self.name}  ({origin})"]
        if self.reason:
            lines.append(f"    unusable   {self.reason}")
        if self.caps is not None:
            lines += self._describe_caps(self.caps)
        return "\n".join(lines)

    def _describe_caps(self, caps: CompressCaps) -> list[str]:
        lines = [
            f"    codecs     {' '.join(codec.value for codec in caps.codecs)}",
            f"    fragments  {caps.fragments} of {caps.fragment_size} bytes",
        ]
        limit = self.quirks.max_fragment_size
        if limit < caps.fragment_size.maximum:
            lines.append(f"    quirk      fragments above {limit} bytes are not used with this driver")
        return [*lines, *(f"    route      {route.name}" for route in self.quirks.routes)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def command(arguments: argparse.Namespace) -> int:
    """List the devices of this machine, then the virtual ones."""
    for entry in (*_of_this_machine(), *_of_this_process()):
        text = json.dumps(entry.as_json()) if arguments.json else entry.describe()
        put_line(text)
    return 0


def _of_this_machine() -> list[Entry]:
    return [
        Entry(finding.name, finding.driver, finding.card.name, finding.reason, finding.caps)
        for finding in find_compress_devices()
    ]


def _of_this_process() -> list[Entry]:
    return [
        Entry(f"virtual:{profile.name}", f"{profile.name}-virtual", "", "", profile.caps)
        for profile in PROFILES.values()
    ]


def _bounds(bounds: Bounds) -> dict[str, int]:
    return {"min": bounds.minimum, "max": bounds.maximum}
