"""The bodies of messages about players: programs that play something and let others pause, skip and seek it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from pyaudiobus.protocol.words import Body, Count, Properties, Serial, Text, Word

COMMANDS = ("pause", "resume", "toggle", "stop", "next", "previous", "seek", "volume", "open")
"""What a player may be asked for; which of it a player can do, it says itself."""
STATUSES = ("playing", "paused", "waiting", "stopped")
Seconds = Annotated[float, Meta(ge=-(10**9), le=10**9)]
Titles = Annotated[tuple[Text, ...], Meta(max_length=256)]
Abilities = Annotated[tuple[Word, ...], Meta(max_length=16)]


class AnnouncePlayer(Body):
    """Be known as a player under a name."""

    name: Word
    abilities: Abilities
    """The commands it obeys, of pause, resume, toggle, stop, next, previous, seek, volume, open."""
    properties: Properties = {}


class PlayerState(Body):
    """What one's own player does now."""

    serial: Serial
    status: Word
    """playing, paused, waiting (for its source), stopped."""
    abilities: Abilities
    title: Text = ""
    artist: Text = ""
    place: Text = ""
    """The file or address that plays."""
    position: Seconds = 0.0
    """Seconds of the media that had been heard at `measured_at`."""
    measured_at: Count = 0
    """CLOCK_MONOTONIC in ns; while it plays, the position goes on from there."""
    length: Seconds = 0.0
    """Seconds; 0: unknown, or without an end."""
    number: Count = 0
    """Which of the queue plays, from 1; 0: none."""
    queue: Titles = ()
    """What is queued, by title or name; of a long queue the part around what plays."""
    queue_length: Count = 0
    volume: Seconds = -1.0
    """Linear; below 0: it has none."""


class CommandPlayer(Body):
    """Ask a player for something."""

    serial: Serial
    """0: the player that was active last, of those that may be asked."""
    command: Word
    seconds: Seconds = 0.0
    """For seek: where to, or with `is_relative` how far."""
    is_relative: bool = False
    value: Seconds = 0.0
    """For volume: linear, or with `is_relative` how much more."""
    place: Text = ""
    """For open: a path or an address."""


class PlayerObeyed(Body):
    """Which player has done it."""

    serial: Serial


class PlayerAsked(Body):
    """Somebody asks one's own player for something; it is to be answered with answer-player."""

    serial: Serial
    token: Count
    """To be said in the answer."""
    client: Serial
    """Who asks."""
    command: Word
    seconds: Seconds = 0.0
    is_relative: bool = False
    value: Seconds = 0.0
    place: Text = ""


class AnswerPlayer(Body):
    """What became of what a player was asked for."""

    serial: Serial
    token: Count
    refusal: Text = ""
    """Why not; empty: it was done."""
    advice: Text = ""
