"""Offers files to the device with formats that are not theirs, as JSON says, and tells the errno of each."""

from __future__ import annotations

import json
import sys

from pyaudiobus.devices.compress import Geometry
from pyaudiobus.devices.kernel import KernelCompressDevice
from pyaudiobus.errors import DeviceError
from pyaudiobus.media.encoded import open_encoded

RING = Geometry(8192, 8)


def main(lies: list[tuple[str, dict[str, object]]]) -> None:
    sys.stdout.write(json.dumps([errno_of(path, changed) for path, changed in lies]) + "\n")


def errno_of(path: str, changed: dict[str, object]) -> int:
    encoded = open_encoded(path)
    assert encoded is not None
    known = {name: value.encode() if name == "codec_private" else value for name, value in changed.items()}  # type: ignore[attr-defined]
    device = KernelCompressDevice(0, 0)
    device.open()
    try:
        device.set_params(encoded.form.replace(**known), RING)
        device.write(encoded.reader().peek(RING.ring_size))
    except DeviceError as error:
        return error.errno
    finally:
        device.close()
        encoded.close()
    return 0


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
