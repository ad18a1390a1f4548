"""Plugs a card in and out while streams play through the daemon: what are they told, and what is lost?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cards.inside.daemon import Daemon, counted, ear, facts_of, heard_by, noise, told, until
from pyaudiobus.client.playback import PlaybackStream, play
from pyaudiobus.client.record import RecordStream
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.words import Attributes

DRIVER = Path("/sys/bus/platform/drivers/snd_aloop")
CARD = "snd_aloop.0"
FORM = PcmFormat(Encoding.S16, 48_000, 2)
TIMES = 2


@contextmanager
def unplugged() -> Iterator[None]:
    """Pull the card out, and plug it in again at the end. The kernel comes back when its last file was closed."""
    pulling = threading.Thread(target=(DRIVER / "unbind").write_text, args=(CARD,))
    pulling.start()
    yield
    pulling.join()
    (DRIVER / "bind").write_text(CARD)


class Scene:
    """Streams on the card: one that goes elsewhere, one that waits, one that dies, who records; and one far away."""

    def __init__(self, remote: Remote, parts: ExitStack) -> None:
        self._remote, self._parts = remote, parts
        self._data = noise(FORM, 6, 16)
        self.far = self._play("far", target="steady")
        self.follows = self._play("follows")
        self.ears = [self._listen(str(stream.serial)) for stream in (self.far, self.follows)]
        self.waits = self._play("waits", dont_move=True, volume=(0.0,))
        self.dies = self._play("dies", dont_reconnect=True, volume=(0.0,))
        self.recorder = self._listen("fromA")
        for stream in (self.far, self.follows, self.waits, self.dies):
            stream.write(self._data)
        self.until_told(self.waits, "started")

    def until_told(self, stream: PlaybackStream | RecordStream, *words: object) -> None:
        """Wait until something was told to a stream, as the last of its kind."""
        until(lambda: [one for one in told(stream) if one[0] == words[0]][-1:] == [list(words)], [self._remote])

    def is_whole(self, recording: RecordStream) -> bool:
        """Tell whether the first second, in which the card went and came, was heard as it was played."""
        played = self._data[: FORM.rate * FORM.frame_size]
        return played in heard_by(recording, 2 * len(played))

    def _play(self, name: str, **wish: object) -> PlaybackStream:
        room = Attributes(maxlength=4 << 20, tlength=len(self._data), prebuf=FORM.frame_size)
        return self._parts.enter_context(play(self._remote, FORM, name, attributes=room, **wish))

    def _listen(self, target: str) -> RecordStream:
        return self._parts.enter_context(ear(self._remote, FORM, target))


def plug(daemon: Daemon, remote: Remote) -> dict[str, object]:
    """Have the card out and in again, and again for the descriptors."""
    with ExitStack() as parts:
        scene = Scene(remote, parts)
        descriptors = []
        for _ in range(TIMES):
            with unplugged():
                scene.until_told(scene.follows, "moved", "steady", False)
                for stream in (scene.waits, scene.recorder):
                    scene.until_told(stream, "suspended", True)
            scene.until_told(scene.follows, "moved", "toA", False)
            for stream in (scene.waits, scene.recorder):
                scene.until_told(stream, "suspended", False)
            descriptors.append(daemon.descriptors)
        return {
            "descriptors": descriptors,
            "follows": [one for one in told(scene.follows) if one[0] != "started"],
            "waits": [one for one in told(scene.waits) if one[0] != "started"],
            "recorder": told(scene.recorder),
            "killed": scene.dies.state.killed,
            "whole": [scene.is_whole(recording) for recording in scene.ears],
            "far": told(scene.far),
            "late": counted(remote, "steady"),
            "state": facts_of(remote, "toA")["state"],
        }
