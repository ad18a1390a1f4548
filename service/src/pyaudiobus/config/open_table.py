"""Tables and lists whose words are anybody's."""

from __future__ import annotations

from pyaudiobus.config.document import Listing, Node
from pyaudiobus.config.mistakes import Notes
from pyaudiobus.config.readers import is_absent, refuse, scalar, table_entries


class OpenTable:
    """Words by words."""

    def __init__(self, form: str) -> None:
        self.form = form

    def read(self, node: Node, notes: Notes) -> dict[str, str]:
        """Return them; nothing behind a key is an empty word."""
        entries = table_entries(node, notes, self.form)
        return {key.text: "" if is_absent(value) else scalar(value, notes, "a value").text for key, value in entries}


class Lines:
    """Lines in their order; one may stand there twice."""

    def __init__(self, form: str) -> None:
        self.form = f"a list of {form}"

    def read(self, node: Node, notes: Notes) -> tuple[str, ...]:
        """Return them."""
        if not isinstance(node, Listing):
            raise refuse(node, notes, f"expected {self.form}")
        return tuple(scalar(item, notes, "a line").text for item in node.items)
