"""One build folder of bitbake: its configuration, and commands run in it. Which there are: worlds.py."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bitbake.errors import HarnessError
from bitbake.layer_folder import LayerFolder
from bitbake.pins import REPOSITORY

HERE = REPOSITORY / "recipes-tests/bitbake"
_CONFINE = HERE / "host/confine"
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LOCALE = "en_US.UTF-8"
_PASSED_ON = ("LOCPATH", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0")


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that has ended."""

    status: int
    text: str
    """Its standard output and error."""

    @property
    def complaints(self) -> str:
        """The lines in which bitbake says what is wrong; all of the text if there are none."""
        lines = [line for line in self.text.splitlines() if re.match(r"(ERROR|WARNING|FATAL)\b", line)]
        return "\n".join(lines) or self.text


@dataclass(frozen=True, slots=True)
class World:
    """A build folder. Nothing outside it is written to while a command runs."""

    name: str
    folder: Path
    layer_folder: LayerFolder
    layers: Sequence[Path]
    settings: Sequence[str]
    """Lines of local.conf."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """More lines of local.conf: NAME = "value"."""

    def prepare(self) -> None:
        """Write bblayers.conf and local.conf, if they are to change: bitbake parses all anew after each change."""
        layers = " ".join(str(layer) for layer in self.layers)
        values = [f'{name} = "{value}"' for name, value in self.variables.items()]
        _write(self.folder / "conf/bblayers.conf", f'BBPATH = "${{TOPDIR}}"\nBBFILES = ""\nBBLAYERS = "{layers}"\n')
        _write(self.folder / "conf/local.conf", "\n".join([*self.settings, *values, ""]))
        # An empty one switches bitbake's checks of the host off: they refuse root, and compilers that wait for nothing.
        _write(self.folder / "conf/sanity.conf", "")
        _make_locale(self._locales)

    def run(self, *words: str, timeout: float = 3000.0) -> Finished:
        """Run a command in the build folder; its output is kept in `log/` there too."""
        return self._run(words, timeout)

    def must(self, *words: str, timeout: float = 3000.0) -> str:
        """Run a command that must succeed; return its output. Its failure fails the test."""
        done = self._run(words, timeout)
        assert done.status == 0, f"{' '.join(words)} ended with {done.status} in {self.folder}:\n{done.complaints}"
        return done.text

    def variable(self, name: str, recipe: str | None = None) -> str:
        """Return the value of a variable, of one recipe or of the configuration."""
        of_recipe = ["--recipe", recipe] if recipe else []
        return self.must("bitbake-getvar", "--quiet", "--value", *of_recipe, name).splitlines()[-1]

    def stop(self) -> None:
        """End the bitbake server that serves this folder, if there is one."""
        if (self.folder / "bitbake.sock").exists():
            self._run(["bitbake", "--kill-server"], 60.0)

    def confined(self, words: Sequence[str]) -> tuple[str, list[str], dict[str, str]]:
        """Return program, words and environment of a command that can write only below the worlds' root."""
        root = self.folder.parent.parent
        return str(_CONFINE), [str(_CONFINE), str(root), *words], self._environment()

    def _environment(self) -> dict[str, str]:
        layers = self.layer_folder
        path = [HERE / "host", layers.bitbake / "bin", layers.core / "scripts"]
        return {
            "PATH": ":".join([*map(str, path), _SYSTEM_PATH]),
            "HOME": str(self.folder),
            "USER": os.environ.get("USER", "builder"),
            "LANG": _LOCALE,
            "LC_ALL": _LOCALE,
            "LOCPATH": str(self._locales),
            "BBPATH": str(self.folder),
            "BUILDDIR": str(self.folder),
            "BB_ENV_PASSTHROUGH_ADDITIONS": " ".join(_PASSED_ON),
            "PYTHONDONTWRITEBYTECODE": "1",
            # The layers may belong to another user than the one who builds.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }

    @property
    def _locales(self) -> Path:
        return self.folder / "locale"

    def _run(self, words: Sequence[str], timeout: float) -> Finished:
        (self.folder / "log").mkdir(parents=True, exist_ok=True)
        log = self.folder / "log" / (re.sub(r"[^\w.-]+", "_", " ".join(words))[-100:] + ".txt")
        _, argv, environment = self.confined(words)
        with log.open("wb") as output:
            done = subprocess.run(
                argv,
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            )
        return Finished(done.returncode, log.read_text(errors="replace"))


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _make_locale(folder: Path) -> None:
    """Bitbake starts in no other locale, and Debian makes none unless it is told to."""
    if (folder / _LOCALE).is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    maker = shutil.which("localedef", path=_SYSTEM_PATH)
    if maker is None or not Path("/usr/share/i18n/locales/en_US").is_file():
        raise HarnessError("the package locales is not installed; run 'service/setup/apt bitbake'")
    subprocess.run(
        [maker, "-i", "en_US", "-f", "UTF-8", "--no-archive", str(folder / _LOCALE)], check=False, capture_output=True
    )
