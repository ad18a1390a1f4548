"""The remote processor behind the card: its state, its services, and the devices that wait for it."""

from __future__ import annotations

import os

from pyaudiobus.doctor.evidence.tree import Tree
from pyaudiobus.model.record import Record

_CLASS = "sys/class/remoteproc"
_BUS = "sys/bus/aprbus"
_DEFERRED = "sys/kernel/debug/devices_deferred"


class Processor(Record):
    """One entry of /sys/class/remoteproc."""

    entry: str
    """"remoteproc0"."""
    name: str
    state: str
    firmware: str
    """The file its driver asks for."""
    can_recover: bool = False
    """Whether a crash can be recovered from by hand."""

    def goes_by(self, name: str) -> bool:
        """Tell whether this is the processor of that name.

        Linux 6.13 began to call it "adsp"; before, the name was the device's ("remoteproc-adsp",
        "17300000.remoteproc"), and only the firmware told which it is.
        """
        plain = os.path.basename(self.firmware).partition(".")[0]
        return name in (self.name, plain) or name in self.name.replace(".", "-").split("-")


class Service(Record):
    """One audio service of the DSP, on the APR or GPR bus."""

    name: str
    """"aprsvc:service:4:7"."""
    driver: str
    """Who took it; empty if nobody has."""


class Dsp(Record):
    """What is seen of the remote processors and their audio services."""

    processors: tuple[Processor, ...]
    has_bus: bool
    """Whether the kernel has the bus on which services appear."""
    services: tuple[Service, ...]
    domain_mapper: str
    """The process that maps protection domains; empty if none runs."""
    deferred: tuple[tuple[str, str], ...] | None
    """Devices whose probe waits, with the reason if the kernel has one; None where debugfs cannot be read."""

    def processor(self, name: str) -> Processor | None:
        """Find a processor by the board file's name."""
        exact = [processor for processor in self.processors if processor.name == name]
        alike = [processor for processor in self.processors if processor.goes_by(name)]
        return next(iter(exact + alike), None)


def read_dsp(tree: Tree) -> Dsp:
    """Read /sys and /proc."""
    return Dsp(
        processors=tuple(_processor(tree, entry) for entry in tree.names(_CLASS)),
        has_bus=tree.exists(_BUS),
        services=tuple(_service(tree, name) for name in tree.names(f"{_BUS}/devices")),
        domain_mapper=_running(tree, "pd-mapper"),
        deferred=_deferred(tree),
    )


def _processor(tree: Tree, entry: str) -> Processor:
    def told(what: str) -> str:
        return tree.text(f"{_CLASS}/{entry}/{what}")

    return Processor(
        entry, told("name"), told("state"), told("firmware"), can_recover=tree.exists(f"{_CLASS}/{entry}/recovery")
    )


def _service(tree: Tree, name: str) -> Service:
    return Service(name, os.path.basename(tree.link(f"{_BUS}/devices/{name}/driver")))


def _running(tree: Tree, command: str) -> str:
    """Find a process by its name."""
    pids = (pid for pid in tree.names("proc") if pid.isdecimal())
    return next((f"{command} (pid {pid})" for pid in pids if tree.text(f"proc/{pid}/comm") == command), "")


def _deferred(tree: Tree) -> tuple[tuple[str, str], ...] | None:
    """Each line is a device, a tab, and since Linux 5.11 the reason."""
    if tree.raw(_DEFERRED) is None:
        return None
    pairs = (line.partition("\t") for line in tree.lines(_DEFERRED))
    return tuple((device.strip(), reason.strip()) for device, _, reason in pairs if device.strip())
