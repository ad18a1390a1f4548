"""Plays files on hw:0,0 as `audiobus play` does, and asks the player for what a script says when it comes to a place.

The script is a list of [file's number, seconds, verb, number or words]: pause for so many seconds, seek to a second, go
to the next file, or order the driver something. What the player tells is printed, and with each position the driver's.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from pyaudiobus.cli.board_in_use import BoardInUse
from pyaudiobus.cli.play import open_decoded
from pyaudiobus.cli.settings import DeviceName, PlaySettings
from pyaudiobus.cli.wiring import make_bus
from pyaudiobus.client.player import Player
from pyaudiobus.model.events import Event, Playing

BOOKS = Path("/sys/kernel/debug/snd_virtual_dsp")
FRAGMENTS = 8
Deed = tuple[int, float, str, float | str]


class Obedience:
    """A player, and what is left of its script."""

    def __init__(self, player: Player, files: list[str], script: list[Deed]) -> None:
        self._player = player
        self._files = files
        self._script = script

    def look(self, event: Event) -> None:
        """Do what is due."""
        if not isinstance(event, Playing) or not self._script:
            return
        number, seconds, verb, what = self._script[0]
        if event.file == self._files[number] and event.position.seconds >= seconds:
            self._script.pop(0)
            self._do(verb, what)

    def _do(self, verb: str, what: float | str) -> None:
        controls = self._player.controls
        if verb == "pause":
            controls.pause()
            threading.Timer(float(what), controls.resume).start()
        elif verb == "seek":
            controls.seek(float(what))
        elif verb == "next":
            controls.next()
        else:
            (BOOKS / "ctl").write_text(f"{what}\n")


def main(script: str, ring: int, pcm: str, files: list[str]) -> None:
    device = DeviceName.parse("hw:0,0")
    settings = PlaySettings(device=device, backend="kernel", pcm=pcm, ring_size=ring, fragments=FRAGMENTS)
    bus = make_bus(settings, BoardInUse(None))
    player = Player(bus, open_decoded, 0.1)
    obedience = Obedience(player, files, json.loads(script))
    for event in player.play_all(files):
        told = event.as_json()
        if isinstance(event, Playing):
            told["rendered_frames"] = rendered_frames()
        sys.stdout.write(json.dumps(told) + "\n")
        obedience.look(event)


def rendered_frames() -> int:
    facts = dict(line.partition(" ")[::2] for line in (BOOKS / "state").read_text().splitlines())
    return int(facts.get("rendered_frames", 0))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:])
