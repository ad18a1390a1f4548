"""What streams were found to cost, as a table and as JSON. Runs nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from bench.systems import Point

_MILLION = 1e6
FULL = 0.97
"""Of a thousand million instructions a second, which is all that the guest has."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One server with its clients; M instructions and voluntary switches a second of sound."""

    system: str
    streams: int
    quantum: int
    daemon: float = 0.0
    clients: float = 0.0
    daemon_wakeups: float = 0.0
    client_wakeups: float = 0.0
    resident_kib: int = 0
    counters: dict[str, int] = field(default_factory=dict)
    """What the daemon counted meanwhile; ours only."""
    failure: str = ""

    @classmethod
    def of(cls, system: str, point: Point, told: dict[str, Any]) -> Self:
        """Read what the guest tells."""
        seconds = told["seconds"]
        (daemon, sleeps), (clients, client_sleeps) = told["daemon"], told["clients"]
        return cls(
            system,
            point.streams,
            point.quantum,
            daemon / _MILLION / seconds,
            clients / _MILLION / seconds,
            sleeps / seconds,
            client_sleeps / seconds,
            told["resident_kib"],
            counted(told),
        )

    @property
    def total(self) -> float:
        """Daemon and clients."""
        return self.daemon + self.clients

    @property
    def xruns(self) -> int:
        """Late cycles, dry devices, dry streams."""
        return sum(self.counters.get(name, 0) for name in ("xruns", "overruns", "missed", "late_streams"))

    def __str__(self) -> str:
        what = f"{self.system}, {self.streams} streams at {self.quantum}"
        return f"{what}: {self.failure or f'{self.daemon:.2f} + {self.clients:.2f} M/s'}"


def counted(told: dict[str, Any]) -> dict[str, int]:
    """Return by how much our sink's counters grew."""
    if not told["after"]:
        return {}
    before, after = (json.loads(told[when])[0] for when in ("before", "after"))
    names = ("cycles", "wakeups", "xruns", "overruns", "missed", "late_streams")
    return {name: after[name] - before[name] for name in names} | {"longest_busy": after["longest_busy"]}


@dataclass(slots=True)
class Findings:
    """All of one benchmark."""

    kernel: str
    measured: list[Measured] = field(default_factory=list)
    round_trip: dict[str, float] = field(default_factory=dict)
    """Instructions of one control request and its answer, by socket."""
    by_rings: dict[str, float] = field(default_factory=dict)
    """The same through shared memory."""
    under_load: dict[str, float] = field(default_factory=dict)
    resident_kib: int = 0

    def take(self, name: str, told: dict[str, Any]) -> None:
        """Take what was found beside the table."""
        said = json.loads(told["said"]) if told["said"] else {}
        if name == "round trip":
            self.round_trip = {who: said[who] / said["asked"] for who in ("daemon", "client")}
        elif name == "round trip by rings":
            self.by_rings = {who: said[who] / said["asked"] for who in ("daemon", "client")}
        elif name == "busy control":
            self.under_load = {**counted(told), "requests_a_second": said["asked"] / said["seconds"]}
        else:
            self.resident_kib = told["resident_kib"]

    def targets(self) -> Iterator[tuple[str, float, float]]:
        """Yield what, limit, measured; a limit that a peer sets is missing where the peer is."""
        for one in self.measured:
            peer = self._find("PipeWire", one)
            if peer is None or peer.failure or one.failure or not one.system.startswith("audiobus"):
                continue
            where = f"{one.streams} at {one.quantum}"
            if one.system == "audiobus, ahead":
                yield f"{where}: daemon, players ahead, M/s", peer.daemon, one.daemon
                yield f"{where}: daemon and players, M/s", peer.total / 2, one.total
            elif one.system == "audiobus, native":
                yield f"{where}: daemon and native generators, M/s", peer.total, one.total
        if self.round_trip and self.by_rings:
            by_socket, by_rings = (sum(costs.values()) for costs in (self.round_trip, self.by_rings))
            yield "a request and its answer by rings, k instructions", by_socket / 3000, by_rings / 1000
        if self.resident_kib:
            yield "daemon's memory with 16 streams, MiB", 40, self.resident_kib / 1024
        if self.under_load:
            late = sum(self.under_load[name] for name in ("xruns", "overruns", "missed", "late_streams"))
            yield "64 at 64 while requests are served: xruns", 0, late
            yield "the same: requests that a second lacks of 1000", 1, 1000 - self.under_load["requests_a_second"]

    @property
    def are_met(self) -> bool:
        """Whether all targets are met."""
        return all(measured <= limit for _, limit, measured in self.targets())

    def as_json(self) -> dict[str, Any]:
        """Return it for json.dump."""
        targets = [
            {"what": what, "limit": limit, "measured": measured, "met": measured <= limit}
            for what, limit, measured in self.targets()
        ]
        return {"format": 1, "unit": "million instructions a second"} | asdict(self) | {"targets": targets}

    def lines(self) -> Iterator[str]:
        """Yield it as text of 100 columns."""
        yield f"Millions (M) of instructions a second of sound, counted in a guest: {self.kernel}."
        yield "ratio: daemon and clients, as a part of PipeWire's. sleeps: of all clients, a second."
        for point in dict.fromkeys((one.streams, one.quantum) for one in self.measured):
            yield ""
            title = "{} streams at {} frames".format(*point)
            yield f"{title:28} {'daemon':>9} {'clients':>9} {'both':>9} {'ratio':>7} {'sleeps':>8} {'xruns':>6}"
            yield from (self._row(one) for one in self.measured if (one.streams, one.quantum) == point)
        yield ""
        yield from self._beside()
        yield f"{'target':58} {'limit':>9} {'measured':>10}"
        for what, limit, measured in self.targets():
            yield f"  {what:56} {limit:9.2f} {measured:10.2f}   {'met' if measured <= limit else 'missed'}"

    def _row(self, one: Measured) -> str:
        if one.failure:
            return f"  {one.system:26} failed: {one.failure.splitlines()[0][:60]}"
        peer = self._find("PipeWire", one)
        ratio = f"{one.total / peer.total:7.2f}" if peer and not peer.failure else " " * 7
        xruns = str(one.xruns) if one.counters else ""
        full = "   all that the guest has" if one.total > FULL * 1000 else ""
        row = f"  {one.system:26} {one.daemon:9.2f} {one.clients:9.2f} {one.total:9.2f} {ratio}"
        return f"{row} {one.client_wakeups:8.0f} {xruns:>6}{full}"

    def _beside(self) -> Iterator[str]:
        for way, costs in (("socket", self.round_trip), ("rings", self.by_rings)):
            if costs:
                yield (
                    f"a control request and its answer by {way}: {costs['daemon']:,.0f} instructions of the daemon, "
                    f"{costs['client']:,.0f} of the client"
                )
        if self.under_load:
            yield f"64 streams at 64, requests served a second: {self.under_load['requests_a_second']:.0f}"
        if self.resident_kib:
            yield f"the daemon's resident memory with 16 streams: {self.resident_kib / 1024:.1f} MiB"

    def _find(self, system: str, like: Measured) -> Measured | None:
        return next(
            (
                one
                for one in self.measured
                if (one.system, one.streams, one.quantum) == (system, like.streams, like.quantum)
            ),
            None,
        )
