"""Runs the contract suite on the backends of conftest.py."""

from __future__ import annotations

from tests.devices.contract.suite import Contract


class TestContract(Contract):
    """Every test of suite.py on every backend."""
