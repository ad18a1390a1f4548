"""Chooses devices for what a person asked, and joins them to a bus in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from pyaudiobus.cli.board_in_use import BoardInUse
from pyaudiobus.cli.load import (
    ALSA_OUTPUT,
    AUTO_OUTPUT,
    BOARD_TARGETS,
    FIND_COMPRESS_DEVICES,
    KERNEL_DEVICE,
    MIXER_ROUTES,
    MIXER_VOLUME,
    NULL_OUTPUT,
    TINYCOMPRESS_DEVICE,
    TINYCOMPRESS_LIBRARY,
    VIRTUAL_DSP,
    WAV_OUTPUT,
    load,
)
from pyaudiobus.cli.local_bus import LocalBus
from pyaudiobus.cli.local_connection import SinkLoudness
from pyaudiobus.cli.settings import DeviceName, PlaySettings, Target, no_device, no_output
from pyaudiobus.devices.cards import card_number
from pyaudiobus.devices.clock import Clock, MonotonicClock, PacedClock
from pyaudiobus.devices.compress import CompressDevice
from pyaudiobus.devices.pcm import PcmOutput
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.model.control import Control
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.nodes.compressed_sink.node import CompressedSink, longest_pause
from pyaudiobus.nodes.pcm_sink import PcmSink

if TYPE_CHECKING:
    from pyaudiobus.cli.targets import BoardTargets


def make_bus(settings: PlaySettings, in_use: BoardInUse) -> LocalBus:
    """Return a bus for these settings, on the board that is in use. Opens no device yet."""
    target, reason = _resolve(settings, in_use)
    clock = _clock(target, settings)
    compressed = None if target is None else _compressed_sink(target, clock, settings)
    make_output = _pcm_output(settings, in_use, clock)
    return LocalBus(
        clock,
        compressed,
        lambda: PcmSink(make_output(), clock),
        why_no_compressed=reason,
        fall_back=settings.device.kind == "auto",
        loudness=_volume(target),
    )


def _volume(target: Target | None) -> SinkLoudness | None:
    """Return the mixer control that the board file names as the sink's volume; None where it names none."""
    if target is None or target.sink is None or not target.sink.volume or target.name.kind != "hw":
        return None
    sink = target.sink
    control: SinkLoudness = load(MIXER_VOLUME)(card_number(target.name.card), sink.volume, place=sink.place)
    return control


def _targets(settings: PlaySettings, in_use: BoardInUse) -> BoardTargets | None:
    """Return what the board file makes of the settings; None where there is no such file."""
    board = in_use.board()
    if board is None:
        return None
    targets: BoardTargets = load(BOARD_TARGETS)(board, settings)
    return targets


def _resolve(settings: PlaySettings, in_use: BoardInUse) -> tuple[Target | None, str]:
    """Return the compress device to use and "", or None and why there is none."""
    name = settings.device
    if settings.decode:
        return None, "decoding was asked for (--decode)"
    if name.kind == "virtual":
        return Target(name), ""
    targets = _targets(settings, in_use)
    if name.kind == "auto":
        found, reason = _automatic() if targets is None else targets.automatic()
        return (found, reason) if found or reason else (Target(DeviceName.parse("virtual")), "")
    if targets is not None:
        return targets.named(name), ""
    if name.kind == "sink":
        raise no_device(name.sink)
    return Target(name), ""


def _automatic() -> tuple[Target | None, str]:
    """Return the first usable device, or None and why there is none; no reason where there is no device at all."""
    findings = load(FIND_COMPRESS_DEVICES)()
    for finding in findings:
        if finding.usable:
            return Target(DeviceName.parse(finding.name)), ""
    return None, "; ".join(f"{finding.name}: {finding.reason}" for finding in findings)


def _clock(target: Target | None, settings: PlaySettings) -> Clock:
    if settings.speed is not None or (target is not None and target.name.kind == "virtual"):
        return PacedClock(1.0 if settings.speed is None else settings.speed)
    return MonotonicClock()


def _compressed_sink(target: Target, clock: Clock, settings: PlaySettings) -> CompressedSink:
    device = _compress_device(target.name, clock, settings)
    quirks = quirks_for(device.driver)
    controls = target.controls
    if controls is None:
        controls = quirks.routes + tuple(Control(route, value=True, place="--route") for route in settings.routes)
    if target.sink is not None:
        quirks = quirks.on_board(target.sink, controls)
    request = RingRequest(settings.ring_size, settings.fragments)
    pause = settings.suspend_after
    if pause is None:
        pause = longest_pause(None if target.sink is None else target.sink.suspend_after)
    return CompressedSink(device, clock, quirks, request, _routes(target.name, controls), suspend_after=pause)


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


def _routes(name: DeviceName, controls: tuple[Control, ...]) -> AbstractContextManager[object] | None:
    """Return what sets a device's mixer controls; None where there are none."""
    if name.kind != "hw" or not controls:
        return None
    manager: AbstractContextManager[object] = load(MIXER_ROUTES)(card_number(name.card), controls)
    return manager


def _pcm_output(settings: PlaySettings, in_use: BoardInUse, clock: Clock) -> Callable[[], PcmOutput]:
    """Return what makes the output that --pcm names. A sink's name is looked up at once, so that a slip is told."""
    kind, _, rest = settings.pcm.partition(":")
    fixed: dict[str, Callable[[], PcmOutput]] = {
        "null": lambda: load(NULL_OUTPUT)(clock),
        "file": lambda: load(WAV_OUTPUT)(rest),
        "alsa": lambda: load(ALSA_OUTPUT)(rest or "default"),
        "auto": lambda: _automatic_output(settings, in_use, clock),
    }
    if kind in fixed:
        return fixed[kind]
    targets = _targets(settings, in_use)
    if targets is None:
        raise no_output(settings.pcm)
    target = targets.pcm_named(settings.pcm)
    return lambda: _sink_output(target)


def _automatic_output(settings: PlaySettings, in_use: BoardInUse, clock: Clock) -> PcmOutput:
    """Return the board's PCM sink, or where that is not there, with a word about it, what any machine would use."""
    targets = _targets(settings, in_use)
    try:
        target = None if targets is None else targets.automatic_pcm()
    except UserError as error:
        if settings.decode and settings.routes:
            raise
        sys.stderr.write(f"audiobus: {error.what}; decoded audio goes to ALSA's default output\n")
        target = None
    output: PcmOutput = load(AUTO_OUTPUT)(clock) if target is None else _sink_output(target)
    return output


def _sink_output(target: Target) -> PcmOutput:
    """Return the ALSA output of a board's PCM sink. ALSA converts what the card does not take."""
    card = target.sink.card if target.sink is not None else target.name.card
    routes = _routes(target.name, target.controls or ())
    output: PcmOutput = load(ALSA_OUTPUT)(f"plughw:{card},{target.name.device}", routes=routes)
    return output
