"""A daemon in the guest, and what its programs hear of it. There a leap of the clock must not fail anything."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from pyaudiobus.client.mirror import look
from pyaudiobus.client.playback import PlaybackStream
from pyaudiobus.client.record import RecordStream, record
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.protocol.words import Attributes

PROGRAM = "from pyaudiobus.cli.start import audiobusd; raise SystemExit(audiobusd())"
SOCKET = "/tmp/cards-bus"
CONFIG = Path("/tmp/cards.yaml")
LOG = Path("/tmp/cards.log")
PATIENCE = 600
"""Seconds of the guest's clock, which leaps while a program is loaded."""


class Daemon:
    """One with this configuration, and no board file."""

    def __init__(self, yaml: str) -> None:
        CONFIG.write_text(yaml)
        command = [sys.executable, "-c", PROGRAM, "--config", str(CONFIG), "--board", "", "--socket", SOCKET]
        with LOG.open("wb") as log:
            self._process = subprocess.Popen(command, stderr=log)
        until(lambda: self._process.poll() is not None or os.path.exists(SOCKET))

    @property
    def descriptors(self) -> int:
        """How many it has."""
        return len(os.listdir(f"/proc/{self._process.pid}/fd"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        if self._process.wait():
            raise RuntimeError(LOG.read_text())


def until(is_so: Callable[[], object], remotes: Iterable[Remote] = ()) -> None:
    """Wait until something is so, and hear meanwhile what remotes are told."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(LOG.read_text())
        for remote in remotes:
            remote.wait(timeout=0)
        time.sleep(0.01)


def counted(remote: Remote, name: str) -> list[int]:
    """Return how often a node or its streams were late, each way."""
    facts = facts_of(remote, name)
    return [int(str(facts.get(counter, 0))) for counter in ("xruns", "late_streams", "lost_record")]


def facts_of(remote: Remote, name: str) -> dict[str, object]:
    """Return what is told of a node."""
    found = look(remote).find(name, "node")
    if found is None:
        raise LookupError(name)
    return {"state": found.state, **found.facts}


def ear(remote: Remote, form: PcmFormat, target: str) -> RecordStream:
    """Record from something, with room for all that is to come."""
    room = Attributes(maxlength=4 << 20, fragsize=form.rate // 50 * form.frame_size)
    return record(remote, form, "ear", target, attributes=room)


def heard_by(recording: RecordStream, wanted: int) -> bytes:
    """Return what was recorded, at least so many bytes of it from the first sound on."""
    heard, silent = b"", 0
    while len(heard) - silent < wanted:
        heard += recording.read()
        silent = len(heard) - len(heard.lstrip(b"\0"))
    return heard


def noise(form: PcmFormat, seconds: float, bits: int, seed: int = 1) -> bytes:
    """Return noise whose samples have so many bits, the first byte of each frame not zero."""
    width, count = form.encoding.width, int(form.rate * seconds) * form.channels
    data = bytearray(random.Random(seed).randbytes(width * count))
    for place in range(width - bits // 8):  # little endian: what is cut off comes first
        data[place::width] = bytes(count)
    data[width - 1 :: form.frame_size] = b"\x55" * (count // form.channels)
    return bytes(data)


def told(stream: PlaybackStream | RecordStream) -> list[list[object]]:
    """Return what a stream was told: event and place, or whether it was suspended."""
    facts = ("device_name", "suspended")
    return [
        [one.name, *(getattr(one.body, fact) for fact in facts if hasattr(one.body, fact))] for one in stream.happenings
    ]
