"""Why a driver refuses parameters, in words: the kernel says EINVAL for half a dozen reasons."""

from __future__ import annotations

import errno as errno_names

from pyaudiobus.devices.compress import Geometry
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.format import EncodedFormat


def explained(error: DeviceError, form: EncodedFormat, geometry: Geometry, driver: str) -> DeviceError:
    """Add to a failed SET_PARAMS what was asked for and what usually helps."""
    facts = [*error.facts, f"asked for {form}, {geometry.fragments} fragments of {geometry.fragment_size} bytes"]
    advice = error.advice
    route = quirks_for(driver).route
    if error.errno == errno_names.EINVAL and route:
        advice = f"If no mixer route is on, switch one on: --route {route!r}"
    elif error.errno == errno_names.EINVAL:
        advice = (
            "See what the device takes with: audiobus devices. "
            "Some boards also refuse until a mixer route is switched on: audiobus play --route CONTROL."
        )
    elif error.errno == errno_names.ENOMEM:
        advice = "Ask for a smaller ring (--buffer), or try again when less memory is in use."
    return type(error)(error.what, errno=error.errno, facts=facts, advice=advice)
