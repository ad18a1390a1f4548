"""Counts what decisions cost on a bus of many nodes; in virtual time a nanosecond is an instruction. JSON on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from types import MappingProxyType

from pyaudiobus.model.items import Fact, Item
from pyaudiobus.model.policy import Meeting, PolicySettings, StreamRole
from pyaudiobus.model.snapshot import DEFAULT_SINK, PLAYBACK, SINK, Snapshot
from pyaudiobus.policy.applied import applied
from pyaudiobus.policy.concern import concerned
from pyaudiobus.policy.decide import decide
from pyaudiobus.policy.plan import plan
from pyaudiobus.policy.presets import chains_for
from pyaudiobus.policy.pseudo import named_subject
from pyaudiobus.policy.questions import QUESTIONS
from pyaudiobus.policy.streams import VOLUME_KEYS

SINKS, STREAMS, ROUNDS = 40, 160, 5
FORMATS = ("s16/48000/2", "mp3/44100/2 s16/48000/2")


def main() -> None:
    """Measure, and tell."""
    chains = chains_for("main")
    bus = bus_of_many()
    for action in plan(bus, chains).actions:
        bus = applied(bus, action)
    late = stream(10_000, "late", FORMATS[1], "alert")
    changed = bus.with_items({late.serial: late})
    dirty = concerned(None, late, changed)
    told = {
        "nodes": SINKS + STREAMS,
        "index": cost(lambda: Snapshot.of(bus.items.values(), bus.entries.values()).nodes(SINK)),
        **{name: cost(lambda: decide(changed, subject, name, chains)) for name, subject in subjects(changed, late)},  # noqa: B023  # it is called at once
        "new stream": cost(lambda: plan(changed, chains, dirty)),
        "everything": cost(lambda: plan(changed, chains), 1),
    }
    json.dump(told, sys.stderr)


def subjects(bus: Snapshot, late: Item) -> list[tuple[str, Item]]:
    """Name for each question something on the bus that it is asked about."""
    first, dsp = bus.items[2], bus.items[1]
    routed = {"routes": "speaker headphones hdmi", "route": "hdmi", "profiles": "hifi voice off", "profile": "voice"}
    told = {
        "access": Item(20_000, "client", "app", 20_000, "ready", MappingProxyType({}), MappingProxyType({"uid": 1000})),
        "profile": first.replace(kind="device", facts=MappingProxyType({**first.facts, **routed})),
        "route": first.replace(facts=MappingProxyType({**first.facts, **routed})),
        "retry": first.replace(state="lost"),
        "default": named_subject(DEFAULT_SINK),
        "owner": dsp,
        "keys": named_subject(VOLUME_KEYS),
        "power": first,
    }
    return [(question.name, told.get(question.name, late)) for question in QUESTIONS]


def cost(what: Callable[[], object], rounds: int = ROUNDS) -> int:
    """Return the processor time of a warm run, in nanoseconds."""
    what()
    began = time.process_time_ns()
    for _ in range(rounds):
        what()
    return (time.process_time_ns() - began) // rounds


def bus_of_many() -> Snapshot:
    """Return a bus of sinks, a DSP among them, and of streams with and without roles."""
    sinks = [sink(number) for number in range(1, SINKS + 1)]
    roles = ("", "music", "game", "voice")
    streams = [
        stream(SINKS + number, f"stream{number}", FORMATS[number % 2], roles[number % 4])
        for number in range(1, STREAMS + 1)
    ]
    settings = PolicySettings(
        roles=(
            StreamRole("music", 10),
            StreamRole("voice", 20, lower=Meeting.DUCK),
            StreamRole("alert", 30, lower=Meeting.DUCK),
        )
    )
    return Snapshot.of((*sinks, *streams), policy=settings)


def sink(number: int) -> Item:
    """Make a sink; the first is a DSP."""
    is_dsp = number == 1
    facts: dict[str, Fact] = {"format": "mp3 flac"} if is_dsp else {"format": "s16/48000/2", "volume": "1"}
    properties = {"media.class": SINK, "priority.session": str(number), "device.api": "compress" if is_dsp else "alsa"}
    return Item(number, "node", f"sink{number}", 0, "idle", MappingProxyType(properties), MappingProxyType(facts))


def stream(serial: int, name: str, formats: str, role: str) -> Item:
    """Make a stream that waits to be linked."""
    properties = {"media.class": PLAYBACK, **({"media.role": role} if role else {})}
    facts: dict[str, Fact] = {"formats": formats, "format": formats.split(maxsplit=1)[0], "volume": "1"}
    return Item(serial, "node", name, 7, "waiting", MappingProxyType(properties), MappingProxyType(facts))


if __name__ == "__main__":
    main()
