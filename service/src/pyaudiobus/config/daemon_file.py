"""The daemon's file: its schema, and how it is read.

Past 300 lines because a schema is read as one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from pyaudiobus.config.daemon_references import check_daemon_references
from pyaudiobus.config.document import Node, Scalar, Table, parse_document, read_text
from pyaudiobus.config.mistakes import Notes, Place, nearest, quoted
from pyaudiobus.config.readers import (
    Duration,
    Key,
    NamedEntries,
    OneOf,
    Seconds,
    Size,
    TableOf,
    Text,
    Unreadable,
    Whole,
    YesNo,
    refuse,
    scalar,
    written_time,
)
from pyaudiobus.errors import UserError
from pyaudiobus.model.daemon_settings import (
    AccessSettings,
    DaemonSettings,
    Limits,
    NodeKind,
    NodeSettings,
    Role,
    SecondEncoded,
    SocketSettings,
)
from pyaudiobus.model.format import PcmFormat, parse_format

__all__ = ["DAEMON", "DAEMON_PATH", "find_daemon_file", "load_daemon", "parse_daemon"]

DAEMON_PATH = "/etc/audiobus/audiobusd.yaml"
DAEMON_VARIABLE = "AUDIOBUSD_CONFIG"
"""Names another file; set and empty, it names none."""
MOST_CHANNELS = 8
MIB = 1024 * 1024
_MODE = re.compile(r"0?[0-7]{3}")


def find_daemon_file(option: str | None = None) -> str | None:
    """Return the file's path: --config's value, else the variable's, else the usual one if it is there."""
    named = os.environ.get(DAEMON_VARIABLE) if option is None else option
    if named is not None:
        return named or None
    return DAEMON_PATH if os.path.exists(DAEMON_PATH) else None


def load_daemon(path: str) -> DaemonSettings:
    """Read a daemon's file. FileMistakes tells all that is wrong with it; UserError where it cannot be read."""
    return parse_daemon(read_text(path), path)


def parse_daemon(data: bytes, path: str) -> DaemonSettings:
    """Read a daemon's file's bytes; `path` is what mistakes and places name."""
    notes = Notes(path)
    root = parse_document(data, notes)
    settings = DaemonSettings() if root is None else _read(root, notes)
    notes.check()
    return settings.replace(path=path)


def _read(root: Node, notes: Notes) -> DaemonSettings:
    try:
        settings = DAEMON.read(root, notes)
    except Unreadable:
        settings = DaemonSettings()
    check_daemon_references(root, notes)
    for part, shortest, longest in _bounds(settings):
        if shortest > longest:
            notes.add(
                _place_of(root, part),
                f"the shortest latency, {written_time(shortest)}, is above {written_time(longest)}",
            )
    return settings


def _bounds(settings: DaemonSettings) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """List every pair of bounds that counts, and the keys that lead to it."""
    yield ("latency",), settings.shortest, settings.longest
    for part, nodes in (("sinks", settings.sinks), ("sources", settings.sources)):
        for node in nodes:
            if node.shortest is not None or node.longest is not None:
                shortest = settings.shortest if node.shortest is None else node.shortest
                yield (part, node.name), shortest, settings.longest if node.longest is None else node.longest


def _place_of(node: Node, keys: Iterable[str]) -> Place:
    found: Node = node
    for key in keys:
        below = found.get(key) if isinstance(found, Table) else None
        found = below or found
    return found.place


class _Kind:
    """What is behind a node; `null` is a word here, not nothing."""

    def __init__(self, *kinds: NodeKind) -> None:
        self.form = ", ".join(f"`{kind.value}`" for kind in kinds)
        self._kinds = {kind.value: kind for kind in kinds}

    def read(self, node: Node, notes: Notes) -> NodeKind:
        """Return the kind."""
        text = node.text if isinstance(node, Scalar) else scalar(node, notes, f"one of {self.form}").text
        if text not in self._kinds:
            raise refuse(node, notes, f"{quoted(text)} is not known here{nearest(text, self._kinds)}")
        return self._kinds[text]


class _Name(Text):
    """The name of a node; `null` is one as well."""

    def read(self, node: Node, notes: Notes) -> str:
        """Return the name."""
        if isinstance(node, Scalar) and node.text == "null":
            return node.text
        return super().read(node, notes)


class _PcmFormat:
    """A PCM format."""

    form = f"ENCODING/RATE/CHANNELS, up to {MOST_CHANNELS} channels, as `s16/48000/2`"

    def read(self, node: Node, notes: Notes) -> PcmFormat:
        """Return the format."""
        text = scalar(node, notes, "a format").text
        try:
            form = parse_format(text)
        except UserError as error:
            raise refuse(node, notes, error.what) from None
        if not isinstance(form, PcmFormat):
            raise refuse(node, notes, f"{quoted(text)} is encoded audio; a format of PCM goes here")
        if form.channels > MOST_CHANNELS:
            raise refuse(node, notes, f"{form.channels} channels are more than the {MOST_CHANNELS} that can be mixed")
        return form


class _Mode:
    """A socket's permissions."""

    form = "three octal digits, as `0660`"

    def read(self, node: Node, notes: Notes) -> int:
        """Return the bits."""
        text = scalar(node, notes, self.form).text
        if not _MODE.fullmatch(text):
            raise refuse(node, notes, f"{quoted(text)} is not {self.form.replace('`', '')}")
        return int(text, 8)


_NAME = _Name("a name of letters, digits, dots, dashes and underscores", r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_ABSOLUTE = Text("an absolute path", r"/[^\x00-\x1f\x7f]{0,4000}")
_SOCKET_PATH = Text("an absolute path of up to 107 characters", r"/[^\x00-\x1f\x7f]{0,106}")
_ROLE = OneOf({role.value: role for role in Role})
_LATENCY = Duration(500, 2_000_000, "10 ms")


def _node(name: str, values: dict[str, object], place: str) -> NodeSettings:
    given = {field: value for field, value in values.items() if value is not None}
    if "virtual" in given:
        given["profile"] = given.pop("virtual")
    if "dither" in given:
        given["is_dithered"] = given.pop("dither")
    if "tone" in given:
        given["frequency"] = given.pop("tone")
    return NodeSettings(name=name, place=place, **given)  # type: ignore[arg-type]  # the schema has checked them


def _named_role(name: str, role: Role, _: str) -> tuple[str, Role]:
    return name, role


def _socket(path: str, values: dict[str, object], _: str) -> SocketSettings:
    return SocketSettings(path=path, **values)  # type: ignore[arg-type]  # the schema has checked them


_COMMON = (
    Key("card", Text("a card's id or number"), "The card the device is on; for `alsa` and `compress`."),
    Key("device", Whole(0, 255), "The device's number on that card.", 0),
    Key("format", _PcmFormat(), "What the device is asked for; it may grant another. Default: `s16/48000/2`."),
    Key("shortest", _LATENCY, "The least latency it grants; default: as `latency` says."),
    Key("longest", _LATENCY, "The greatest; how long it may sleep where nobody asks for less."),
    Key(
        "suspend-after",
        Seconds(0, 86_400_000_000, "5 s"),
        "How long nothing sounds before the device is closed, `0 s`: never. Of a `compress` sink: how long a pause may"
        " last before the DSP may sleep. Default: `5 s` for `alsa`, `30 s` for `compress`, else never.",
    ),
    Key("description", Text(), "For people."),
)
_SINK: TableOf[dict[str, object]] = TableOf(
    dict,
    Key(
        "kind",
        _Kind(NodeKind.NULL, NodeKind.FILE, NodeKind.ALSA, NodeKind.COMPRESS),
        "Nothing, a WAV file, a PCM of the kernel, or a compress device, which takes encoded streams.",
        needed=True,
    ),
    *_COMMON,
    Key(
        "dither", YesNo(), "Whether noise is added where 16 bits or fewer are rounded to; else what is heard is exact."
    ),
    Key("path", _ABSOLUTE, "The WAV file of `file`; it is written anew at every start."),
    Key(
        "virtual", Text("a profile's name", r"[A-Za-z0-9_-]+"), "A DSP in this process instead of a `compress` device."
    ),
)
_SOURCE: TableOf[dict[str, object]] = TableOf(
    dict,
    Key("kind", _Kind(NodeKind.NULL, NodeKind.ALSA), "Silence or a tone, or a PCM of the kernel.", needed=True),
    *_COMMON,
    Key("tone", Whole(0, 20_000), "Hertz of a sine that a `null` source gives; 0: silence."),
)
_SOCKET: TableOf[dict[str, object]] = TableOf(
    dict,
    Key("mode", _Mode(), "Who may connect; what they may do there is said by `access`.", 0o666),
    Key("role", _ROLE, "Of all who connect here; default: by who they are."),
)
_DEFAULTS: TableOf[dict[str, str]] = TableOf(
    dict,
    Key("sink", _Name("a sink's name"), "Where streams play where nobody says; default: the first.", ""),
    Key("source", _Name("a source's name"), "What is recorded where nobody says.", ""),
)
_BOUNDS: TableOf[dict[str, int]] = TableOf(
    dict,
    Key("shortest", _LATENCY, "The least latency any device grants.", 500),
    Key("longest", _LATENCY, "The greatest.", 2_000_000),
)
_WHO = Text("a name or number", r"[A-Za-z0-9_.-]+\$?")
_ACCESS = TableOf(
    AccessSettings,
    Key("users", NamedEntries("roles by users", _WHO, _ROLE, _named_role), "Roles by the client's user.", ()),
    Key("groups", NamedEntries("roles by groups", _WHO, _ROLE, _named_role), "Roles by group; the first counts.", ()),
    Key(
        "otherwise",
        _ROLE,
        "Of everybody else; root and the daemon's own user are managers unless `users` says otherwise.",
        Role.DEFAULT,
    ),
)
_LIMITS = TableOf(
    Limits,
    Key("clients", Whole(1, 4096), "Clients at once.", 256),
    Key("streams", Whole(1, 256), "Streams and other nodes of one client.", 64),
    Key("unread", Size(64 * 1024, 64 * MIB), "What one client may leave unread before it is dropped.", 4 * MIB),
    Key("samples", Size(0, 1024 * MIB), "All samples together, and all that sound at once.", 64 * MIB),
)


def _daemon(
    defaults: dict[str, str], latency: dict[str, int], sockets: tuple[SocketSettings, ...], **values: object
) -> DaemonSettings:
    given = {**latency, **values, "default_sink": defaults.get("sink", "")}
    given["default_source"] = defaults.get("source", "")
    return DaemonSettings(sockets=sockets, **given)  # type: ignore[arg-type]  # the schema has checked them


DAEMON = TableOf(
    _daemon,
    Key(
        "sockets",
        NamedEntries("sockets by their paths", _SOCKET_PATH, _SOCKET, _socket),
        "Where to listen, by path; default: `/run/audiobus/bus`, for other users than root in `$XDG_RUNTIME_DIR`.",
        (),
    ),
    Key(
        "sinks",
        NamedEntries("sinks by their names", _NAME, _SINK, _node),
        "Where streams can play. Default: the board file's sinks, else all PCM devices, else one that nobody hears.",
        (),
    ),
    Key(
        "sources",
        NamedEntries("sources by their names", _NAME, _SOURCE, _node),
        "What can be recorded. Default: all PCM devices that record.",
        (),
    ),
    Key("defaults", _DEFAULTS, "Where streams go where nobody says.", {}),
    Key("latency", _BOUNDS, "Bounds of the quantum of every device.", {}),
    Key("priority", Whole(0, 99), "SCHED_FIFO of the audio threads, where the system allows it; 0: none.", 0),
    Key("access", _ACCESS, "Who may do what before a session manager says more.", AccessSettings()),
    Key(
        "second-encoded",
        OneOf({answer.value: answer for answer in SecondEncoded}),
        "What becomes of an encoded stream while another has the DSP: it is decoded, waits, or is refused.",
        SecondEncoded.DECODE,
    ),
    Key("limits", _LIMITS, "What may be had at most.", Limits()),
    Key("hotplug", YesNo(), "Whether sound cards that come and go are followed.", True),  # noqa: FBT003
)
"""The whole file."""
