"""How each sound server and its clients are run: ours in its three manners, PulseAudio, PipeWire. Runs nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from bench.guestrun import PYTHON
from bench.kit import INSIDE, VENV
from bench.sound_guest import PEERS

RATE = 48_000
REQUESTS = 1000
"""A second."""
SOCKET = "/tmp/bus"
CONFIG = "/tmp/audiobusd.yaml"
PIDS = "/tmp/players.json"
FAST = 2.0
"""Seconds that are measured where clients wake at every quantum."""
SLOW = 8.0
"""The same where they wake twice a second."""
_PYTHON_ENV = {"HOME": "/root", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0"}
_PEER_ENV = {
    "HOME": "/root",
    "LANG": "C",
    "PATH": "/usr/bin:/bin",
    "XDG_RUNTIME_DIR": "/run",
    "PULSE_RUNTIME_PATH": "/run",
    "PULSE_SERVER": "unix:/run/pulse",
}


class Point(NamedTuple):
    """What is measured."""

    streams: int
    quantum: int
    """Frames."""

    @property
    def usec(self) -> int:
        """The quantum in microseconds, rounded up."""
        return -(-self.quantum * 1_000_000 // RATE)


def audiobus(point: Point, how: str) -> dict[str, Any]:
    """Our daemon, and players that buffer ahead, or are called for every quantum: in Python, or natively."""
    players = {"how": how, "count": point.streams, "socket": SOCKET, "quantum": point.quantum, "pids": PIDS}
    script = [PYTHON, str(INSIDE / "players.py"), json.dumps(players)]
    return _plan(
        [_python(f"{VENV}/bin/audiobusd", "--config", CONFIG)],
        [_python(*script)],
        SOCKET,
        pids=PIDS,
        settle=4.0,
        measure=SLOW if how == "ahead" else FAST,
        told=_python(PYTHON, str(INSIDE / "told.py"), SOCKET),
    )


def audiobus_file(point: Point) -> str:
    """The daemon's configuration: one sink that runs at the quantum whatever its streams ask for."""
    return f"""\
sockets:
  {SOCKET}: {{}}
sinks:
  bench:
    kind: null
    format: s16/{RATE}/2
    shortest: {point.usec} us
    longest: {point.usec} us
priority: 60
hotplug: no
"""


def pipewire(point: Point) -> dict[str, Any]:
    """PipeWire without a session manager, and pw-cat linked by pw-link, as a session manager would."""
    names = [f"stream{number}" for number in range(point.streams)]
    ports = (("FL", "FL"), ("FR", "FR"))
    links = [
        _peer("/usr/bin/pw-link", f"{name}:output_{ours}", f"bench:playback_{theirs}")
        for name in names
        for ours, theirs in ports
    ]
    return _plan(
        [_peer("/usr/bin/pipewire", "-c", "/etc/bench.conf")],
        [_pw_cat(name, point) for name in names],
        f"{PEERS}/run/pipewire-0",
        afterwards=links,
        settle=2.0,
        measure=FAST,
    )


def _pw_cat(name: str, point: Point) -> dict[str, Any]:
    properties = f'{{ node.name = "{name}" adapter.auto-port-config = {{ mode = dsp }} }}'
    words = ["--playback", "--target", "0", "--latency", str(point.quantum), "-P", properties, "/sound/sound.wav"]
    return _peer("/usr/bin/pw-cat", *words)


def pipewire_file(point: Point) -> str:
    """Its configuration: a null sink as driver, at a fixed quantum."""
    modules = ("protocol-native", "metadata", "spa-node-factory", "client-node", "client-device", "adapter")
    loaded = "\n".join(f"    {{ name = libpipewire-module-{name} }}" for name in (*modules, "link-factory", "access"))
    return f"""\
context.properties = {{
    core.daemon = true
    core.name = pipewire-0
    default.clock.rate = {RATE}
    default.clock.quantum = {point.quantum}
    default.clock.min-quantum = {point.quantum}
    default.clock.max-quantum = {point.quantum}
    settings.check-quantum = false
    mem.mlock-all = false
}}
context.spa-libs = {{
    audio.convert.* = audioconvert/libspa-audioconvert
    support.* = support/libspa-support
}}
context.modules = [
{loaded}
]
context.objects = [
    {{ factory = adapter
        args = {{
            factory.name = support.null-audio-sink
            node.name = bench
            media.class = Audio/Sink
            audio.position = [ FL FR ]
            audio.rate = {RATE}
            priority.driver = 1000
            adapter.auto-port-config = {{ mode = dsp monitor = false position = preserve }}
        }}
    }}
]
"""


def pulseaudio(point: Point) -> dict[str, Any]:
    """PulseAudio, and pacat that asks for the quantum as its latency."""
    modules = (
        "module-native-protocol-unix auth-anonymous=1 socket=/run/pulse",
        f"module-null-sink sink_name=bench rate={RATE} format=s16le channels=2",
    )
    loaded = [word for module in modules for word in ("-L", module)]
    server = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=no", *loaded]
    client = ["--raw", "--playback", f"--latency-msec={-(-point.usec // 1000)}", "--rate=48000", "--format=s16le"]
    return _plan(
        [_peer("/usr/bin/pulseaudio", *server)],
        [_peer("/usr/bin/pacat", *client, "--channels=2", "/dev/zero") for _ in range(point.streams)],
        f"{PEERS}/run/pulse",
        settle=2.0,
        measure=FAST,
    )


def control_round_trip(point: Point) -> dict[str, Any]:
    """Ask our daemon for an answer, again and again; nothing plays."""
    return _asked(point, "socket")


def control_by_rings(point: Point) -> dict[str, Any]:
    """Do the same through shared memory."""
    return _asked(point, "rings")


def _asked(point: Point, way: str) -> dict[str, Any]:
    alone = {"clients": [], "pids": "", "settle": 0.5, "measure": 0.1}
    return audiobus(point, "ahead") | alone | {"beside": _asking(0, way)}


def busy_control(point: Point) -> dict[str, Any]:
    """Let our daemon serve a thousand requests a second while it plays."""
    return audiobus(point, "ahead") | {"beside": _asking(REQUESTS), "measure": 0.1}


def _asking(rate: int, way: str = "socket") -> dict[str, Any]:
    return _python(PYTHON, str(INSIDE / "asking.py"), SOCKET, str(4 * REQUESTS), str(rate), way)


def memory(point: Point) -> dict[str, Any]:
    """Let every stream go round its ring, of the length that streams get that ask for none, before it is looked at."""
    return audiobus(point, "default") | {"settle": 30.0, "measure": 1.0}


SYSTEMS: dict[str, Callable[[Point], dict[str, Any]]] = {
    "audiobus, ahead": lambda point: audiobus(point, "ahead"),
    "audiobus, native": lambda point: audiobus(point, "native"),
    "audiobus, Python": lambda point: audiobus(point, "python"),
    "PipeWire": pipewire,
    "PulseAudio": pulseaudio,
}


def _plan(
    server: list[dict[str, Any]],
    clients: list[dict[str, Any]],
    socket: str,
    *,
    settle: float,
    measure: float,
    pids: str = "",
    afterwards: list[dict[str, Any]] | None = None,
    told: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "server": server,
        "clients": clients,
        "socket": socket,
        "pids": pids,
        "afterwards": afterwards or [],
        "settle": settle,
        "measure": measure,
        "told": told,
        "beside": None,
    }


def _python(*argv: str) -> dict[str, Any]:
    return {"argv": list(argv), "env": _PYTHON_ENV, "root": ""}


def _peer(*argv: str) -> dict[str, Any]:
    return {"argv": list(argv), "env": _PEER_ENV, "root": PEERS}
