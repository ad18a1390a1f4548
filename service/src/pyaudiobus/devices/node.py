"""One open compress node: the kernel's calls with Python values on our side. Keeps no state but the descriptor."""

from __future__ import annotations

import errno as errno_names
import os
from typing import TYPE_CHECKING

from pyaudiobus.devices import uapi
from pyaudiobus.devices._abi import ffi
from pyaudiobus.devices.codec_params import fill_codec
from pyaudiobus.devices.compress import Bounds, CompressCaps, Geometry
from pyaudiobus.devices.holder import holder_of
from pyaudiobus.errors import AccessDenied, DeviceError
from pyaudiobus.model.format import EncodedFormat

if TYPE_CHECKING:
    from pyaudiobus.devices._abi import CValue


def node_path(card: int, device: int) -> str:
    """Where udev puts the node of one compress device."""
    return f"/dev/snd/comprC{card}D{device}"


class CompressNode:
    """The calls of `/dev/snd/comprC*D*`, each checked; DeviceError carries the kernel's errno.

    `libc` is the path of the library whose open, ioctl, write, poll and close are called; None for the C library.
    """

    def __init__(self, path: str, name: str, libc: str | None = None) -> None:
        self.path = path
        self.name = name
        self.protocol = 0
        self.fd = -1
        self._libc = ffi.dlopen(libc)

    def open(self) -> None:
        """Open for playback and ask for the protocol's version, which everything else depends on."""
        self.fd = self._libc.open(os.fsencode(self.path), ffi.cast("int", os.O_WRONLY | os.O_CLOEXEC))
        if self.fd < 0:
            self._refuse_open(ffi.errno)
        try:
            self.adopt(self.fd)
        except BaseException:
            self.close()
            raise

    def _refuse_open(self, errno: int) -> None:
        if errno == errno_names.EPERM:  # a container's device rules
            what = f"cannot open {self.name}: not allowed to open {self.path} (EPERM)"
            raise AccessDenied(what, errno=errno, advice=AccessDenied.remedy)
        failure = DeviceError.from_errno("open", self.name, errno)
        holder = holder_of(self.path) if errno == errno_names.EBUSY else ""
        if holder:
            raise type(failure)(failure.what, errno=errno, facts=[f"{holder} has it open"])
        raise failure

    def adopt(self, fd: int) -> None:
        """Use a descriptor that somebody else opened."""
        self.fd = fd
        version = ffi.new("int *")
        self.call("ask the protocol version of", uapi.IOCTL_VERSION, version)
        self.protocol = version[0]
        if self.protocol >> 16 != uapi.KNOWN_MAJOR:
            raise DeviceError(
                f"cannot use {self.name}: it speaks compress protocol {uapi.protocol_text(self.protocol)}",
                errno=errno_names.EPROTO,
                facts=[f"this program knows protocol {uapi.KNOWN_MAJOR}.x"],
                advice="Update pyaudiobus, or boot an older kernel.",
            )

    @property
    def wide(self) -> bool:
        """Whether this kernel counts in 64 bits."""
        return self.protocol >= uapi.WIDE_COUNTERS

    def caps(self) -> CompressCaps:
        """GET_CAPS; codecs this program has no name for are left out."""
        raw = ffi.new("struct snd_compr_caps *")
        self.call("ask the capabilities of", uapi.GET_CAPS, raw)
        if raw.direction != uapi.PLAYBACK:
            raise DeviceError(f"cannot use {self.name}: it does not play", errno=errno_names.EINVAL)
        numbers = raw.codecs[0 : min(raw.num_codecs, len(raw.codecs))]
        return CompressCaps(
            codecs=tuple(uapi.CODECS[number] for number in numbers if number in uapi.CODECS),
            fragment_size=Bounds(raw.min_fragment_size, raw.max_fragment_size),
            fragments=Bounds(raw.min_fragments, raw.max_fragments),
        )

    def set_params(self, form: EncodedFormat, geometry: Geometry) -> None:
        """SET_PARAMS."""
        params = ffi.new("struct snd_compr_params *")
        params.buffer.fragment_size = geometry.fragment_size
        params.buffer.fragments = geometry.fragments
        fill_codec(params.codec, form)
        self.call("configure", uapi.SET_PARAMS, params)

    def set_metadata(self, key: int, number: int) -> None:
        """SET_METADATA; a driver that has no use for it says ENXIO, which is no failure."""
        metadata = ffi.new("struct snd_compr_metadata *")
        metadata.key = key
        metadata.value[0] = number
        self.call("set the metadata of", uapi.SET_METADATA, metadata, tolerate=errno_names.ENXIO)

    def timestamp(self) -> tuple[int, int, int]:
        """TSTAMP: bytes copied, PCM frames rendered, frames per second; the width is the kernel's."""
        raw = ffi.new("struct snd_compr_tstamp64 *" if self.wide else "struct snd_compr_tstamp *")
        self.call("ask the position of", uapi.TSTAMP64 if self.wide else uapi.TSTAMP, raw)
        return raw.copied_total, raw.pcm_io_frames, raw.sampling_rate

    def copied(self, operation: str) -> int:
        """Bytes copied, by AVAIL, which unlike TSTAMP fails in the states that cannot be written in (OPEN, XRUN)."""
        raw = ffi.new("struct snd_compr_avail64 *" if self.wide else "struct snd_compr_avail *")
        self.call(operation, uapi.AVAIL64 if self.wide else uapi.AVAIL, raw)
        return int(raw.tstamp.copied_total)

    def write(self, data: memoryview, count: int) -> int:
        """Queue the first `count` bytes, straight from the caller's memory; return how many were taken."""
        source = ffi.from_buffer(data)
        while True:
            taken: int = self._libc.write(self.fd, source, count)
            if taken >= 0:
                return taken
            if ffi.errno != errno_names.EINTR:
                raise DeviceError.from_errno("write to", self.name, ffi.errno)

    def addresses(self) -> tuple[int, int]:
        """Where ioctl and write are, for native code."""
        ioctl, write = (ffi.cast("uintptr_t", ffi.addressof(self._libc, name)) for name in ("ioctl", "write"))
        return int(ioctl), int(write)

    def poll(self, events: int, milliseconds: int) -> int:
        """Return the events that came, 0 on time-out, -1 if a signal came first."""
        watched = ffi.new("struct pollfd *", {"fd": self.fd, "events": events})
        found = self._libc.poll(watched, 1, milliseconds)
        if found < 0:
            if ffi.errno == errno_names.EINTR:
                return -1
            raise DeviceError.from_errno("wait for", self.name, ffi.errno)
        return int(watched.revents)

    def call(self, operation: str, request: int, argument: CValue = ffi.NULL, *, tolerate: int = 0) -> None:
        """One ioctl, or DeviceError saying which operation it was."""
        if self._libc.ioctl(self.fd, request, argument) < 0 and ffi.errno != tolerate:
            raise DeviceError.from_errno(operation, self.name, ffi.errno)

    def close(self) -> None:
        """Give the descriptor back, once."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            self._libc.close(fd)
