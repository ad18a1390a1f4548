"""Who plays where while no session manager is there: by name, else the default, else the first that fits."""

from __future__ import annotations

from collections.abc import Iterable

from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.registry import NotFound
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.record import Record


class Placed(Record):
    """Where a stream goes, and why."""

    sink: PcmSink
    reason: str


def choose_sink(target: str, default: str, sinks: Iterable[PcmSink]) -> Placed:
    """Return the sink for a PCM stream. NotFound where the target is none, AudiobusError where there is no sink."""
    known = list(sinks)
    if target:
        for sink in known:
            if target in (sink.name, str(sink.serial)):
                return Placed(sink, "it was asked for by name")
        raise NotFound(
            f"there is no sink {target!r}",
            facts=[f"sinks: {', '.join(sink.name for sink in known) or 'none'}"],
            advice="See what there is with: audiobus status",
        )
    for sink in known:
        if sink.name == default:
            return Placed(sink, "it is the default sink")
    if not known:
        raise AudiobusError("there is no sink to play on", advice="Name one in the daemon's configuration.")
    return Placed(known[0], "it is the first sink, and no default is set")
