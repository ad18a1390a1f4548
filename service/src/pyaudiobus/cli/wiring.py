"""Chooses devices for what a person asked, and joins them to a bus in this process."""

from __future__ import annotations

from contextlib import AbstractContextManager

from pyaudiobus.cli.load import (
    ALSA_OUTPUT,
    AUTO_OUTPUT,
    FIND_COMPRESS_DEVICES,
    KERNEL_DEVICE,
    MIXER_ROUTES,
    NULL_OUTPUT,
    TINYCOMPRESS_DEVICE,
    TINYCOMPRESS_LIBRARY,
    VIRTUAL_DSP,
    WAV_OUTPUT,
    load,
)
from pyaudiobus.cli.local_bus import LocalBus
from pyaudiobus.cli.settings import DeviceName, PlaySettings
from pyaudiobus.devices.cards import card_number
from pyaudiobus.devices.clock import Clock, MonotonicClock, PacedClock
from pyaudiobus.devices.compress import CompressDevice
from pyaudiobus.devices.pcm import PcmOutput
from pyaudiobus.devices.quirks import Quirks, quirks_for
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.control import Control
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.pcm_sink import PcmSink


def make_bus(settings: PlaySettings) -> LocalBus:
    """Return a bus for these settings. Opens no device yet."""
    device, reason = _resolve(settings)
    clock = _clock(device, settings)
    compressed = None if device is None else _compressed_sink(device, clock, settings)
    return LocalBus(
        clock,
        compressed,
        lambda: PcmSink(_pcm_output(settings.pcm, clock), clock),
        why_no_compressed=reason,
        fall_back=settings.device.kind == "auto",
    )


def _resolve(settings: PlaySettings) -> tuple[DeviceName | None, str]:
    """Return the compress device to use and "", or None and why there is none."""
    if settings.decode:
        return None, "decoding was asked for (--decode)"
    if settings.device.kind != "auto":
        return settings.device, ""
    findings = load(FIND_COMPRESS_DEVICES)()
    if not findings:
        return DeviceName.parse("virtual"), ""
    for finding in findings:
        if finding.usable:
            return DeviceName.parse(finding.name), ""
    return None, "; ".join(f"{finding.name}: {finding.reason}" for finding in findings)


def _clock(device: DeviceName | None, settings: PlaySettings) -> Clock:
    if settings.speed is not None or (device is not None and device.kind == "virtual"):
        return PacedClock(1.0 if settings.speed is None else settings.speed)
    return MonotonicClock()


def _compressed_sink(name: DeviceName, clock: Clock, settings: PlaySettings) -> CompressedSink:
    device = _compress_device(name, clock, settings)
    quirks = quirks_for(device.driver)
    request = RingRequest(settings.ring_size, settings.fragments)
    return CompressedSink(device, clock, quirks, request, _routes(name, quirks, settings))


def _compress_device(name: DeviceName, clock: Clock, settings: PlaySettings) -> CompressDevice:
    if name.kind == "virtual":
        virtual: CompressDevice = load(VIRTUAL_DSP)(name.profile, clock, settings.render, settings.tap)
        return virtual
    card = card_number(name.card)
    device: CompressDevice = load(_backend_address(settings.backend))(card, name.device)
    return device


def _backend_address(backend: str) -> str:
    """Return where the backend lives: the library's where it is installed, the kernel's where it is not."""
    if backend == "kernel":
        return KERNEL_DEVICE
    if backend == "auto":
        try:
            load(TINYCOMPRESS_LIBRARY)()
        except AudiobusError:
            return KERNEL_DEVICE
    return TINYCOMPRESS_DEVICE


def _routes(name: DeviceName, quirks: Quirks, settings: PlaySettings) -> AbstractContextManager[object] | None:
    """Return what switches the device's mixer routes; None where there are none."""
    routes = quirks.routes + tuple(Control(control, value=True) for control in settings.routes)
    if name.kind != "hw" or not routes:
        return None
    manager: AbstractContextManager[object] = load(MIXER_ROUTES)(card_number(name.card), routes)
    return manager


def _pcm_output(spec: str, clock: Clock) -> PcmOutput:
    """Return the output that `spec` names (settings.check_output has read it)."""
    kind, _, rest = spec.partition(":")
    output: PcmOutput
    if kind == "null":
        output = load(NULL_OUTPUT)(clock)
    elif kind == "file":
        output = load(WAV_OUTPUT)(rest)
    elif kind == "alsa":
        output = load(ALSA_OUTPUT)(rest or "default")
    else:
        output = load(AUTO_OUTPUT)(clock)
    return output
