"""Runs bitbake by hand as the tests do: prints the lines that clone the layers, or runs a command in a test's world."""

from __future__ import annotations

import os
import sys

from bitbake.errors import HarnessError
from bitbake.pins import clone_lines
from bitbake.worlds import open_worlds
from qemu.errors import GuestError

_USAGE = """\
usage: .venv/bin/python recipes-tests/bitbake/harness clone-lines
       .venv/bin/python recipes-tests/bitbake/harness check
       .venv/bin/python recipes-tests/bitbake/harness mini COMMAND...

clone-lines  print the lines that clone what kas.yml pins into the folder they are run in
check        see whether OE_LAYERS holds what is needed
mini         run a command in the mini world, as "bitbake --parse-only"

OE_LAYERS=FOLDER        the repositories (see clone-lines)
BITBAKE_BUILD=FOLDER    where everything is built; ~/.cache/pyaudiobus/bitbake if not set
"""


def main(words: list[str]) -> int:
    """Run one of the commands; return its exit status."""
    try:
        match words:
            case ["clone-lines"]:
                print(clone_lines())
            case ["check"]:
                for sentence in open_worlds().layer_folder.strangers():
                    print(f"test-bitbake: {sentence}", file=sys.stderr)
            case ["mini", *command] if command:
                world = open_worlds().mini()
                os.chdir(world.folder)
                os.execvpe(*world.confined(command))
            case _:
                print(_USAGE, file=sys.stderr, end="")
                return 2
    except (HarnessError, GuestError) as error:
        print(f"test-bitbake: {error}", file=sys.stderr)
        return 2
    return 0
