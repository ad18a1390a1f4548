"""Mixer controls that must stand right: for good on a card that has come up, or while a device plays.

Import this module only where controls are to be set: it loads ALSA.
"""

from __future__ import annotations

from contextlib import contextmanager
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from pyaudiobus.devices.mixer_control import Element, Unsuitable, Values, element_for
from pyaudiobus.devices.mixer_names import SimpleName, candidates, nearest_name
from pyaudiobus.errors import DeviceError, UserError
from pyaudiobus.model.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyaudiobus.model.control import Control

try:
    import alsaaudio
except ImportError:  # an extra: only who sets controls needs it
    alsaaudio = None

__all__ = ["CardMixer", "ControlState", "MixerRoutes"]


class ControlState(Record):
    """How one control stands."""

    value: bool | int | str
    """A switch, per cent, or a word; of the first channel."""
    is_right: bool
    """All channels are as they were asked for."""


class CardMixer:
    """The controls of one card."""

    def __init__(self, card: int, name: str = "", alsa: ModuleType | None = None) -> None:
        """Name the card, by its number and for people; `alsa` is another module with alsaaudio's Mixer, for tests."""
        self._card = card
        self._name = name or str(card)
        self._alsa: Any = alsa or alsaaudio
        self._found: dict[str, SimpleName] = {}

    def set(self, control: Control) -> Undo | None:
        """Set a control; return what puts it back, None where it was already right.

        DeviceError, naming the control's place, where it is missing, has no such value, or does not keep it.
        """
        self._check_alsa(control)
        with self._element("set", control) as element:
            wanted = self._number(element, control)
            before = element.read()
            if all(value == wanted for value in before):
                return None
            element.write([wanted] * len(before))
        with self._element("read", control) as element:
            kept = element.read()
        if any(value != wanted for value in kept):
            raise self._failure("set", control, [f"its driver does not take {_shown(control.value)}"])
        return Undo(self, control, before)

    def put(self, control: Control, values: Values) -> None:
        """Set a control's channels, as they were read."""
        with self._element("set", control) as element:
            element.write(values)

    def look(self, control: Control) -> ControlState:
        """Return how a control stands, and change nothing. DeviceError as for set()."""
        self._check_alsa(control)
        with self._element("read", control) as element:
            wanted = self._number(element, control)
            values = element.read()
            return ControlState(element.value(values[0]), all(value == wanted for value in values))

    def _check_alsa(self, control: Control) -> None:
        if self._alsa is None:
            raise UserError(
                f"cannot reach the mixer control {control.name!r}: pyalsaaudio is not installed",
                advice="Install it (pip install 'pyaudiobus[alsa]'), or set the control with amixer.",
            )

    def names(self) -> list[str]:
        """List the simple mixer's names; one that several controls share as often as there are."""
        try:
            return list(self._alsa.mixers(cardindex=self._card))
        except self._alsa.ALSAAudioError as error:
            raise DeviceError(
                f"cannot list the mixer controls of card {self._name}",
                facts=[str(error)],
                advice="See which cards there are with: cat /proc/asound/cards",
            ) from None

    @contextmanager
    def opened(self, control: Control) -> Iterator[tuple[Any, Any]]:
        """Open a control for more than setting it: pyalsaaudio's Mixer and the module. DeviceError, UserError."""
        self._check_alsa(control)
        try:
            mixer, _ = self._opened(control)
            try:
                yield mixer, self._alsa
            finally:
                mixer.close()
        except self._alsa.ALSAAudioError as error:
            raise self._failure("read", control, [str(error)]) from None

    def _opened(self, control: Control) -> tuple[Any, SimpleName]:
        """Open a control by the name that was written, else by what it may mean, which costs a list of them all."""
        name = self._found.get(control.name)
        if name is None:
            try:
                name = candidates(control.name)[0]
                mixer = self._open(name)
            except self._alsa.ALSAAudioError:
                name = self._resolved(control)
                mixer = self._open(name)
            self._found[control.name] = name
            return mixer, name
        return self._open(name), name

    def _open(self, name: SimpleName) -> Any:  # noqa: ANN401  # pyalsaaudio has no types
        return self._alsa.Mixer(control=name.name, id=name.index, cardindex=self._card)

    def _resolved(self, control: Control) -> SimpleName:
        listed = self.names()
        found = _known(control, listed)
        if found is not None:
            return found
        close = nearest_name(control.name, listed)
        hint = f"; did you mean {close!r}?" if close else ""
        raise DeviceError(
            f"{_before(control)}card {self._name} has no mixer control {control.name!r}{hint}",
            advice=f"See which controls there are with: amixer -c {self._card} scontrols",
        )

    def _number(self, element: Element, control: Control) -> int:
        try:
            return element.number(control.value)
        except Unsuitable as reason:
            raise self._failure("set", control, [str(reason)]) from None

    @contextmanager
    def _element(self, operation: str, control: Control) -> Iterator[Element]:
        """Open a control for one operation: what pyalsaaudio keeps of it grows old."""
        try:
            mixer, name = self._opened(control)
            try:
                yield element_for(mixer, self._alsa, control, captures=name.captures)
            finally:
                mixer.close()
        except self._alsa.ALSAAudioError as error:
            raise self._failure(operation, control, [str(error)]) from None

    def _failure(self, operation: str, control: Control, facts: Sequence[str]) -> DeviceError:
        to = f" to {_shown(control.value)}" if operation == "set" else ""
        return DeviceError(
            f"{_before(control)}cannot {operation} the mixer control {control.name!r} of card {self._name}{to}",
            facts=facts,
            advice=f"See how it stands with: amixer -c {self._card} sget '{candidates(control.name)[-1].name}'",
        )


class Undo:
    """Puts one control back."""

    def __init__(self, mixer: CardMixer, control: Control, before: Values) -> None:
        self._mixer = mixer
        self._control = control
        self._before = before

    def __call__(self) -> None:
        """Put it back. DeviceError if that fails."""
        self._mixer.put(self._control, self._before)


class MixerRoutes:
    """Holds controls of one card: `with MixerRoutes(0, quirks.routes): ...`.

    A control that already is as it must be is left alone, also afterwards. DeviceError if a control is missing or
    cannot be set; then none stays changed.
    """

    def __init__(self, card: int, routes: Sequence[Control], alsa: ModuleType | None = None) -> None:
        """Name the card's number and the controls; `alsa` as for CardMixer."""
        self._mixer = CardMixer(card, alsa=alsa)
        self._routes = tuple(routes)
        self._undo: list[Undo] = []

    def __enter__(self) -> Self:
        self.switch_on()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.restore()

    def switch_on(self) -> None:
        """Set every control, in order."""
        try:
            for route in self._routes:
                undo = self._mixer.set(route)
                if undo is not None:
                    self._undo.append(undo)
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


def _known(control: Control, listed: list[str]) -> SimpleName | None:
    return next((name for name in candidates(control.name) if listed.count(name.name) > name.index), None)


def _before(control: Control) -> str:
    return f"{control.place}: " if control.place else ""


def _shown(value: bool | int | str) -> str:  # noqa: FBT001  # a control's value, not a flag
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value} %" if isinstance(value, int) else repr(value)
