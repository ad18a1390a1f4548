"""The worlds that the tests build in, from the small one that compiles to the two full ones that images come from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bitbake.debian_sysroot import debian_sysroot
from bitbake.errors import HarnessError
from bitbake.ffmpeg import Ffmpeg, find_ffmpeg
from bitbake.host_python import host_python
from bitbake.kernel_headers import kernel_headers
from bitbake.layer_folder import OUR_LAYER, LayerFolder, open_layer_folder
from bitbake.sources import provide_sources
from bitbake.world import HERE, World

_CONF = HERE / "conf"
_CORE_MASK = 'BBMASK += "/openembedded-core/meta/recipes-multimedia/ffmpeg/"'


@dataclass(frozen=True, slots=True)
class Worlds:
    """Makes worlds below one folder, from one folder of layers."""

    root: Path
    layer_folder: LayerFolder

    @property
    def downloads(self) -> Path:
        return self.root / "downloads"

    @property
    def sysroot(self) -> Path:
        """Debian's arm64 libraries and Python; made on first use."""
        return debian_sysroot(self.root / "debian")

    def ffmpeg(self) -> Ffmpeg | None:
        """Return the FFmpeg that the mini world builds; None if none can be had."""
        self.downloads.mkdir(parents=True, exist_ok=True)
        return find_ffmpeg(self.layer_folder, self.downloads, self.root / "generated")

    def mini(self) -> World:
        """Return the world in which our recipes alone exist, and are compiled; fetches what they are made of."""
        if os.geteuid() != 0:
            raise HarnessError(
                "packages with root's files are made as root here, with nothing but the build folder writable; "
                "run this as root, in a container if you like"
            )
        provide_sources(self.downloads, self.layer_folder)
        ffmpeg = self.ffmpeg()
        layers = [*self._openembedded(), OUR_LAYER, HERE / "meta-host"]
        settings = _requires("offline", "pyaudiobus", "mini-world", "debian-toolchain")
        if ffmpeg is None:
            settings += [_CORE_MASK, 'ASSUME_PROVIDED += "ffmpeg"']
        elif ffmpeg.layer is not None:
            layers.append(ffmpeg.layer)
            settings.append(_CORE_MASK)
        variables = {
            "DL_DIR": str(self.downloads),
            "HOST_PYTHON": str(host_python(self.root / "debian", self.layer_folder)),
            "HOST_KERNEL": str(kernel_headers(self.root / "debian")),
            "DEBIAN_SYSROOT": str(self.sysroot),
        }
        return self._prepared(World("mini", self._place("mini"), self.layer_folder, layers, settings, variables))

    def bare(
        self,
        name: str,
        *,
        ours: bool = False,
        settings: tuple[str, ...] = (),
        leave: str = "",
        add: Path | None = None,
    ) -> World:
        """Return a mini world that compiles nothing and sets nothing for our layer's sake.

        Our layer is in it only if `ours`. `leave` names a layer of meta-openembedded to leave out, `add` one that
        is to come first.
        """
        first = [add] if add else []
        layers = [*first, *([OUR_LAYER] if ours else []), *self._openembedded(), HERE / "meta-host"]
        layers = [layer for layer in layers if layer.name != leave]
        lines = [*_requires("offline", "mini-world"), *settings]
        return self._prepared(World(name, self._place(name), self.layer_folder, layers, lines))

    def full(self, name: str, settings: tuple[str, ...], *, qcom: bool) -> World:
        """Return a world with every recipe of every layer, set by lines of local.conf."""
        layers = [*self._openembedded(), OUR_LAYER]
        lines = [*_requires("offline"), *settings]
        if qcom:
            layers += [self.layer_folder.root / "meta-qcom", self.layer_folder.lts_mixins or HERE / "meta-lts-stub"]
            lines += _requires("qcom")
        return self._prepared(World(name, self._place(name), self.layer_folder, layers, lines))

    def unaware(self, *, full: bool) -> World:
        """Return a world, mini or `full`, as somebody has it who has not met our layer nor those it depends on."""
        layers = [self.layer_folder.core / "meta"]
        lines = _requires("offline") if full else _requires("offline", "mini-world")
        lines += ['MACHINE = "qemuarm64"', 'LICENSE_FLAGS_ACCEPTED = "commercial"']
        if not full:
            layers.append(HERE / "meta-host")
        name = "check-full" if full else "check"
        return self._prepared(World(name, self._place(name), self.layer_folder, layers, lines))

    def _place(self, name: str) -> Path:
        return self.root / "worlds" / name

    def dependencies(self) -> list[Path]:
        """Return the layers that ours depends on, but the core's."""
        return self._openembedded()[1:]

    def _openembedded(self) -> list[Path]:
        names = ("meta-oe", "meta-python", "meta-multimedia")
        return [self.layer_folder.core / "meta", *map(self.layer_folder.openembedded, names)]

    def _prepared(self, world: World) -> World:
        world.prepare()
        return world


def open_worlds() -> Worlds:
    """Return the worlds below BITBAKE_BUILD, from the layers in OE_LAYERS; HarnessError if those are not there."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    root = Path(os.environ.get("BITBAKE_BUILD") or f"{cache}/pyaudiobus/bitbake").expanduser().resolve()
    return Worlds(root, open_layer_folder())


def _requires(*fragments: str) -> list[str]:
    return [f"require {_CONF}/{name}.conf" for name in fragments]
