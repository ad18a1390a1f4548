"""The protocol's manual page, printed from the table of messages: `python -m pyaudiobus.protocol.manual`."""

from __future__ import annotations

import ast
import inspect
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from pyaudiobus.protocol import messages, words
from pyaudiobus.protocol.frames import HEADER, MAX_BODY, MAX_DESCRIPTORS, FrameKind
from pyaudiobus.protocol.manual_text import AFTER, BEFORE
from pyaudiobus.protocol.messages import TABLE, Code, Entry, Right, Sender
from pyaudiobus.protocol.wire import FEATURES, MAX_OUTSTANDING, MAX_UNANSWERED, VERSION
from pyaudiobus.protocol.words import MAX_TEXT, Body

_ALIASES = ("Text", "Word", "Serial", "Count", "Size", "Properties", "Changes", "Gains", "Rate", "Channels", "Shape")


def manual() -> str:
    """Return the page."""
    facts = {
        "version": VERSION,
        "features": ", ".join(f"`{name}`" for name in FEATURES),
        "header": HEADER.size,
        "body": MAX_BODY,
        "descriptors": MAX_DESCRIPTORS,
        "outstanding": MAX_OUTSTANDING,
        "unanswered": MAX_UNANSWERED,
        "text": MAX_TEXT,
        "kinds": "\n".join(f"| {kind.value} | {kind.name.lower()} |" for kind in FrameKind),
    }
    parts = [
        BEFORE.format_map(facts),
        _index(),
        "## Requests of clients\n",
        *(_section(entry) for entry in TABLE if entry.sender is Sender.CLIENT),
        "## Events of the daemon\n",
        *(_section(entry) for entry in TABLE if entry.sender is Sender.DAEMON),
        "## Parts of messages\n",
        _part(messages.Refusal),
        *(_part(kind) for kind in _parts()),
        "## Why a request is refused\n\n| code | |\n|---|---|",
        "\n".join(f"| `{code.value}` | {_of_members(Code).get(code.name, '')} |" for code in Code) + "\n",
        AFTER,
    ]
    return "\n".join(parts)


def _index() -> str:
    rows = [
        f"| {entry.opcode} | [{entry.name}](#{entry.name}) | {entry.sender.value} | {_rights(entry.needs)} |"
        f" {entry.since} | {entry.feature} | {entry.summary} |"
        for entry in TABLE
    ]
    head = "| opcode | name | said by | rights | since | feature | |\n|---|---|---|---|---|---|---|"
    return "\n".join(["## All messages\n", head, *rows, ""])


def _section(entry: Entry) -> str:
    said = "Request" if entry.sender is Sender.CLIENT else "Event"
    lines = [f"### {entry.name}\n", entry.summary, f"\n{said} {entry.opcode}, since version {entry.since}."]
    if entry.feature:
        lines.append(f"Only with the feature `{entry.feature}`.")
    if entry.needs:
        lines.append(f"Needs {_rights(entry.needs)} on the object that it names first.")
    if entry.descriptors:
        lines.append(f"Comes with up to {entry.descriptors} file descriptors.")
    lines.append(_fields(entry.body))
    if entry.reply is not None:
        lines.append(f"Answer: {_said(entry.reply)}")
        if entry.reply_descriptors:
            lines.append(f"With up to {entry.reply_descriptors} file descriptors.")
        if entry.reply not in (messages.Nothing, *_parts()):
            lines.append(_fields(entry.reply))
    return "\n".join(lines) + "\n"


def _part(kind: type[Body]) -> str:
    tag = kind.__struct_config__.tag
    begins = f'\nThe array begins with `"{tag}"`.\n' if tag else ""
    return f"### {kind.__name__}\n\n{inspect.getdoc(kind)}\n{begins}{_fields(kind)}\n"


def _said(kind: type[Body]) -> str:
    if kind is messages.Nothing:
        return "an empty array."
    if kind in _parts():
        return f"[{kind.__name__}](#{kind.__name__.lower()})."
    return inspect.getdoc(kind) or kind.__name__


def _fields(kind: type[Body]) -> str:
    fields = msgspec.structs.fields(kind)
    if not fields:
        return "\nThe body is an empty array.\n"
    hints, told = get_type_hints(kind, include_extras=True), _of_members(kind)
    first = 1 if kind.__struct_config__.tag else 0
    rows = []
    for number, field in enumerate(fields, first):
        words_of = _named(kind, field.name) or _type(hints[field.name])
        rows.append(f"| {number} | `{field.name}` | {words_of} | {_default(field)} | {told.get(field.name, '')} |")
    return "\n".join(["\n| | field | type | if left out | |\n|---|---|---|---|---|", *rows, ""])


def _named(kind: type[Body], field: str) -> str:
    """Return the alias that the source gives as a field's type: two of them may be the same range."""
    for one in kind.__mro__:
        written = inspect.get_annotations(one).get(field)
        if written in _ALIASES:
            return f"[{written}](#words)"
    return ""


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default is not msgspec.NODEFAULT:
        return f"`{field.default!r}`"
    if field.default_factory is not msgspec.NODEFAULT:
        made = field.default_factory()
        return "all open" if isinstance(made, Body) else f"`{made!r}`"
    return "must be there"


def _type(hint: Any) -> str:  # noqa: ANN401, PLR0911  # a case for each kind of type
    """Return a type in the words of the page."""
    for alias in _ALIASES:
        if hint == getattr(words, alias):
            return f"[{alias}](#words)"
    arguments = get_args(hint)
    if get_origin(hint) is Annotated:
        bounds = [
            f"{word} {value}"
            for name, word in (("ge", "from"), ("le", "to"), ("lt", "below"), ("max_length", "at most"))
            if (value := getattr(arguments[1], name)) is not None
        ]
        return f"{_type(arguments[0])} ({' '.join(bounds)})"
    if get_origin(hint) is tuple:
        return f"array of {_type(arguments[0])}"
    if get_origin(hint) is dict:
        return f"map of {_type(arguments[0])} to {_type(arguments[1])}"
    if get_origin(hint) is Union or len(arguments) > 1:
        return " or ".join(_type(argument) for argument in arguments)
    if isinstance(hint, type) and issubclass(hint, Body):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    if isinstance(hint, type) and issubclass(hint, Enum):
        return f"[{hint.__name__}](#why-a-request-is-refused)"
    name = str(hint.__name__)
    return {"NoneType": "nil", "str": "string", "int": "integer", "bytes": "binary"}.get(name, name)


def _parts() -> list[type[Body]]:
    """List what messages consist of, in the order of the file."""
    return [
        kind for kind in vars(words).values() if isinstance(kind, type) and issubclass(kind, Body) and kind is not Body
    ]


def _rights(rights: Right) -> str:
    return " ".join((flag.name or "").lower() for flag in Right if flag & rights)


def _of_members(kind: type) -> dict[str, str]:
    """Return the strings that stand below the members of a class, on one line each."""
    (tree,) = ast.parse(inspect.getsource(kind)).body
    found: dict[str, str] = {}
    name = ""
    for line in getattr(tree, "body", ()):
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            name = line.target.id
        elif isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            name = line.targets[0].id
        elif isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and name:
            found[name] = " ".join(str(line.value.value).split())
            name = ""
    return found


if __name__ == "__main__":
    print(manual(), end="")
