"""The folder that OE_LAYERS names: which repositories are in it, and a sentence for one that is not."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bitbake.errors import HarnessError
from bitbake.pins import REPOSITORY, pins

OUR_LAYER = REPOSITORY / "meta-pyaudiobus"

_LANDMARKS = {
    "bitbake": "bin/bitbake",
    "openembedded-core": "meta/conf/bitbake.conf",
    "meta-openembedded": "meta-python/conf/layer.conf",
    "meta-qcom": "conf/layer.conf",
}
_CLONE = (
    "clone what kas.yml pins into a folder, with the lines that "
    "'.venv/bin/python recipes-tests/bitbake/harness clone-lines' prints"
)


@dataclass(frozen=True, slots=True)
class LayerFolder:
    """The repositories beside each other under one folder. They are only read."""

    root: Path

    @property
    def bitbake(self) -> Path:
        return self.root / "bitbake"

    @property
    def core(self) -> Path:
        """The openembedded-core repository; its layer is the folder `meta` in it."""
        return self.root / "openembedded-core"

    @property
    def lts_mixins(self) -> Path | None:
        """The meta-lts-mixins repository, which meta-qcom asks for; None if it is not there."""
        folder = self.root / "meta-lts-mixins"
        return folder if (folder / "conf/layer.conf").is_file() else None

    @property
    def downloads(self) -> Path:
        """Where tarballs lie that cannot be had elsewhere; need not exist."""
        return Path(os.environ.get("DL_DIR") or self.root / "downloads")

    @property
    def tinycompress(self) -> Path | None:
        """A repository, bare or not, that holds the tinycompress commit a recipe asks for; None if there is none."""
        folders = [self.root / name for name in ("tinycompress.git", "tinycompress")]
        return next((folder for folder in folders if folder.is_dir()), None)

    def openembedded(self, layer: str) -> Path:
        """Return a layer of meta-openembedded."""
        return self.root / "meta-openembedded" / layer

    def strangers(self) -> list[str]:
        """Return a sentence for each repository that stands at another commit than kas.yml pins."""
        return [
            f"{pin.name} stands at {commit[:12]}, kas.yml pins {pin.commit[:12]}"
            for pin in pins().values()
            if (self.root / pin.name).is_dir() and (commit := _head(self.root / pin.name)) not in ("", pin.commit)
        ]


def open_layer_folder() -> LayerFolder:
    """Return the folder that the environment's OE_LAYERS names; raises HarnessError if it lacks a repository."""
    named = os.environ.get("OE_LAYERS")
    if not named:
        raise HarnessError(f"OE_LAYERS names no folder; {_CLONE}, then run 'make test-bitbake OE_LAYERS=FOLDER'")
    root = Path(named).expanduser().resolve()
    missing = [name for name, landmark in _LANDMARKS.items() if not (root / name / landmark).is_file()]
    if missing:
        raise HarnessError(f"OE_LAYERS={shlex.quote(named)} holds no {', '.join(missing)}; {_CLONE}")
    return LayerFolder(root)


def _head(repository: Path) -> str:
    words = ["git", "-c", "safe.directory=*", "-C", str(repository), "rev-parse", "HEAD"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
