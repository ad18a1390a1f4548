"""Plays one stream for hours and hours, and writes a line about each."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pyaudiobus.graph.node import Command, Status
from soak.inside.sinks import FastClock, begin, make_sink, weight
from soak.stream import EndlessStream

HOUR = 3600.0


def main(hours: float, speed: float, log: str) -> None:
    clock = FastClock(speed)
    sink, stream = make_sink(clock), EndlessStream(hours * HOUR)
    with Path(log).open("w", buffering=1) as lines:
        cycle, due = begin(sink, stream), HOUR
        while cycle.status is not Status.DRAINED:
            clock.wait(sink.signal, cycle.deadline)
            cycle = sink.process()
            if sink.position().seconds >= due:
                due += HOUR
                lines.write(_line(sink.position().seconds, sink.counters().bytes_sent) + "\n")
        counters = sink.counters()
        facts = {"bytes_consumed": counters.bytes_consumed, "wakeups": counters.wakeups, "xruns": counters.underruns}
        lines.write(_line(sink.position().seconds, counters.bytes_sent, **facts) + "\n")
    sink.send_command(Command.SUSPEND)


def _line(seconds: float, sent: int, **facts: int) -> str:
    return json.dumps({"hours": seconds / HOUR, "bytes_sent": sent, **facts, **weight()})


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]), sys.argv[3])
