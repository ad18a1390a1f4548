"""The arithmetic of what streams cost, and how servers are asked to run. No guest is booted here."""

from __future__ import annotations

import json

from bench.pcm_findings import Findings, Measured
from bench.systems import SYSTEMS, Point, audiobus_file

COUNTERS = {"cycles": 10, "wakeups": 10, "xruns": 1, "overruns": 0, "missed": 0, "late_streams": 0, "longest_busy": 5}


def told(daemon: int, clients: int, late: int = 0) -> dict[str, object]:
    """What the guest tells of two seconds."""
    after = COUNTERS | {"cycles": 30, "late_streams": late}
    return {
        "seconds": 2.0,
        "daemon": [daemon, 8],
        "clients": [clients, 6],
        "resident_kib": 1024,
        "before": json.dumps([COUNTERS]),
        "after": json.dumps([after]),
    }


def made_findings() -> Findings:
    point = Point(16, 64)
    measured = [
        Measured.of("audiobus, ahead", point, told(20_000_000, 10_000_000)),
        Measured.of("audiobus, native", point, told(90_000_000, 90_000_000, late=2)),
        Measured.of("PipeWire", point, told(40_000_000, 100_000_000) | {"before": "", "after": ""}),
        Measured("PulseAudio", 16, 64, failure="it does not start"),
    ]
    return Findings("6.1.0 x86_64", measured)


def test_costs_are_told_for_a_second() -> None:
    one = made_findings().measured[0]
    assert (one.daemon, one.clients, one.total, one.client_wakeups) == (10.0, 5.0, 15.0, 3.0)


def test_only_what_came_late_meanwhile_is_counted() -> None:
    ahead, native, *_ = made_findings().measured
    assert (ahead.xruns, native.xruns, ahead.counters["cycles"]) == (0, 2, 20)


def test_pipewire_sets_the_limits() -> None:
    findings = made_findings()
    assert [(limit, measured) for _, limit, measured in findings.targets()] == [
        (20.0, 10.0),
        (35.0, 15.0),
        (70.0, 90.0),
    ]
    assert not findings.are_met
    assert [target["met"] for target in findings.as_json()["targets"]] == [True, True, False]


def test_a_server_that_cannot_be_run_is_told_in_its_row() -> None:
    assert any("failed: it does not start" in line for line in made_findings().lines())


def test_the_table_fits_a_terminal() -> None:
    assert max(map(len, made_findings().lines())) <= 100


def test_our_sink_runs_at_the_quantum_whatever_is_asked_for() -> None:
    text = audiobus_file(Point(1, 64))
    assert "shortest: 1334 us" in text
    assert "longest: 1334 us" in text
    assert 1334 * 48_000 // 1_000_000 == 64


def test_every_stream_has_its_client() -> None:
    assert [len(SYSTEMS[name](Point(16, 64))["clients"]) for name in ("PipeWire", "PulseAudio")] == [16, 16]
