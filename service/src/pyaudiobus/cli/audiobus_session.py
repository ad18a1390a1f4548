"""`audiobus-session`: the session manager as a program. Finds its files, then hands over to session/."""

from __future__ import annotations

import argparse
import json
import sys

from pyaudiobus import __version__
from pyaudiobus.cli.run import run
from pyaudiobus.config.locate import POLICY_PATH, find_policy_file
from pyaudiobus.config.policy_scripts import SCRIPTS_PATH, find_scripts
from pyaudiobus.errors import UserError
from pyaudiobus.session.breaker import Breaker
from pyaudiobus.session.configuration import Places, read, with_saved
from pyaudiobus.session.main import run as live
from pyaudiobus.session.recorder import replay
from pyaudiobus.session.state_file import StateFile, find_state_file
from pyaudiobus.systemd.journal import begin

LEVELS = ("debug", "info", "warning", "error")


def main() -> int:
    """Run the command line in sys.argv and return the exit code."""
    return run("audiobus-session", lambda: _main(sys.argv[1:]))


def _main(words: list[str]) -> int:
    arguments = _parser().parse_args(words)
    begin(arguments.log_level)
    places = Places(find_policy_file(arguments.policy), find_scripts(arguments.scripts))
    if arguments.check:
        return _check(places)
    if arguments.replay:
        return _replay(places, arguments.replay)
    state = StateFile(find_state_file(arguments.state))
    return live(places, state, arguments.socket, arguments.record)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="audiobus-session", description="The session manager: decides who plays where, by small policy scripts."
    )
    parser.add_argument("--version", action="version", version=f"audiobus-session {__version__}")
    parser.add_argument("--policy", metavar="FILE", help=f"the policy file; default: {POLICY_PATH} if there is one")
    parser.add_argument("--scripts", metavar="FOLDER", help=f"owners' scripts; default: {SCRIPTS_PATH} if it is there")
    parser.add_argument("--state", metavar="FILE", help="what is remembered over restarts; an empty name: nothing is")
    parser.add_argument("--socket", metavar="PATH", help="the bus's socket; default: as all programs find it")
    parser.add_argument("--log-level", choices=LEVELS, default="info", help="the least that is told; default: info")
    parser.add_argument("--record", metavar="FILE", help="write every decision there, with what it was made of")
    parser.add_argument("--replay", metavar="FILE", help="decide all of a record again, tell what is different, end")
    parser.add_argument("--check", action="store_true", help="read policy file and scripts, say what is wrong, end")
    return parser


def _check(places: Places) -> int:
    configuration = read(places)
    if configuration.process is not None:
        configuration.process.stop()
    print(f"{places.policy or 'no policy file'}, {places.scripts or 'no scripts'}: good")
    return UserError.exit_code if configuration.mistakes else 0


def _replay(places: Places, path: str) -> int:
    """Exit 1 where something is decided otherwise now."""
    configuration = read(places)
    policy = configuration.policy.replace(settings=with_saved(configuration.policy.settings, {}))
    breaker = Breaker(configuration.process)
    plans = different = 0
    try:
        with open(path, encoding="utf-8") as file:
            for made in replay(file, configuration.chains, policy, breaker.ask):
                breaker.begin()
                plans += 1
                if made.differences:
                    different += 1
                    print(json.dumps({"line": made.line, "now": made.snapshot.now, "differences": made.differences}))
    except OSError as error:
        raise UserError(f"cannot read {path}: {(error.strerror or '').lower()}") from None
    finally:
        if configuration.process is not None:
            configuration.process.stop()
    print(f"{plans} plans, {different} of them different")
    return 1 if different else 0
