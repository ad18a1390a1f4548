"""Encoded streams through a bus to a DSP: which bytes arrive, who gets it, and what happens when something fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.dsp_bus import FLAC, MP3, PCM, DspBus, Encoded, song_at


@pytest.mark.parametrize("path", [MP3, FLAC], ids=lambda path: path.suffix)
@pytest.mark.parametrize("profile", ["q6asm", "generic"])
def test_the_dsp_consumes_what_the_ring_brought_and_nothing_else(tmp_path: Path, profile: str, path: Path) -> None:
    shape, data = song_at(path)
    with DspBus(tmp_path, profile=profile) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape, PCM)
        assert stream.created.device_name == "dsp"
        stream.write(data)
        stream.end()
        stream.await_event("started")
        assert stream.await_event("ended").index == len(data)
        remote.ask("destroy", type_named(stream.serial))
        remote.ask("sync")
        assert bus.tapped() == data


def type_named(serial: int):  # type: ignore[no-untyped-def]
    from pyaudiobus.protocol.messages import Named

    return Named(serial)
