"""Plays a file through the device Protocol, holds it for two seconds on the way, and tells what the device said."""

from __future__ import annotations

import json
import sys
import time

from pyaudiobus.devices.compress import CompressDevice, Geometry
from pyaudiobus.devices.kernel import KernelCompressDevice
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.media.encoded_file import StreamReader
from pyaudiobus.model.units import Seconds

RING = Geometry(8192, 8)


def main(path: str) -> None:
    encoded = open_encoded(path)
    assert encoded is not None
    device = KernelCompressDevice(0, 0)
    device.open()
    device.set_params(encoded.form, RING)
    stream = encoded.reader()
    fill(device, stream)
    device.start()
    time.sleep(1)
    device.pause()
    held = [frames(device)]
    time.sleep(2)
    held.append(frames(device))
    device.resume()
    while not stream.ended:
        device.wait(Seconds(10))
        fill(device, stream)
    device.drain()
    sys.stdout.write(json.dumps({"held": held, "end": frames(device)}) + "\n")
    device.close()


def fill(device: CompressDevice, stream: StreamReader) -> None:
    while taken := device.write(stream.peek(RING.ring_size)):
        stream.advance(taken)


def frames(device: CompressDevice) -> int | None:
    return device.progress().rendered


if __name__ == "__main__":
    main(sys.argv[1])
