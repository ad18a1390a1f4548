"""What of a machine is no file: this process's rights, drivers and libraries that are asked. Tests subclass it."""

from __future__ import annotations

import os

from pyaudiobus.devices.alsa_output import AlsaOutput
from pyaudiobus.devices.cards import Card
from pyaudiobus.devices.catalogue import Finding, find_compress_devices
from pyaudiobus.doctor.evidence.mixer import ControlState, read_controls
from pyaudiobus.doctor.evidence.programs import Programs, find_programs
from pyaudiobus.doctor.evidence.rights import Rights, read_rights
from pyaudiobus.doctor.evidence.units import failed_units
from pyaudiobus.errors import AudiobusError, DeviceError
from pyaudiobus.model.board import Control
from pyaudiobus.model.format import Encoding, PcmFormat

_USUAL = PcmFormat(Encoding.S16, 48_000, 2)


class Machine:
    """This machine, or the one whose files lie below `root`."""

    def __init__(self, root: str = "/") -> None:
        self.root = root

    def release(self) -> str:
        """Return the kernel's release, as uname -r has it."""
        return os.uname().release

    def host(self) -> str:
        """Return the machine's name."""
        return os.uname().nodename

    def user(self) -> int:
        """Return the number of the user who asks."""
        return os.geteuid()

    def groups(self) -> frozenset[int]:
        """Return the numbers of the groups this process is in."""
        return frozenset((*os.getgroups(), os.getegid()))

    def rights(self, path: str) -> Rights:
        """Return who may open a node."""
        return read_rights(path)

    def ask_devices(self) -> list[Finding]:
        """Open every compress device and ask what it can do; nothing if the kernel's own lists cannot be read."""
        try:
            return find_compress_devices(self.root)
        except DeviceError:
            return []

    def controls(self, card: Card, wanted: tuple[Control, ...]) -> tuple[ControlState, ...]:
        """Return how the mixer controls of a card stand. UserError where nothing can read them."""
        return read_controls(card, wanted)

    def try_default_output(self) -> AudiobusError | None:
        """Open ALSA's default device, as decoded audio would, and close it; return why it cannot be opened."""
        try:
            output = AlsaOutput("default")
            output.open(_USUAL)
        except AudiobusError as error:
            return error
        output.close()
        return None

    def programs(self) -> Programs:
        """Load the libraries that may be missing."""
        return find_programs()

    def failed_units(self) -> tuple[str, ...] | None:
        """Return our units that failed; None if nobody knows."""
        return failed_units()
