"""The `kernel` backend: the compress ioctls on /dev/snd/comprC*D*, with no library in between."""

from __future__ import annotations

import errno as errno_names
import threading

from pyaudiobus.devices import uapi
from pyaudiobus.devices.cards import driver_of
from pyaudiobus.devices.compress import CompressCaps, Geometry, Progress
from pyaudiobus.devices.draining import drain_to_the_end, drain_track_to_the_end, wait_for_room
from pyaudiobus.devices.ledger import Ledger
from pyaudiobus.devices.node import CompressNode, node_path
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.devices.refusal import explained
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.model.units import Seconds


class KernelCompressDevice:
    """A CompressDevice that speaks to the kernel itself.

    `libc` is the path of a library to take open, ioctl, write, poll and close from, `node` another path of the device;
    both are for tests.
    """

    copies_in_kernel = True

    def __init__(self, card: int, device: int, libc: str | None = None, *, node: str | None = None) -> None:
        self.name = f"hw:{card},{device}"
        self.driver = driver_of(card)
        self.node = CompressNode(node or node_path(card, device), self.name, libc)
        self.ledger = Ledger(self.node)
        self._caps: CompressCaps | None = None
        self._fragment_size = 0
        self._is_track_announced = False
        self._stopped = threading.Event()

    def open(self) -> None:
        """Open the node and read its capabilities."""
        self.node.open()
        try:
            self._caps = self.node.caps()
        except BaseException:
            self.node.close()
            raise
        self.ledger = Ledger(self.node)
        self._is_track_announced = False

    def caps(self) -> CompressCaps:
        """Return what GET_CAPS said when the device was opened."""
        if self._caps is None:
            raise DeviceError(f"cannot ask the capabilities of {self.name}: it is not open", errno=errno_names.EBADF)
        return self._caps

    def set_params(self, form: EncodedFormat, geometry: Geometry) -> None:
        """SET_PARAMS, with the codec's decoder options filled in; behind NEXT_TRACK for that track alone."""
        try:
            self.node.set_params(form, geometry)
        except DeviceError as error:
            raise explained(error, form, geometry, self.driver) from None
        if self._is_track_announced:  # what was written and taken is counted on
            return
        self.ledger = Ledger(self.node, geometry.ring_size)
        self._fragment_size = geometry.fragment_size

    def write(self, data: memoryview) -> int:
        """Queue what fits, without a copy of ours; 0 when the ring is full."""
        if not data.nbytes:  # the kernel would take an empty write for the first one
            return 0
        taken = self.node.write(data, min(data.nbytes, self.ledger.room_for(data.nbytes, "write to")))
        self.ledger.written += taken
        return taken

    def avail(self) -> int:
        """Bytes that fit now, from our own books (see Ledger)."""
        return self.ledger.room("ask the free space of")

    def progress(self) -> Progress:
        """TSTAMP, extended to 64 bits where the kernel has 32."""
        return self.ledger.progress()

    def start(self) -> None:
        """START."""
        self.node.call("start", uapi.START)

    def pause(self) -> None:
        """PAUSE."""
        self.node.call("pause", uapi.PAUSE)

    def resume(self) -> None:
        """RESUME."""
        self.node.call("resume", uapi.RESUME)

    def stop(self) -> None:
        """STOP; a drain in another thread returns."""
        self._stopped.set()
        self.node.call("stop", uapi.STOP)
        self.ledger.restart()

    def drain(self) -> None:
        """DRAIN."""
        self._stopped.clear()
        drain_to_the_end(lambda: self.node.call("drain", uapi.DRAIN), self._stopped)

    def partial_drain(self) -> None:
        """PARTIAL_DRAIN."""
        self._stopped.clear()
        self._is_track_announced = False
        drain_track_to_the_end(
            lambda: self.node.call("drain the track on", uapi.PARTIAL_DRAIN), self.node, self.ledger, self._stopped
        )

    def next_track(self) -> None:
        """NEXT_TRACK."""
        self.node.call("announce the next track to", uapi.NEXT_TRACK)
        self._is_track_announced = True
        if quirks_for(self.driver).rounds_up_tracks:
            self.ledger.begin_track(self._fragment_size)

    def set_metadata(self, encoder_delay: int, encoder_padding: int) -> None:
        """SET_METADATA, padding first as tinycompress does; quietly nothing where the driver has no use for it."""
        self.node.set_metadata(uapi.METADATA_PADDING, encoder_padding)
        self.node.set_metadata(uapi.METADATA_DELAY, encoder_delay)

    def wait(self, timeout: Seconds) -> bool:
        """poll() for room or an error; False on time-out."""
        return wait_for_room(self.node, self.ledger, self._fragment_size, timeout)

    def fileno(self) -> int | None:
        """The node's descriptor."""
        return self.node.fd if self.node.fd >= 0 else None

    def close(self) -> None:
        """Close the node; the kernel stops what still runs."""
        self.node.close()
        self._caps = None
