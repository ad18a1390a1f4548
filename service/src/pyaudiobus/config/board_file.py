"""The board file: its schema, and how it is read. Where the file lies is in locate.py.

Past 300 lines because a schema is read as one.
"""

from __future__ import annotations

from pyaudiobus.config.board_references import check_references
from pyaudiobus.config.document import Node, parse_document, read_text
from pyaudiobus.config.locate import find_board
from pyaudiobus.config.mistakes import Notes, quoted
from pyaudiobus.config.readers import (
    NO,
    YES,
    Key,
    ListOf,
    NamedEntries,
    OneOf,
    Seconds,
    Size,
    TableOf,
    Text,
    Unreadable,
    Whole,
    YesNo,
    refuse,
    scalar,
)
from pyaudiobus.model.board import (
    Board,
    BoardCard,
    BoardSink,
    CardProfile,
    Control,
    DspNeeds,
    Output,
    QuirkOverrides,
    SinkKind,
)
from pyaudiobus.model.format import Codec

__all__ = ["BOARD", "find_board", "load_board", "parse_board"]

RESERVED_NAMES = ("auto", "virtual", "hw", "null", "alsa", "file", "default")
"""What --device and --pcm take for something else."""
PROFILE_OFF = "off"
"""The profile that every card has besides its own: nothing of it is used."""
MOST_PER_CENT = 100
KIB = 1024


def load_board(path: str) -> Board:
    """Read a board file. FileMistakes tells all that is wrong with it; UserError where it cannot be read."""
    return parse_board(read_text(path), path)


def parse_board(data: bytes, path: str) -> Board:
    """Read a board file's bytes; `path` is what mistakes and places name."""
    notes = Notes(path)
    root = parse_document(data, notes)
    board = Board() if root is None else _read(root, notes)
    notes.check()
    return board.replace(path=path)


def _read(root: Node, notes: Notes) -> Board:
    try:
        board = BOARD.read(root, notes)
    except Unreadable:
        board = Board()
    check_references(root, notes)
    return board


class _SinkName(Text):
    """A name that no flag takes for something else."""

    def __init__(self) -> None:
        super().__init__("a name of letters, digits, dots, dashes and underscores", r"[A-Za-z0-9_][A-Za-z0-9_.-]*")

    def read(self, node: Node, notes: Notes) -> str:
        """Return the name."""
        name = super().read(node, notes)
        if name in RESERVED_NAMES:
            raise refuse(node, notes, f"{quoted(name)} means something else to --device and --pcm; choose another name")
        return name


class _ProfileName(Text):
    """A name that is not the one which every card has."""

    def __init__(self) -> None:
        super().__init__("a name of letters, digits, dots, dashes and underscores", r"[A-Za-z0-9_][A-Za-z0-9_.-]*")

    def read(self, node: Node, notes: Notes) -> str:
        """Return the name."""
        name = super().read(node, notes)
        if name == PROFILE_OFF:
            raise refuse(node, notes, f"{quoted(name)} is a profile that every card has; choose another name")
        return name


class _CardId(Text):
    """A card's id, which unlike its number is the same at every boot."""

    def __init__(self) -> None:
        super().__init__(
            "a card's id: up to 15 letters, digits, dashes and underscores, as /proc/asound/cards has it in brackets",
            r"[A-Za-z0-9_-]{1,15}",
        )

    def read(self, node: Node, notes: Notes) -> str:
        """Return the id."""
        card_id = super().read(node, notes)
        if card_id.isdecimal():
            what = f"{quoted(card_id)} is a card's number, which changes; write its id, as /proc/asound/cards shows it"
            raise refuse(node, notes, what)
        return card_id


class _ControlValue:
    """What a mixer control may be."""

    form = "`on` or `off`, a volume in per cent, or the word of an enumeration"

    def read(self, node: Node, notes: Notes) -> bool | int | str:
        """Return a switch, per cent, or a word. What stands between quotes is always a word."""
        found = scalar(node, notes, self.form)
        word = found.text.lower()
        if not found.is_plain:
            return found.text
        if word in YES | NO:
            return word in YES
        digits = word.removesuffix("%").rstrip()
        if not digits.lstrip("-+").replace(".", "", 1).isdecimal():
            return found.text
        if not digits.isdecimal() or int(digits) > MOST_PER_CENT:
            what = f"{quoted(found.text)} is no volume: write 0 to 100 per cent, or quotes around a word that looks so"
            raise refuse(node, notes, what)
        return int(digits)


_CONTROL_NAME = Text("a control's name, as `amixer scontrols` shows it or a UCM file writes it")


def _controls(form: str) -> NamedEntries[Control]:
    return NamedEntries(form, _CONTROL_NAME, _ControlValue(), Control)


def _card(card_id: str, values: dict[str, object], place: str) -> BoardCard:
    card = BoardCard(id=card_id, place=place, **values)  # type: ignore[arg-type]  # the schema has checked them
    return card.replace(profile=card.profile or (card.profiles[0].name if card.profiles else ""))


def _profile(name: str, values: dict[str, object], place: str) -> CardProfile:
    return CardProfile(name=name, place=place, **values)  # type: ignore[arg-type]  # the schema has checked them


def _sink(name: str, values: dict[str, object], place: str) -> BoardSink:
    sink = BoardSink(name=name, place=place, **values)  # type: ignore[arg-type]  # the schema has checked them
    first = sink.outputs[0].name if sink.outputs else ""
    return sink.replace(output=sink.output or first)


_DSP = TableOf(
    DspNeeds,
    Key("remoteproc", Text("a name in /sys/class/remoteproc/*/name"), "The processor that must run.", ""),
    Key(
        "firmware",
        ListOf(Text("a path below /lib/firmware", r"(?!/)(?!(.*/)?\.\.(/|$))[^\x00-\x1f\x7f]+")),
        "Files that must be there; `.zst` and `.xz` count as well.",
        (),
    ),
    Key("modules", ListOf(Text("a module's name", r"[A-Za-z0-9_-]+")), "Kernel modules, built in or loaded.", ()),
)
_PROFILE: TableOf[dict[str, object]] = TableOf(
    dict,
    Key("sinks", ListOf(Text("the name of a sink on this card")), "The sinks that are there in it; default: all."),
    Key("controls", _controls("controls and their values"), "Set, in this order, when the card comes into it.", ()),
)
_CARD: TableOf[dict[str, object]] = TableOf(
    dict,
    Key(
        "driver", Text("a driver's name, as /proc/asound/cards has it"), "Another driver is an error; default: any.", ""
    ),
    Key("controls", _controls("controls and their values"), "Set once, in this order, when the card appears.", ()),
    Key(
        "profiles",
        NamedEntries("profiles by their names", _ProfileName(), _PROFILE, _profile),
        "What the card can be used for, one at a time; `off`, in which none of its sinks is there, it has besides.",
        (),
    ),
    Key(
        "profile",
        Text("the name of one of the profiles"),
        "The one it has where nobody chooses; default: the first.",
        "",
    ),
)
_QUIRKS = TableOf(
    QuirkOverrides,
    Key("max-fragment-size", Size(KIB, 8 * KIB * KIB), "No fragment is larger, whatever the driver promises."),
    Key("power-of-two-fragments", YesNo(), "Only such fragment sizes are used."),
    Key("whole-fragments-only", YesNo(), "Nothing but the last write may leave part of a fragment."),
    Key(
        "timestamps", YesNo(), "Whether the driver counts the frames it played; without, they are reckoned from bytes."
    ),
    Key("reopen-after-stop", YesNo(), "A stream cannot be used again once it was stopped."),
    Key("drain-may-hang", YesNo(), "A drain that begins with nothing in flight never ends."),
    Key("next-track-params", YesNo(), "Parameters of the next track can be told while this one plays (Linux 6.5)."),
    Key(
        "aac-formats",
        ListOf(OneOf({word: word for word in ("adts", "mp2adts", "raw", "loas", "latm", "adif")})),
        "How the DSP takes AAC; default: `adts` and `mp2adts`.",
    ),
    Key(
        "vorbis-formats",
        ListOf(OneOf({word: word for word in ("ogg", "length")})),
        "How the DSP takes Vorbis: in pages of Ogg, the default, or each packet behind its length.",
    ),
)
_SINK: TableOf[dict[str, object]] = TableOf(
    dict,
    Key(
        "kind",
        OneOf({kind.value: kind for kind in SinkKind}),
        "A compress device takes encoded audio, a PCM device decoded audio.",
        needed=True,
    ),
    Key("card", _CardId(), "The card the device is on.", needed=True),
    Key(
        "device", Whole(0, 255), "The device's number on that card: the 3 of comprC0D3, the 0 of pcmC0D0p.", needed=True
    ),
    Key(
        "codecs",
        ListOf(OneOf({codec.value: codec for codec in Codec})),
        "Play only these undecoded; default: all that the driver lists. Compress sinks only.",
    ),
    Key(
        "quirks",
        _QUIRKS,
        "What this board knows better than the driver's table. Compress sinks only.",
        QuirkOverrides(),
    ),
    Key(
        "outputs",
        NamedEntries(
            "names of outputs, with their controls", _SinkName(), _controls("controls and their values"), Output
        ),
        "Ways out of the sink: controls set before the device is opened, restored after.",
        (),
    ),
    Key(
        "output",
        Text("the name of one of the outputs"),
        "The one used where `--route` names none; default: the first.",
        "",
    ),
    Key(
        "suspend-after",
        Seconds(0, 86_400_000_000, "30 s"),
        "How long a pause may last before the device is closed, so that its DSP can sleep, `0 s`: for ever."
        " Playing goes on at the very frame. Default: `30 s`; `--suspend-after` and the daemon's file come first."
        " Compress sinks only.",
    ),
    Key(
        "volume",
        _CONTROL_NAME,
        "The control that is the sink's volume and mute. Compress sinks only: a PCM sink has a volume of its own.",
        "",
    ),
)
_DEFAULTS: TableOf[dict[str, object]] = TableOf(
    dict,
    Key(
        "encoded",
        Text("the name of a compress sink"),
        "Where encoded streams go; default: the first compress sink.",
        "",
    ),
    Key("pcm", Text("the name of a PCM sink"), "Where decoded streams go; default: ALSA's own.", ""),
)


def _board(
    board: str,
    dsp: DspNeeds,
    cards: tuple[BoardCard, ...],
    sinks: tuple[BoardSink, ...],
    defaults: dict[str, str],
) -> Board:
    encoded, pcm = defaults.get("encoded", ""), defaults.get("pcm", "")
    return Board(board, dsp, cards, sinks, encoded, pcm)


BOARD = TableOf(
    _board,
    Key("board", Text(), "The board's name, for people.", ""),
    Key("dsp", _DSP, "What must be there before the card can appear; `audiobus doctor` looks at it.", DspNeeds()),
    Key("cards", NamedEntries("cards by their ids", _CardId(), _CARD, _card), "The sound cards.", ()),
    Key(
        "sinks",
        NamedEntries("sinks by their names", _SinkName(), _SINK, _sink),
        "Devices by the names people call them.",
        (),
    ),
    Key("defaults", _DEFAULTS, "Where streams go where nobody says.", {}),
)
"""The whole file."""
