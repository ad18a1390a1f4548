"""Firmware files where the kernel looks for them."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.tree import Tree
from pyaudiobus.model.record import Record

PACKINGS = (".zst", ".xz")
"""Endings under which the kernel takes a file too, if it was configured to."""
_HEAD = 64


class FirmwareFile(Record):
    """One file the board needs."""

    name: str
    """Below a firmware folder, as the kernel asks for it."""
    path: str
    """Where it was found; empty if nowhere."""
    size: int = 0
    """Bytes."""
    head: bytes = b""
    """Its first bytes."""
    dangling: str = ""
    """A link of that name that leads to nothing, with where it leads."""

    @property
    def packing(self) -> str:
        """The ending it is packed under; empty if it is not."""
        return next((ending for ending in PACKINGS if self.path.endswith(ending)), "")


def firmware_folders(tree: Tree, release: str) -> tuple[str, ...]:
    """Return where this kernel looks, first to last (drivers/base/firmware_loader/main.c)."""
    extra = tree.text("sys/module/firmware_class/parameters/path")
    usual = (f"/lib/firmware/updates/{release}", "/lib/firmware/updates", f"/lib/firmware/{release}", "/lib/firmware")
    return (extra, *usual) if extra else usual


def read_firmware(tree: Tree, release: str, name: str) -> FirmwareFile:
    """Look for one file in every folder."""
    dangling = ""
    for folder in firmware_folders(tree, release):
        for ending in ("", *PACKINGS):
            path = f"{folder}/{name}{ending}"
            head = tree.raw(path, _HEAD)
            if head is not None:
                return FirmwareFile(name, path, tree.size(path), head)
            if target := tree.link(path):
                dangling = f"{path} -> {target}"
    return FirmwareFile(name, "", dangling=dangling)
