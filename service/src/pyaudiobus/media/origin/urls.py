"""What a person may write for a place on the web, and what of it may be shown. Opens nothing."""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from pyaudiobus.errors import MediaError

_PATH = "/%:@!$&'()*+,;=~-._"
_QUERY = _PATH + "?[]"
_PORTS = {"http": 80, "https": 443}


class Url(NamedTuple):
    """One http or https address, ready to be asked for."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query, escaped."""
    credentials: str
    """What the Authorization field says; empty without a user's name."""

    @property
    def shown(self) -> str:
        """The address without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"

    @property
    def server(self) -> tuple[str, str, int]:
        """What must be the same for a password to be told."""
        return self.scheme, self.host, self.port


def parse_url(text: str) -> Url:
    """Read an address. MediaError where it is none of http or https."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise MediaError(f"{text} is no address: {error}", advice="Check how it is written.") from error
    if parts.scheme not in _PORTS:
        raise MediaError(
            f"{text}: {parts.scheme or 'this'} is not played", advice="Addresses begin with http:// or https://."
        )
    if not parts.hostname:
        raise MediaError(f"{text} names no server", advice="An address looks like http://SERVER/PATH.")
    target = quote(parts.path or "/", _PATH) + (f"?{quote(parts.query, _QUERY)}" if parts.query else "")
    return Url(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], target, _credentials(parts))


def joined(base: Url, place: str) -> Url:
    """Return where a server sends us on to: relative to where it was asked, without the password for another server."""
    following = parse_url(urljoin(base.shown, place))
    if not following.credentials and following.server == base.server:
        following = following._replace(credentials=base.credentials)
    return following


def _credentials(parts: object) -> str:
    user, password = getattr(parts, "username", None), getattr(parts, "password", None)
    if user is None:
        return ""
    return "Basic " + b64encode(f"{unquote(user)}:{unquote(password or '')}".encode()).decode("ascii")
