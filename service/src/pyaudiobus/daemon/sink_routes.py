"""The ways out of one sink: which of them is used, and its controls while the device is open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from pyaudiobus.daemon.objects import Facts
from pyaudiobus.devices.mixer import MixerRoutes
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.model.board import BoardSink, Output
from pyaudiobus.model.control import Control

SwitchOn = Callable[[tuple[Control, ...]], AbstractContextManager[object]]
"""What holds controls of the sink's card while it is entered. DeviceError."""


class SinkRoutes:
    """Entered while the device is open, by whichever thread opens it; asked and told by the control thread."""

    def __init__(self, sink: BoardSink, switch_on: SwitchOn) -> None:
        self.sink = sink.name
        self._outputs = {output.name: output for output in sink.outputs}
        self._switch_on = switch_on
        self._lock = threading.Lock()
        self._held: AbstractContextManager[object] | None = None
        self.chosen = sink.output
        self.is_saved = False
        """Somebody wants it to be remembered that he chose it."""
        self._failed: dict[str, str] = {}
        """Why a route could not be switched on, until it is tried again."""

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in the board file's order."""
        return tuple(self._outputs)

    def why_not(self, name: str) -> str:
        """Return why a route cannot be used; empty where it can, as far as is known."""
        return self._failed.get(name, "")

    def facts(self) -> Facts:
        """Return all routes, the chosen one, and those that cannot be used."""
        return {
            "routes": " ".join(self._outputs),
            "route": self.chosen,
            "route.save": self.is_saved or None,
            "routes.unavailable": " ".join(self._failed) or None,
        }

    def choose(self, name: str, *, is_saved: bool) -> None:
        """Use another route, at once where the device is open. UserError; DeviceError, and the former one stays."""
        if name not in self._outputs:
            raise UserError(f"{self.sink} has no route {name!r}", facts=[f"routes: {', '.join(self._outputs)}"])
        with self._lock:
            before = self.chosen
            self.chosen = name
            self._failed.pop(name, None)
            if self._held is not None and name != before:
                self._change(self._held, before)
            self.is_saved = is_saved

    def _change(self, held: AbstractContextManager[object], before: str) -> None:
        held.__exit__(None, None, None)
        self._held = None
        try:
            self._hold(self._outputs[self.chosen])
        except AudiobusError:
            self.chosen = before
            self._hold(self._outputs[before])
            raise

    def _hold(self, output: Output) -> None:
        held = self._switch_on(output.controls)
        try:
            held.__enter__()
        except AudiobusError as error:
            self._failed[output.name] = error.what
            raise
        self._failed.pop(output.name, None)
        self._held = held

    def __enter__(self) -> Self:
        with self._lock:
            if self._held is None:
                self._hold(self._outputs[self.chosen])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            held, self._held = self._held, None
            if held is not None:
                held.__exit__(kind, error, trace)


def routes_on(card: Callable[[], int]) -> SwitchOn:
    """Return what switches controls on, on the card whose number `card` finds out when it is needed."""
    return lambda controls: MixerRoutes(card(), controls)
