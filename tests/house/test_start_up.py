"""What the start of a player must not load: each of these costs more than everything else before the first byte."""

from __future__ import annotations

import subprocess
import sys

OFFLOAD_PATH = ("cli.play", "cli.pyfcplay", "media.encoded", "nodes.compressed_sink.node", "devices.kernel",
                "devices.tinycompress")  # fmt: skip
HEAVY = {"alsaaudio", "asyncio", "av", "cffi", "dataclasses", "difflib", "inspect", "json", "logging", "mutagen",
         "pyaudiobus.cli.targets", "pyaudiobus.model.board", "yaml"}  # fmt: skip
"""Mutagen is here for its licence as well (decision 0002). What a board file needs is loaded where there is one."""


def test_playing_undecoded_loads_nothing_heavy() -> None:
    imports = "\n".join(f"import pyaudiobus.{module}" for module in OFFLOAD_PATH)
    script = f"import sys\n{imports}\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)


def test_the_session_manager_starts_without_what_only_files_and_questions_need() -> None:
    script = "import sys\nimport pyaudiobus.cli.audiobus_session\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"yaml", "asyncio", "pyaudiobus.session.answering", "pyaudiobus.policy.explain"} & set(loaded)
