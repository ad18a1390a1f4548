"""The board file: what it says, and what is said of each mistake in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from pyaudiobus.config.board_file import find_board, load_board, parse_board
from pyaudiobus.config.document import MOST_BYTES
from pyaudiobus.config.mistakes import MOST_TOLD, FileMistakes
from pyaudiobus.errors import UserError
from pyaudiobus.model.board import Board, BoardCard, Control, DspNeeds, Output, QuirkOverrides, SinkKind
from pyaudiobus.model.format import Codec

FILE = str(Path(__file__).parent / "dragonboard.yaml")


def mistakes(text: str | bytes) -> list[str]:
    """What is wrong with a text, each without the file's name."""
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(FileMistakes) as caught:
        parse_board(data, "board.yaml")
    assert caught.value.exit_code == 2
    return [str(mistake).removeprefix("board.yaml:") for mistake in caught.value.mistakes]


def controls(*lines: str) -> tuple[Control, ...]:
    """The controls of a card whose file has these lines."""
    text = "\n".join(("cards:", "  C:", "    controls:", *(f"      {line}" for line in lines)))
    return parse_board(text.encode(), "board.yaml").cards[0].controls


def sink(*lines: str) -> str:
    """A file with one sink that has these lines besides what every sink needs."""
    return "\n".join(("sinks:", "  dsp:", "    kind: compress", "    card: C", "    device: 0", *lines))


def test_everything_a_board_says_is_read() -> None:
    board = load_board(FILE)
    assert (board.name, board.path) == ("Dragonboard 845c", FILE)
    assert board.dsp == DspNeeds("adsp", ("qcom/sdm845/adsp.mbn",), ("q6asm_dai", "snd_soc_sdm845"))
    assert [(card.id, card.driver) for card in board.cards] == [("DB845c", "sdm845")]
    assert [(control.name, control.value) for control in board.cards[0].controls] == [
        ("COMP7 Switch", True),
        ("RX INT7_1 MIX1 INP0", "RX0"),
        ("RX7 Digital Volume", 70),
    ]
    dsp, hdmi = board.sinks
    assert (dsp.name, dsp.kind, dsp.card, dsp.device) == ("dsp", SinkKind.COMPRESS, "DB845c", 3)
    assert dsp.codecs == (Codec.MP3, Codec.FLAC)
    assert dsp.quirks == QuirkOverrides(max_fragment_size=32 * 1024, timestamps=False)
    assert ([output.name for output in dsp.outputs], dsp.output) == (["hdmi", "speaker"], "speaker")
    assert (hdmi.kind, hdmi.codecs, hdmi.output) == (SinkKind.PCM, None, "out")
    assert (board.encoded_sink, board.pcm_sink) == ("dsp", "hdmi")


def test_what_is_named_knows_where_it_stands() -> None:
    board = load_board(FILE)
    assert board.cards[0].place == f"{FILE}:8:3"
    assert board.cards[0].controls[1].place == f"{FILE}:12:7"
    assert board.sinks[0].outputs[1] == Output(
        "speaker", (Control("SLIMBUS_0_RX Audio Mixer MultiMedia4", True, f"{FILE}:27:9"),), f"{FILE}:26:7"
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "cards:\nsinks:\n", "\ufeffcards: {}\r\n"])
def test_a_board_may_say_nothing(text: str) -> None:
    assert parse_board(text.encode(), "f") == Board(path="f")


def test_a_card_needs_no_more_than_its_id() -> None:
    assert parse_board(b"cards:\n  DB845c:\n", "f").cards == (BoardCard("DB845c", place="f:2:3"),)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", True), ("On", True), ("yes", True), ("off", False), ("FALSE", False),
        ("0", 0), ("70", 70), ("70%", 70), ("100 %", 100),
        ("RX0", "RX0"), ("'on'", "on"), ('"70"', "70"), ("AIF1_PB", "AIF1_PB"), ("2.0 V", "2.0 V"),
    ],
)  # fmt: skip
def test_a_control_is_a_switch_per_cent_or_a_word(written: str, value: bool | int | str) -> None:
    (control,) = controls(f"A B: {written}")
    assert (control.name, control.value) == ("A B", value)
    assert type(control.value) is type(value)


def test_a_sink_plays_on_its_first_output_where_none_is_chosen() -> None:
    board = parse_board(sink("    outputs: {b: {X: on}, a: {Y: on}}").encode(), "f")
    assert board.sinks[0].output == "b"


@pytest.mark.parametrize(
    ("lines", "seconds"), [((), None), (("    suspend-after: 0 s",), 0), (("    suspend-after: 90 s",), 90)]
)
def test_a_sink_says_after_how_long_a_pause_its_dsp_may_sleep(lines: tuple[str, ...], seconds: int | None) -> None:
    assert parse_board(sink(*lines).encode(), "f").sinks[0].suspend_after == seconds


@pytest.mark.parametrize(("written", "size"), [("32768", 32768), ("32 KiB", 32768), ("8KiB", 8192), ("1 MiB", 1 << 20)])
def test_a_size_is_written_in_bytes_or_in_units(written: str, size: int) -> None:
    board = parse_board(sink(f"    quirks: {{max-fragment-size: {written}}}").encode(), "f")
    assert board.sinks[0].quirks.max_fragment_size == size


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bord: x", '1:1: unknown key "bord"; did you mean "board"?'),
        ("colour: x", '1:1: unknown key "colour"; there is "board", "dsp", "cards", "sinks", "defaults"'),
        ("- board", "1:1: expected keys and values, found a list"),
        (
            "cards: {C: {controls: on}}",
            '1:23: expected controls and their values, found "on"',
        ),
        ("board: [x]", "1:8: expected text, found a list"),
        ("board: {x: y}", "1:8: expected text, found keys and values"),
        ("board:", "1:7: expected text, found nothing"),
        ("board: a\nboard: b", '2:1: "board" stands here again; it is in line 1 too'),
        ("? [a]\n: b", "1:3: a key must be one word or text"),
        ("dsp: {modules: x}", "1:16: expected a list: one value a line behind a dash, or [between, brackets]"),
        ("dsp: {modules: [a, a]}", "1:20: this stands in the list twice"),
        ("dsp: {firmware: [/lib/firmware/a]}", '1:18: "/lib/firmware/a" is not a path below /lib/firmware'),
        ("dsp: {firmware: [a/../../b]}", '1:18: "a/../../b" is not a path below /lib/firmware'),
        ("cards: {0: {}}", '1:9: "0" is a card\'s number, which changes; write its id, as /proc/asound/cards shows it'),
        (
            "cards: {C: {controls: {V: 101}}}",
            '1:27: "101" is no volume: write 0 to 100 per cent, or quotes around a word that looks so',
        ),
        (
            "cards: {C: {controls: {V: -6}}}",
            '1:27: "-6" is no volume: write 0 to 100 per cent, or quotes around a word that looks so',
        ),
        (sink("    kinds: 3"), '6:5: unknown key "kinds"; did you mean "kind"?'),
        ("sinks: {a: }", '1:12: this needs "kind" and "card" and "device" as well'),
        ("sinks: {a: {kind: alsa, card: C, device: 0}}", '1:19: "alsa" is not known here; there is "compress", "pcm"'),
        ("sinks: {a: {kind: pcm, card: C, device: x}}", '1:41: "x" is not a whole number, 0 to 255'),
        ("sinks: {a: {kind: pcm, card: C, device: 256}}", '1:41: "256" is not a whole number, 0 to 255'),
        (
            "sinks: {auto: {kind: pcm, card: C, device: 0}}",
            '1:9: "auto" means something else to --device and --pcm; choose another name',
        ),
        (sink("    codecs: [mp4]"), '6:14: "mp4" is not known here; did you mean "mp3"?'),
        (sink("    quirks: {timestamps: 1}"), '6:26: "1" is neither on nor off'),
        (
            sink("    quirks: {max_fragment_size: 1}"),
            '6:14: unknown key "max_fragment_size"; did you mean "max-fragment-size"?',
        ),
        (
            sink("    quirks: {max-fragment-size: 32 KB}"),
            '6:33: "32 KB" is not a number of bytes; write 32768 or 32 KiB',
        ),
        (sink("    quirks: {max-fragment-size: 12}"), '6:33: "12" is outside 1 KiB to 8 MiB'),
        (sink("cards: {DB845c: {}}"), '4:11: there is no card "C" in this file; there is "DB845c"'),
        (sink("    output: hdmi"), '6:13: there is no output "hdmi" in this file; there is none'),
        (
            sink("    outputs: {hdmi: {A: on}}", "    output: hdmj"),
            '7:13: there is no output "hdmj" in this file; did you mean "hdmi"?',
        ),
        (sink("defaults: {encoded: dps}"), '6:21: there is no sink "dps" in this file; did you mean "dsp"?'),
        (sink("defaults: {pcm: dsp}"), '6:17: "dsp" is a compress sink; a pcm sink goes here'),
        (
            "sinks: {a: {kind: pcm, card: C, device: 0, codecs: [mp3]}}",
            '1:44: "codecs" belongs to a compress sink; this one is PCM',
        ),
        (
            "sinks: {a: {kind: pcm, card: C, device: 0, suspend-after: 5 s}}",
            '1:44: "suspend-after" belongs to a compress sink; this one is PCM',
        ),
        (sink("    suspend_after: 5 s"), '6:5: unknown key "suspend_after"; did you mean "suspend-after"?'),
        (sink("    suspend-after: 5"), '6:20: "5" is no time; write 500 us, 10 ms or 2 s'),
        (sink("    suspend-after: 500 ms"), "6:20: this is given in whole seconds"),
        (sink("    suspend-after: 90000 s"), '6:20: "90000 s" is outside 0 s to 86400 s'),
        ("board: &x y", "1:8: an anchor (&x); nothing here can refer to it"),
        ("board: *x", "1:8: an alias (*x); write out what it stands for"),
        ("board: !!python/name:os.system", "1:8: a tag (tag:yaml.org,2002:python/name:os.system); leave it out"),
        ("board: a\n---\nboard: b", "2:1: a second document begins here; the file may have one"),
        ("[" * 100_000, "1:13: this is nested more than 12 deep"),
        ("board: [" + "a," * 25_000 + "]", "1:40003: the file holds more than 20000 values"),
        (b"board: \xff", "1:8: this is not text in UTF-8"),
        (b"board: x\n# \x1b[2J", "2:3: a control character (\\x1b) in the file"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_sentence_at_its_place(text: str | bytes, said: str) -> None:
    assert mistakes(text) == [said]


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
def test_with_and_without_libyaml_a_file_reads_alike(monkeypatch: pytest.MonkeyPatch, loader: object) -> None:
    monkeypatch.setattr("pyaudiobus.config.document.Loader", loader)
    assert load_board(FILE).sinks[0].outputs[1].place == f"{FILE}:26:7"
    (said,) = mistakes("cards:\n  C:\n    driver: x\n   controls: {}\n")
    assert said.startswith("4:4: this is not YAML: ")
    (said,) = mistakes("sinks:\n\tdsp: 1")
    assert said == "2:1: this is not YAML: a tab; lines are indented with spaces"
    (said,) = mistakes('board: "x\nsinks: {}\n')
    assert said.startswith("3:1: this is not YAML: while scanning a quoted scalar that begins in line 1, ")


def test_of_many_names_a_sentence_lists_a_few() -> None:
    cards = "".join(f"  C{number}: {{}}\n" for number in range(100))
    (said,) = mistakes(f"cards:\n{cards}sinks: {{a: {{kind: pcm, card: zzz, device: 0}}}}")
    assert said.endswith('"C13", "C14" and 85 more')


def test_all_mistakes_are_told_at_once_in_the_order_of_the_lines() -> None:
    text = sink("    output: hdmi", "    quirks: {timestamps: 1}", "defaults: {encoded: dps}", "bord: x")
    places = [said.split(":")[0] for said in mistakes(text)]
    assert places == ["6", "7", "8", "9"]


def test_an_entry_with_a_mistake_of_its_own_is_still_known_by_name() -> None:
    text = "cards: {C: {drivr: x}}\nsinks: {a: {kind: pcm, card: C}}\ndefaults: {pcm: a}"
    assert len(mistakes(text)) == 2


def test_of_very_many_mistakes_only_the_first_are_told() -> None:
    with pytest.raises(FileMistakes) as caught:
        parse_board("\n".join(f"k{number}: x" for number in range(1000)).encode(), "f")
    assert caught.value.what == "f has 1000 mistakes"
    assert len(caught.value.facts) == MOST_TOLD + 1
    assert caught.value.facts[-1] == "and 950 more"


def test_what_a_file_says_cannot_write_on_the_terminal() -> None:
    (said,) = mistakes('"bo\\e[31mard": x')
    assert said.startswith('1:1: unknown key "bo\\x1b[31mard"')
    (said,) = mistakes("k" * 500 + ": x")
    assert len(said) < 300


@pytest.mark.parametrize("size", [MOST_BYTES, MOST_BYTES + 1])
def test_a_huge_file_is_not_read(tmp_path: Path, size: int) -> None:
    path = tmp_path / "board.yaml"
    path.write_bytes(b"#" * size)
    if size <= MOST_BYTES:
        assert load_board(str(path)) == Board(path=str(path))
    else:
        with pytest.raises(UserError, match=f"more than {MOST_BYTES} bytes"):
            load_board(str(path))


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot read .*absent\.yaml: no such file"):
        load_board(str(tmp_path / "absent.yaml"))
    with pytest.raises(UserError, match="is a directory"):
        load_board(str(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="it is no regular file"):
        load_board(str(tmp_path / "pipe"))


def test_the_file_is_the_options_else_the_variables_else_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIOBUS_BOARD", "/of/variable")
    assert find_board("/of/option") == "/of/option"
    assert find_board(None) == "/of/variable"
    assert find_board("") is None
    monkeypatch.setenv("AUDIOBUS_BOARD", "")
    assert find_board(None) is None
    monkeypatch.delenv("AUDIOBUS_BOARD")
    monkeypatch.setattr("pyaudiobus.config.locate.BOARD_PATH", FILE)
    assert find_board(None) == FILE
