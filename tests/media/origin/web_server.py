"""A small web server on 127.0.0.1 whose manners a test chooses, in a thread of the test."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Reply = Callable[["Asked", socket.socket], None]


class Asked:
    """One request."""

    def __init__(self, text: str) -> None:
        lines = text.split("\r\n")
        self.method, self.target, _ = lines[0].split(" ")
        self.headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines[1:])}

    @property
    def first(self) -> int:
        """The first byte of the range that is asked for."""
        return int(self.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))


class WebServer:
    """Answers each connection with the reply for its target, in turn where there are several; the last one stays."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self._replies: dict[str, list[Reply]] = {}
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._serve(self._accept)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def url(self, target: str = "/song") -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}{target}"

    def on(self, target: str, *replies: Reply) -> str:
        """Say how a target is answered; return its address."""
        self._replies[target] = list(replies)
        return self.url(target)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _serve(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self._serve(self._answer, peer)

    def _answer(self, peer: socket.socket) -> None:
        try:
            with peer, self._context.wrap_socket(peer, server_side=True) if self._context else peer as spoken:
                asked = self._read(spoken)
                replies = self._replies[asked.target]
                reply = replies.pop(0) if len(replies) > 1 else replies[0]
                self.asked.append(asked)
                reply(asked, spoken)
        except OSError:
            return

    def _read(self, peer: socket.socket) -> Asked:
        text = b""
        while not text.endswith(b"\r\n\r\n"):
            more = peer.recv(4096)
            if not more:
                raise OSError
            text += more
        return Asked(text.decode("ascii"))


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    server = WebServer(context)
    try:
        yield server
    finally:
        server.close()


def head(status: str, **fields: object) -> bytes:
    lines = [status, *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def whole(data: bytes, **fields: object) -> Reply:
    """A server that knows no ranges."""

    def reply(_: Asked, peer: socket.socket) -> None:
        peer.sendall(head("HTTP/1.1 200 OK", **{"Content_Length": len(data), **fields}) + data)

    return reply


def ranges(data: bytes, cut: int | None = None, **fields: object) -> Reply:
    """A server that knows ranges; with `cut` it hangs up after so many bytes of the body."""

    def reply(asked: Asked, peer: socket.socket) -> None:
        first, size = asked.first, len(data)
        if first >= size:
            peer.sendall(head("HTTP/1.1 416 Range Not Satisfiable", Content_Range=f"bytes */{size}", Content_Length=0))
            return
        span = f"bytes {first}-{size - 1}/{size}"
        begin = head("HTTP/1.1 206 Partial Content", Content_Range=span, Content_Length=size - first, **fields)
        peer.sendall(begin + data[first : None if cut is None else first + cut])

    return reply


def raw(data: bytes) -> Reply:
    """A server that says exactly this."""

    def reply(_: Asked, peer: socket.socket) -> None:
        peer.sendall(data)

    return reply


def chunked(pieces: list[bytes], *, is_whole: bool = True) -> Reply:
    def reply(_: Asked, peer: socket.socket) -> None:
        peer.sendall(head("HTTP/1.1 200 OK", Transfer_Encoding="chunked"))
        for piece in pieces:
            peer.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        if is_whole:
            peer.sendall(b"0\r\n\r\n")

    return reply
