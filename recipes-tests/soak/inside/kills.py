"""Kills players with SIGKILL at random moments, and opens the device right after each death."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NoReturn

from pyaudiobus.devices.clock import MonotonicClock
from pyaudiobus.devices.kernel import KernelCompressDevice
from pyaudiobus.errors import DeviceError
from soak.inside.sinks import make_sink, play
from soak.stream import EndlessStream

STATE = Path("/sys/kernel/debug/snd_virtual_dsp/state")
SHORT, LONG = 0.3, 60.0
"""Seconds: a song that the ring holds whole is drained at once, a longer one runs."""
LONGEST = 0.4


def main(count: int, log: str) -> None:
    chance = random.Random(count)
    songs = [EndlessStream(SHORT), EndlessStream(LONG)]
    states: Counter[str] = Counter()
    held = 0
    with Path(log).open("w", buffering=1) as lines:
        for turn in range(1, count + 1):
            states[_death(songs[turn % 2], chance.uniform(0, LONGEST))] += 1
            held += not _is_free()
            if turn % 100 == 0:
                lines.write(json.dumps({"turns": turn, "held": held, "states": states}) + "\n")


def _death(song: EndlessStream, delay: float) -> str:
    """Start a player, kill it after a while; return the driver's state when it died."""
    player = os.fork()
    if player == 0:
        _play_for_ever(song)
    time.sleep(delay)
    facts = dict(line.partition(" ")[::2] for line in STATE.read_text().splitlines())
    os.kill(player, signal.SIGKILL)
    os.waitpid(player, 0)
    return facts["state"] if facts["open"] == "1" else "not open"


def _play_for_ever(song: EndlessStream) -> NoReturn:
    clock = MonotonicClock()
    sink = make_sink(clock)
    while True:
        song.rewind()
        play(sink, song, clock)


def _is_free() -> bool:
    device = KernelCompressDevice(0, 0)
    try:
        device.open()
    except DeviceError as error:
        sys.stderr.write(f"{error}\n")
        return False
    device.close()
    return True


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
