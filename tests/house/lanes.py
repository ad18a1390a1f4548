"""A pytest plugin: parts the tests into lanes for pytest-xdist (--dist loadgroup), so that every core has work.

What the tests of a lane share is made once: the fixtures of a module, or a guest, which takes long to boot. Lanes that
boot a guest come first, because they are the longest.
"""

from __future__ import annotations

import pytest

GUESTS = {"system.fixtures": "systemd", "smoke.steps": "smoke"}
"""Plugins of the modules that share a guest, and the lane of these."""


def lane_of(item: pytest.Item) -> str:
    """Return the lane of a test: that of the guest that it shares with other modules, else its module."""
    module = item.getparent(pytest.Module)
    plugins = getattr(module.obj, "pytest_plugins", ()) if module is not None else ()
    return next((GUESTS[name] for name in plugins if name in GUESTS), item.nodeid.split("::")[0])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its lane, and begin with those that boot something."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(lane_of(item)))
    items.sort(key=_order)


def _order(item: pytest.Item) -> int:
    lanes = tuple(GUESTS.values())
    lane = lane_of(item)
    if lane in lanes:
        return lanes.index(lane)
    return len(lanes) + (item.get_closest_marker("guest") is None)
