"""Every byte of a song reaches the DSP, in order, whenever the session manager is killed."""

from __future__ import annotations

import random
from math import inf
from pathlib import Path

from pyaudiobus.devices.clock import PacedClock
from tests.daemon.dsp_bus import MP3, PCM, DspBus, Encoded, song_at
from tests.session.program import Program

KILLS = 2
MOST_AHEAD = 900_000
"""Bytes."""


def test_bytes_reach_the_dsp_in_order_while_the_session_manager_is_killed(tmp_path: Path) -> None:
    dice = random.Random(11)
    shape, data = song_at(MP3)
    fed = 0
    with (
        DspBus(tmp_path, clock=lambda: PacedClock(inf)) as bus,
        bus.remote() as remote,
        Program(bus, tmp_path, "settings: {encoded.preempted: wait}\n") as program,
    ):
        song = Encoded(remote, shape, PCM)

        def feed(size: int) -> None:
            nonlocal fed
            while size > 0:
                song.ring.space()
                room = max(0, MOST_AHEAD - song.ring.written + song.ring.taken)
                piece = data[fed % len(data) :][: min(size, 16_384, room)]
                song.write(piece)
                fed, size = fed + len(piece), size - len(piece)

        for _ in range(KILLS):
            feed(dice.randrange(1, 600_000))
            program.kill()
            feed(dice.randrange(1, 600_000))
            program.start()
        song.end()
        song.await_event("ended")
        assert bus.tapped() == (data * (fed // len(data) + 1))[:fed]
