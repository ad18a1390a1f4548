"""Mixer controls that must stand right while a device plays: switched on before open, restored after close.

Import this module only where routes are asked for: it loads ALSA.
"""

from __future__ import annotations

from contextlib import contextmanager
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from pyaudiobus.devices.quirks import Route
from pyaudiobus.errors import DeviceError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

try:
    import alsaaudio
except ImportError:  # an extra: only who asks for routes needs it
    alsaaudio = None

__all__ = ["MixerRoutes", "Route"]


class MixerRoutes:
    """Holds routes on one card: `with MixerRoutes(0, quirks.routes): ...`.

    A control that already is as it must be is left alone, also afterwards. DeviceError if a control is missing or
    cannot be set; then none stays changed.
    """

    def __init__(self, card: int, routes: Sequence[Route], alsa: ModuleType | None = None) -> None:
        """Name the card and the routes; `alsa` is another module with alsaaudio's Mixer, for tests."""
        self._card = card
        self._routes = tuple(routes)
        self._alsa: Any = alsa or alsaaudio
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        self.switch_on()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.restore()

    def switch_on(self) -> None:
        """Set every route, in order."""
        if self._routes and self._alsa is None:
            raise UserError(
                f"cannot set the mixer control {self._routes[0].control!r}: pyalsaaudio is not installed",
                advice="Install it (pip install 'pyaudiobus[alsa]'), or set the control with amixer.",
            )
        try:
            for route in self._routes:
                self._set(route)
        except BaseException:
            self.restore()
            raise

    def restore(self) -> None:
        """Put back what was changed, last first; all that can be is, also if one fails."""
        failure: DeviceError | None = None
        while self._undo:
            try:
                self._undo.pop()()
            except DeviceError as error:
                failure = failure or error
        if failure is not None:
            raise failure

    def _set(self, route: Route) -> None:
        before = self._read(route)
        if before == route.value:
            return
        self._write(route.control, route.value)
        self._undo.append(lambda: self._write(route.control, before))

    def _read(self, route: Route) -> bool | int | str:
        """Return the control's present value, of the same kind as the wanted one."""
        with self._mixer("read", route.control) as mixer:
            if isinstance(route.value, bool):
                return not all(mixer.getmute())
            if isinstance(route.value, int):
                return int(mixer.getvolume()[0])
            return str(mixer.getenum()[0])

    def _write(self, control: str, value: bool | int | str) -> None:  # noqa: FBT001  # a control's value, not a flag
        with self._mixer("set", control) as mixer:
            if isinstance(value, bool):
                mixer.setmute(not value)
            elif isinstance(value, int):
                mixer.setvolume(value)
            else:
                mixer.setenum(self._place(control, value, mixer.getenum()[1]))

    @contextmanager
    def _mixer(self, operation: str, control: str) -> Iterator[Any]:
        """Open one control of the card, for one operation."""
        try:
            mixer = self._alsa.Mixer(control=control, id=0, cardindex=self._card)
            try:
                yield mixer
            finally:
                mixer.close()
        except self._alsa.ALSAAudioError as error:
            raise DeviceError(
                f"cannot {operation} the mixer control {control!r} of card {self._card}",
                facts=[str(error)],
                advice=f"See which controls there are with: amixer -c {self._card} scontrols",
            ) from None

    def _place(self, control: str, word: str, words: Sequence[str]) -> int:
        if word in words:
            return words.index(word)
        raise DeviceError(
            f"cannot set the mixer control {control!r} of card {self._card} to {word!r}",
            facts=[f"it can be: {', '.join(words)}"],
        )
