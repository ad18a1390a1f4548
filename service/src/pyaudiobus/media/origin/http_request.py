"""One request to a web server and the head of its answer: redirects, refusals, ranges (RFC 9110, sections 14, 15)."""

from __future__ import annotations

import io
import socket
import ssl
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import NamedTuple

from pyaudiobus import __version__
from pyaudiobus.errors import MediaError
from pyaudiobus.media.origin.urls import Url, joined

CONNECT_SECONDS = 10.0
"""A server that does not answer for so long is not there."""
SILENT_SECONDS = 20.0
"""A connection over which nothing comes for so long is broken."""
MOST_REDIRECTS = 8
RANGE_REFUSED = 416
PARTIAL = 206
_REDIRECTS = (301, 302, 303, 307, 308)
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_GOOD = (200, PARTIAL)
_ADVICE = {
    401: "Put user and password into the address: http://USER:PASSWORD@SERVER/PATH.",
    403: "Ask its owner for access.",
    404: "Check the address.",
    410: "Look for its new address.",
}


class Unreachable(MediaError):
    """A server that is not there now; a moment later it may be."""


class Exchange(NamedTuple):
    """An answer whose head was read."""

    connection: HTTPConnection
    response: HTTPResponse
    begins_at: int
    """The byte of the resource with which the answer begins."""
    total: int | None
    """Bytes of the whole resource; None where the server does not say."""

    def close(self) -> None:
        """Hang up."""
        self.response.close()
        self.connection.close()


Connected = Callable[[socket.socket], None]
"""Is told of each socket before anything is waited for on it."""


def ask(url: Url, offset: int, validator: str, connected: Connected) -> Exchange:
    """Ask for a resource from a byte on, following redirects.

    Returns an answer with 200, 206, or 416 where `offset` is not 0. Unreachable, or MediaError where asking again is
    of no use. `validator` is the ETag that the rest must have.
    """
    first = url
    for _ in range(MOST_REDIRECTS + 1):
        exchange = _ask_once(url, offset, validator, connected)
        if exchange.response.status not in _REDIRECTS:
            return _accepted(first, exchange, offset)
        place = exchange.response.headers.get("Location", "")
        exchange.close()
        if not place:
            raise MediaError(f"{url.shown} sends us elsewhere and does not say where", advice="Tell its owner.")
        try:
            url = joined(url, place)
        except MediaError as error:
            raise MediaError(f"{url.shown} sends us on to {error.what}", advice="Tell its owner.") from error
    raise MediaError(
        f"{first.shown} sends us on and on: {MOST_REDIRECTS} redirects led nowhere", advice="Check the address."
    )


def _ask_once(url: Url, offset: int, validator: str, connected: Connected) -> Exchange:
    connection = _connection(url)
    try:
        connection.connect()
        connected(connection.sock)
        connection.sock.settimeout(SILENT_SECONDS)
        connection.request("GET", url.target, headers=_headers(url, offset, validator))
        response = connection.getresponse()
    except (OSError, HTTPException, UnicodeError) as error:
        connection.close()
        raise _unreachable(url, error) from error
    begins_at, total = _extent(response)
    return Exchange(connection, response, begins_at, total)


def _connection(url: Url) -> HTTPConnection:
    made: HTTPConnection
    if url.scheme == "https":
        made = HTTPSConnection(url.host, url.port, timeout=CONNECT_SECONDS, context=ssl.create_default_context())
    else:
        made = HTTPConnection(url.host, url.port, timeout=CONNECT_SECONDS)
    made.response_class = _Response
    return made


def _headers(url: Url, offset: int, validator: str) -> dict[str, str]:
    headers = {
        "User-Agent": f"pyaudiobus/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Icy-MetaData": "1",
        "Range": f"bytes={offset}-",
    }
    if offset and validator and not validator.startswith("W/"):
        headers["If-Range"] = validator
    if url.credentials:
        headers["Authorization"] = url.credentials
    return headers


def _extent(response: HTTPResponse) -> tuple[int, int | None]:
    """Return where the answer begins and how much there is in all: "Content-Range: bytes 5-99/100", "bytes */100"."""
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    span, _, total = rest.partition("/")
    if response.status in (PARTIAL, RANGE_REFUSED) and unit.lower() == "bytes":
        first = span.partition("-")[0].strip()
        return (int(first) if first.isdecimal() else 0), (int(total) if total.strip().isdecimal() else None)
    return 0, response.length if response.status not in _REDIRECTS else None


def _accepted(first: Url, exchange: Exchange, offset: int) -> Exchange:
    """Return an answer that brings bytes. MediaError, Unreachable for all others."""
    response = exchange.response
    status = response.status
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if (status in _GOOD and encoding == "identity") or (status == RANGE_REFUSED and offset):
        return exchange
    exchange.close()
    if status in _GOOD:
        raise MediaError(f"{first.shown} is sent compressed ({encoding}), unasked", advice="Tell its owner.")
    if status == RANGE_REFUSED:
        raise MediaError(f"{first.shown} is empty", advice="Check the address, or ask its owner.")
    reason = " ".join((response.reason or "").split())[:80]
    what = f"{first.shown}: the server answers {status}{f' {reason}' if reason else ''}"
    kind = Unreachable if status in _PASSING else MediaError
    raise kind(what, advice=_ADVICE.get(status, "Try again later, or ask its owner."))


def _unreachable(url: Url, error: Exception) -> MediaError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return MediaError(
            f"{url.shown}: the server's certificate is not to be trusted",
            facts=[error.verify_message],
            advice="Check the address and this machine's date; its authorities are in /etc/ssl/certs.",
        )
    return Unreachable(f"{url.shown} cannot be reached: {words_of(error)}", advice="Check the address and the network.")


def words_of(error: Exception) -> str:
    """Say in a few words what broke a connection."""
    if isinstance(error, TimeoutError):
        return "nothing came for too long"
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    if isinstance(error, HTTPException):
        return f"it does not speak HTTP as it should ({type(error).__name__})"
    return str(error)


class _Response(HTTPResponse):
    """An answer of a web server, or of a station that begins it with "ICY 200 OK"."""

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp = _StatusLine(self.fp.detach())


class _StatusLine(io.BufferedReader):
    """A socket's bytes, whose first line is put into HTTP's words."""

    _is_first = True

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if self._is_first and line.startswith(b"ICY "):
            line = b"HTTP/1.0 " + line[4:]
        self._is_first = False
        return line
