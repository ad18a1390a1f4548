"""What a client wishes for a stream, as facts of the bus: policy decides by them."""

from __future__ import annotations

from pyaudiobus.daemon.objects import Facts
from pyaudiobus.daemon.static_policy import describe
from pyaudiobus.protocol.messages import CreateStream
from pyaudiobus.protocol.words import MAX_TEXT


def offers(wish: CreateStream) -> str:
    """Return the shapes that a stream can have, the preferred one first: "mp3/44100/2 s16/44100/2"."""
    return " ".join(dict.fromkeys(describe(shape) for shape in wish.shapes))[:MAX_TEXT]


def wish_facts(wish: CreateStream) -> Facts:
    """Return what a stream asks for; what it does not ask for is left out."""
    wished: Facts = {
        "formats": offers(wish),
        "target": wish.target,
        "dont_move": wish.dont_move,
        "dont_reconnect": wish.dont_reconnect,
        "exclusive": wish.exclusive,
        "sync_group": wish.sync_group,
        "may_return": wish.may_return,
    }
    return {name: value for name, value in wished.items() if value}
