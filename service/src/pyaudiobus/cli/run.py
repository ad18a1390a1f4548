"""From errors to exit codes, in one place: 0 done, 1 failure, 2 the user's mistake, 130 interrupted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pyaudiobus.cli.printing import discard_output, prepare_streams
from pyaudiobus.cli.queue import Queue
from pyaudiobus.cli.report import Report, complain
from pyaudiobus.cli.signals import INTERRUPTED, end_if_asked
from pyaudiobus.client.bus import Bus
from pyaudiobus.client.file_node import Opener
from pyaudiobus.client.player import Player, TrackLoudness
from pyaudiobus.client.turn import Track
from pyaudiobus.errors import AudiobusError, MediaError, UserError
from pyaudiobus.model.events import Failed

_REMEDIES = {
    "mutagen": "mutagen, which reads tags, and it is not installed",
    "av": "PyAV, which decodes, and it is not installed",
    "alsaaudio": "pyalsaaudio, which reaches sound cards, and it is not installed",
    "yaml": "PyYAML, which reads the board file, and it is not installed",
}
_INSTALL = "Install it: the image's package python3-{0}, or service/setup/venv alsa in a checkout."

BROKEN_PIPE = 141


def run(program: str, command: Callable[[], int]) -> int:
    """Run a command and return its exit code. Errors a person can fix are printed; others keep their traceback."""
    prepare_streams()
    try:
        return command()
    except AudiobusError as error:
        complain(program, error)
        return error.exit_code
    except ModuleNotFoundError as error:
        if error.name not in _REMEDIES:
            raise
        complain(program, UserError(f"this needs {_REMEDIES[error.name]}", advice=_INSTALL.format(error.name)))
        return UserError.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        discard_output()
        return BROKEN_PIPE


def play_files(
    bus: Bus,
    open_decoded: Opener,
    report: Report,
    files: Sequence[str | Track],
    *,
    titles: Mapping[str, str] | None = None,
    gapless: bool = True,
    loudness: TrackLoudness | None = None,
) -> int:
    """Play files in turn; a file that fails does not keep the next from playing. `titles` are what playlists call them.

    Returns 0, or 1 if a device failed, or 2 if only files were at fault.
    """
    player = Player(bus, open_decoded, report.interval, loudness)
    worst = 0
    with report.attend(player, Queue(files, titles or {})):
        try:
            for event in player.play_all(files, gapless=gapless):
                if isinstance(event, Failed):
                    report.fail(event.file, event.error)
                    worst = max(worst, event.error.exit_code, key=SEVERITY.index)
                else:
                    report.show(event)
                end_if_asked()
        except KeyboardInterrupt:
            report.interrupted()
            return INTERRUPTED
    return worst


SEVERITY = (0, MediaError.exit_code, AudiobusError.exit_code, INTERRUPTED)
"""Exit codes of playing, the gravest last."""
