"""Asking the running session manager: what all commands that do so have in common."""

from __future__ import annotations

from pyaudiobus.client.remote import Remote
from pyaudiobus.protocol.session_messages import AskSession


def ask_session(remote: Remote, what: str, /, **arguments: str) -> tuple[str, ...]:
    """Return the lines of the answer. Refused, with the session manager's words, where it has none."""
    given = {key.replace("_", "-"): value for key, value in arguments.items() if value}
    lines: tuple[str, ...] = remote.ask("ask-session", AskSession(what, given)).lines
    return lines
