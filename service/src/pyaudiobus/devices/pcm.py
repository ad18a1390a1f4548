"""The PCM output as every backend shows it: ALSA, a WAV file, or nothing at the end of the wire."""

from __future__ import annotations

from typing import Protocol

from pyaudiobus.model.choice import AnyChoice, IntChoice
from pyaudiobus.model.format import Encoding, PcmFormat


class PcmOutput(Protocol):
    """One PCM playback device. Calls raise DeviceError with the driver's errno."""

    name: str
    """As people type it: "alsa:default", "file:out.wav", "null"."""

    def encodings(self) -> AnyChoice[Encoding]:
        """Sample encodings it takes, the preferred one first."""

    def rates(self) -> IntChoice:
        """Rates it takes, in frames per second."""

    def channels(self) -> IntChoice:
        """Numbers of channels it takes."""

    def open(self, form: PcmFormat) -> None:
        """Take the device and configure it. DeviceBusy if somebody else has it."""

    def write(self, data: memoryview) -> int:
        """Queue whole frames that fit now; return how many bytes were taken, 0 when it is full. Never blocks."""

    def queued(self) -> int:
        """Frames written and not yet heard."""

    def capacity(self) -> int:
        """Frames that fit in the device's own buffer."""

    def paced(self) -> bool:
        """Tell whether frames take time; a file takes them as they come."""

    def pause(self) -> None:
        """Hold."""

    def resume(self) -> None:
        """Go on."""

    def drain(self) -> None:
        """Block until everything written was heard."""

    def drop(self) -> None:
        """Forget what is queued. Ends a drain that is going on in another thread."""

    def xruns(self) -> int:
        """How often the device ran dry since open."""

    def close(self) -> None:
        """Give the device back; legal in every state and twice."""
