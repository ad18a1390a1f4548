"""What blocking streams of both directions have in common: control, events, ending."""

from __future__ import annotations

import time
from collections import deque
from types import TracebackType
from typing import Any, Self

from pyaudiobus.client.conversation import Request
from pyaudiobus.client.happenings import Happening
from pyaudiobus.client.playing import Playing
from pyaudiobus.client.recording import Recording
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.protocol.words import Attributes


class BlockingStream:
    """A stream and the connection it lives on."""

    def __init__(self, remote: Remote, state: Playing | Recording, *, is_corked: bool) -> None:
        self._remote = remote
        self.state = state
        """The same without waiting."""
        self.state.is_corked = is_corked
        self._is_open = True
        remote.listen(state.serial, state.hear)

    @property
    def serial(self) -> int:
        """Its name on the bus."""
        return self.state.serial

    @property
    def format(self) -> PcmFormat:
        """What was agreed on."""
        return self.state.format

    @property
    def attributes(self) -> Attributes:
        """Buffer attributes in bytes, as granted."""
        return self.state.attributes

    @property
    def device(self) -> str:
        """The name of what it plays on or hears."""
        return self.state.device

    @property
    def happenings(self) -> deque[Happening]:
        """Events of this stream; whoever looks takes them out."""
        return self.state.happenings

    def cork(self, *, is_corked: bool = True) -> None:
        """Hold it, or let it go on; its sync group with it."""
        self._do(self.state.corking(is_corked=is_corked))
        self.state.is_corked = is_corked

    def uncork(self) -> None:
        """Let it go on; its sync group with it."""
        self.cork(is_corked=False)

    def set_attributes(
        self, attributes: Attributes, *, adjust_latency: bool = False, early_requests: bool = False
    ) -> None:
        """Ask for other buffer attributes; `attributes` tells what was granted."""
        wish = self.state.setting_attributes(attributes, adjust=adjust_latency, early=early_requests)
        self.state.granted(self._do(wish))

    def set_volume(self, *gains: float, ramp: int = 10) -> None:
        """Set linear gains, one for all channels or one each, reached in `ramp` milliseconds."""
        self._do(self.state.setting_volume(gains, ramp))

    def set_mute(self, *, is_muted: bool = True) -> None:
        """Silence it, or let it be heard."""
        self._do(self.state.setting_mute(is_muted=is_muted))

    def set_properties(self, **changes: str | None) -> None:
        """Change properties; None removes one. Dots in names: `set_properties(**{"media.name": "x"})`."""
        self._do(self.state.setting_properties(changes))

    def move(self, target: str) -> None:
        """Play on, or record from, something else, by name or serial."""
        self._do(self.state.moving(target))

    def fileno(self) -> int:
        """Return the descriptor to poll beside the remote's, after writable() or readable() said 0."""
        return self.state.ring.fileno()

    def close(self) -> None:
        """End it; what is queued is lost. Legal twice."""
        if not self._is_open:
            return
        self._is_open = False
        if not self._remote.is_open:  # in a forked child the ring is not mapped
            return
        self._remote.unlisten(self.serial)
        try:
            if not self.state.killed:
                self._remote.do(self.state.naming("destroy"))
        except AudiobusError:
            pass  # it is gone, which is what was wanted
        finally:
            self.state.ring.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- waiting ----

    def _do(self, request: Request) -> Any:  # noqa: ANN401
        self._check_mine()
        self.state.check()
        return self._remote.do(request)

    def _check_mine(self) -> None:
        """UserError where the ring must not be touched: closed, or another process's."""
        if not self._is_open:
            raise UserError("the stream was closed")
        self._remote.check()

    @staticmethod
    def _deadline(timeout: float | None) -> float | None:
        return None if timeout is None else time.monotonic() + timeout

    def _sleep(self, deadline: float | None) -> bool:
        """Sleep until the bus says something, or wakes this stream. False: the time is up."""
        left = None if deadline is None else deadline - time.monotonic()
        woken = self._remote.wait([self.state.ring.fileno()], left)
        self.state.ring.acknowledge()
        return woken
