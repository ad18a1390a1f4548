"""What the session manager says of itself: by which files it decides, what it has done, who waits."""

from __future__ import annotations

from pyaudiobus.policy.streams import place_of, streams
from pyaudiobus.session.session import Session

WIDTH = 12
"""Columns of a line's first word."""


def status(session: Session) -> list[str]:
    """Return a line for each matter, its word first."""
    configuration, state, bus = session.configuration, session.state, session.snapshot()
    policy, places = configuration.policy, configuration.places
    known = streams(bus)
    waiting = [stream.name for stream in known if place_of(stream, bus) is None]
    told = {
        "policy": f"{places.policy or 'no file'}, profile {policy.profile}",
        "scripts": _scripts(session),
        "switched off": ", ".join(policy.off),
        "changed": ", ".join(f"{name} = {value}" for name, value in session.set_live.items()),
        "remembers": f"in {state.path}" if state.path else "nothing over a restart",
        "decided": f"{session.history.made} times, in {session.plans} plans, after {session.picture.events} events",
        "streams": f"{len(known)}, of which {len(waiting)} are linked to nothing" + _listed(waiting),
        "mind": "; ".join(session.notes),
    }
    return [f"  {word:<{WIDTH}} {text}" for word, text in told.items() if text]


def _scripts(session: Session) -> str:
    configuration = session.configuration
    folder = configuration.places.scripts
    if folder is None:
        return "none"
    hooks = [hook for chain in configuration.chains.values() for hook in chain.hooks if hook.source]
    failing = [record.hook.name for record in session.breaker.records() if record.in_a_row]
    left_out = f", {len(configuration.mistakes)} left out" if configuration.mistakes else ""
    return f"{folder}: {len(hooks)} hooks{left_out}" + (f", failing: {', '.join(failing)}" if failing else "")


def _listed(names: list[str]) -> str:
    return f": {', '.join(names[:8])}{', ...' if len(names) > len(names[:8]) else ''}" if names else ""
