"""Writes the cpio archive a kernel unpacks as its first root (newc, buffer-format.rst). What is in it, callers say."""

from __future__ import annotations

import stat

_MAGIC = "070701"
_END = "TRAILER!!!"


class CpioWriter:
    """Collects entries and renders them; parents of every entry are made on the way, all owned by root."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._folders: set[str] = set()
        self._inode = 1

    def add_file(self, path: str, content: bytes, permissions: int = 0o644) -> None:
        """Add a regular file; `path` has no leading slash."""
        self._add_parents(path)
        self._entry(path, stat.S_IFREG | permissions, content)

    def add_link(self, path: str, target: str) -> None:
        """Add a symbolic link."""
        self._add_parents(path)
        self._entry(path, stat.S_IFLNK | 0o777, target.encode())

    def add_folder(self, path: str) -> None:
        """Add a folder, once."""
        if path and path not in self._folders:
            self._add_parents(path)
            self._folders.add(path)
            self._entry(path, stat.S_IFDIR | 0o755, b"")

    def add_device(self, path: str, major: int, minor: int) -> None:
        """Add a character device, readable and writable by root."""
        self._add_parents(path)
        self._entry(path, stat.S_IFCHR | 0o600, b"", major, minor)

    def render(self) -> bytes:
        """Return the whole archive."""
        self._entry(_END, 0, b"")
        return b"".join(self._parts)

    def _add_parents(self, path: str) -> None:
        self.add_folder(path.rpartition("/")[0])

    def _entry(self, path: str, mode: int, content: bytes, major: int = 0, minor: int = 0) -> None:
        name = path.encode() + b"\0"
        fields = (self._inode, mode, 0, 0, 1, 0, len(content), 0, 0, major, minor, len(name), 0)
        header = (_MAGIC + "".join(f"{field:08X}" for field in fields)).encode() + name
        self._parts += [header, _padding(header), content, _padding(content)]
        self._inode += 1


def _padding(data: bytes) -> bytes:
    return b"\0" * (-len(data) % 4)
