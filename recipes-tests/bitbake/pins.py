"""Which commit of which repository kas.yml pins, and the lines that clone them. Reads kas files, runs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
BOARD_FILE = "kas.yml"


@dataclass(frozen=True, slots=True)
class Pin:
    """One repository as kas.yml wants it."""

    name: str
    url: str
    commit: str


def pins(kas_file: str = BOARD_FILE) -> dict[str, Pin]:
    """Return the pinned repositories of a kas file and of what it includes, by name."""
    found = {}
    for content in _with_includes(kas_file):
        for name, repo in content.get("repos", {}).items():
            if repo and "url" in repo:
                found[name] = Pin(name, repo["url"], repo["commit"])
    return found


def clone_lines() -> str:
    """Return shell lines that put every pinned repository into the folder they are run in.

    openembedded-core's newest commit is fetched too, for a recipe of FFmpeg whose tarball can be had (ffmpeg.py).
    """
    fetch = "git -C {0.name} fetch -q --depth 1 {0.url} {0.commit} && git -C {0.name} checkout -q FETCH_HEAD"
    lines = [f"git init -q {pin.name} && {fetch.format(pin)}" for pin in pins().values()]
    core = pins()["openembedded-core"]
    lines.append(f"git -C {core.name} fetch -q --depth 1 {core.url} master:refs/remotes/origin/master")
    return "\n".join([*lines, "git clone --bare https://github.com/alsa-project/tinycompress tinycompress.git"])


def _with_includes(kas_file: str) -> Iterator[dict[str, dict[str, dict[str, str]]]]:
    content = yaml.safe_load((REPOSITORY / kas_file).read_text())
    for include in content["header"].get("includes", []):
        yield from _with_includes(include)
    yield content
