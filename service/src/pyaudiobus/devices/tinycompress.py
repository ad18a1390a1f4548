"""The `tinycompress` backend: libtinycompress by dlopen, from release 1.2.13 on.

The library has no call for capabilities, the descriptor, or bytes taken. So capabilities are asked of the kernel before
the library opens the device, and the descriptor that the library opens is looked up and asked directly. Where it cannot
be found (a stand-in, a plugin) the library's own time stamps must do.
"""

from __future__ import annotations

import errno as errno_names
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pyaudiobus.devices._abi import ffi
from pyaudiobus.devices.cards import driver_of
from pyaudiobus.devices.codec_params import fill_codec
from pyaudiobus.devices.compress import CompressCaps, Geometry, Progress
from pyaudiobus.devices.descriptors import descriptors_of, occupy_descriptor_zero
from pyaudiobus.devices.draining import drain_to_the_end, drain_track_to_the_end, milliseconds, wait_for_room
from pyaudiobus.devices.ledger import Ledger
from pyaudiobus.devices.node import CompressNode, node_path
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.devices.refusal import explained
from pyaudiobus.devices.tinycompress_clock import LibraryClock
from pyaudiobus.devices.tinycompress_library import checked, load_library
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.model.units import Seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyaudiobus.devices._abi import CValue

_TO_DSP = 0x10000000
"""COMPRESS_IN: the DSP takes in, so we play."""

_CLOSE_PATIENCE = 5.0
"""Seconds close() waits for a drain in another thread, once stopped, before it leaves the handle to the kernel."""


class TinycompressDevice:
    """A CompressDevice that plays through libtinycompress.

    The library opens and configures in one call, so the device is only held from set_params() on: open() looks whether
    it is free. `library` is the path of the library, `libc` and `node` are as in KernelCompressDevice.
    """

    copies_in_kernel = True

    def __init__(
        self, card: int, device: int, library: str | None = None, *, node: str | None = None, libc: str | None = None
    ) -> None:
        self.name = f"hw:{card},{device}"
        self.driver = driver_of(card)
        self._address = (card, device)
        self._path = node or node_path(card, device)
        self._library_path = library
        self._libc = libc
        self._library: CValue = None
        self._caps: CompressCaps | None = None
        self._handle: CValue = None
        self._node: CompressNode | None = None
        self._books: Ledger | LibraryClock | None = None
        self._geometry = Geometry(0, 0)
        self._is_started = self._is_paused = self._is_track_announced = False
        self._not_draining = threading.Event()
        self._not_draining.set()
        self._stopped = threading.Event()

    def open(self) -> None:
        """Load the library, see that the device is free, and read its capabilities."""
        self._library = load_library(self._library_path)
        if not os.path.exists(self._path):
            self._caps = quirks_for(self.driver).default_caps
            return
        node = CompressNode(self._path, self.name, self._libc)
        node.open()
        try:
            self._caps = node.caps()
        finally:
            node.close()  # drivers take one opener, and that will be the library

    def caps(self) -> CompressCaps:
        """Return what GET_CAPS said at open(), or a cautious guess where there is no node to ask."""
        if self._caps is None:
            raise self._refused("ask the capabilities of", errno_names.EBADF)
        return self._caps

    def set_params(self, form: EncodedFormat, geometry: Geometry) -> None:
        """compress_open(); behind compress_next_track() SET_PARAMS for that track, where there is a descriptor."""
        self.caps()
        if self._handle is not None and self._is_track_announced and self._node is not None:
            self._node.set_params(form, geometry)
            return
        if self._handle is not None:
            raise self._refused("configure", errno_names.EPERM)
        try:
            self._open_handle(form, geometry)
        except DeviceError as error:
            raise explained(error, form, geometry, self.driver) from None
        self._library.compress_nonblock(self._handle, 1)
        self._geometry = geometry
        self._books = (
            Ledger(self._node, geometry.ring_size)
            if self._node is not None
            else LibraryClock(self._library, self._handle, self.name, geometry.ring_size)
        )

    def _open_handle(self, form: EncodedFormat, geometry: Geometry) -> None:
        if not geometry.ring_size:  # which would mean "any" to the library
            raise self._refused("configure", errno_names.EINVAL)
        codec = ffi.new("struct snd_codec *")
        fill_codec(codec, form)
        config = ffi.new("struct compr_config *", (geometry.fragment_size, geometry.fragments, codec))
        occupy_descriptor_zero()
        before = descriptors_of(self._path)
        handle = self._library.compress_open(*self._address, _TO_DSP, config)
        if not handle:
            raise self._refused("open", errno_names.ENOMEM)
        self._check_opened(handle)
        self._handle = handle
        self._node = self._adopt(descriptors_of(self._path) - before)

    def _check_opened(self, handle: CValue) -> None:
        """Raise what a failed open failed with: its handle is not NULL, but not ready, and must be closed as well."""
        errno = ffi.errno
        if self._library.is_compress_ready(handle):
            return
        ffi.errno = errno
        try:
            checked(self._library, handle, "open", self.name, -1)
        finally:
            self._library.compress_close(handle)

    def _adopt(self, found: set[int]) -> CompressNode | None:
        """Use the library's descriptor too; it keeps and closes it. The library does not mind our asking."""
        for fd in found:
            node = CompressNode(self._path, self.name, self._libc)
            try:
                node.adopt(fd)
                os.set_inheritable(fd, False)  # noqa: FBT003  # the library opens it inheritable
            except (DeviceError, OSError):
                continue
            return node
        return None

    def write(self, data: memoryview) -> int:
        """compress_write(), non-blocking; 0 when the ring is full."""
        books = self._configured("write to", errno_names.EBADFD)
        if not data.nbytes:
            return 0
        if self._is_paused or not self._not_draining.is_set():  # which the library takes for "full"
            raise self._refused("write to", errno_names.EBADFD)
        room = books.room_for(data.nbytes, "write to") if isinstance(books, Ledger) else None
        count = min(data.nbytes, self._geometry.ring_size if room is None else room)
        taken = self._call("write to", "compress_write", ffi.from_buffer(data), count)
        books.written += taken
        return taken

    def avail(self) -> int | None:
        """Bytes that fit now; None where neither the descriptor nor the library tells."""
        return self._configured("ask the free space of", errno_names.EBADFD).room("ask the free space of")

    def progress(self) -> Progress:
        """By the descriptor, else by what the library tells (see LibraryClock)."""
        return self._configured("ask the position of", errno_names.EBADFD).progress()

    def start(self) -> None:
        """compress_start()."""
        self._configured("start", errno_names.EPERM)
        self._call("start", "compress_start")
        self._is_started, self._is_paused = True, False

    def pause(self) -> None:
        """compress_pause()."""
        self._need_started("pause")
        self._call("pause", "compress_pause")
        self._is_paused = True

    def resume(self) -> None:
        """compress_resume()."""
        self._need_started("resume")
        self._call("resume", "compress_resume")
        self._is_paused = False

    def stop(self) -> None:
        """compress_stop(); a drain in another thread returns."""
        books = self._need_started("stop")
        self._stopped.set()
        self._call("stop", "compress_stop")
        self._is_paused = False
        books.restart()

    def drain(self) -> None:
        """compress_drain()."""
        self._need_started("drain")
        with self._draining():
            drain_to_the_end(lambda: self._call("drain", "compress_drain"), self._stopped)

    def partial_drain(self) -> None:
        """compress_partial_drain()."""
        self._need_started("drain the track on")
        self._is_track_announced = False

        def drain() -> int:
            return self._call("drain the track on", "compress_partial_drain")

        with self._draining():
            if self._node is not None and isinstance(self._books, Ledger):
                drain_track_to_the_end(drain, self._node, self._books, self._stopped)
            else:
                drain_to_the_end(drain, self._stopped)

    @contextmanager
    def _draining(self) -> Iterator[None]:
        self._stopped.clear()
        self._not_draining.clear()
        try:
            yield
            if isinstance(self._books, LibraryClock) and not self._stopped.is_set():
                self._books.drained()
        finally:
            self._not_draining.set()

    def next_track(self) -> None:
        """compress_next_track()."""
        self._need_started("announce the next track to")
        self._call("announce the next track to", "compress_next_track")
        self._is_track_announced = True
        if isinstance(self._books, Ledger) and quirks_for(self.driver).rounds_up_tracks:
            self._books.begin_track(self._geometry.fragment_size)

    def set_metadata(self, encoder_delay: int, encoder_padding: int) -> None:
        """compress_set_gapless_metadata(); quietly nothing where the driver has no use for it (ENXIO)."""
        self._configured("set the metadata of", errno_names.EBADFD)
        metadata = ffi.new("struct compr_gapless_mdata *", (encoder_delay, encoder_padding))
        try:
            self._call("set the metadata of", "compress_set_gapless_metadata", metadata)
        except DeviceError as error:
            if error.errno != errno_names.ENXIO:
                raise

    def wait(self, timeout: Seconds) -> bool:
        """poll(), or compress_wait() where the descriptor is not known; False on time-out."""
        books = self._configured("wait for", errno_names.EBADFD)
        if self._node is not None and isinstance(books, Ledger):
            return wait_for_room(self._node, books, self._geometry.fragment_size, timeout)
        try:
            self._call("wait for", "compress_wait", milliseconds(max(0.0, timeout)))
        except DeviceError as error:
            return error.errno not in (errno_names.ETIME, errno_names.EINTR)  # EIO: something is wrong
        return True

    def fileno(self) -> int | None:
        """The library's own descriptor, where it was found."""
        return self._node.fd if self._node is not None else None

    def close(self) -> None:
        """compress_close(), which frees what a drain in another thread still uses: that one is stopped before."""
        handle, self._handle = self._handle, None
        self._node = self._books = self._caps = None
        self._is_started = self._is_paused = self._is_track_announced = False
        if handle is None:
            return
        if not self._not_draining.is_set():
            self._stopped.set()
            self._library.compress_stop(handle)
            if not self._not_draining.wait(_CLOSE_PATIENCE):
                return
        self._library.compress_close(handle)

    def _call(self, operation: str, function: str, *arguments: CValue) -> int:
        """Call one function on the handle, checked."""
        handle = self._handle
        result = getattr(self._library, function)(handle, *arguments)
        return checked(self._library, handle, operation, self.name, result)

    def _configured(self, operation: str, errno: int) -> Ledger | LibraryClock:
        """Return the books, or fail as the kernel does in state OPEN, where the library has no handle yet."""
        if self._books is None:
            raise self._refused(operation, errno)
        return self._books

    def _need_started(self, operation: str) -> Ledger | LibraryClock:
        """Fail as the kernel does before START, where the library would say that the device is gone (ENODEV)."""
        books = self._configured(operation, errno_names.EPERM)
        if not self._is_started:
            raise self._refused(operation, errno_names.EPERM)
        return books

    def _refused(self, operation: str, errno: int) -> DeviceError:
        return DeviceError.from_errno(operation, self.name, errno)
