"""Plays noise into snd-aloop through one cycle, records it through another, and prints as JSON what became of it."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from threading import Thread

from pyaudiobus.engine.driver import EventKind, SampleCode
from pyaudiobus.engine.pcm import pcm_device, pcm_source
from tests.engine.sink import RATE, Listener, Sink, wait_for

FRAMES = RATE
DRIVER = Path("/sys/bus/platform/drivers/snd_aloop")


def card() -> int:
    """Return the number of the card Loopback."""
    return int(
        next(line.split()[0] for line in Path("/proc/asound/cards").read_text().splitlines() if "Loopback" in line)
    )


def noise(frame_size: int) -> bytes:
    """Return a second of noise in which no frame is silent."""
    numbers = random.Random(1)
    return b"".join(bytes([1, *numbers.randbytes(frame_size - 1)]) for _ in range(FRAMES))


def loop(encoding: SampleCode, quantum: int) -> dict[str, object]:
    """Play and record a second; say whether what was recorded is what was played."""
    device, form = pcm_device(card(), 0, RATE, 2, encoding)
    source, _ = pcm_source(card(), 1, form.rate, form.channels, form.encoding)
    with Sink(2, encoding, quantum, device) as playing, Sink(2, encoding, quantum, source) as recording:
        data = noise(4)
        stream, ear = playing.stream(size=len(data)), recording.listener(SampleCode.S16, size=16 * len(data))
        stream.write(data)
        stream.end()
        with recording.driver.together():
            recording.listen(ear)
        ear.read(4)
        with playing.driver.together():
            playing.play(stream)
        playing.wait(EventKind.IDLE)
        is_exact = hears(ear, data)
        return {
            "granted": str(form.encoding.name),
            "exact": is_exact,
            "xruns": [playing.driver.counters().xruns, recording.driver.counters().xruns],
            "told": [event.kind.name for event in playing.seen],
            "wakeups": playing.driver.counters().wakeups,
        }


def hears(ear: Listener, data: bytes) -> bool:
    """Wait for all of it and a quarter of a second more; whether it was there."""
    first = ear.waiting().find(data[:40])
    wanted = max(first, 0) + len(data) + RATE
    while ear.client.look().stored < wanted:
        if not ear.client.want_data(ear.client.taken + wanted):
            wait_for(ear.client)
            ear.client.acknowledge()
    return data in ear.waiting()


def unplug() -> dict[str, object]:
    """Take the card away from under a cycle that plays."""
    device, _ = pcm_device(card(), 0, RATE, 2, SampleCode.S16)
    with Sink(device=device, quantum=480) as sink:
        stream = sink.stream(size=4 * FRAMES)
        stream.write(noise(4))
        with sink.driver.together():
            sink.play(stream)
        sink.wait(EventKind.STARTED)
        # It ends when all files are closed. A program that does it would have to be loaded, and the clock would leap.
        unbinding = Thread(target=(DRIVER / "unbind").write_text, args=("snd_aloop.0",))
        unbinding.start()
        (failed,) = sink.wait(EventKind.FAILED)
        with sink.driver.together():
            sink.driver.remove(stream.slot, stream.serial)
        sink.wait(EventKind.REMOVED)
        taken = stream.daemon.taken
    unbinding.join()
    (DRIVER / "bind").write_text("snd_aloop.0")
    return {"errno": failed.index, "taken": taken}


if __name__ == "__main__":
    said = unplug() if sys.argv[1] == "unplug" else loop(SampleCode[sys.argv[1]], int(sys.argv[2]))
    print(json.dumps(said))
