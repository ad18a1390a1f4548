"""WirePlumber from Debian, asked for the same as our session manager: a stream waits, how long until it is linked."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import wave
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

Figures = dict[str, float]
PROGRAMS = ("dbus-daemon", "pipewire", "wireplumber", "pw-cat", "pw-link", "pw-cli")
ADVICE = "WirePlumber is not here to be measured beside it: apt-get install wireplumber pipewire dbus"
PATIENCE = 20.0
"""Seconds until something that does not happen is given up."""
MODULES = (
    *("protocol-native", "metadata", "spa-node-factory", "client-node", "client-device", "adapter", "link-factory"),
    *("access", "session-manager", "spa-device-factory"),
)
CONFIGURATION = """\
context.properties = {{ core.daemon = true, core.name = pipewire-0, settings.check-quantum = false }}
context.spa-libs = {{
    audio.convert.* = audioconvert/libspa-audioconvert
    support.* = support/libspa-support
}}
context.modules = [
{modules}
]
context.objects = [
    {{ factory = adapter args = {{
        factory.name = support.null-audio-sink
        node.name = speaker
        media.class = Audio/Sink
        audio.position = [ FL FR ]
    }} }}
]
"""


def missing() -> list[str]:
    """List the programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def measured(folder: Path, cost: Callable[[int], Figures], spent: Callable[[int], float]) -> Figures:
    """Return seconds to the first link, of processor time, and what `cost` finds of the process afterwards."""
    modules = "\n".join(f"    {{ name = libpipewire-module-{name} }}" for name in MODULES)
    (folder / "pipewire.conf").write_text(CONFIGURATION.format(modules=modules))
    _silence(folder / "song.wav")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "LANG": "C"}
    environment["DBUS_SESSION_BUS_ADDRESS"] = bus = f"unix:path={folder / 'dbus'}"
    with ExitStack() as stack:

        def start(*words: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
            made = subprocess.Popen(words, env=environment, text=True, stdout=stdout, stderr=subprocess.DEVNULL)
            stack.callback(made.wait)
            stack.callback(made.kill)
            return made

        start("dbus-daemon", "--session", "--nofork", f"--address={bus}")  # without one WirePlumber ends at once
        _until((folder / "dbus").exists)
        start("pipewire", "-c", str(folder / "pipewire.conf"))
        _until((folder / "pipewire-0").exists)
        start("pw-cat", "--playback", str(folder / "song.wav"))
        _until(lambda: "pw-cat" in _told(environment, "pw-cli", "ls", "Node"))
        watcher = start("stdbuf", "-oL", "pw-link", "-m", "-l", stdout=subprocess.PIPE)
        began = time.monotonic()
        program = start("wireplumber")
        assert watcher.stdout is not None
        while " -> " not in (line := watcher.stdout.readline()):
            if not line or program.poll() is not None:
                raise RuntimeError("WirePlumber ended before it linked anything")
        taken = time.monotonic() - began
        return {"first_link": taken, "processor": spent(program.pid), **cost(program.pid)}


def _silence(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(bytes(4 * 48_000 * 60))


def _told(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.stdout


def _until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError("PipeWire does not start here")
        time.sleep(0.02)
