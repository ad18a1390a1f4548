"""How long a paused stream keeps its DSP awake, as the daemon's file says."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.protocol.messages import Cork
from tests.daemon.bench import Daemon, Observer
from tests.daemon.dsp_bus import FLAC, Encoded, song_at


def test_a_dsp_sleeps_after_so_long_a_pause_as_the_file_says(launch: Callable[[str], Daemon]) -> None:
    daemon = launch("sinks:\n  dsp: {kind: compress, virtual: generic, suspend-after: 1 s}\n")
    observer = Observer(daemon.remote("observer"))
    shape, data = song_at(FLAC)
    stream = Encoded(daemon.remote("player"), shape)
    stream.write(data)
    stream.end()
    stream.await_event("started")
    stream.remote.ask("cork", Cork(stream.serial, True))

    def is_asleep() -> bool:
        dsp = observer.named("dsp")
        return dsp is not None and dsp.state == "suspended"

    observer.until(is_asleep)
    stream.remote.ask("cork", Cork(stream.serial, False))
    observer.until(lambda: not is_asleep())
