"""Buffer attributes as a daemon grants them, against PulseAudio's rules and what that answered."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from pyaudiobus.client.remote import Remote
from pyaudiobus.protocol.messages import Named, SetAttributes
from pyaudiobus.protocol.words import Attributes, PcmShape
from tests.daemon.bench import Daemon, Player
from tests.daemon.pulse_lengths import Lengths

RATES = (8000, 44_100, 192_000)
SINKS = "sinks:\n" + "".join(f"  at{rate}: {{kind: null, format: s16/{rate}/2}}\n" for rate in RATES)
WIDTHS = {"u8": 1, "s16": 2, "s24": 3, "s24_32": 4, "s32": 4, "f32": 4}
Asked = tuple[int, int, int, int]


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    with Daemon(tmp_path_factory.mktemp("daemon"), SINKS) as daemon, daemon.remote() as remote:
        yield remote


def wish(asked: Asked) -> Attributes:
    return Attributes(*asked)


def told(attributes: Attributes) -> Asked:
    return attributes.maxlength, attributes.tlength, attributes.prebuf, attributes.minreq


def made(bus: Remote, shape: PcmShape, asked: Asked, mode: str) -> Player:
    return Player(
        bus,
        shape=shape,
        target=f"at{shape.rate}",
        attributes=wish(asked),
        adjust_latency=mode == "adjust",
        early_requests=mode == "early",
        corked=True,
    )


@pytest.mark.parametrize(
    ("asked", "mode", "granted"),
    [
        ((-1, -1, -1, -1), "", (4_194_304, 352_800, 349_276, 3528)),
        ((0, 0, 0, 0), "", (4, 4, 0, 4)),
        ((-1, 17_640, -1, -1), "adjust", (4_194_304, 12_348, 8824, 3528)),
        ((-1, 17_640, -1, -1), "", (4_194_304, 17_640, 14_116, 3528)),
        ((-1, 17_640, -1, -1), "early", (4_194_304, 17_640, 14_116, 3528)),
        ((-1, 100, -1, -1), "adjust", (4_194_304, 140, 120, 24)),
        ((10_001, 5003, 777, 333), "adjust", (10_004, 2832, 780, 332)),
        ((4096, -1, -1, -1), "adjust", (4096, 3072, 2052, 1024)),
    ],
)
def test_a_stream_gets_what_pulseaudio_gave(bus: Remote, asked: Asked, mode: str, granted: Asked) -> None:
    player = made(bus, PcmShape("s16", 44_100, 2), asked, mode)
    assert told(player.created.attributes) == granted
    assert Lengths(4, 44_100).playback(asked, mode)[0] == granted
    bus.ask("destroy", Named(player.serial))
    player.ring.close()


def length(chance: random.Random) -> int:
    return chance.choice((-1, 0, chance.randint(1, 3000), chance.randint(1, 400_000), chance.randint(1, 5_000_000)))


def test_whatever_is_asked_for_at_first_or_later_is_granted_by_the_rules(bus: Remote) -> None:
    chance = random.Random(16)
    for _ in range(120):
        rate, encoding, channels = chance.choice(RATES), chance.choice(tuple(WIDTHS)), chance.randint(1, 8)
        rules = Lengths(WIDTHS[encoding] * channels, rate)
        first, later = ((length(chance), length(chance), length(chance), length(chance)) for _ in range(2))
        mode, other = chance.choice(("", "adjust", "early")), chance.choice(("", "adjust", "early"))
        player = made(bus, PcmShape(encoding, rate, channels), first, mode)
        granted, latency = rules.playback(first, mode)
        assert (told(player.created.attributes), player.created.latency) == (granted, latency * 1000), (first, mode)
        again = SetAttributes(player.serial, wish(later), other == "adjust", other == "early")
        answer = bus.ask("set-attributes", again)
        granted, latency = rules.playback(later, other)
        assert (told(answer.attributes), answer.latency) == (granted, latency * 1000), (later, other)
        bus.ask("destroy", Named(player.serial))
        player.ring.close()
