"""Who plays where while no session manager is there: by name, else the default, else the first that fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from pyaudiobus.daemon.objects import BusObject
from pyaudiobus.daemon.registry import NotFound
from pyaudiobus.daemon.streams import PlaybackStream
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.protocol.words import EncodedShape, PcmShape, Shape

ADVICE = "See what there is with: audiobus status"


class Sink(Protocol):
    """What can be chosen."""

    serial: int
    name: str

    @property
    def is_available(self) -> bool:
        """Whether its device can be used, as far as is known."""

    def refusal(self, shape: Shape) -> str:
        """Return why it does not play a shape; empty where it does."""

    def holder(self) -> PlaybackStream | None:
        """Return the stream that has it for itself."""


AnySink = TypeVar("AnySink", bound=Sink)


class Busy(AudiobusError):
    """Somebody has it for himself."""


class Placed:
    """Where a stream goes, as what, and why."""

    def __init__(self, sink: Sink, shape: Shape, reason: str, *, decision: str = "", is_passive: bool = False) -> None:
        """Make it; `decision` names what the session manager decided."""
        self.sink = sink
        self.shape = shape
        self.reason = reason
        self.decision = decision
        self.is_passive = is_passive


class Wish:
    """What a stream asks of the policy."""

    def __init__(self, target: str, shapes: Sequence[Shape], stream: PlaybackStream | None = None) -> None:
        """Make it; `shapes` with the preferred one first, `target` a name or serial, or empty.

        `stream` is the one that asks, where it exists already.
        """
        self.target = target
        self.shapes = shapes
        self.stream = stream


def choose(wish: Wish, default: str, sinks: Iterable[Sink]) -> Placed:
    """Return where a stream plays.

    NotFound where the target is none, Busy where somebody has the sink for himself, UserError where no shape fits,
    AudiobusError where there is no sink.
    """
    known = list(sinks)
    refused: list[str] = []
    for shape in wish.shapes:
        for sink, reason in _candidates(wish.target, default, known, shape):
            why_not = sink.refusal(shape)
            if not why_not:
                _check_free(sink, wish.stream)
                return Placed(sink, shape, reason)
            if is_worth_telling(shape, wish.shapes):
                refused.append(f"{describe(shape)} on {sink.name}: {why_not}")
    if not known:
        raise AudiobusError("there is no sink to play on", advice="Name one in the daemon's configuration.")
    if not wish.shapes:
        raise UserError("the stream offers no shape")
    raise UserError(
        "no sink plays what the stream offers",
        facts=refused,
        advice="The client library converts: offer PCM at the sink's rate too.",
    )


def named(target: str, objects: Iterable[BusObject]) -> BusObject | None:
    """Return what people mean by a serial or a name; a name comes first, as it may consist of digits."""
    known = list(objects)
    by_name = next((found for found in known if found.name == target), None)
    return by_name or next((found for found in known if str(found.serial) == target), None)


def is_worth_telling(shape: Shape, offered: Sequence[Shape]) -> bool:
    """Tell whether why a shape is refused says something new: who converts offers PCM at many rates."""
    is_pcm = isinstance(shape, PcmShape)
    return not is_pcm or shape is next(one for one in offered if isinstance(one, PcmShape))


def describe(shape: Shape) -> str:
    """Put a shape into words, as formats are written elsewhere."""
    if isinstance(shape, PcmShape):
        return f"{shape.encoding}/{shape.rate}/{shape.channels}"
    if isinstance(shape, EncodedShape):
        return f"{shape.codec}/{shape.rate}/{shape.channels}"
    return f"{shape.pixel_format}/{shape.width}x{shape.height}"


def _candidates(target: str, default: str, sinks: Sequence[Sink], shape: Shape) -> Iterable[tuple[Sink, str]]:
    """List the sinks to be tried for a shape, and why each: one for PCM, any for encoded audio."""
    if target:
        found = next((sink for sink in sinks if sink.name == target), None)
        found = found or next((sink for sink in sinks if str(sink.serial) == target), None)
        if found is None:
            known = ", ".join(sink.name for sink in sinks) or "none"
            raise NotFound(f"there is no sink {target!r}", facts=[f"sinks: {known}"], advice=ADVICE)
        return [(found, "it was asked for by name")]
    usable = [sink for sink in sinks if sink.is_available] or list(sinks)
    if not isinstance(shape, PcmShape):
        return [(sink, f"it takes {describe(shape)}") for sink in usable]
    for sink in usable:
        if sink.name == default:
            return [(sink, "it is the default sink")]
    mixing = [sink for sink in usable if not sink.refusal(PcmShape("s16", shape.rate, 1))] or usable
    return [(mixing[0], "it is the first sink, and no default is set")] if mixing else []


def _check_free(sink: Sink, stream: PlaybackStream | None) -> None:
    holder = sink.holder()
    if holder is not None and holder is not stream:
        raise Busy(f"{sink.name} is held by {holder.name} ({holder.serial}) for itself alone")
