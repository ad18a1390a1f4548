"""One resource of a web server, read in order, and taken up again at the same byte where its connection broke.

Loaded only for addresses: it brings http.client and ssl.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from http.client import HTTPException

from pyaudiobus.errors import MediaError, NotSupported
from pyaudiobus.media.origin.http_request import PARTIAL, RANGE_REFUSED, Exchange, Unreachable, ask, words_of
from pyaudiobus.media.origin.icy import IcyStripper
from pyaudiobus.media.origin.origin import Title
from pyaudiobus.media.origin.urls import parse_url

BACKOFF = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each attempt to go on after a connection broke; then it is given up."""
PROGRESS = 64 * 1024
"""Bytes that must come before the attempts are counted anew."""
_PIECE = 64 * 1024
_HUNG_UP = "the server hung up"


class HttpOrigin:
    """What a web server sends. A broken connection is taken up again a bounded number of times."""

    def __init__(self, url: str, *, pause: Callable[[float], object] | None = None) -> None:
        """Ask for `url`. MediaError tells why it is not to be had. `pause` replaces the waiting between attempts."""
        self._stop = threading.Event()
        self._pause = pause or self._stop.wait
        self._news: list[str] = []
        self._url = parse_url(url)
        self.name = self._url.shown
        self._socket: socket.socket | None = None
        self._offset = self._counted_from = 0
        self._attempts = 0
        self._why = ""
        self._closed_at = -1
        """Where the server hung up last, without a word."""
        exchange = self._ask(0)
        self._exchange: Exchange | None = exchange
        headers = exchange.response.headers
        self.kind = headers.get_content_type().lower() if "Content-Type" in headers else ""
        self.station = " ".join((headers.get("icy-name") or "").split())
        self.size = exchange.total
        self._validator = headers.get("ETag", "")
        interval = headers.get("icy-metaint", "")
        self._icy = IcyStripper(int(interval)) if interval.isdecimal() and int(interval) else None
        self.is_live = self._icy is not None or (self.size is None and bool(self.station))
        """A station: it has no end, and what is missed is gone."""
        if self.is_live:
            self.size = None
        self.can_seek = exchange.response.status == PARTIAL and self.size is not None

    def read(self, most: int) -> bytes:
        """Wait for bytes of sound. MediaError where the connection broke and could not be taken up again."""
        while not self._stop.is_set():
            data = self._receive(most)
            if data:
                self._offset += len(data)
                if self._offset - self._counted_from >= PROGRESS:
                    self._counted_from, self._attempts = self._offset, 0
                sound = data if self._icy is None else self._icy.feed(data)
                if sound:
                    return sound
            elif self._is_whole():
                return b""
            else:
                self._go_on()
        return b""

    def seek(self, offset: int) -> None:
        """Ask for the rest from a byte on, at the next read."""
        if not self.can_seek:
            why = "it is a live station" if self.is_live else "the server sends it only from its beginning"
            raise NotSupported(f"{self.name} can only be played in order: {why}")
        self._offset = self._counted_from = offset
        self._attempts = 0
        self._hang_up()

    def titles(self) -> tuple[Title, ...]:
        """Take the station's new titles."""
        return () if self._icy is None else self._icy.titles()

    def news(self) -> tuple[str, ...]:
        """Take what happened to the connection."""
        news, self._news = tuple(self._news), []
        return news

    def interrupt(self) -> None:
        """End a read() that waits, and all later ones."""
        self._stop.set()
        connected = self._socket
        if connected is not None:
            with contextlib.suppress(OSError):  # it broke at the same moment
                socket.socket.shutdown(connected, socket.SHUT_RDWR)

    def close(self) -> None:
        """Hang up."""
        self._stop.set()
        self._hang_up()

    # ---- one connection ----

    def _ask(self, offset: int, validator: str = "") -> Exchange:
        return ask(self._url, offset, validator, self._connected)

    def _connected(self, connected: socket.socket) -> None:
        self._socket = connected
        if self._stop.is_set():
            connected.close()

    def _hang_up(self) -> None:
        exchange, self._exchange, self._socket = self._exchange, None, None
        if exchange is not None:
            exchange.close()

    def _receive(self, most: int) -> bytes:
        """Return what comes; nothing where it ended or broke."""
        if self._exchange is None:
            self._why = ""
            return b""
        try:
            data = self._exchange.response.read1(most)
        except (OSError, HTTPException) as error:
            self._why = words_of(error)
            return b""
        if not data:
            self._why = _HUNG_UP
        return data

    def _is_whole(self) -> bool:
        """Tell whether everything came. Where nobody told how much there is, the end is the end."""
        if self.is_live or self._exchange is None:
            return False
        return self._offset >= self.size if self.size is not None else self._why == _HUNG_UP

    # ---- taking it up again ----

    def _go_on(self) -> None:
        """Connect again at the same byte. MediaError where that does not help."""
        was_broken = self._exchange is not None
        self._hang_up()
        if was_broken and not self.is_live and self._why == _HUNG_UP:
            if self._closed_at == self._offset:  # twice at the same byte: more was promised than there is
                raise self._given_up()
            self._closed_at = self._offset
        while not self._stop.is_set():
            if was_broken:
                self._wait_a_little()
            was_broken = True
            try:
                self._resume()
            except Unreachable as error:
                self._why = error.what
            else:
                return

    def _wait_a_little(self) -> None:
        if self._attempts >= len(BACKOFF):
            raise self._given_up()
        self._pause(BACKOFF[self._attempts])
        self._attempts += 1

    def _resume(self) -> None:
        at = 0 if self.is_live else self._offset
        exchange = self._ask(at, self._validator)
        self._check_same(exchange)
        self._exchange = exchange
        if self._icy is not None:
            self._icy.begin_again()
        if at:
            self._skip(at - exchange.begins_at)
        if self._why:
            where = "" if self.is_live else f" at byte {at}"
            self._news.append(f"the connection broke ({self._why}) and was taken up again{where}")

    def _check_same(self, exchange: Exchange) -> None:
        """MediaError where the rest is not of what was begun."""
        response = exchange.response
        tag = response.headers.get("ETag", "")
        if response.status == RANGE_REFUSED:
            exchange.close()
            raise self._given_up()
        has_changed = self._validator and tag and tag != self._validator
        is_other = None not in (exchange.total, self.size) and exchange.total != self.size
        if not self.is_live and (has_changed or is_other or exchange.begins_at > self._offset):
            exchange.close()
            raise MediaError(f"{self.name} was changed while it was played", advice="Play it again.")

    def _skip(self, count: int) -> None:
        """Pass over what was had before, where a server sends everything again. Unreachable where that breaks too."""
        while count > 0 and not self._stop.is_set():
            data = self._receive(min(count, _PIECE))
            if not data:
                self._hang_up()
                raise Unreachable(self._why)
            count -= len(data)

    def _given_up(self) -> MediaError:
        if self.is_live:
            what = f"{self.name} fell silent, and {self._attempts} attempts to connect again failed"
        else:
            came = f"{self._offset} of {self.size} bytes" if self.size is not None else f"{self._offset} bytes"
            what = f"{self.name} ended early: {came} came"
        return MediaError(what, facts=[self._why] if self._why else [], advice="Check the network, and play it again.")
