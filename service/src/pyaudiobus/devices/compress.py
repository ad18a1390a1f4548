"""The compress device as every backend shows it: the kernel's calls, states and errnos, and nothing of ours."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from pyaudiobus.devices.clock import Signal
from pyaudiobus.model.format import Codec, EncodedFormat
from pyaudiobus.model.record import Record
from pyaudiobus.model.units import Seconds


class Bounds(Record):
    """Smallest and largest whole number a driver takes, both included."""

    minimum: int
    maximum: int

    def __contains__(self, candidate: int) -> bool:
        return self.minimum <= candidate <= self.maximum

    def __str__(self) -> str:
        return f"{self.minimum}..{self.maximum}"


class CompressCaps(Record):
    """What GET_CAPS tells."""

    codecs: tuple[Codec, ...]
    """In the driver's order."""
    fragment_size: Bounds
    """Bytes."""
    fragments: Bounds
    """How many fragments the ring may have."""


class Geometry(Record):
    """The shape of the ring between us and the DSP."""

    fragment_size: int
    """Bytes."""
    fragments: int

    @property
    def ring_size(self) -> int:
        """Bytes in the whole ring."""
        return self.fragment_size * self.fragments


class Progress(Record):
    """How far the device is, all counted since SET_PARAMS or the last STOP; 64 bits wide and never going back between.

    A backend on a kernel whose counters are 32 bits wide extends them.
    """

    taken: int | None
    """Bytes the DSP took out of the ring (`copied_total`); None where no call of this backend tells."""
    rendered: int | None
    """PCM frames that left the DSP (`pcm_io_frames`); None where the driver does not fill it (q6asm)."""
    rate: int
    """PCM frames per second that `rendered` counts in; 0 where the driver does not fill it."""


@runtime_checkable
class AlarmedDevice(Protocol):
    """A device that tells by itself when it breaks off or goes away."""

    alarm: Signal | None
    """Raised then, from any thread; None while nobody listens."""


class CompressDevice(Protocol):
    """One ALSA compress playback device.

    Calls and the states they are legal in are those of the kernel document
    `Documentation/sound/designs/compress-offload.rst` and of `sound/core/compress_offload.c`:

    OPEN -set_params-> SETUP -write-> PREPARED -start-> RUNNING -pause-> PAUSED -resume-> RUNNING;
    RUNNING -drain-> DRAINING -> SETUP; stop from RUNNING, PAUSED or DRAINING leads to SETUP.

    Every call raises DeviceError (or a subclass of it) with the driver's errno when the kernel would
    fail: EPERM or EBADFD in a wrong state, EBUSY for a second opener, EPIPE after an xrun, ENODEV when
    the device is gone, EINVAL for parameters the driver refuses.
    """

    name: str
    """As people type it: "hw:0,3", "virtual:q6asm"."""
    driver: str
    """The driver's own name ("sdm845"), the key into quirks.py."""
    copies_in_kernel: bool
    """Whether write() only hands its memory to a system call, which answers EFAULT where a mapped page is gone."""

    def open(self) -> None:
        """Take the device. DeviceBusy if somebody else has it."""

    def caps(self) -> CompressCaps:
        """Return what the driver said when the device was opened."""

    def set_params(self, form: EncodedFormat, geometry: Geometry) -> None:
        """Configure codec and ring, once per open; behind next_track, if the driver lets us, that track's codec."""

    def write(self, data: memoryview) -> int:
        """Queue what fits now; return how many bytes were taken, 0 when the ring is full. Never blocks."""

    def avail(self) -> int | None:
        """Bytes that can be written now; None where this backend cannot tell (try a write)."""

    def progress(self) -> Progress:
        """How far the DSP is."""

    def start(self) -> None:
        """Begin to play; at least one byte must have been written."""

    def pause(self) -> None:
        """Hold; legal only while RUNNING."""

    def resume(self) -> None:
        """Go on; legal only while PAUSED."""

    def stop(self) -> None:
        """Drop what is queued. Ends a drain that is going on in another thread."""

    def drain(self) -> None:
        """Block until everything written was rendered. Another thread may call stop and progress meanwhile."""

    def partial_drain(self) -> None:
        """Block until the present track was rendered; needs next_track before."""

    def next_track(self) -> None:
        """Announce that what is written from now on belongs to another track; needs set_metadata before."""

    def set_metadata(self, encoder_delay: int, encoder_padding: int) -> None:
        """Tell the DSP the frames to trim at the start and at the end of a track."""

    def wait(self, timeout: Seconds) -> bool:
        """Wait until a fragment is free or something is wrong; False on time-out.

        Never call it while another thread drains: the kernel ends the drain when the device is polled.
        """

    def fileno(self) -> int | None:
        """The file descriptor to poll, or None where the backend has none."""

    def close(self) -> None:
        """Give the device back; legal in every state and twice."""
