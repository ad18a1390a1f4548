"""What a node or port can do and how it is set, by SPA's names: EnumFormat, Format, Buffers, IO, Latency, Props.

Those of devices are in device_params.py. Each value is a JSON object in one line, so that programs and people read the
same. Rights were checked before.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from pyaudiobus.daemon.cycle_node import CycleNode
from pyaudiobus.daemon.device_params import DeviceParams, ProfileChoice, RouteChoice
from pyaudiobus.daemon.formats import LONGEST_RAMP
from pyaudiobus.daemon.objects import BusObject, PortObject
from pyaudiobus.daemon.pcm_sink import MOST_MIXED, PcmSink
from pyaudiobus.daemon.relays import ClientPort
from pyaudiobus.daemon.samples import Upload
from pyaudiobus.daemon.streams import PlaybackStream, RecordStream
from pyaudiobus.errors import AudiobusError, NotSupported, UserError
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.messages import SetAttributes
from pyaudiobus.protocol.words import Attributes, Body, Count, EncodedShape, Gains, PcmShape, Shape, VideoShape

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

Value = dict[str, object]
Values = list[Value]
T = TypeVar("T")
PARAMETRIC = ("node", "port", "device")
"""Kinds of object that have params."""


class Params:
    """The params of one bus's nodes and ports."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        devices = DeviceParams(bus)
        self._lists: dict[str, Callable[[BusObject], Values]] = {
            "EnumFormat": _enum_format,
            "Format": self._format,
            "Buffers": _buffers,
            "IO": _io,
            "Latency": _latency,
            "Props": _props,
            "EnumProfile": devices.enum_profile,
            "Profile": devices.profile,
            "EnumRoute": devices.enum_route,
            "Route": devices.route,
        }
        self._setters: dict[str, Callable[[BusObject, Value], None]] = {
            "Format": self._set_format,
            "Buffers": self._set_buffers,
            "Latency": self._set_latency,
            "Props": self._set_props,
            "Profile": lambda found, value: devices.set_profile(found, _read(value, ProfileChoice, "Profile")),
            "Route": lambda found, value: devices.set_route(found, _read(value, RouteChoice, "Route")),
        }

    def enum(self, found: BusObject, param: str) -> tuple[str, ...]:
        """List a param's values; none where the object has no such thing now."""
        if param not in self._lists:
            raise UserError(f"there is no param {param!r}", facts=[f"known: {', '.join(self._lists)}"])
        target = found.node if isinstance(found, PortObject) and not isinstance(found, ClientPort) else found
        if target.kind not in PARAMETRIC:
            raise NotSupported(f"{found.kind} {found.serial} has no params")
        return tuple(json.dumps(value) for value in self._lists[param](target))

    def set(self, found: BusObject, param: str, text: str) -> None:
        """Set a param. UserError, NotSupported."""
        if param not in self._lists:
            raise UserError(f"there is no param {param!r}", facts=[f"known: {', '.join(self._lists)}"])
        target = found.node if isinstance(found, PortObject) and not isinstance(found, ClientPort) else found
        if param not in self._setters or target.kind not in PARAMETRIC:
            raise NotSupported(f"{param} of {found.name} cannot be set")
        self._setters[param](target, _parsed(text))

    # ---- reading ----

    def _format(self, found: BusObject) -> Values:
        if isinstance(found, CycleNode | PlaybackStream | RecordStream | Upload):
            return [_pcm(found.format)]
        if isinstance(found, ClientPort):
            linked = [link.format for link in self._bus.links.of(found) if link.format]
            return [_shape(shape) for shape in found.offers()][:1] if linked or found.chosen else []
        return []

    # ---- setting ----

    def _set_format(self, found: BusObject, value: Value) -> None:
        """Let a client's port offer one of its shapes only, or with an empty value all again."""
        if not isinstance(found, ClientPort):
            if self._format(found) == [value]:
                return
            raise NotSupported(f"{found.name} keeps its format")
        if self._bus.links.of(found):
            raise AudiobusError(f"{found.name} is linked; its format is agreed on")
        chosen = [shape for shape in found.shapes if _shape(shape) == value]
        if value and not chosen:
            raise UserError(
                f"{found.name} does not offer that", facts=[json.dumps(_shape(one)) for one in found.shapes]
            )
        found.chosen = chosen[0] if chosen else None

    def _set_buffers(self, found: BusObject, value: Value) -> None:
        if not isinstance(found, PlaybackStream | RecordStream):
            raise NotSupported(f"{found.name} has no buffers that can be set")
        wish = SetAttributes(found.serial, _read(value, Attributes, "Buffers"))
        self._bus.set_attributes(found, wish)

    def _set_latency(self, found: BusObject, value: Value) -> None:
        """Change the least latency that a sink or source grants."""
        if not isinstance(found, CycleNode) or set(value) != {"min_usec"}:
            raise NotSupported(f"of {found.name} only a sink's or source's min_usec can be set")
        least = value["min_usec"]
        if not isinstance(least, int) or isinstance(least, bool) or not 0 < least <= found.manner.longest:
            raise UserError(f"min_usec is a whole number of 1 to {found.manner.longest}")
        found.manner = found.manner.replace(shortest=least)
        if isinstance(found, PcmSink):
            self._bus.playing.regrant(found)

    def _set_props(self, found: BusObject, value: Value) -> None:
        props = _read(value, Props, "Props")
        if props.suspended is not None:
            if not isinstance(found, CycleNode):
                raise NotSupported(f"{found.name} cannot be suspended")
            if props.suspended:
                found.sleep(by_hand=True)
            else:
                found.resume()
        if props.volume is not None or props.mute is not None:
            self._bus.set_volume(found, props.volume, min(props.ramp, LONGEST_RAMP), muted=props.mute)


class Props(msgspec.Struct, forbid_unknown_fields=True):
    """What Props can hold."""

    volume: Gains | None = None
    mute: bool | None = None
    suspended: bool | None = None
    ramp: Count = 10


def _parsed(text: str) -> Value:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UserError(f"the value is no JSON: {error}") from None
    except RecursionError:
        raise UserError("the value is nested too deeply") from None
    if not isinstance(value, dict):
        raise UserError("the value is no JSON object", advice='Write for example {"mute": true}.')
    return value


def _read(value: Value, kind: type[T], param: str) -> T:
    try:
        if issubclass(kind, Body):
            known = kind.__struct_fields__
            unknown = set(value) - set(known)
            if unknown:
                raise UserError(f"{param} has no {min(unknown)!r}", facts=[f"known: {', '.join(known)}"])
            return msgspec.convert([value.get(name, -1) for name in known], kind)
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise UserError(f"{param} cannot be that: {error}") from None


def _enum_format(found: BusObject) -> Values:
    if isinstance(found, PcmSink):
        taken = {"min": 1, "max": MOST_MIXED}
        encodings = [encoding.value for encoding in Encoding]
        return [{"media": "pcm", "encoding": encodings, "rate": found.format.rate, "channels": taken}]
    if isinstance(found, CycleNode):
        encodings = [encoding.value for encoding in Encoding]
        shape = {"rate": found.format.rate, "channels": found.format.channels, "channel_map": list(found.map)}
        return [{"media": "pcm", "encoding": encodings, **shape}]
    if isinstance(found, PlaybackStream | RecordStream | Upload):
        return [_pcm(found.format)]
    if isinstance(found, ClientPort):
        return [_shape(shape) for shape in found.shapes]
    return []


def _buffers(found: BusObject) -> Values:
    if isinstance(found, PlaybackStream):
        names = ("maxlength", "tlength", "prebuf", "minreq")
        return [{name: getattr(found.buffering, name) for name in names}]
    if isinstance(found, RecordStream):
        return [{name: getattr(found.buffering, name) for name in ("maxlength", "fragsize")}]
    if isinstance(found, ClientPort):
        return [
            {"kind": one.kind, "offset": one.offset, "size": one.size, "stride": one.stride} for one in found.buffers
        ]
    return []


def _io(found: BusObject) -> Values:
    if isinstance(found, PlaybackStream | RecordStream | Upload):
        return [{"kind": "ring", "capacity": found.ring.capacity, "frame_size": found.ring.frame_size}]
    if isinstance(found, ClientPort):
        return [{"kind": "buffers", "rings": 2}]
    return []


def _latency(found: BusObject) -> Values:
    if isinstance(found, CycleNode):
        quantum = found.quantum
        direction = "input" if isinstance(found, PcmSink) else "output"
        return [
            {
                "direction": direction,
                "min_usec": found.manner.shortest,
                "max_usec": found.manner.longest,
                "quantum": quantum,
                "rate": found.format.rate,
                "usec": quantum * 1_000_000 // found.format.rate,
            }
        ]
    if isinstance(found, PlaybackStream):
        queue = found.clock.usec(found.buffering.tlength)
        return [{"direction": "output", "usec": found.latency, "queue_usec": queue}]
    if isinstance(found, RecordStream):
        queue = found.clock.usec(found.buffering.fragsize)
        return [{"direction": "input", "usec": found.latency, "queue_usec": queue}]
    return []


def _props(found: BusObject) -> Values:
    if isinstance(found, PcmSink):
        gains = list(found.gains) or [1.0]
        return [{"volume": gains, "mute": found.is_muted, "suspended": not found.is_awake}]
    if isinstance(found, CycleNode):
        return [{"suspended": not found.is_awake}]
    if isinstance(found, PlaybackStream):
        return [{"volume": list(found.gains) or [1.0], "mute": found.is_muted}]
    return []


def _pcm(form: PcmFormat) -> Value:
    shape: Value = {"media": "pcm", "encoding": form.encoding.value, "rate": form.rate, "channels": form.channels}
    return {**shape, "channel_map": list(form.channel_map)} if form.channel_map else shape


def _shape(shape: Shape) -> Value:
    if isinstance(shape, PcmShape):
        return {"media": "pcm", "encoding": shape.encoding, "rate": shape.rate, "channels": shape.channels}
    if isinstance(shape, EncodedShape):
        return {"media": "encoded", "codec": shape.codec, "rate": shape.rate, "channels": shape.channels}
    if isinstance(shape, VideoShape):
        value: Value = {"media": "video", "pixel_format": shape.pixel_format, "width": shape.width}
        return {**value, "height": shape.height, "frame_rate": shape.frame_rate}
    raise TypeError(f"{shape!r} is no shape")
