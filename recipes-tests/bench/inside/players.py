"""Programs that play on our bus in the guest, each a process: the first argument says how, a JSON object says the rest.

Python is loaded once and the processes are forked off it, which costs them nothing that is counted.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from pyaudiobus.client.generated import play_function, play_native
from pyaudiobus.client.playback import PlaybackStream, play
from pyaudiobus.client.remote import Remote
from pyaudiobus.engine.generator import saw
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.words import Attributes

FORM = PcmFormat(Encoding.S16, 48_000, 2)
AHEAD = 48_000 * 2
"""Frames that a player keeps in its ring."""
REFILL = 24_000


def main() -> None:
    """Fork as many players as wanted, tell their process ids, and wait to be killed."""
    plan: dict[str, Any] = json.loads(sys.argv[1])
    pids = []
    for number in range(plan["count"]):
        pid = os.fork()
        if pid == 0:
            PLAYERS[plan["how"]](plan["socket"], f"player {number}", plan["quantum"])
        pids.append(pid)
    with open(plan["pids"] + ".new", "w", encoding="ascii") as file:
        json.dump(pids, file)
    os.rename(plan["pids"] + ".new", plan["pids"])
    signal.pause()


def play_ahead(socket: str, name: str, quantum: int) -> None:
    """Keep the ring full; wake when half a second of it is free."""
    del quantum
    with Remote(name, socket) as remote, play(remote, FORM, name, attributes=_attributes(AHEAD, REFILL)) as stream:
        piece = _sound(REFILL)
        while True:
            stream.write(piece)


def play_default(socket: str, name: str, quantum: int) -> None:
    """Play as a program does that asks for no attributes."""
    del quantum
    with Remote(name, socket) as remote, play(remote, FORM, name) as stream:
        piece = _sound(REFILL)
        while True:
            stream.write(piece)


def generate(socket: str, name: str, quantum: int) -> None:
    """Call a Python function for every quantum."""
    sound = memoryview(_sound(4 * quantum))

    def fill(room: memoryview) -> int:
        room[:] = sound[: len(room)]
        return len(room)

    with Remote(name, socket) as remote, _every_quantum(remote, name, quantum) as stream:
        play_function(stream, fill)


def generate_natively(socket: str, name: str, quantum: int) -> None:
    """Let a C function be called for every quantum."""
    with Remote(name, socket) as remote, _every_quantum(remote, name, quantum) as stream:
        play_native(remote, stream, saw())


def _every_quantum(remote: Remote, name: str, quantum: int) -> PlaybackStream:
    return play(remote, FORM, name, early_requests=True, attributes=_attributes(2 * quantum, quantum))


def _attributes(target: int, least: int) -> Attributes:
    frame = FORM.frame_size
    return Attributes(maxlength=(target + 2 * least) * frame, tlength=target * frame, minreq=least * frame)


def _sound(frames: int) -> bytes:
    """Loud enough to be mixed: no shortcut for silence would be taken."""
    return bytes(number * 37 % 251 for number in range(frames * FORM.frame_size))


PLAYERS = {"ahead": play_ahead, "default": play_default, "python": generate, "native": generate_natively}

if __name__ == "__main__":
    main()
