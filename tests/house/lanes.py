"""A pytest plugin: hands the tests to pytest-xdist's workers in lanes, so that every core has work.

What the tests of a lane share is made once: the fixtures of a module, or a guest, which takes long to boot.
"""

from __future__ import annotations

from collections import OrderedDict
from fnmatch import fnmatchcase

import pytest
from xdist.scheduler import LoadScopeScheduling

GUESTS = {
    "recipes-tests/test_guest.py::*": "virtual",
    "recipes-tests/test_engine_pcm.py::*": "virtual",
    "recipes-tests/test_cards.py::*": "virtual",
    "recipes-tests/test_units.py::*": "systemd",
    "recipes-tests/test_oeqa.py::*": "systemd",
    "recipes-tests/test_smoke_*": "smoke",
}
"""Tests that share a guest with those of other modules, and the lane of these; the longest lane last."""


def lane_of(nodeid: str) -> str:
    """Return the lane of a test: that of the guest that it shares with other modules, else its module."""
    shared = (lane for pattern, lane in GUESTS.items() if fnmatchcase(nodeid, pattern))
    return next(shared, nodeid.partition("::")[0])


class Lanes(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives a worker one lane after the other; those with a guest come first, the longest before the others."""

    workqueue: OrderedDict[str, dict[str, bool]]

    def _split_scope(self, nodeid: str) -> str:
        return lane_of(nodeid)

    def _assign_work_unit(self, node: object) -> None:
        for lane in GUESTS.values():
            if lane in self.workqueue:
                self.workqueue.move_to_end(lane, last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Lanes:
    """Schedule by lanes."""
    return Lanes(config, log)
