"""Steps of share_the_dsp.feature."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from math import inf
from pathlib import Path

from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.cli.local_bus import LocalBus
from pyaudiobus.client.decoded_file import DecodedFile
from pyaudiobus.client.player import Player
from pyaudiobus.client.remote_bus import RemoteBus
from pyaudiobus.devices.clock import PacedClock
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.daemon_settings import DaemonSettings, SecondEncoded
from pyaudiobus.model.events import Event, Negotiated, Summary
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.pcm_sink import PcmSink
from tests.client.studio import MEDIA
from tests.daemon.dsp_bus import PATIENCE, DspBus, song_at
from tests.nodes.outputs import Tape

scenarios("share_the_dsp.feature")
SONG = MEDIA / "flac-16-stereo.flac"
ANSWERS = {"decoded": SecondEncoded.DECODE, "wait": SecondEncoded.WAIT, "refused": SecondEncoded.REFUSE}


class Party:
    """Players that play at once: each holds its song at the beginning until all have asked."""

    def __init__(self, bus: DspBus, folder: Path) -> None:
        self.bus = bus
        self.render = folder / "render.wav"
        self.events: dict[str, list[Event]] = {}
        self.refusals: dict[str, AudiobusError] = {}
        self._threads: list[threading.Thread] = []
        self._may_end = threading.Event()

    def play(self, name: str) -> None:
        has_asked = threading.Event()
        thread = threading.Thread(target=self._play, args=(name, has_asked))
        self._threads.append(thread)
        thread.start()
        while not (has_asked.is_set() or self._waits()):
            assert thread.is_alive() or has_asked.is_set()

    def _waits(self) -> bool:
        return any(found.state == "waiting" for found in self.bus.call(lambda: list(self.bus.bus.registry))[-3:])

    def _play(self, name: str, has_asked: threading.Event) -> None:
        told = self.events[name] = []
        try:
            with self.bus.remote(name) as remote:
                for event in Player(RemoteBus(remote), DecodedFile).play(str(SONG)):
                    told.append(event)
                    has_asked.set()
                    assert self._may_end.wait(PATIENCE)
        except AudiobusError as error:
            self.refusals[name] = error
        has_asked.set()

    def end(self) -> None:
        self._may_end.set()
        for thread in self._threads:
            thread.join(PATIENCE)


@given(parsers.re(r"a bus whose second encoded stream is to (be )?(?P<answer>\w+)"), target_fixture="party")
def _(tmp_path: Path, answer: str) -> Iterator[Party]:
    settings = DaemonSettings(second_encoded=ANSWERS[answer])
    with DspBus(tmp_path, settings=settings, render=tmp_path / "render.wav") as bus:
        party = Party(bus, tmp_path)
        yield party
        party.end()


@when(parsers.parse('"{name}" plays a song'))
def _(party: Party, name: str) -> None:
    party.play(name)


def _heard(party: Party, name: str) -> Negotiated:
    party.end()
    first, last = party.events[name][0], party.events[name][-1]
    assert isinstance(first, Negotiated)
    assert isinstance(last, Summary)
    assert last.counters.bytes_sent == last.counters.bytes_consumed
    return first


@then(parsers.parse('"{name}" is heard undecoded on the DSP'))
def _(party: Party, name: str) -> None:
    assert _heard(party, name).sink == "dsp"
    assert party.bus.tapped() == song_at(SONG)[1]


@then(parsers.parse('"{name}" is heard decoded, because the DSP plays another'))
def _(party: Party, name: str) -> None:
    first = _heard(party, name)
    assert first.mode == "pcm"
    assert "one encoded stream at a time" in first.reason


@then(parsers.parse('both are heard undecoded on the DSP, "{name}" first'))
def _(party: Party, name: str) -> None:
    assert "it waited for" not in _heard(party, name).reason
    assert "it waited for" in _heard(party, "bert").reason
    assert party.bus.tapped() == song_at(SONG)[1] * 2


@then(parsers.parse('"{name}" is told that the DSP plays another'))
def _(party: Party, name: str) -> None:
    party.end()
    assert "one encoded stream at a time" in party.refusals[name].what


@then("what the DSP rendered is what it renders without a bus")
def _(party: Party, tmp_path: Path) -> None:
    _heard(party, "anna")
    party.bus.settle()
    clock = PacedClock(inf)
    dsp = VirtualDsp("q6asm", clock, str(tmp_path / "alone.wav"))
    sink = CompressedSink(dsp, clock, quirks_for(dsp.driver))
    list(Player(LocalBus(clock, sink, lambda: PcmSink(Tape(), clock)), DecodedFile).play(str(SONG)))
    assert (tmp_path / "render.wav").read_bytes() == (tmp_path / "alone.wav").read_bytes()
