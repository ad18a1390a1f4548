"""The running kernel: how it was configured, which modules it has, and the device tree it was booted with."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable

from pyaudiobus.doctor.evidence.tree import Tree
from pyaudiobus.model.record import Record

_DEVICE_TREE = "sys/firmware/devicetree/base"


class Kernel(Record):
    """What is known of the kernel that runs."""

    release: str
    """As uname -r has it."""
    config: dict[str, str]
    """By the option's name without CONFIG_: "y", "m", or a value. An option that is off is missing; empty: unknown."""
    loaded: frozenset[str]
    """Modules in memory, and built-in ones that show themselves; names with underscores, as in all three sets."""
    built_in: frozenset[str]
    on_disk: frozenset[str]
    other_releases: tuple[str, ...]
    """Kernels for which /lib/modules has a folder, where it has none for the one that runs."""
    model: str
    """The board by its device tree; empty where there is none."""
    sound_models: tuple[str, ...]
    """The sound cards that the device tree describes."""

    def has(self, module: str) -> bool:
        """Tell whether a module works now."""
        return _spelled(module) in self.loaded | self.built_in

    def can_load(self, module: str) -> bool:
        """Tell whether modprobe would find a module."""
        return _spelled(module) in self.on_disk

    def lacks(self, option: str) -> bool:
        """Tell whether an option is known to be off."""
        return bool(self.config) and option not in self.config


def read_kernel(tree: Tree, release: str) -> Kernel:
    """Read what /proc, /sys and /lib/modules tell of the kernel of that release."""
    folder = f"lib/modules/{release}"
    others = () if tree.exists(folder) else tuple(tree.names("lib/modules"))
    return Kernel(
        release=release,
        config=_config(tree, release),
        loaded=_names(line.split(" ")[0] for line in tree.lines("proc/modules")) | _names(tree.names("sys/module")),
        built_in=_names(tree.lines(f"{folder}/modules.builtin")),
        on_disk=_names(line.partition(":")[0] for line in tree.lines(f"{folder}/modules.dep")),
        other_releases=others,
        model=tree.text(f"{_DEVICE_TREE}/model"),
        sound_models=tuple(
            tree.text(f"{_DEVICE_TREE}/{name}/model") or name
            for name in tree.names(_DEVICE_TREE)
            if name.startswith("sound") and tree.text(f"{_DEVICE_TREE}/{name}/status") != "disabled"
        ),
    )


def _config(tree: Tree, release: str) -> dict[str, str]:
    packed = tree.raw("proc/config.gz")
    try:
        text = gzip.decompress(packed).decode(errors="replace") if packed else tree.text(f"boot/config-{release}")
    except (OSError, EOFError, zlib.error):
        return {}
    pairs = (line.partition("=") for line in text.splitlines() if line.startswith("CONFIG_"))
    return {name.removeprefix("CONFIG_"): value for name, _, value in pairs}


def _names(paths: Iterable[str]) -> frozenset[str]:
    """Names of modules from paths like kernel/sound/core/snd-compress.ko.xz."""
    return frozenset(_spelled(path.rpartition("/")[2].partition(".ko")[0]) for path in paths if path)


def _spelled(module: str) -> str:
    return module.replace("-", "_")
