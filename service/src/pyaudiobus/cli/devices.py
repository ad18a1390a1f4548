"""`audiobus devices`: every compress device, what it takes, and why one cannot be used. Changes nothing."""

from __future__ import annotations

import argparse
import json
import sys

from pyaudiobus.devices.cards import Card
from pyaudiobus.devices.catalogue import Finding, find_compress_devices
from pyaudiobus.devices.compress import Bounds, CompressCaps
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.devices.virtual.profile import PROFILES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def command(arguments: argparse.Namespace) -> int:
    """List the devices of this machine, then the virtual ones."""
    for finding in (*find_compress_devices(), *_virtual()):
        text = json.dumps(_as_json(finding), ensure_ascii=False) if arguments.json else _for_people(finding)
        sys.stdout.write(text + "\n")
    return 0


def _virtual() -> list[Finding]:
    """Return the DSPs of this process, named as --device takes them."""
    return [
        Finding(f"virtual:{profile.name}", Card(-1, "", f"{profile.name}-virtual", ""), "", profile.caps, reason="")
        for profile in PROFILES.values()
    ]


def _as_json(finding: Finding) -> dict[str, object]:
    caps = finding.caps
    return {
        "name": finding.name,
        "driver": finding.driver,
        "usable": finding.usable,
        "reason": finding.reason,
        "codecs": [codec.value for codec in caps.codecs] if caps else [],
        "fragment_size": _bounds(caps.fragment_size) if caps else None,
        "fragments": _bounds(caps.fragments) if caps else None,
        "quirks": _quirks(finding.driver),
    }


def _bounds(bounds: Bounds) -> dict[str, int]:
    return {"min": bounds.minimum, "max": bounds.maximum}


def _quirks(driver: str) -> dict[str, object]:
    quirks = quirks_for(driver)
    return {
        "max_fragment_size": quirks.max_fragment_size,
        "power_of_two_fragments": quirks.power_of_two_fragments,
        "timestamps": quirks.timestamps,
        "routes": [route.control for route in quirks.routes],
    }


def _for_people(finding: Finding) -> str:
    lines = [f"{finding.name}  ({', '.join(filter(None, (finding.driver or 'unknown driver', finding.card.name)))})"]
    if not finding.usable:
        lines.append(f"    unusable: {finding.reason}")
    if finding.caps is not None:
        lines += _caps_lines(finding.caps, finding.driver)
    return "\n".join(lines)


def _caps_lines(caps: CompressCaps, driver: str) -> list[str]:
    quirks = quirks_for(driver)
    lines = [
        f"    codecs     {' '.join(codec.value for codec in caps.codecs)}",
        f"    fragments  {caps.fragments} of {caps.fragment_size} bytes",
    ]
    if quirks.max_fragment_size < caps.fragment_size.maximum:
        lines.append(f"    quirk      fragments above {quirks.max_fragment_size} bytes are not used with this driver")
    lines += [f"    route      {route.control}" for route in quirks.routes]
    return lines
