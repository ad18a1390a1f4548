"""What a board is: its cards, its sinks and their routes. Values only; config/board_file.py reads them from a file."""

from __future__ import annotations

from enum import Enum

from pyaudiobus.model.control import Control
from pyaudiobus.model.format import USUAL_STREAM_FORMATS, Codec
from pyaudiobus.model.record import Record

__all__ = [
    "Board",
    "BoardCard",
    "BoardSink",
    "CardProfile",
    "Control",
    "DspNeeds",
    "Output",
    "QuirkOverrides",
    "SinkKind",
]


class SinkKind(Enum):
    """What a sink takes."""

    COMPRESS = "compress"
    """Encoded audio, on a compress device (comprC*D*)."""
    PCM = "pcm"
    """Decoded audio, on a PCM device (pcmC*D*p)."""


class DspNeeds(Record):
    """What must be there before the board's card can appear."""

    remoteproc: str = ""
    """As /sys/class/remoteproc/*/name has it; empty where the card waits for none."""
    firmware: tuple[str, ...] = ()
    """Paths below /lib/firmware, without .zst or .xz."""
    modules: tuple[str, ...] = ()
    """Kernel modules, built in or loaded."""


class CardProfile(Record):
    """What a card is used for: the sinks that it has then, and the controls that make it so."""

    name: str
    sinks: tuple[str, ...] | None = None
    """Names of those of its sinks that are there; None: all."""
    controls: tuple[Control, ...] = ()
    """Set in this order when the card comes into this profile."""
    place: str = ""
    """Where the file names it, "FILE:LINE:COLUMN"."""


class BoardCard(Record):
    """One sound card."""

    id: str
    """As /proc/asound/cards shows it in brackets; never a number."""
    driver: str = ""
    """As /proc/asound/cards names it; empty where any will do."""
    controls: tuple[Control, ...] = ()
    """Set once, in this order, when the card appears."""
    profiles: tuple[CardProfile, ...] = ()
    """The preferred one first; none: it is used in one way only."""
    profile: str = ""
    """The one it has where nobody chooses; empty only where there is none."""
    place: str = ""
    """Where the file names it, "FILE:LINE:COLUMN"."""


class Output(Record):
    """A way out of a sink: what stands on while it plays there."""

    name: str
    controls: tuple[Control, ...] = ()
    """Set in this order before the device is opened, restored after."""
    place: str = ""
    """Where the file names it, "FILE:LINE:COLUMN"."""


class QuirkOverrides(Record):
    """What a board knows better than its driver's row in devices/quirks.py. None leaves what stands there."""

    max_fragment_size: int | None = None
    """Bytes."""
    power_of_two_fragments: bool | None = None
    whole_fragments_only: bool | None = None
    timestamps: bool | None = None
    reopen_after_stop: bool | None = None
    drain_may_hang: bool | None = None
    next_track_params: bool | None = None
    aac_formats: tuple[str, ...] | None = None
    """The framings of AAC that the DSP takes."""
    vorbis_formats: tuple[str, ...] | None = None

    def given(self) -> dict[str, int | bool | tuple[str, ...]]:
        """Return the fields that are not None, by name."""
        values = {field: getattr(self, field) for field in type(self)._fields}
        return {field: value for field, value in values.items() if value is not None}

    def as_quirks(self) -> dict[str, object]:
        """Return the same by the names that devices/quirks.py has for it."""
        values: dict[str, object] = dict(self.given())
        framings = {Codec.AAC: values.pop("aac_formats", None), Codec.VORBIS: values.pop("vorbis_formats", None)}
        if any(framings.values()):
            usual = USUAL_STREAM_FORMATS
            values["stream_formats"] = tuple((codec, framings.get(codec) or formats) for codec, formats in usual)
        return values


class BoardSink(Record):
    """One device by the name people call it."""

    name: str
    kind: SinkKind
    card: str
    """The card's id."""
    device: int
    codecs: tuple[Codec, ...] | None = None
    """The only ones to play undecoded; None for all that the driver lists."""
    quirks: QuirkOverrides = QuirkOverrides()
    outputs: tuple[Output, ...] = ()
    output: str = ""
    """The output used where nobody names one; empty only where there is none."""
    volume: str = ""
    """The mixer control of the card that is the sink's volume and mute; empty where it has none."""
    suspend_after: int | None = None
    """Seconds of a pause after which the device is closed; 0: never; None: as every sink does."""
    place: str = ""
    """Where the file names it, "FILE:LINE:COLUMN"."""

    def output_named(self, name: str) -> Output | None:
        """Return the output of that name, if there is one."""
        return next((output for output in self.outputs if output.name == name), None)


class Board(Record):
    """A whole board."""

    name: str = ""
    """For people."""
    dsp: DspNeeds = DspNeeds()
    cards: tuple[BoardCard, ...] = ()
    sinks: tuple[BoardSink, ...] = ()
    encoded_sink: str = ""
    """Where encoded streams go where nobody says; empty for the first compress sink."""
    pcm_sink: str = ""
    """Where decoded streams go where nobody says; empty for ALSA's default."""
    path: str = ""
    """The file this came from."""

    def card(self, card_id: str) -> BoardCard | None:
        """Return the card of that id, if the file has it."""
        return next((card for card in self.cards if card.id == card_id), None)

    def sink(self, name: str) -> BoardSink | None:
        """Return the sink of that name, if there is one."""
        return next((sink for sink in self.sinks if sink.name == name), None)

    def sink_on(self, kind: SinkKind, card_id: str, device: int) -> BoardSink | None:
        """Return the first sink of that kind on one device of a card."""
        address = (kind, card_id, device)
        return next((sink for sink in self.sinks if (sink.kind, sink.card, sink.device) == address), None)
