"""Sinks that clients make: others play into them, and their maker records what comes. Filters begin so.

The bus mixes for them as for a device that nobody hears, and the maker's record stream hears the mix. So nobody makes
one who may not hear others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyaudiobus.daemon.client import Client, Denied
from pyaudiobus.daemon.cycle_node import Manner
from pyaudiobus.daemon.openers import NullSinkOpener
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.errors import UserError
from pyaudiobus.model.daemon_settings import Role
from pyaudiobus.model.format import PcmFormat, parse_format
from pyaudiobus.protocol.messages import CreateNode

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

FORMAT = "audio.format"
"""The property that tells what such a sink mixes, "s16/48000/2"; a node without it has ports of the client's."""
MEDIA_CLASS = "Audio/Sink"
SUSPEND_AFTER = 5
"""Seconds; it costs nothing to open it again."""


class ClientSinkOpener(NullSinkOpener):
    """Takes what is played at the pace of the clock; who made the sink listens to it."""

    kind = "client"


def is_client_sink(wish: CreateNode) -> bool:
    """Tell whether a client asks for a sink that is mixed for it."""
    return wish.properties.get("media.class") == MEDIA_CLASS and FORMAT in wish.properties


def create_client_sink(bus: Bus, client: Client, wish: CreateNode) -> int:
    """Make a sink for a client; return its serial. Denied, UserError."""
    if client.permissions.role is not Role.MANAGER:
        raise Denied("only a manager may make a sink: it hears what others play there")
    form = parse_format(wish.properties[FORMAT])
    if not isinstance(form, PcmFormat):
        raise UserError(f"a sink of a client mixes PCM, not {form}", advice=f"Write {FORMAT}=s16/48000/2.")
    if wish.name and bus.free_name(wish.name) != wish.name:
        raise UserError(f"there is a sink or source {wish.name!r} already", advice="Choose another name.")
    settings = bus.settings
    made = PcmSink(
        bus.registry.new_serial(),
        wish.name or bus.free_name(client.name),
        ClientSinkOpener(),
        form,
        manner=Manner(settings.shortest, settings.longest, SUSPEND_AFTER, settings.priority),
        watcher=bus,
        properties=dict(wish.properties),
    )
    made.owner = client.serial
    return bus.add_node(made).serial
