"""What can be asked of the bus, as values: `remote.do(set_default_sink("dsp"))`, or `await remote.do(...)`."""

from __future__ import annotations

from pyaudiobus.client.conversation import Request
from pyaudiobus.model.snapshot import BUS, DEFAULT_SINK, DEFAULT_SOURCE
from pyaudiobus.protocol.messages import (
    ClearMetadata,
    CreateLink,
    EnumParams,
    Move,
    Named,
    PlaySample,
    Profile,
    RemoveSample,
    Right,
    SetMute,
    SetParam,
    SetPermissions,
    SetProperties,
    SetVolume,
)
from pyaudiobus.protocol.words import MetadataEntry, Permission

TARGET = "target.object"
_NAME = "Spa:String"


def get(serial: int) -> Request:
    """Look at one object: ObjectInfo."""
    return Request("get", Named(serial))


def destroy(serial: int) -> Request:
    """Destroy an object: one's own, or with w and x another's."""
    return Request("destroy", Named(serial))


def set_properties(serial: int, changes: dict[str, str | None]) -> Request:
    """Change an object's properties; None removes one."""
    return Request("set-properties", SetProperties(serial, changes))


def params(serial: int, param: str) -> Request:
    """List a param: EnumFormat, Format, Buffers, IO, Latency, Props; of devices EnumProfile, Profile, EnumRoute, Route.

    Answer: Params.
    """
    return Request("enum-params", EnumParams(serial, param))


def set_param(serial: int, param: str, value: str) -> Request:
    """Set a param of a node, port or device."""
    return Request("set-param", SetParam(serial, param, value))


def link(output: int, input_: int, *, linger: bool = False, passive: bool = False) -> Request:
    """Link an output to an input. Answer: Created."""
    return Request("create-link", CreateLink(output, input_, linger, passive))


def set_volume(serial: int, *gains: float, ramp: int = 10) -> Request:
    """Set a node's linear gains, one for all channels or one each, reached in `ramp` milliseconds."""
    return Request("set-volume", SetVolume(serial, gains, ramp))


def set_mute(serial: int, *, is_muted: bool = True) -> Request:
    """Silence a node, or let it be heard."""
    return Request("set-mute", SetMute(serial, is_muted))


def move(serial: int, target: str) -> Request:
    """Let a stream play or record elsewhere, by name or serial."""
    return Request("move", Move(serial, target))


def set_default_sink(name: str) -> Request:
    """Let streams that name no sink play here."""
    return set_metadata(BUS, DEFAULT_SINK, name)


def set_default_source(name: str) -> Request:
    """Let streams that name no source record from here."""
    return set_metadata(BUS, DEFAULT_SOURCE, name)


def set_target(serial: int, target: str) -> Request:
    """Say where a stream is to be; the session manager, or the bus without one, moves it there."""
    return set_metadata(serial, TARGET, target)


def set_metadata(subject: int, key: str, value: str, kind: str = _NAME) -> Request:
    """Set an entry of the metadata."""
    return Request("set-metadata", MetadataEntry(subject, key, kind, value))


def clear_metadata(subject: int, key: str = "") -> Request:
    """Remove an entry, or without a key all of a subject's."""
    return Request("clear-metadata", ClearMetadata(subject, key))


def permissions(client: int) -> Request:
    """Tell what a client may do. Answer: Permissions."""
    return Request("get-permissions", Named(client))


def permit(client: int, rights: dict[int, Right]) -> Request:
    """Say what a client may do with objects; 0: with all that are not named."""
    return Request("set-permissions", SetPermissions(client, tuple(Permission(*pair) for pair in rights.items())))


def play_sample(name: str, target: str = "", *gains: float) -> Request:
    """Play what was uploaded under a name. Answer: Created, which names the stream."""
    return Request("play-sample", PlaySample(name, target, gains))


def remove_sample(name: str) -> Request:
    """Forget a sample."""
    return Request("remove-sample", RemoveSample(name))


def profile(serial: int, most: int = 256) -> Request:
    """Tell when a driver's last cycles ran. Answer: Cycles."""
    return Request("profile", Profile(serial, most))
