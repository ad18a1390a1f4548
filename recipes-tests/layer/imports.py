"""Which modules Python sources import when they run. Imports that only type checkers read do not count."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def is_for_types_only(node: ast.AST) -> bool:
    """Tell whether this is `if TYPE_CHECKING:`."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports_of(node: ast.AST) -> Iterator[str]:
    """Yield the modules imported below a node, inside of functions too. `from a import b` is a and a.b."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    children = node.orelse if isinstance(node, ast.If) and is_for_types_only(node) else ast.iter_child_nodes(node)
    for child in children:
        yield from imports_of(child)


def imported_by(folder: Path, *, skip: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Return each module that a folder's sources import, with the files that do. `skip` names files left out."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*.py")):
        if path.name in skip:
            continue
        for module in set(imports_of(ast.parse(path.read_bytes(), str(path)))):
            found.setdefault(module, []).append(str(path.relative_to(folder)))
    return found
