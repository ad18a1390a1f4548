"""`audiobusd`: the bus as a program. Reads its configuration, then hands over to daemon/."""

from __future__ import annotations

import argparse
import sys

from pyaudiobus import __version__
from pyaudiobus.cli.run import run
from pyaudiobus.config.board_file import find_board, load_board
from pyaudiobus.config.daemon_file import DAEMON_PATH, find_daemon_file, load_daemon
from pyaudiobus.daemon.main import run as serve
from pyaudiobus.model.board import Board
from pyaudiobus.model.daemon_settings import DaemonSettings, SocketSettings
from pyaudiobus.systemd.journal import begin

LEVELS = ("debug", "info", "warning", "error")


def main() -> int:
    """Run the command line in sys.argv and return the exit code."""
    return run("audiobusd", lambda: _main(sys.argv[1:]))


def _main(words: list[str]) -> int:
    arguments = _parser().parse_args(words)
    settings, board = _settings(arguments), _board(arguments)
    if arguments.check:
        print(f"{settings.path or 'no configuration file'}: good")
        return 0
    begin(arguments.log_level)
    return serve(settings, board, lambda: _settings(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="audiobusd", description="The audio bus: owns the devices, mixes, routes and hands encoded audio to a DSP."
    )
    parser.add_argument("--version", action="version", version=f"audiobusd {__version__}")
    parser.add_argument("--config", metavar="FILE", help=f"its configuration; default: {DAEMON_PATH} if there is one")
    parser.add_argument("--board", metavar="FILE", help="the board file; an empty name: none")
    parser.add_argument("--socket", metavar="PATH", help="listen there, whatever the configuration says")
    parser.add_argument("--log-level", choices=LEVELS, default="info", help="the least that is told; default: info")
    parser.add_argument("--check", action="store_true", help="read the configuration, say what is wrong with it, end")
    return parser


def _settings(arguments: argparse.Namespace) -> DaemonSettings:
    path = find_daemon_file(arguments.config)
    settings = DaemonSettings() if path is None else load_daemon(path)
    if arguments.socket:
        role = next((place.role for place in settings.sockets if place.path == arguments.socket), None)
        settings = settings.replace(sockets=(SocketSettings(arguments.socket, role=role),))
    return settings


def _board(arguments: argparse.Namespace) -> Board | None:
    path = find_board(arguments.board)
    return None if path is None else load_board(path)
