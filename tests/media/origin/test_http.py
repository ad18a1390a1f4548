"""What is had of web servers of all manners: whole, in order, each byte once; or one sentence on why not."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyaudiobus.errors import MediaError, NotSupported
from pyaudiobus.media.origin.http import BACKOFF, HttpOrigin
from tests.media.origin.web_server import Asked, Reply, WebServer, chunked, head, ranges, raw, serving, whole

DATA = bytes(range(256)) * 1200
LIVE = {"icy_name": "Radio", "icy_metaint": 1000}


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving() as made:
        yield made


def opened(url: str) -> HttpOrigin:
    return HttpOrigin(url, pause=lambda _: None)


def everything(origin: HttpOrigin) -> bytes:
    data = b""
    while piece := origin.read(10_000):
        data += piece
    origin.close()
    return data


def failure(origin: HttpOrigin) -> tuple[bytes, MediaError]:
    data = b""
    try:
        while piece := origin.read(10_000):
            data += piece
    except MediaError as error:
        origin.close()
        return data, error
    raise AssertionError(f"{origin.name} did not fail")


@pytest.mark.parametrize(
    "reply",
    [
        whole(DATA),
        ranges(DATA),
        chunked([DATA[:1], DATA[1:70_000], DATA[70_000:]]),
        raw(b"HTTP/1.0 200 OK\r\n\r\n" + DATA),
        raw(b"ICY 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n" + DATA),
    ],
    ids=["length", "ranges", "chunked", "until it hangs up", "ICY instead of HTTP"],
)
def test_every_way_of_sending_brings_every_byte_once(server: WebServer, reply: Reply) -> None:
    assert everything(opened(server.on("/song", reply))) == DATA


@pytest.mark.parametrize("cut", [1, 100_000, 299_999])
def test_a_connection_that_breaks_is_taken_up_at_the_same_byte(server: WebServer, cut: int) -> None:
    origin = opened(server.on("/song", ranges(DATA, cut), ranges(DATA)))
    assert everything(origin) == DATA
    assert [asked.first for asked in server.asked] == [0, cut]
    assert "taken up again at byte" in origin.news()[0]


def test_a_server_that_cuts_again_and_again_is_asked_again_as_long_as_it_sends(server: WebServer) -> None:
    assert everything(opened(server.on("/song", ranges(DATA, 70_000)))) == DATA


def test_a_server_without_ranges_sends_everything_again_and_what_was_had_is_passed_over(server: WebServer) -> None:
    broken = raw(head("HTTP/1.1 200 OK", Content_Length=len(DATA)) + DATA[:5000])
    assert everything(opened(server.on("/song", broken, whole(DATA)))) == DATA


@pytest.mark.parametrize("length", [len(DATA) + 1, len(DATA) * 10])
def test_more_promised_than_sent_ends_in_one_sentence_after_what_came(server: WebServer, length: int) -> None:
    data, error = failure(opened(server.on("/song", whole(DATA, Content_Length=length))))
    assert data == DATA
    assert error.what == f"{server.url()} ended early: {len(DATA)} of {length} bytes came"


def test_the_end_of_chunks_that_break_off_is_no_end(server: WebServer) -> None:
    data, error = failure(opened(server.on("/song", chunked([DATA[:9000]], is_whole=False))))
    assert data == DATA[:9000]
    assert "ended early: 9000 bytes came" in error.what


def test_a_server_that_is_away_is_tried_a_bounded_number_of_times_and_later_each_time(server: WebServer) -> None:
    pauses: list[float] = []
    busy = raw(head("HTTP/1.1 503 Busy", Content_Length=0))
    origin = HttpOrigin(server.on("/song", ranges(DATA, 500), busy), pause=pauses.append)
    data, error = failure(origin)
    assert (data, pauses) == (DATA[:500], list(BACKOFF))
    assert "ended early: 500 of" in error.what
    assert "503" in error.facts[0]


def test_a_file_that_was_changed_meanwhile_is_not_joined_to_what_was_heard(server: WebServer) -> None:
    other = ranges(DATA[::-1], ETag='"two"')
    origin = opened(server.on("/song", ranges(DATA, 500, ETag='"one"'), other))
    data, error = failure(origin)
    assert data == DATA[:500]
    assert "was changed while it was played" in error.what
    assert server.asked[1].headers["if-range"] == '"one"'


def test_redirects_are_followed_also_relative_ones(server: WebServer) -> None:
    def moved(to: str) -> Reply:
        return raw(head("HTTP/1.1 302 Found", Location=to, Content_Length=0))

    server.on("/a/song", moved("../b/song?x=1"))
    server.on("/b/song?x=1", moved(server.url("/c")))
    server.on("/c", whole(DATA))
    assert everything(opened(server.url("/a/song"))) == DATA


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (head("HTTP/1.1 404 Not Found", Content_Length=0), "the server answers 404 Not Found"),
        (head("HTTP/1.1 401 Unauthorized", Content_Length=0), "the server answers 401"),
        (head("HTTP/1.1 500 Oh", Content_Length=0), "the server answers 500 Oh"),
        (head("HTTP/1.1 302 Found", Location="/song", Content_Length=0), "redirects led nowhere"),
        (head("HTTP/1.1 302 Found", Content_Length=0), "does not say where"),
        (
            head("HTTP/1.1 302 Found", Location="file:///etc/passwd", Content_Length=0),
            "file:///etc/passwd: file is not played",
        ),
        (head("HTTP/1.1 200 OK", Content_Encoding="gzip", Content_Length=0), "compressed (gzip)"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP as it should"),
        (b"", "cannot be reached"),
    ],
)
def test_what_is_not_to_be_had_is_told_in_a_sentence(server: WebServer, answer: bytes, words: str) -> None:
    with pytest.raises(MediaError, match=r"^http://127\.0\.0\.1") as caught:
        opened(server.on("/song", raw(answer)))
    assert words in caught.value.what


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http:///song", "names no server"),
        ("ftp://server/song", "ftp is not played"),
        ("http://server:x/", "no address"),
        ("http://127.0.0.1:1/song", "cannot be reached: connection refused"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(url: str, words: str) -> None:
    with pytest.raises(MediaError, match=words):
        opened(url)


def test_a_password_is_sent_and_never_shown(server: WebServer) -> None:
    server.on("/song", whole(DATA))
    origin = opened(server.url().replace("http://", "http://me:s3cret@"))
    assert everything(origin) == DATA
    assert server.asked[0].headers["authorization"] == "Basic bWU6czNjcmV0"
    assert origin.name == server.url()


def test_seeking_asks_for_the_rest(server: WebServer) -> None:
    origin = opened(server.on("/song", ranges(DATA)))
    assert origin.can_seek
    assert origin.size == len(DATA)
    assert origin.read(10)
    origin.seek(200_000)
    assert everything(origin) == DATA[200_000:]


@pytest.mark.parametrize(
    ("reply", "words"),
    [(whole(DATA), "only from its beginning"), (raw(head("HTTP/1.1 200 OK", **LIVE) + b"x"), "a live station")],
)
def test_seeking_is_refused_with_the_reason_where_the_server_cannot(
    server: WebServer, reply: Reply, words: str
) -> None:
    origin = opened(server.on("/song", reply))
    with pytest.raises(NotSupported, match=words):
        origin.seek(5)
    origin.close()


def icy(sound: bytes, interval: int, titles: dict[int, str]) -> bytes:
    made = b""
    for number, at in enumerate(range(0, len(sound), interval)):
        piece = sound[at : at + interval]
        made += piece
        if len(piece) == interval:
            text = f"StreamTitle='{titles[number]}';".encode() if number in titles else b""
            made += bytes(((len(text) + 15) // 16,)) + text.ljust((len(text) + 15) // 16 * 16, b"\0")
    return made


def test_a_station_is_asked_for_titles_which_are_taken_out_and_taken_up_again_when_it_breaks(
    server: WebServer,
) -> None:
    first = raw(head("ICY 200 OK", **LIVE) + icy(DATA[:4500], 1000, {0: "One", 2: "Two"}))
    second = raw(head("ICY 200 OK", **LIVE) + icy(DATA[:2500], 1000, {1: "Two"}))
    origin = opened(server.on("/song", first, second, raw(b"")))
    data, error = failure(origin)
    assert data == DATA[:4500] + DATA[:2500]
    assert [(title.offset, title.text) for title in origin.titles()] == [(1000, "One"), (3000, "Two")]
    assert server.asked[0].headers["icy-metadata"] == "1"
    assert f"fell silent, and {len(BACKOFF)} attempts" in error.what


def test_interrupting_ends_a_read_that_waits(server: WebServer) -> None:
    is_asked = threading.Event()

    def silent(_: Asked, peer: socket.socket) -> None:
        peer.sendall(head("HTTP/1.1 200 OK", Content_Length=1000))
        is_asked.set()
        peer.recv(1)

    origin = opened(server.on("/song", silent))
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(origin.read(100)))
    reader.start()
    assert is_asked.wait(10)
    origin.interrupt()
    reader.join(10)
    assert found == [b""]
    origin.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    key, certificate = str(tmp_path / "key"), str(tmp_path / "certificate")
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=127.0.0.1"]
    command = ["openssl", "req", "-x509", *kind, "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(context) as server, pytest.raises(MediaError, match="certificate is not to be trusted"):
        opened(server.on("/song", whole(DATA)))
