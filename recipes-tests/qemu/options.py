"""Everything one can ask of a guest. Says nothing about how it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
DRIVER_SOURCES = CHECKOUT / "meta-pyaudiobus/recipes-kernel/snd-virtual-dsp/files"


@dataclass(kw_only=True)
class Options:
    """A guest to be. With `rootfs` it is somebody else's image, reached over its serial console."""

    arch: str = "x86_64"
    kernel: str | Path | None = None
    """Debian's series, "6.1" or "6.12" (by default 6.1 on x86_64, 6.12 on aarch64); with `rootfs` an image file."""
    virtual_time: bool = False
    """One instruction is one nanosecond, sleeping costs nothing, and between commands the clock stands.
    Not for images."""
    driver: Path | None = DRIVER_SOURCES
    """Folder of the module's sources; None for a guest without a virtual DSP."""
    module_args: str = ""
    """Parameters of that module, as for insmod."""
    wav: Path | None = None
    """Adds an HDA card (card 1, `hw:1,0`) that plays into this file: 48 kHz, stereo, 16 bit, whole after the end."""
    memory: int = 768
    """MiB."""
    share: Path | None = None
    """A folder seen, writable and uncached, under the same path in the guest."""
    preload: Sequence[str | Path] = ()
    """Files and folders copied to memory right after boot; see `Guest.load_to_memory`."""
    rootfs: Path | None = None
    """An image's root: a cpio archive (packed or not) or an ext4 file system. Nothing is added to it."""
    boot_words: str = ""
    """Added to the kernel's command line."""
    boot_timeout: float = 120.0
    """Seconds on the host's clock; an agent's guest has them of a processor, so that a busy host gives it longer."""
