"""Keeps `play` from writing over what it is to play. Opens nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from stat import S_ISREG

from pyaudiobus.cli.settings import PlaySettings
from pyaudiobus.errors import UserError

_PCM_FILE = "file:"


def refuse_overwriting(settings: PlaySettings, files: Sequence[str]) -> None:
    """Raise UserError if a file that is to be written is also to be played, or to be written twice."""
    outputs = _outputs(settings)
    uses = {_identity(file): "plays" for file in files} if outputs else {}
    for flag, path in outputs:
        identity = _identity(path)
        if identity in uses:
            what = f"{flag} names {path}, which this command also {uses[identity]}"
            raise UserError(what, advice="Give another path.")
        uses[identity] = f"writes for {flag}"


def _outputs(settings: PlaySettings) -> list[tuple[str, str]]:
    pcm = settings.pcm.removeprefix(_PCM_FILE) if settings.pcm.startswith(_PCM_FILE) else None
    named = (("--render", settings.render), ("--tap", settings.tap), ("--pcm", pcm))
    return [(flag, path) for flag, path in named if path]


def _identity(path: str) -> object:
    """What all names of one file have in common; devices and pipes may be written to as often as one likes."""
    try:
        found = os.stat(path)
    except OSError:
        return os.path.abspath(path)
    return (found.st_dev, found.st_ino) if S_ISREG(found.st_mode) else object()
