"""`audiobus policy`: the order of hooks, dry runs on a saved bus, tables of expectations for a product's own tests."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from pyaudiobus.cli.policy_check import add_check_arguments, check
from pyaudiobus.cli.policy_order import add_order_arguments, order
from pyaudiobus.cli.policy_test import add_test_arguments, test


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    for name, summary, describe, act in (
        ("order", "show the hooks of a question in their order", add_order_arguments, order),
        ("check", "tell what would be done on a bus, and why, without doing it", add_check_arguments, check),
        ("test", "compare what would be done with what a file expects", add_test_arguments, test),
    ):
        sub = actions.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        describe(sub)
        sub.set_defaults(act=act)


def command(arguments: argparse.Namespace) -> int:
    """Do one of the three."""
    act: Callable[[argparse.Namespace], int] = arguments.act
    return act(arguments)
