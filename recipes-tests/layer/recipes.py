"""Reads what a recipe says, line by line. It knows no bitbake: nothing is expanded, no class or override is applied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from layer.places import LAYER

ASSIGNMENT = re.compile(
    r"""^(?P<name>[\w.+:${}%/-]+?(?:\[[\w-]+\])?)\s*(?P<operator>\?\?=|\?=|:=|\+=|=\+|\.=|=\.|=)\s*(["'])(?P<value>.*)\3\s*$""",
    re.DOTALL,
)
STATEMENT = re.compile(r"^(?P<verb>inherit|inherit_defer|require|include)\s+(?P<rest>.+)$", re.DOTALL)
FUNCTION = re.compile(r"^(?:python\s+|fakeroot\s+)*(?P<name>[\w:${}-]*)\s*\(\)\s*\{\s*$")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One assignment: `RDEPENDS:${PN}:append`, `+=`, what stands between the quotes."""

    name: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """A .bb, .bbappend or .inc file."""

    path: Path
    assignments: tuple[Assignment, ...]
    statements: tuple[tuple[str, str], ...]
    """`inherit`, `require` and `include` with what follows them."""
    functions: dict[str, str]
    """Name, with its overrides, to body."""

    @property
    def name(self) -> str:
        """What bitbake calls PN: the file's name before the underscore."""
        return self.path.stem.split("_", 1)[0]

    @property
    def version(self) -> str:
        """What bitbake calls PV, "" where the file's name has none."""
        return self.path.stem.partition("_")[2]

    @property
    def classes(self) -> frozenset[str]:
        """The classes it inherits."""
        return frozenset(word for verb, rest in self.statements if verb.startswith("inherit") for word in rest.split())

    def value(self, name: str) -> str:
        """Return what was assigned last to exactly this name, "" if nothing was."""
        return next((each.value for each in reversed(self.assignments) if each.name == name), "")

    def words(self, variable: str) -> list[str]:
        """Return the words of all assignments to a variable, whatever they append to or under which override."""
        return [
            word
            for each in self.assignments
            if each.name == variable or each.name.startswith(f"{variable}:")
            for word in each.value.split()
        ]

    def flags(self, variable: str) -> dict[str, str]:
        """Return the flags of a variable: `SRC_URI[sha256sum]` is {"sha256sum": ...} of SRC_URI."""
        pattern = re.compile(rf"{re.escape(variable)}\[([\w-]+)\]")
        found = ((pattern.fullmatch(each.name), each.value) for each in self.assignments)
        return {match[1]: value for match, value in found if match}


def logical_lines(text: str) -> Iterator[str]:
    """Yield lines with those joined that a backslash continues; comments and empty lines are left out."""
    pending: list[str] = []
    for line in text.splitlines():
        if not pending and (not line.strip() or line.startswith("#")):
            continue
        pending.append(line.removesuffix("\\"))
        if not line.endswith("\\"):
            yield "\n".join(pending)
            pending = []


def read_recipe(path: Path) -> Recipe:
    """Read one file; a line that is none of the kinds known here is a ValueError that shows it."""
    assignments, statements, functions = [], [], {}
    lines = logical_lines(path.read_text(encoding="utf-8"))
    for line in lines:
        if match := ASSIGNMENT.match(line):
            assignments.append(Assignment(match["name"], match["operator"], match["value"]))
        elif match := STATEMENT.match(line):
            statements.append((match["verb"], match["rest"].strip()))
        elif match := FUNCTION.match(line):
            functions[match["name"]] = function_body(lines)
        else:
            message = f"{path}: not understood: {line}"
            raise ValueError(message)
    return Recipe(path, tuple(assignments), tuple(statements), functions)


def function_body(lines: Iterator[str]) -> str:
    """Take lines up to the brace that stands alone."""
    body = []
    for line in lines:
        if line.rstrip() == "}":
            break
        body.append(line)
    return "\n".join(body)


def files_of_layer(*patterns: str) -> list[Path]:
    """Find files anywhere in the layer, in a stable order."""
    return sorted(path for pattern in patterns for path in LAYER.rglob(pattern) if path.is_file())


def recipes() -> list[Recipe]:
    """Read every recipe of the layer."""
    return [read_recipe(path) for path in files_of_layer("*.bb")]


def recipe(name: str) -> Recipe:
    """Read the recipe of this name."""
    found = [each for each in recipes() if each.name == name]
    if len(found) != 1:
        message = f"{len(found)} recipes are called {name}, of {sorted(each.name for each in recipes())}"
        raise LookupError(message)
    return found[0]
