"""How a daemon is to be: its sockets, sinks, sources, limits. Values; config/daemon_file.py reads them from a file."""

from __future__ import annotations

from enum import Enum

from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.model.record import Record


class Role(Enum):
    """What a client may do before a session manager says more."""

    MANAGER = "manager"
    """Everything, hearing others too."""
    DEFAULT = "default"
    """Everything but hearing others."""
    RESTRICTED = "restricted"
    """Play, see the bus's own objects; nobody else's exist for it."""


class NodeKind(Enum):
    """What is behind a sink or source."""

    NULL = "null"
    """Nothing; a source may give a tone."""
    FILE = "file"
    """A WAV file."""
    ALSA = "alsa"
    """A PCM of the kernel."""
    COMPRESS = "compress"
    """A compress device, or the virtual DSP."""


class SecondEncoded(Enum):
    """What becomes of an encoded stream while another has the DSP."""

    DECODE = "decode"
    """The next shape it offers."""
    WAIT = "wait"
    """It is answered when the DSP is free."""
    REFUSE = "refuse"


class NodeSettings(Record):
    """One sink or source of the daemon."""

    name: str
    kind: NodeKind
    format: PcmFormat = PcmFormat(Encoding.S16, 48_000, 2)
    """What the device is asked for; it may grant another."""
    card: str = ""
    """Id or number; ALSA and compress."""
    device: int = 0
    path: str = ""
    """Of a file sink's WAV."""
    is_dithered: bool = False
    """Whether noise is added where a sink rounds to 16 bits or fewer."""
    profile: str = ""
    """Of a virtual DSP instead of a compress device."""
    frequency: int = 0
    """Hz of a null source's tone; 0: silence."""
    shortest: int | None = None
    """Microseconds: the least latency it grants; None: as the whole bus."""
    longest: int | None = None
    suspend_after: int | None = None
    """Seconds without sound after which the device is closed; 0: never; None: as its kind does."""
    description: str = ""
    place: str = ""
    """Where the file names it, "FILE:LINE:COLUMN"."""


class SocketSettings(Record):
    """One place to listen at."""

    path: str
    mode: int = 0o666
    role: Role | None = None
    """Of all who connect there; None: by who they are."""


class AccessSettings(Record):
    """Who may do what."""

    users: tuple[tuple[str, Role], ...] = ()
    groups: tuple[tuple[str, Role], ...] = ()
    otherwise: Role = Role.DEFAULT


class Limits(Record):
    """What may be had at most."""

    clients: int = 256
    streams: int = 64
    """Nodes of one client."""
    unread: int = 4 * 1024 * 1024
    """Bytes that a client may leave unread, with what keeping them takes."""
    samples: int = 64 * 1024 * 1024
    """Bytes of all samples together, and of all that sound at once."""


class DaemonSettings(Record):
    """All of it."""

    sockets: tuple[SocketSettings, ...] = ()
    """None: the usual place."""
    sinks: tuple[NodeSettings, ...] = ()
    """None: the board file's, else what there is."""
    sources: tuple[NodeSettings, ...] = ()
    default_sink: str = ""
    default_source: str = ""
    shortest: int = 500
    """Microseconds."""
    longest: int = 2_000_000
    priority: int = 0
    """SCHED_FIFO of the cycles; 0: none."""
    access: AccessSettings = AccessSettings()
    second_encoded: SecondEncoded = SecondEncoded.DECODE
    limits: Limits = Limits()
    hotplug: bool = True
    path: str = ""
    """The file this came from; empty: there was none."""
