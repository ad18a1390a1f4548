"""The contract of a compress device (tests/devices/contract), unchanged, on the kernel's own compress core."""

from __future__ import annotations

import os

import pytest

from smoke.board import Board

pytest_plugins = ["smoke.steps"]
pytestmark = pytest.mark.guest

SUITE = ["tests/devices/contract/test_contract.py", "-c", "service/pyproject.toml", "--rootdir", "."]
QUIET = ["-q", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib -m 'not hardware'"]
LIBRARY = {name: value for name, value in os.environ.items() if name == "AUDIOBUS_TINYCOMPRESS"}
"""A library that is not installed can be named."""


@pytest.fixture
def board(used_board: Board) -> Board:
    used_board.start_over()
    return used_board


@pytest.mark.parametrize("backend", ["kernel", "tinycompress"])
def test_the_backend_keeps_the_contract_on_a_real_kernel(board: Board, backend: str) -> None:
    if backend == "tinycompress" and not has_tinycompress(board):
        pytest.skip("libtinycompress.so.0 is not in the guest: Debian has no package of it (a Yocto image does)")
    words = ["python3", "-m", "pytest", *SUITE, *QUIET, "-k", f"real-{backend}"]
    env = {"AUDIOBUS_CONTRACT_DEVICE": "hw:0,0", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **LIBRARY}
    result = board.guest.run(words, env=env, timeout=600)
    assert result.status == 0, result.text[-4000:] + result.stderr.decode()[-2000:]


def has_tinycompress(board: Board) -> bool:
    look = "from pyaudiobus.devices.tinycompress_library import load_library; load_library()"
    return board.guest.run(["python3", "-c", look], env=LIBRARY).status == 0
