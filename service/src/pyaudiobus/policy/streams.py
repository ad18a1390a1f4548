"""What streams and sinks say of themselves, in one place: by PipeWire's properties, or by facts of the bus."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import StreamRole
from pyaudiobus.model.rule import as_text
from pyaudiobus.model.snapshot import BUS, DEFAULT_SINK, DEFAULT_SOURCE, PLAYBACK, RECORD, SINK, SOURCE, Snapshot

DUPLEX = "Audio/Duplex"
VIRTUAL_SOURCE = "Audio/Source/Virtual"
NO_TARGET = ("", "-1")
"""A target that names none."""
AUTOCONNECT = "node.autoconnect"
DONT_MOVE = "node.dont-move"
DONT_RECONNECT = "node.dont-reconnect"
DONT_FALLBACK = "node.dont-fallback"
LINGER = "node.linger"
EXCLUSIVE = "node.exclusive"
PASSIVE = "node.passive"
"""Its link keeps no device awake."""
LINK_GROUP = "node.link-group"
"""What belongs together: the two sides of a filter."""
AUDIO_GROUP = "session.audio-group"
SMART = "filter.smart"
CAPTURE_SINK = "stream.capture.sink"
"""A recording that listens to a sink."""
VOLUME_KEYS = "volume.keys"
"""Metadata of the bus: the serial of the node that the volume keys change."""
MONITOR = ".monitor"
"""After a sink's name: what it plays."""
UNUSABLE = ("error", "lost")
"""States of a device that cannot be used."""
_TRUE = ("true", "1", "yes", "on")
_NO_ROLE = StreamRole("")


def is_set(item: Item, key: str) -> bool:
    """Tell whether a switch is on: the property "node.dont-move", else the fact "dont_move"."""
    given = item.properties.get(key)
    if given is None:
        given = as_text(item.facts.get(key.rpartition(".")[2].replace("-", "_"))) or ""
    return given.lower() in _TRUE


def is_off(item: Item, key: str) -> bool:
    """Tell whether a switch is off expressly."""
    given = item.properties.get(key, as_text(item.facts.get(key.rpartition(".")[2].replace("-", "_"))))
    return given is not None and given.lower() not in _TRUE


def is_stream(item: Item) -> bool:
    """Tell whether a node plays or records for a client."""
    return item.kind == "node" and item.media_class in (PLAYBACK, RECORD)


def is_device(item: Item) -> bool:
    """Tell whether a node is a sink or source, of the bus or of a client."""
    return item.kind == "node" and item.media_class in (SINK, SOURCE, DUPLEX, VIRTUAL_SOURCE)


def is_playback(item: Item) -> bool:
    """Tell whether a stream plays."""
    return item.media_class == PLAYBACK


def streams(bus: Snapshot) -> tuple[Item, ...]:
    """List all streams, oldest first."""
    return tuple(sorted((*bus.nodes(PLAYBACK), *bus.nodes(RECORD)), key=lambda item: item.serial))


def devices_for(stream: Item, bus: Snapshot) -> tuple[Item, ...]:
    """List the sinks a stream could play on, or the sources it could record; a sink that it listens to as well."""
    if is_playback(stream):
        return (*bus.nodes(SINK), *bus.nodes(DUPLEX))
    if is_set(stream, CAPTURE_SINK):
        return bus.nodes(SINK)
    return (*bus.nodes(SOURCE), *bus.nodes(VIRTUAL_SOURCE), *bus.nodes(DUPLEX))


def place_of(stream: Item, bus: Snapshot) -> Item | None:
    """Return what a stream is linked to: its sink, or what it records."""
    links = bus.links_from(stream.serial) if is_playback(stream) else bus.links_into(stream.serial)
    end = "input" if is_playback(stream) else "output"
    for link in links:
        other = bus.items.get(link.number(end))
        if other is not None and other.media_class != RECORD:
            return other
    return None


def players_on(sink: Item, bus: Snapshot) -> list[Item]:
    """List the streams that play on a sink, or record a source."""
    links, end = (
        (bus.links_from(sink.serial), "input") if sink.media_class != SINK else (bus.links_into(sink.serial), "output")
    )
    found = (bus.items.get(link.number(end)) for link in links)
    return [other for other in found if other is not None and is_stream(other)]


def is_available(device: Item) -> bool:
    """Tell whether a device can be used, as far as is known: neither lost nor without a way out."""
    return device.state not in UNUSABLE and as_text(device.facts.get("route.available")) not in ("no", "false")


def why_unavailable(device: Item) -> str:
    """Return why a device cannot be used; empty where it can."""
    if device.state in UNUSABLE:
        told = device.facts.get("error")
        return (
            f"{device.name} is lost" if device.state == "lost" else f"{device.name} cannot be used: {told or 'error'}"
        )
    return "" if is_available(device) else f"{device.name} has no route that is available"


def wanted_target(stream: Item, bus: Snapshot) -> tuple[str, str]:
    """Return the target that a stream names, and who says so; two empty words where there is none.

    As WirePlumber: what the stream says, and over it the metadata, unless streams may not be moved or this one may not.
    """
    if bus.settings.linking_allow_moving_streams and not is_set(stream, DONT_MOVE):
        for key in ("target.object", "target.node"):
            value = bus.entry(stream.serial, key)
            if value:
                return ("", "") if value in NO_TARGET else (value, "it was moved there")
    for key in ("target.object", "node.target"):
        value = stream.properties.get(key, "")
        if value:
            return ("", "") if value in NO_TARGET else (value, "it asks for it")
    told = as_text(stream.facts.get("target")) or ""
    return ("", "") if told in NO_TARGET else (told, "it asks for it")


def find_target(stream: Item, wanted: str, bus: Snapshot) -> Item | None:
    """Return the node that a target means: by name, object.path or serial, in the direction the stream needs."""
    devices = devices_for(stream, bus)
    found = next((item for item in devices if item.name == wanted), None)
    found = found or next((item for item in devices if item.properties.get("object.path") == wanted), None)
    if found is not None:
        return found
    named = bus.find(wanted, "node")
    if named is None and not is_playback(stream) and wanted.endswith(MONITOR):
        named = bus.find(wanted.removesuffix(MONITOR), "node")
    if named is None or named.serial == stream.serial:
        return None
    if is_playback(stream):
        return named if named in devices else None
    return named if is_device(named) or is_stream(named) else None


def role_of(stream: Item, bus: Snapshot) -> StreamRole:
    """Return the role of a stream; one without a name where it has none that the policy knows."""
    name = stream.properties.get("media.role")
    if not name:
        return _NO_ROLE
    roles = bus.items.derived(StreamRole, bus.policy, lambda: {role.name.lower(): role for role in bus.policy.roles})
    return roles.get(name.lower(), _NO_ROLE)


def priority_of(device: Item) -> int:
    """Return a device's priority: priority.session, else priority.driver, else by its kind as WirePlumber's ALSA rules.

    Those give the first device of a card 1000 and each further one 744 - 16 times its number, sources 1000 more.
    """
    for key in ("priority.session", "priority.driver"):
        given = as_text(device.facts.get(key)) or device.properties.get(key, "")
        if given.lstrip("-").isdecimal() and len(given) <= MOST_DIGITS:
            return int(given)
    if device.properties.get("device.api") != "alsa":
        return _OF_KIND.get(device.properties.get("device.api", ""), 0)
    number = device.properties.get("alsa.device", "0")
    place = int(number) if number.isdecimal() and len(number) <= MOST_DIGITS else 0
    return (1000 if place == 0 else 744 - 16 * place) + (0 if device.media_class == SINK else 1000)


MOST_DIGITS = 10
"""Of a priority."""
_OF_KIND = {"file": 200, "null": 100}
"""What nobody hears comes after what somebody hears."""


def plugged_at(device: Item) -> tuple[int, bool, int]:
    """Return what grows with the time at which a device came; of a file's devices the first comes first."""
    given = device.properties.get("item.plugged.usec", "")
    usec = int(given) if given.isdecimal() and len(given) <= 2 * MOST_DIGITS else 0
    is_configured = "config.place" in device.properties
    return usec, not is_configured, -device.serial if is_configured else device.serial


def best_first(devices: tuple[Item, ...]) -> list[Item]:
    """Sort devices: the highest priority first, then what was plugged in last."""
    return sorted(devices, key=lambda item: (priority_of(item), plugged_at(item)), reverse=True)


def default_key(stream: Item) -> str:
    """Return the key of the default that a stream follows."""
    return DEFAULT_SINK if is_playback(stream) or is_set(stream, CAPTURE_SINK) else DEFAULT_SOURCE


def default_for(stream: Item, bus: Snapshot) -> Item | None:
    """Return the default sink or source of a stream."""
    return default_of(default_key(stream), bus)


def default_of(key: str, bus: Snapshot) -> Item | None:
    """Return the default sink or source: as this plan has decided it, else as the metadata say."""
    subject = ("default", DEFAULT_KEYS.index(key))
    if subject in bus.decided:
        chosen = bus.decided[subject]
        return bus.items.get(chosen) if isinstance(chosen, int) else None
    name = bus.entry(BUS, key)
    return device_named(name, key, bus) if name else None


def device_named(name: str, key: str, bus: Snapshot) -> Item | None:
    """Return the sink or source that a default's name means: the oldest of that name, whatever streams are called."""
    found = bus.find(name, "node")
    known = [item for item in bus.items.among(("name", name)) if item.kind == "node" and is_device(item)]
    is_sink = key == DEFAULT_SINK
    fitting = (item for item in known if (item.media_class in (SINK, DUPLEX)) is is_sink)
    return next(fitting, next(iter(known), found))


DEFAULT_KEYS = (DEFAULT_SINK, DEFAULT_SOURCE)
"""Their places here are the subjects of the question "default" in Snapshot.decided."""
