"""Streams that a tool opens: their formats as people type them, buffers for a latency, and conversion where needed."""

from __future__ import annotations

import argparse
from typing import Any

from pyaudiobus.cli.load import PLAY_CONVERTED, RECORD_CONVERTED, load
from pyaudiobus.client.playback import PlaybackStream, play
from pyaudiobus.client.record import RecordStream, record
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import UserError
from pyaudiobus.model.format import PcmFormat, parse_format
from pyaudiobus.protocol.messages import Code
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Attributes

Wishes = dict[str, Any]


def parse_pcm(text: str) -> PcmFormat:
    """Read a PCM format, for argparse."""
    try:
        found = parse_format(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if not isinstance(found, PcmFormat):
        raise argparse.ArgumentTypeError(f"{text!r} is encoded; write a PCM format such as s16/48000/2")
    return found


def wishes(form: PcmFormat, latency: float | None) -> Wishes:
    """Return the fields of CreateStream for a latency in milliseconds; none of them where the bus is to choose."""
    if latency is None:
        return {}
    size = max(1, round(form.rate * latency / 1000)) * form.frame_size
    return {"attributes": Attributes(tlength=size, fragsize=size), "adjust_latency": True}


def open_playback(remote: Remote, form: PcmFormat, name: str, wish: Wishes) -> PlaybackStream:
    """Make a stream that plays; converted here where no sink takes it as it is."""
    try:
        return play(remote, form, name, **wish)
    except Refused as error:
        if error.code is not Code.INVALID:
            raise
    stream: PlaybackStream = load(PLAY_CONVERTED)(remote, form, name, **wish)
    return stream


def open_record(
    remote: Remote, form: PcmFormat, name: str, target: str, wish: Wishes, *, must_fit: bool
) -> RecordStream:
    """Make a stream that records; converted here where what is heard is at another rate.

    With `must_fit` also where it has other channels: a stream is heard in those of its sink.
    """
    stream: RecordStream
    try:
        stream = record(remote, form, name, target, **wish)
    except Refused as error:
        if error.code is not Code.INVALID:
            raise
    else:
        if not must_fit or stream.format.channels == form.channels:
            return stream
        stream.close()
    stream = load(RECORD_CONVERTED)(remote, form, name, target, **wish)
    return stream
