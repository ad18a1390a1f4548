"""Which FFmpeg can be built: wrynose's own if its tarball can be had, else the next whose recipe and tarball can."""

from __future__ import annotations

import hashlib
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bitbake.layer_folder import LayerFolder
from qemu.debian import debian_mirror

_FOLDER = "meta/recipes-multimedia/ffmpeg"
_NEWER = ("origin/master", "master")
_LAYER_CONF = """\
BBPATH .= ":${LAYERDIR}"
BBFILES += "${LAYERDIR}/recipes-*/*/*.bb"
BBFILE_COLLECTIONS += "newer-ffmpeg"
BBFILE_PATTERN_newer-ffmpeg := "^${LAYERDIR}/"
LAYERSERIES_COMPAT_newer-ffmpeg = "wrynose"
"""


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """A recipe of FFmpeg whose sources are in the download folder."""

    version: str
    layer: Path | None
    """The layer that holds the recipe; None for openembedded-core as it is checked out."""


@dataclass(frozen=True, slots=True)
class _Recipe:
    version: str
    sha256: str
    revision: str | None
    """Of openembedded-core; None for what is checked out."""

    @property
    def tarball(self) -> str:
        return f"ffmpeg-{self.version}.tar.xz"


def find_ffmpeg(layers: LayerFolder, downloads: Path, generated: Path) -> Ffmpeg | None:
    """Return an FFmpeg that can be built, its tarball in `downloads`; None if no tarball has a right checksum.

    openembedded-core's newer recipes are looked at too: Debian carries unchanged tarballs, but not of every version.
    """
    for recipe in _recipes(layers):
        if _has_tarball(recipe, downloads) or _from_debian(recipe, downloads):
            layer = generated / f"ffmpeg-{recipe.version}" if recipe.revision else None
            if layer and not layer.exists():
                _write_layer(layer, layers.core, recipe)
            return Ffmpeg(recipe.version, layer)
    return None


def wanted_tarballs(layers: LayerFolder) -> str:
    """Return the names of the tarballs, any of which would do."""
    return " or ".join(recipe.tarball for recipe in _recipes(layers))


def _recipes(layers: LayerFolder) -> Iterator[_Recipe]:
    for recipe in layers.core.glob(f"{_FOLDER}/ffmpeg_*.bb"):
        yield _Recipe(_version(recipe.name), _sha256(recipe.read_text()), None)
    for revision in _NEWER:
        for name in _git(layers.core, "ls-tree", "--name-only", revision, f"{_FOLDER}/").splitlines():
            if re.search(r"/ffmpeg_[\d.]+\.bb$", name):
                text = _git(layers.core, "show", f"{revision}:{name}")
                yield _Recipe(_version(name), _sha256(text), revision)
                return


def _has_tarball(recipe: _Recipe, downloads: Path) -> bool:
    file = downloads / recipe.tarball
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == recipe.sha256


def _from_debian(recipe: _Recipe, downloads: Path) -> bool:
    """Fetch Debian's copy of the tarball from the machine's own mirror, if it has one with the right checksum."""
    address = f"{debian_mirror()}/pool/main/f/ffmpeg/ffmpeg_{recipe.version}.orig.tar.xz"
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            content = answer.read()
    except (urllib.error.URLError, TimeoutError):
        return False
    if hashlib.sha256(content).hexdigest() != recipe.sha256:
        return False
    (downloads / recipe.tarball).write_bytes(content)
    return True


def _write_layer(layer: Path, core: Path, recipe: _Recipe) -> None:
    """Unpack a newer recipe into a layer of its own, in the words that wrynose understands."""
    place = layer / "recipes-multimedia"
    place.mkdir(parents=True)
    archive = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(core), "archive", str(recipe.revision), _FOLDER],
        capture_output=True,
        check=True,
    )
    subprocess.run(["tar", "-x", "--strip-components=2", "-C", str(place)], input=archive.stdout, check=True)
    file = place / f"ffmpeg/ffmpeg_{recipe.version}.bb"
    file.write_text(re.sub(r"^LICENSE.*$", _old_licence, file.read_text(), flags=re.MULTILINE))
    (layer / "conf").mkdir()
    (layer / "conf/layer.conf").write_text(_LAYER_CONF)


def _old_licence(line: re.Match[str]) -> str:
    return line[0].replace(" AND ", " & ").replace(" OR ", " | ")


def _version(name: str) -> str:
    return name.rsplit("_", 1)[1].removesuffix(".bb")


def _sha256(recipe: str) -> str:
    found = re.search(r'sha256sum\] = "([0-9a-f]{64})"', recipe)
    return found.group(1) if found else ""


def _git(repository: Path, *words: str) -> str:
    command = ["git", "-c", "safe.directory=*", "-C", str(repository), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
