"""Puts the service into a guest where the recipe puts it in an image, and enables what it enables. Boots nothing."""

from __future__ import annotations

import re
import shlex
import sys
import sysconfig

from qemu.guest import Guest
from qemu.options import CHECKOUT

SHARE = CHECKOUT / "service/share"
RECIPES = CHECKOUT / "meta-pyaudiobus/recipes-pyaudiobus"
UNITS = sorted((SHARE / "systemd").glob("*.service"))
BOARD_FILE = RECIPES / "pyaudiobus-board/files/qemuall/board.yaml"

_PYTHON, _SITE, _SOURCES = "/opt/python", "/opt/site", "/opt/sources"
_PROGRAMS = {
    "audiobus": "audiobus",
    "audiobusd": "audiobusd",
    "audiobus-session": "audiobus_session",
    "pyfcplay": "pyfcplay",
}
"""Each command and its function in cli/start.py."""


def enabled_units() -> list[str]:
    """Return the units that the recipe enables on an image."""
    recipe = (RECIPES / "pyaudiobus/pyaudiobus_0.1.0.bb").read_text()
    found = re.search(r'^SYSTEMD_SERVICE:\$\{PN\} = "([^"]*)"', recipe, re.MULTILINE)
    return found[1].split() if found else []


def install(guest: Guest) -> None:
    """Install units, rules, folders, commands, the board file of QEMU's machines and the demo's media."""
    guest.run(["sh", "-ec", _script()]).check()
    for command, function in _PROGRAMS.items():
        guest.write(f"/usr/bin/{command}", _program(function).encode())
        guest.run(["chmod", "755", f"/usr/bin/{command}"]).check()


def _script() -> str:
    """Units may not look into homes, and a checkout and its Python may lie in one: they are shown elsewhere."""
    shown = {
        sys.base_prefix: _PYTHON,
        sysconfig.get_path("purelib"): _SITE,
        f"{CHECKOUT}/service/src": _SOURCES,
    }
    lines = [f"mkdir -p {place}; mount --bind {shlex.quote(what)} {place}" for what, place in shown.items()]
    copied = {
        "systemd/*.service": "/usr/lib/systemd/system",
        "systemd/*.socket": "/usr/lib/systemd/system",
        "udev/*": "/usr/lib/udev/rules.d",
        "tmpfiles.d/*": "/usr/lib/tmpfiles.d",
        "sysusers.d/*": "/usr/lib/sysusers.d",
        "demo/*.mp3": "/usr/share/audiobus/demo",
        "demo/*.flac": "/usr/share/audiobus/demo",
    }
    share = shlex.quote(str(SHARE))
    lines += [f"mkdir -p {place}; cp {share}/{what} {place}/" for what, place in copied.items()]
    lines += ["mkdir -p /etc/audiobus", f"cp {shlex.quote(str(BOARD_FILE))} /etc/audiobus/board.yaml"]
    lines += [f"systemctl --root=/ enable {' '.join(enabled_units())}"]
    return "\n".join(lines)


def _program(function: str) -> str:
    """A program that finds all it imports in two folders: what the host's Python does at its start is not ours."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (
        f"#!{_PYTHON}/bin/python{version} -S\n"
        "import sys\n"
        f"sys.path[:0] = ['{_SOURCES}', '{_SITE}']\n"
        f"from pyaudiobus.cli.start import {function}\n"
        f"sys.exit({function}())\n"
    )
