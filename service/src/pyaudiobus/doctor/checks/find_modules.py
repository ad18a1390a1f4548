"""Whether the kernel modules are there that the board file names."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, unchecked, well


def find_modules(scene: Scene) -> Judgement:
    """One that is on the disk and not loaded is a fault only while a card is missing: udev loads what has a device."""
    wanted = scene.board.dsp.modules
    if not wanted:
        return unchecked("no board file names any")
    kernel = scene.kernel
    absent = [name for name in wanted if not kernel.has(name)]
    lost = [name for name in absent if not kernel.can_load(name)]
    if not absent:
        return well(f"loaded or built in: all that the board file names ({len(wanted)})")
    if not kernel.on_disk and not kernel.built_in and not kernel.loaded:
        return unchecked("the kernel does not tell its modules")
    if all(scene.sound.card(card.id) for card in scene.board.cards):
        return well(f"the cards are there without {', '.join(absent)}")
    if lost:
        return _are_lost(kernel.release, lost)
    return broken(
        f"not loaded: {', '.join(absent)}",
        facts=scene.said(*absent),
        advice="udev loads them when their device appears; the device tree may not have it.",
        command=f"modprobe -a {' '.join(absent)}",
        because=f"{_modules(absent)} not loaded",
    )


def _are_lost(release: str, lost: list[str]) -> Judgement:
    packages = " ".join(f"kernel-module-{name.replace('_', '-')}" for name in lost)
    return broken(
        f"not in /lib/modules/{release}: {', '.join(lost)}",
        advice=f"Install {packages} (IMAGE_INSTALL, or all of kernel-modules).",
        command=f"modprobe {lost[0]}",
        because=f"{_modules(lost)} missing",
    )


def _modules(names: list[str]) -> str:
    return f"the kernel module {names[0]} is" if len(names) == 1 else f"{len(names)} kernel modules are"
