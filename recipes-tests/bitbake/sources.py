"""Upstream's sources, put where bitbake looks for downloads: do_fetch checks their checksums and needs no network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bitbake.errors import HarnessError
from bitbake.layer_folder import OUR_LAYER, LayerFolder
from qemu.tools import run_tool

_NAMED = re.compile(r"python3-(?P<name>[\w-]+)_(?P<version>[\w.]+)\.bb$")


@dataclass(frozen=True, slots=True)
class Sdist:
    """One source archive of the Python index."""

    project: str
    version: str

    @property
    def file(self) -> str:
        return f"{self.project.replace('-', '_')}-{self.version}.tar.gz"


def provide_sources(downloads: Path, layers: LayerFolder) -> None:
    """Fill bitbake's download folder with what our recipes and those they change are made of."""
    downloads.mkdir(parents=True, exist_ok=True)
    if layers.downloads.is_dir():
        for file in layers.downloads.iterdir():
            if file.is_file() and not (downloads / file.name).exists():
                shutil.copy2(file, downloads / file.name)
    for sdist in sdists(layers):
        if not (downloads / sdist.file).exists():
            _download(sdist, downloads)
    _link_tinycompress(downloads / "git2/github.com.alsa-project.tinycompress.git", layers)


def sdists(layers: LayerFolder) -> Iterator[Sdist]:
    """Yield what the Python recipes of the mini world are made of."""
    recipes = sorted(OUR_LAYER.glob("recipes-devtools/python/python3-*_*.bb"))
    recipes += layers.openembedded("meta-python").glob("recipes-devtools/python/python3-pyalsaaudio_*.bb")
    for recipe in recipes:
        named = _NAMED.match(recipe.name)
        if named:
            project = re.search(r'^PYPI_PACKAGE = "(.+)"', recipe.read_text(), re.MULTILINE)
            yield Sdist(project.group(1) if project else named["name"], named["version"])


def _download(sdist: Sdist, downloads: Path) -> None:
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", sdist.project]
    done = subprocess.run(
        [*words, "--dest", str(downloads), f"{sdist.project}=={sdist.version}"],
        # Pip asks a source archive for its metadata, and PyAV's would ask this machine for FFmpeg.
        env={**os.environ, "PKG_CONFIG": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    if not (downloads / sdist.file).is_file():
        raise HarnessError(
            f"pip cannot download {sdist.file}: {done.stderr.strip().splitlines()[-1:]}; "
            f"put it into OE_LAYERS/downloads, or mend pip's index"
        )


def _link_tinycompress(clone: Path, layers: LayerFolder) -> None:
    if clone.exists():
        return
    if layers.tinycompress is None:
        raise HarnessError(
            f"{layers.root} holds no tinycompress.git; run 'git clone --bare "
            f"https://github.com/alsa-project/tinycompress {layers.root}/tinycompress.git'"
        )
    words = ["git", "-c", "safe.directory=*", "clone", "--quiet", "--bare", "--shared"]
    run_tool([*words, str(layers.tinycompress), str(clone)], "cannot read tinycompress's repository")
