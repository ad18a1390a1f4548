"""Events in the words that `--json` promises to programs."""

from __future__ import annotations

import json

import pytest

from pyaudiobus.model.events import Drained, Event, Negotiated, Notice, Playing, Started, Summary
from pyaudiobus.model.format import Codec, EncodedFormat, Encoding, PcmFormat
from pyaudiobus.model.position import Counters, Position

MP3 = EncodedFormat(Codec.MP3, 44100, 2, bit_rate=128_000)
EVENTS: list[tuple[Event, dict[str, object]]] = [
    (
        Negotiated("a.mp3", "offload", "hw:0,3", MP3, "it takes mp3", 9.0),
        {
            "event": "negotiated", "file": "a.mp3", "mode": "offload", "sink": "hw:0,3", "reason": "it takes mp3",
            "seconds": 9.0,
            "format": {"codec": "mp3", "rate": 44100, "channels": 2, "bit_rate": 128_000, "bit_depth": 0},
        },
    ),
    (
        Negotiated("a.m4a", "pcm", "null", PcmFormat(Encoding.S16, 48000, 1), "no DSP", 1 / 3),
        {
            "event": "negotiated", "file": "a.m4a", "mode": "pcm", "sink": "null", "reason": "no DSP",
            "seconds": 0.333333,
            "format": {"codec": "pcm", "encoding": "s16", "rate": 48000, "channels": 1},
        },
    ),
    (Notice("a.mp3", "the last 13 bytes are no whole frame"),
     {"event": "notice", "file": "a.mp3", "text": "the last 13 bytes are no whole frame"}),
    (Started("a.mp3", 65536, 8192), {"event": "started", "file": "a.mp3", "buffer": 65536, "fragment_size": 8192}),
    (
        Playing("a.mp3", Position(1.23456789, 0.0261), 9.0, 0.51249),
        {"event": "position", "file": "a.mp3", "seconds": 1.234568, "uncertainty": 0.0261, "fill": 0.512,
         "latency": 0.0},
    ),
    (Drained("a.mp3"), {"event": "drained", "file": "a.mp3"}),
    (
        Summary("a.mp3", "offload", 9.0, Counters(144_000, 144_000, 2, 0)),
        {
            "event": "summary", "file": "a.mp3", "mode": "offload", "seconds": 9.0, "bytes_sent": 144_000,
            "bytes_consumed": 144_000, "wakeups": 2, "underruns": 0,
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("event", "words"), EVENTS)
def test_an_event_is_told_in_the_promised_words(event: Event, words: dict[str, object]) -> None:
    assert json.loads(json.dumps(event.as_json(), allow_nan=False)) == words
