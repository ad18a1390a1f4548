"""The source archives of the layer's PyPI recipes: what the table says, and what pip downloads.

PYTHONPATH=recipes-tests .venv/bin/python -m layer.sdists            compares the table with pip (make check-sdists)
PYTHONPATH=recipes-tests .venv/bin/python -m layer.sdists --write    makes the table anew from the recipes' versions
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from layer.places import TABLES
from layer.recipes import Recipe, recipes

TABLE = TABLES / "sdists.txt"
HEADING = """\
# Source archives as pip downloads them: NAME VERSION SHA256. Made by `python -m layer.sdists --write`.
"""
NO_SUCH_HASH = "0" * 64


def pypi_recipes() -> list[Recipe]:
    """Return the recipes that fetch from PyPI."""
    return [recipe for recipe in recipes() if "pypi" in recipe.classes]


def project_of(recipe: Recipe) -> str:
    """Return the project's name as pip writes it."""
    return re.sub(r"[-_.]+", "-", recipe.value("PYPI_PACKAGE") or recipe.name.removeprefix("python3-")).lower()


def read_table() -> dict[str, tuple[str, str]]:
    """Return project to version and sha256."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    rows = (line.split() for line in lines if line and not line.startswith("#"))
    return {name: (version, sha256) for name, version, sha256 in rows}


def ask_pip(project: str, version: str) -> str:
    """Return the sha256 of the source archive that pip downloads.

    pip is told to expect another, and says what it got: so it builds nothing, not even to learn what the archive needs.
    """
    with tempfile.TemporaryDirectory() as folder:
        wish = Path(folder) / "requirements.txt"
        wish.write_text(f"{project}=={version} --hash=sha256:{NO_SUCH_HASH}\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", "--no-cache-dir"]
        command += ["--dest", folder, "--require-hashes", "--requirement", str(wish)]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    if match := re.search(r"Got\s+([0-9a-f]{64})", said):
        return match[1]
    message = f"pip downloaded no source archive of {project} {version}. It said:\n{said}"
    raise RuntimeError(message)


def main(arguments: list[str]) -> int:
    """Compare, or with --write make the table."""
    found = {project_of(recipe): recipe.version for recipe in pypi_recipes()}
    rows = {project: (version, ask_pip(project, version)) for project, version in sorted(found.items())}
    if arguments == ["--write"]:
        lines = [f"{name} {version} {sha256}\n" for name, (version, sha256) in rows.items()]
        TABLE.write_text(HEADING + "".join(lines), encoding="utf-8")
        return 0
    if rows != (table := read_table()):
        sys.stderr.write(f"{TABLE.name} differs from what pip downloads:\n  table {table}\n  pip   {rows}\n")
        return 1
    sys.stdout.write(f"{len(rows)} source archives are those that pip downloads\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
