"""Bodies of messages to bytes and back, as the table types them. What may follow what is not known here."""

from __future__ import annotations

from typing import Any

import msgspec

from pyaudiobus.errors import UserError
from pyaudiobus.protocol.frames import MAX_BODY
from pyaudiobus.protocol.messages import Entry, Nothing
from pyaudiobus.protocol.words import Body

UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)
"""What a decoder raises for bytes that are no body of that kind."""


class _Decoders(dict[type[Body], msgspec.msgpack.Decoder[Any]]):
    """Each is made when its kind of body first arrives: few programs hear all of them."""

    def __missing__(self, kind: type[Body]) -> msgspec.msgpack.Decoder[Any]:
        decoder = self[kind] = msgspec.msgpack.Decoder(kind)
        return decoder


DECODERS = _Decoders()
"""By the kind of body. Their a decoder raises what is in UNREADABLE."""
pack = msgspec.msgpack.Encoder().encode
"""Returns the bytes of a body."""
_NOTHING = pack(Nothing())


def checked(entry: Entry, body: Body) -> bytes:
    """Return a request's body. UserError where its reader would end the conversation for it."""
    if entry.body is Nothing is type(body):
        return _NOTHING
    try:
        data = pack(body)
        DECODERS[entry.body].decode(data)
    except (*UNREADABLE, OverflowError, TypeError) as error:
        raise UserError(f"{entry.name} cannot be asked like that: {error}") from None
    if len(data) > MAX_BODY:
        raise UserError(f"{entry.name} would be a message of {len(data)} bytes; {MAX_BODY} is the limit")
    return data
