"""What another default would lead to: the actions of the session manager, by the policy file and scripts there are."""

from __future__ import annotations

import argparse

from pyaudiobus.cli import choosing
from pyaudiobus.cli.bus_arguments import connect, put_json
from pyaudiobus.cli.policy_check import dry_run
from pyaudiobus.cli.policy_sources import sources
from pyaudiobus.cli.printing import put_line
from pyaudiobus.client.mirror import look
from pyaudiobus.errors import UserError
from pyaudiobus.model.snapshot import DEFAULT_SINK
from pyaudiobus.policy.actions import as_words


def try_default(arguments: argparse.Namespace, key: str) -> int:
    """Print what would be done if the named sink or source became the default."""
    if not arguments.sink:
        raise UserError("--dry-run needs the name of what would be the default")
    arguments.policy = arguments.scripts = None
    with connect(arguments, "default") as remote:
        bus = look(remote)
    is_sink = key == DEFAULT_SINK
    chosen = (choosing.sink if is_sink else choosing.source)(bus, arguments.sink)
    with sources(arguments) as found:
        event = f"{'default' if is_sink else 'default-source'} {chosen.serial}"
        done = dry_run(bus.replace(policy=found.policy), found, [event])
    if arguments.json:
        put_json({"actions": [{**as_words(action), "words": words} for action, words in done.actions]})
        return 0
    for action, words in done.actions:
        put_line(f"{words}: {action.reason}")
    if not done.actions:
        put_line("nothing would be done")
    return 0
