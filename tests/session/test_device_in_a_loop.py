"""A card that comes and goes again and again: bounded work, few words, and streams that end up where they belong."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

import pytest

from pyaudiobus.client.mirror import look
from pyaudiobus.client.remote import Remote
from pyaudiobus.protocol.words import PcmShape
from pyaudiobus.session.configuration import Places, read
from pyaudiobus.session.session import Session
from pyaudiobus.session.state_file import StateFile
from tests.daemon.bench import Player
from tests.daemon.card_bus import CardBus
from tests.daemon.dsp_bus import PCM

TIMES = 60
MOST_PLANS = 6
"""For each time: one when it goes, one when it comes, and one each when that was done."""
S48 = PcmShape("s16", 48_000, 2)


def test_a_card_in_a_loop_costs_little_and_is_told_of_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    now = 0.0
    with CardBus(tmp_path) as bus, bus.remote("eye") as eye, bus.remote("players") as remote:
        bystander = Player(remote, "bystander", PCM, target="null")
        song = Player(remote, "song", S48, target="speaker")
        session = Session(bus.remote("session"), read(Places()), StateFile(None), clock=lambda: now)
        session.start()
        before = (len(look(eye).items), len(os.listdir("/proc/self/fd")))
        caplog.clear()
        plans = session.plans
        for number in range(TIMES):
            bus.unplug(number % 2)
            session.wait()
            bus.plug(Board=(number + 1) % 2)
            session.wait()
        assert session.plans - plans < MOST_PLANS * TIMES
        assert _place(eye, song.serial) in ("speaker", "hdmi", "")
        now += 300
        session.settle()
        assert _place(eye, song.serial) == "speaker"
        found = look(eye)
        assert len(found.items) == before[0]
        assert len(os.listdir("/proc/self/fd")) <= before[1]
        assert found.items[bystander.serial].facts["underruns"] == 0
        assert _place(eye, bystander.serial) == "null"
        session._remote.close()
    kinds = {re.sub(r"\d+", "N", record.getMessage()) for record in caplog.records}
    assert len(caplog.records) < 2 * len(kinds), caplog.text
    assert len(kinds) < 12, caplog.text


def _place(eye: Remote, stream: int) -> str:
    bus = look(eye)
    found = [bus.items[link.number("input")].name for link in bus.links_from(stream)]
    return found[0] if found else ""
