"""Reads small files below a root, which is / on a board and a folder in a test. Never raises for what is not there."""

from __future__ import annotations

import os

_LIMIT = 4 << 20
"""Bytes of one file that are read; modules.dep of a distribution's kernel has half a megabyte."""


class Tree:
    """A machine's files."""

    def __init__(self, root: str = "/") -> None:
        self.root = root

    def path(self, name: str) -> str:
        """Return where a file of the machine lies for us."""
        return os.path.join(self.root, name.lstrip("/"))

    def raw(self, name: str, limit: int = _LIMIT) -> bytes | None:
        """Return a file's first bytes; None if it is not there or may not be read."""
        try:
            with open(self.path(name), "rb") as file:
                return file.read(limit)
        except OSError:
            return None

    def size(self, name: str) -> int:
        """Return a file's size in bytes; 0 if it is not there."""
        try:
            return os.path.getsize(self.path(name))
        except OSError:
            return 0

    def text(self, name: str) -> str:
        """Return a file's text without the blanks and zeros around it; empty if it cannot be read."""
        return (self.raw(name) or b"").decode(errors="replace").strip("\0 \n\t")

    def lines(self, name: str) -> list[str]:
        """Return a file's lines; none if it cannot be read."""
        return self.text(name).splitlines()

    def names(self, folder: str) -> list[str]:
        """Return what is in a folder, sorted; nothing if it cannot be listed."""
        try:
            return sorted(os.listdir(self.path(folder)))
        except OSError:
            return []

    def exists(self, name: str) -> bool:
        """Tell whether something is there; a link that leads nowhere is not."""
        return os.path.exists(self.path(name))

    def link(self, name: str) -> str:
        """Return where a link leads, as it is written; empty if it is none."""
        try:
            return os.readlink(self.path(name))
        except OSError:
            return ""
