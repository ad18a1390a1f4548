"""What a person asked `play` for, checked against itself. Which devices that means is decided in wiring.py."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pyaudiobus.errors import UserError
from pyaudiobus.model.record import Record

if TYPE_CHECKING:
    from pyaudiobus.model.board import BoardSink
    from pyaudiobus.model.control import Control

DEVICE_VARIABLE = "AUDIOBUS_DEVICE"
"""Overrides the compress device of every program."""


class DeviceName(Record):
    """A compress device as people type it."""

    kind: str
    """"auto", "virtual", "hw" or "sink"."""
    profile: str = ""
    """Of the virtual DSP."""
    card: str = ""
    """Number or id of an ALSA card."""
    device: int = 0
    sink: str = ""
    """A name that only a board file can know."""

    @classmethod
    def parse(cls, text: str) -> DeviceName:
        """Read auto, virtual, virtual:PROFILE, hw:CARD, hw:CARD,DEVICE or a sink's name."""
        kind, _, rest = text.partition(":")
        if kind == "auto" and not rest:
            return cls("auto")
        if kind == "virtual":
            return cls("virtual", profile=rest or "q6asm")
        card, _, device = rest.partition(",")
        if kind == "hw" and card and (device or "0").isdecimal():
            return cls("hw", card=card, device=int(device or "0"))
        if text and not set(text) & set(":,/ "):
            return cls("sink", sink=text)
        raise no_device(text)


class Target(Record):
    """A device that was chosen, and what the board file says of it."""

    name: DeviceName
    sink: BoardSink | None = None
    """None where no board file has it."""
    controls: tuple[Control, ...] | None = None
    """Mixer controls that stand on while it plays; None for those its driver is known to need."""


def no_device(text: str) -> UserError:
    """Return the error of a name that no compress device has."""
    return UserError(
        f"{text!r} is not a compress device",
        advice="Write auto, virtual, virtual:PROFILE, hw:CARD,DEVICE or a sink of the board file; "
        "audiobus devices lists what there is.",
    )


def check_output(spec: str) -> None:
    """Refuse what --pcm cannot mean. Whether the output is there shows when something is decoded."""
    kind, colon, rest = spec.partition(":")
    if spec in ("auto", "null", "alsa") or (kind in ("file", "alsa") and rest) or (spec and not colon):
        return
    raise no_output(spec)


def no_output(spec: str) -> UserError:
    """Return the error of a name that no PCM output has."""
    return UserError(
        f"{spec!r} is not a PCM output",
        advice="Write auto, null, file:OUT.wav, alsa:NAME or a PCM sink of the board file.",
    )


class PlaySettings(Record):
    """How to play."""

    device: DeviceName
    backend: str = "auto"
    """"tinycompress", "kernel", or "auto": the library where it is installed."""
    pcm: str = "auto"
    decode: bool = False
    speed: float | None = None
    """How many times faster than real time the virtual device runs."""
    render: str | None = None
    tap: str | None = None
    ring_size: int | None = None
    """Bytes."""
    fragments: int | None = None
    routes: tuple[str, ...] = ()
    """Outputs of the board's sinks, and mixer controls to switch on while playing besides those of the output."""

    suspend_after: float | None = None
    """Seconds of a pause after which the device is given back; None: the sink's own choice."""

    def why_private(self) -> str:
        """Return which wish only a bus of one's own can fulfil; empty where a daemon's will do."""
        own = {
            "--device": self.device.kind != "auto",
            "--backend": self.backend != "auto",
            "--pcm": self.pcm != "auto",
            "--speed": self.speed is not None,
            "--render": self.render is not None,
            "--tap": self.tap is not None,
            "--buffer": self.ring_size is not None,
            "--fragments": self.fragments is not None,
            "--route": bool(self.routes),
        }
        return next((f"{flag} names or shapes a device of this process" for flag, given in own.items() if given), "")

    def with_environment(self) -> PlaySettings:
        """Let AUDIOBUS_DEVICE choose the device."""
        name = os.environ.get(DEVICE_VARIABLE)
        return self.replace(device=DeviceName.parse(name)) if name else self

    def checked(self) -> PlaySettings:
        """Refuse flags that contradict each other; let flags of the virtual device choose it."""
        virtual_only = {"--speed": self.speed, "--render": self.render, "--tap": self.tap}
        given = [flag for flag, value in virtual_only.items() if value is not None]
        if self.decode and (self.render is not None or self.tap is not None):
            raise UserError(
                "--render and --tap belong to the virtual device, and with --decode nothing goes there",
                advice="Write what is decoded with --pcm file:OUT.wav.",
            )
        check_output(self.pcm)
        if given and self.device.kind in ("hw", "sink"):
            raise UserError(
                f"{given[0]} belongs to the virtual device", advice="Add --device virtual, or leave it out."
            )
        if given and self.device.kind == "auto":
            return self.replace(device=DeviceName.parse("virtual"))
        return self
