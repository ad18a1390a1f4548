"""Plays what is to be sent of a file on a virtual DSP, in its own time."""

from __future__ import annotations

import wave
from math import inf
from pathlib import Path

from pyaudiobus.devices.clock import PacedClock
from pyaudiobus.devices.compress import Geometry
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.media.encoded import EncodedFile, open_encoded
from pyaudiobus.media.encoded_file import Presentation
from pyaudiobus.model.format import EncodedFormat

FILES = Path(__file__).parents[2] / "media" / "files"
RING = Geometry(64 * 1024, 16)
"""More than any of the files needs."""


def encoded(name: str) -> EncodedFile:
    found = open_encoded(str(FILES / name))
    assert found is not None
    return found


def play(way: Presentation, folder: Path, form: EncodedFormat | None = None) -> tuple[bytes, bytes]:
    """Return what was heard and what was consumed; `form` is another one than the file's, for lies."""
    form = form or way.form
    dsp = VirtualDsp("generic", PacedClock(inf), render=str(folder / "heard.wav"), tap=str(folder / "tap.bin"))
    dsp.open()
    try:
        dsp.set_params(form, RING)
        dsp.set_metadata(form.encoder_delay, form.encoder_padding)
        data = way.reader().peek(1 << 30)
        assert dsp.write(data) == len(data)
        dsp.start()
        dsp.drain()
        assert dsp.stream.firmware.errors == 0
    finally:
        dsp.close()
    return heard(folder), (folder / "tap.bin").read_bytes()


def heard(folder: Path) -> bytes:
    with wave.open(str(folder / "heard.wav")) as sound:
        return bytes(sound.readframes(1 << 24))
