"""Starts and stops one sink again and again, some of them paused on the way, and writes a line about each hundred."""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

from pyaudiobus.devices.clock import MonotonicClock
from pyaudiobus.graph.node import Command
from soak.inside.sinks import begin, make_sink, weight
from soak.stream import EndlessStream

SECONDS = 60.0
LONGEST = 0.3


def main(count: int, log: str) -> None:
    chance = random.Random(count)
    sink = make_sink(MonotonicClock())
    stream = EndlessStream(SECONDS)
    with Path(log).open("w", buffering=1) as lines:
        for turn in range(1, count + 1):
            stream.rewind()
            begin(sink, stream)
            time.sleep(chance.uniform(0, LONGEST))
            if turn % 3 == 0:
                sink.send_command(Command.PAUSE)
                sink.send_command(Command.START)
            sink.send_command(Command.SUSPEND)
            if turn % 100 == 0:
                lines.write(json.dumps({"turns": turn, **weight()}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
