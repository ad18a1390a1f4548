"""Where `audiobus policy` takes decisions from: the policy file, scripts, and a bus that is saved or alive."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyaudiobus.cli.bus_arguments import connect
from pyaudiobus.cli.printing import put_line
from pyaudiobus.client.mirror import look
from pyaudiobus.config.locate import POLICY_PATH, find_policy_file
from pyaudiobus.config.policy_scripts import SCRIPTS_PATH, find_scripts
from pyaudiobus.errors import UserError
from pyaudiobus.model.policy import PolicySettings
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.chain import Chains
from pyaudiobus.policy.decide import Ask
from pyaudiobus.session.breaker import Breaker
from pyaudiobus.session.configuration import Places, read

ADVICE = "Write one with: audiobus dump > FILE"
MOST_BYTES = 64 * 1024 * 1024


class Sources(Record):
    """What decides."""

    policy: PolicySettings
    chains: Chains
    mistakes: tuple[str, ...]
    """Scripts that are left out, and why."""
    ask: Ask
    """Asks hooks, those of scripts in a process of their own and with a deadline."""


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that name files."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--policy", metavar="FILE", help=f"the policy file (default: {POLICY_PATH}; empty: none)")
    parser.add_argument("--scripts", metavar="PATH", help=f"the scripts' folder (default: {SCRIPTS_PATH}; empty: none)")


@contextmanager
def sources(arguments: argparse.Namespace) -> Iterator[Sources]:
    """Read everything; scripts that cannot be used are left out and told. FileMistakes, UserError."""
    logging.getLogger("audiobus-session").addHandler(logging.NullHandler())  # what it would say is said here
    places = Places(find_policy_file(arguments.policy), find_scripts(arguments.scripts))
    found = read(places, is_start=True)
    try:
        for mistake in found.mistakes:
            put_line(f"audiobus: a script is left out: {mistake}", sys.stderr)
        yield Sources(found.policy, found.chains, found.mistakes, Breaker(found.process).ask)
    finally:
        if found.process is not None:
            found.process.stop()


def bus_to_look_at(arguments: argparse.Namespace, policy: PolicySettings) -> Snapshot:
    """Return the bus of --snapshot, or with none the one that runs."""
    if arguments.snapshot:
        return read_snapshot(arguments.snapshot).replace(policy=policy)
    with connect(arguments, "policy") as remote:
        return look(remote).replace(policy=policy)


def read_snapshot(path: str) -> Snapshot:
    """Read a dump, or a snapshot alone. UserError says what is wrong with it."""
    words = _read(path)
    found = words.get("bus", words)
    if not isinstance(found, dict) or not isinstance(found.get("objects"), list):
        raise UserError(f"{path} is no dump of a bus: it has no objects", advice=ADVICE)
    try:
        return Snapshot.from_words(found)
    except UserError as error:
        by = f"it was written by audiobus {words['audiobus']}" if "audiobus" in words else ""
        raise UserError(f"{path}: {error.what}", facts=[by] if by else [], advice=error.advice) from None
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise UserError(f"{path} is no dump of a bus: {_plainly(error)}", advice=ADVICE) from None


def _plainly(error: Exception) -> str:
    """Put a mistake of an object's words into a sentence."""
    return str(error).replace("Item ", "an object ").replace("Entry ", "an entry of the metadata ")


def _read(path: str) -> dict[str, Any]:
    try:
        if path == "-":
            text = sys.stdin.read(MOST_BYTES)
        else:
            with open(path, encoding="utf-8") as file:
                text = file.read(MOST_BYTES)
        words = json.loads(text)
    except OSError as error:
        raise UserError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is no JSON: {error}", advice=ADVICE) from None
    if not isinstance(words, dict):
        raise UserError(f"{path} is no dump of a bus: it is no JSON object", advice=ADVICE)
    return words
