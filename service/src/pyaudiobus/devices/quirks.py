"""What is known about each compress driver and no call tells: limits, habits, the usual routes. A table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyaudiobus.devices.compress import Bounds, CompressCaps
from pyaudiobus.model.control import Control
from pyaudiobus.model.format import USUAL_STREAM_FORMATS, Codec
from pyaudiobus.model.record import Record

if TYPE_CHECKING:
    from pyaudiobus.model.board import BoardSink

KIB = 1024


class Quirks(Record):
    """How to treat one driver."""

    default_caps: CompressCaps
    """To go by where GET_CAPS cannot be asked."""
    max_fragment_size: int
    """Bytes; the capabilities may promise more than works."""
    power_of_two_fragments: bool
    whole_fragments_only: bool
    """Nothing but the last write before the end may leave part of a fragment."""
    timestamps: bool
    """Whether pcm_io_frames and sampling_rate are filled in; where unknown, True means: look."""
    reopen_after_stop: bool
    """A stream cannot be used again after STOP: close, open, configure."""
    drain_may_hang: bool
    """A drain that begins with nothing in flight never ends by itself."""
    padding_at_join: bool = False
    """The padding set at a change of tracks is that of the track that ends; otherwise it is the next one's."""
    rounds_up_tracks: bool = False
    """A track after the first begins on a fragment's edge, and what is left before it counts as taken."""
    write_before_partial_drain: bool = False
    """The next track may be written while the present one plays; otherwise only once its partial drain is over."""
    trims_delay: bool = False
    """The DSP cuts off the delay that it is told before START. Otherwise all that is sent is heard."""
    next_track_params: bool = False
    """SET_PARAMS behind NEXT_TRACK is for the next track and leaves the ring alone; Linux before 6.5 refuses it."""
    trims_joins: bool = True
    """It cuts off the delay and the padding that it is told at a change of tracks."""
    routes: tuple[Control, ...] = ()
    """To be set before open, the board's usual output first."""
    codecs: tuple[Codec, ...] | None = None
    """The only ones to play undecoded, whatever the driver lists; None for all of them."""
    stream_formats: tuple[tuple[Codec, tuple[str, ...]], ...] = USUAL_STREAM_FORMATS
    """Framings that it takes, for codecs that have several and whose driver cannot be asked."""
    likely_route: str = ""
    """A mixer control that may have to be on, where that depends on how the board is set up."""

    @property
    def route(self) -> str:
        """The mixer control to look at first when the device refuses parameters; empty where none is known."""
        return self.routes[0].name if self.routes else self.likely_route

    def playable(self, codecs: tuple[Codec, ...]) -> tuple[Codec, ...]:
        """Return those of the driver's codecs that may be used."""
        return codecs if self.codecs is None else tuple(codec for codec in codecs if codec in self.codecs)

    def on_board(self, sink: BoardSink, routes: tuple[Control, ...]) -> Quirks:
        """Return this row with what a board's sink says otherwise, and with its routes."""
        return self.replace(**sink.quirks.as_quirks(), codecs=sink.codecs, routes=routes)


_Q6ASM_CAPS = CompressCaps(
    codecs=(Codec.MP3, Codec.FLAC, Codec.WMA, Codec.ALAC, Codec.APE),
    fragment_size=Bounds(8 * KIB, 128 * KIB),
    fragments=Bounds(4, 64),
)

DEFAULT = Quirks(
    default_caps=CompressCaps(
        codecs=(Codec.MP3, Codec.FLAC), fragment_size=Bounds(8 * KIB, 32 * KIB), fragments=Bounds(4, 16)
    ),
    max_fragment_size=32 * KIB,
    power_of_two_fragments=True,
    whole_fragments_only=True,
    timestamps=True,
    reopen_after_stop=True,
    drain_may_hang=True,
)
"""For a driver nobody has tried: whatever any known driver needs."""


_DB845C_ROUTE = "QUAT_MI2S_RX Audio Mixer MultiMedia4"
"""Dragonboard 845c: the HDMI bridge hangs on QUATERNARY_MI2S_RX, the compress front end is MultiMedia4."""


def _q6asm(*routes: Control, likely_route: str = "") -> Quirks:
    """Qualcomm's q6asm-dai.

    It packs a write's length into 16 bits (64 KiB fragments count as nothing), steps through the ring fragment by
    fragment however short a write was, fills in no frame counts, and keeps its byte counts over STOP.
    """
    return Quirks(
        default_caps=_Q6ASM_CAPS,
        max_fragment_size=32 * KIB,
        power_of_two_fragments=True,
        whole_fragments_only=True,
        timestamps=False,
        reopen_after_stop=True,
        drain_may_hang=True,
        padding_at_join=True,
        rounds_up_tracks=True,
        routes=routes,
        likely_route=likely_route,
    )


_UNDEMANDING = Quirks(
    default_caps=DEFAULT.default_caps,
    max_fragment_size=8 * KIB * KIB,
    power_of_two_fragments=False,
    whole_fragments_only=False,
    timestamps=True,
    reopen_after_stop=False,
    drain_may_hang=False,
    stream_formats=((Codec.AAC, ("adts", "mp2adts", "loas")), (Codec.VORBIS, ("ogg", "length"))),
    write_before_partial_drain=True,
    next_track_params=True,
    trims_delay=True,
)
"""A driver that does what the kernel document says."""

_TABLE = {
    "sdm845": _q6asm(Control(_DB845C_ROUTE, value=True)),
    "snd-virtual-dsp": _q6asm(likely_route=_DB845C_ROUTE).replace(trims_joins=False, next_track_params=True),
    "q6asm-virtual": _q6asm(),
    "generic-virtual": _UNDEMANDING,
}


def quirks_for(driver: str) -> Quirks:
    """Return the row of a driver, by the name /proc/asound/cards gives it, or the cautious default."""
    return _TABLE.get(driver, DEFAULT)
