"""What a recipe takes its sources from: SRC_URI's entries and the folders that are searched for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from layer.places import LAYER
from layer.recipes import Recipe, files_of_layer, read_recipe


def local_sources(recipe: Recipe) -> list[str]:
    """Return the names after file:// in SRC_URI, without their parameters."""
    scheme = "file://"
    return [word.removeprefix(scheme).split(";", 1)[0] for word in recipe.words("SRC_URI") if word.startswith(scheme)]


def search_path(recipe: Recipe) -> Iterator[Path]:
    """Yield the folders in which file:// is looked for: what FILESEXTRAPATHS names, then those beside the recipe."""
    here = recipe.path.parent
    for word in recipe.words("FILESEXTRAPATHS"):
        for folder in filter(None, word.split(":")):
            yield Path(expanded(folder, recipe)).resolve()
    for folder in (f"{recipe.name}-{recipe.version}", recipe.name, "files"):
        yield here / folder


def expanded(text: str, recipe: Recipe) -> str:
    """Put a recipe's own names for the variables that paths are made of."""
    names = {"THISDIR": recipe.path.parent, "BPN": recipe.name, "PN": recipe.name, "LAYERDIR": LAYER}
    for name, value in names.items():
        text = text.replace(f"${{{name}}}", str(value))
    return text


def find_source(recipe: Recipe, name: str) -> Path | None:
    """Find one source as bitbake would: first as named, then in the folder of any machine or override."""
    for folder in search_path(recipe):
        for candidate in (folder / name, *sorted(folder.glob(f"*/{name}"))):
            if candidate.exists():
                return candidate
    return None


def with_sources() -> list[Recipe]:
    """Read every file of the layer that may name sources: recipes, what is appended to them, what they include."""
    return [read_recipe(path) for path in files_of_layer("*.bb", "*.bbappend", "*.inc")]
