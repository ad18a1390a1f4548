"""Which package of oe-core holds a module of Python's standard library: oe-core splits it into about eighty.

The table beside this file is made anew, for another release, by

    PYTHONPATH=recipes-tests .venv/bin/python -m layer.python_packages OE_CORE_FOLDER
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from layer.places import TABLES

TABLE = TABLES / "python3-packages.txt"
MANIFEST = "meta/recipes-devtools/python/python3/python3-manifest.json"
LIBRARY = "${libdir}/python${PYTHON_MAJMIN}/"
HEADING = f"""\
# Python's standard library as openembedded-core splits it: PACKAGE | packages it pulls in | modules in it.
# Made by `python -m layer.python_packages OE_CORE_FOLDER` from {MANIFEST}.
"""


@dataclass(frozen=True, slots=True)
class Split:
    """The table: packages without their prefix python3-."""

    needs: dict[str, tuple[str, ...]]
    modules: dict[str, str]
    """Dotted name to package."""

    def package_of(self, module: str) -> str | None:
        """Return the package that holds a module of the standard library; None for a module of somebody else.

        What no package names is in python3-misc, which takes all that is left, or is compiled into the interpreter.
        """
        parts = module.split(".")
        if parts[0] not in sys.stdlib_module_names:
            return None
        for length in range(len(parts), 0, -1):
            if package := self.modules.get(".".join(parts[:length])):
                return f"python3-{package}"
        return "python3-core" if parts[0] in sys.builtin_module_names else "python3-misc"

    def pulled_in_by(self, packages: set[str]) -> set[str]:
        """Return the packages with all that they pull in."""
        known = set(packages)
        waiting = list(packages)
        while waiting:
            name = waiting.pop().removeprefix("python3-")
            more = {f"python3-{need}" for need in self.needs.get(name, ())} - known
            known |= more
            waiting += more
        return known


def read_split() -> Split:
    """Read the committed table."""
    needs, modules = {}, {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            package, needed, held = (field.split() for field in line.split("|"))
            needs[package[0]] = tuple(needed)
            modules.update(dict.fromkeys(held, package[0]))
    return Split(needs, modules)


def module_of(pattern: str) -> str | None:
    """Turn a pattern of the manifest into a module's name; None if it is none, or more than one."""
    if not pattern.startswith(LIBRARY):
        return None
    path = pattern.removeprefix(LIBRARY).removeprefix("lib-dynload/").removesuffix("/")
    for ending in (".*.so", ".so", ".py"):
        path = path.removesuffix(ending)
    parts = path.removesuffix("/__init__").split("/")
    return ".".join(parts) if all(part.isidentifier() for part in parts) and "__pycache__" not in parts else None


def derive(manifest: str) -> str:
    """Make the table from the text of oe-core's manifest, whose JSON begins behind a marker."""
    packages = json.loads(manifest.partition("# EOC")[2])
    lines = [HEADING]
    for name, facts in sorted(packages.items()):
        modules = sorted({module for pattern in facts["files"] if (module := module_of(pattern))})
        lines.append(f"{name} | {' '.join(facts['rdepends'])} | {' '.join(modules)}\n")
    return "".join(lines)


def main(arguments: list[str]) -> int:
    """Write the table from an oe-core folder."""
    if len(arguments) != 1 or not (manifest := Path(arguments[0]) / MANIFEST).is_file():
        sys.stderr.write(f"usage: python -m layer.python_packages OE_CORE_FOLDER   (which has {MANIFEST})\n")
        return 2
    TABLE.write_text(derive(manifest.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
