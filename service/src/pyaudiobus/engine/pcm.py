"""Opens what a cycle plays to or records from: PCMs of the kernel, and a source without hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyaudiobus.engine.driver import SampleCode
from pyaudiobus.engine.native import ffi, lib
from pyaudiobus.errors import AudiobusError, DeviceBusy, DeviceError
from pyaudiobus.model.record import Record

if TYPE_CHECKING:
    from pyaudiobus.engine._engine import CData

_STEPS = {
    lib.PCM_OPEN: "open",
    lib.PCM_VERSION: "speak with",
    lib.PCM_DIRECTION: "use in this direction",
    lib.PCM_SHAPE: "find a format of",
    lib.PCM_BUFFER: "find a buffer size of",
    lib.PCM_HW_PARAMS: "configure",
    lib.PCM_SW_PARAMS: "set thresholds of",
}


class GrantedPcm(Record):
    """What a PCM agreed to: as near to what was asked for as it could."""

    rate: int
    channels: int
    encoding: SampleCode
    room: int
    """Frames in its buffer."""
    period: int = 0
    """Frames."""
    has_no_wakeups: bool = False
    """It makes no interrupts; only the cycle's timer wakes the machine."""
    is_batch: bool = False
    """Its position moves a period at a time, which costs a period more of latency."""


def pcm_device(
    card: int, device: int, rate: int, channels: int, encoding: SampleCode, *, room: int = 0
) -> tuple[CData, GrantedPcm]:
    """Open a PCM that plays, /dev/snd/pcmC{card}D{device}p; `room` in frames, 0: as much as is of use.

    Raises DeviceError: busy, lost, denied, or what it refused.
    """
    return _open(card, device, GrantedPcm(rate, channels, encoding, room), is_recording=False)


def pcm_source(
    card: int, device: int, rate: int, channels: int, encoding: SampleCode, *, room: int = 0
) -> tuple[CData, GrantedPcm]:
    """Open a PCM that records, /dev/snd/pcmC{card}D{device}c; else as pcm_device()."""
    return _open(card, device, GrantedPcm(rate, channels, encoding, room), is_recording=True)


def null_source(rate: int, channels: int, encoding: SampleCode, room: int, *, frequency: int = 0) -> CData:
    """Open a device that records silence, or a sine of `frequency` Hz at half of full scale; `room` in frames."""
    device: CData = lib.null_source_open(rate, channels, encoding, room, frequency)
    if device == ffi.NULL:
        raise AudiobusError("cannot open a null source: out of memory")
    return device


def _open(card: int, number: int, asked: GrantedPcm, *, is_recording: bool) -> tuple[CData, GrantedPcm]:
    path = f"/dev/snd/pcmC{card}D{number}{'c' if is_recording else 'p'}"
    wish, step, reason = ffi.new("struct pcm_wish *"), ffi.new("enum pcm_step *"), ffi.new("int *")
    wish.rate, wish.channels, wish.encoding, wish.room = asked.rate, asked.channels, asked.encoding, asked.room
    device: CData = lib.pcm_device_open(path.encode(), is_recording, wish, step, reason)
    if device == ffi.NULL:
        raise _refusal(_STEPS[step[0]], path, reason[0])
    granted = GrantedPcm(
        wish.rate,
        wish.channels,
        SampleCode(wish.encoding),
        wish.room,
        wish.period,
        bool(wish.has_no_wakeups),
        bool(wish.is_batch),
    )
    return device, granted


def _refusal(verb: str, path: str, reason: int) -> DeviceError:
    error = DeviceError.from_errno(verb, path, reason)
    if isinstance(error, DeviceBusy):
        return DeviceBusy(error.what, errno=reason, advice=f"See who plays or records there with: fuser -v {path}")
    return error
