"""Builds the C stand-ins, one private copy for each test, and turns their knobs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import cffi

SOURCES = Path(__file__).parent
_CALLS = {"progress": "tstamp", "wait": "poll"}
"""Names of the stand-in's calls that differ from the Protocol's."""

SPEED = 10
"""Media seconds a second, where a test does not turn time by hand."""


def build(folder: Path, name: str, *sources: str, define: str = "") -> Path:
    """Compile a stand-in; the compiler's words are the test's if it fails."""
    library = folder / name
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", *([f"-D{define}"] if define else []),
         "-o", library, *(SOURCES / source for source in sources), "-pthread"],
        check=True,
    )  # fmt: skip
    return library


_KNOBS = """
void standin_root(const char *path);
void standin_set(const char *name, long long value);
void standin_fail(const char *call, int error, int times);
void standin_xrun(void);
void standin_advance(double seconds);
const char *standin_params(void);
const char *standin_tap(uint64_t *size);
uint32_t standin_metadata(int key);
int standin_overwritten(void);
int standin_draining(void);
int standin_handles(void);
"""


class Standin:
    """One emulated kernel with one device, and its knobs. Satisfies the suite's Faults."""

    def __init__(self, library: Path, folder: Path, **knobs: int) -> None:
        self.shared_object = str(shutil.copy(library, folder / library.name))  # its own statics
        self.node = str(folder / "dev/snd/comprC0D0")
        Path(self.node).parent.mkdir(parents=True, exist_ok=True)
        Path(self.node).touch()
        self._ffi = cffi.FFI()
        self._ffi.cdef(_KNOBS)
        self._knobs: Any = self._ffi.dlopen(self.shared_object)
        self._find_nodes_in(folder)
        for name, value in {"speed": 1000 * SPEED, **knobs}.items():
            self.set(name, value)

    def _find_nodes_in(self, folder: Path) -> None:
        self._knobs.standin_root(str(folder).encode())

    def set(self, name: str, value: int) -> None:
        self._knobs.standin_set(name.encode(), value)

    def advance(self, seconds: float) -> None:
        """Turn the DSP's time on."""
        self._knobs.standin_advance(seconds)

    def fail(self, operation: str, errno: int, times: int = 1) -> None:
        self._knobs.standin_fail(_CALLS.get(operation, operation).encode(), errno, times)

    def stall(self) -> None:
        self.set("stall", 1)

    def unplug(self) -> None:
        self.set("unplugged", 1)

    def xrun(self) -> None:
        self._knobs.standin_xrun()

    @property
    def tap(self) -> bytes:
        """What the DSP consumed since SET_PARAMS."""
        size = self._ffi.new("uint64_t *")
        start = self._knobs.standin_tap(size)
        return bytes(self._ffi.buffer(start, size[0]))

    @property
    def params(self) -> bytes:
        """The struct snd_compr_params of the last SET_PARAMS."""
        return bytes(self._ffi.buffer(self._knobs.standin_params(), 132))

    @property
    def metadata(self) -> tuple[int, int]:
        """Encoder padding and delay, as last set."""
        return self._knobs.standin_metadata(1), self._knobs.standin_metadata(2)

    @property
    def is_draining(self) -> bool:
        """Whether the kernel's state is DRAINING."""
        return bool(self._knobs.standin_draining())

    @property
    def was_overwritten(self) -> bool:
        """Whether data was laid over what the DSP had not read."""
        return bool(self._knobs.standin_overwritten())

    @property
    def handles(self) -> int:
        """Handles of tinycompress that were opened and not closed."""
        return int(self._knobs.standin_handles())
