"""`audiobus probe`: what is in a file, and what would be sent to a DSP."""

from __future__ import annotations

import argparse
import json

from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.report import clock_time, complain
from pyaudiobus.errors import MediaError
from pyaudiobus.media.probe import Probe, probe
from pyaudiobus.model.format import EncodedFormat

LABELS = ("title", "artist", "album", "track_gain", "album_gain")
"""Tags that are shown; gains are ReplayGain in dB."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def command(arguments: argparse.Namespace) -> int:
    """Probe every file; a bad one does not keep the next from being told."""
    worst = 0
    for path in arguments.files:
        try:
            found = probe(path)
        except MediaError as error:
            complain("audiobus", error)
            worst = error.exit_code
            continue
        fields = _fields(found)
        text = json.dumps(fields) if arguments.json else _describe(fields, found.ways)
        put_line(text)
    return worst


def _fields(found: Probe) -> dict[str, object]:
    """Return what --json prints, in its order."""
    labels = found.labels
    return {
        "file": found.path,
        "codec": found.codec,
        "container": found.container,
        "rate": found.rate,
        "channels": found.channels,
        "bit_depth": found.bit_depth,
        "bit_rate": found.bit_rate,
        "bit_rate_mode": found.bit_rate_mode,
        "seconds": round(found.seconds, 6),
        "encoder_delay": found.encoder_delay,
        "encoder_padding": found.encoder_padding,
        "first_frame_offset": found.first_frame_offset,
        "audio_bytes": found.audio_bytes,
        **{name: getattr(labels, name) for name in LABELS},
        "sent_as": [_way(form) for form in found.ways],
        "warnings": list(found.warnings),
    }


def _way(form: EncodedFormat) -> str:
    """Write a form in which the file can be sent: "aac/44100/2 lc in adts"."""
    framing = f" in {form.stream_format}" if form.stream_format else ""
    return f"{form}{f' {form.variant}' if form.variant else ''}{framing}"


def _describe(fields: dict[str, object], ways: tuple[EncodedFormat, ...]) -> str:
    seconds = float(str(fields["seconds"]))
    shown = {**fields, "seconds": f"{seconds} ({clock_time(seconds)})", "bit_depth": fields["bit_depth"] or None}
    shown["sent_as"] = ", ".join(map(_way, ways)) or "PCM only"
    del shown["file"]
    known = {name.replace("_", " "): value for name, value in shown.items() if value not in ("", None, [])}
    return "\n".join([str(fields["file"]), *(f"    {name:20} {value}" for name, value in known.items())])
