"""`audiobus board` end to end on a machine without the board."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest

from pyaudiobus.cli.board_apply import apply_board
from pyaudiobus.config.compiled_board import read_compiled
from tests.cli.conftest import Desk


def test_a_good_file_is_said_to_be_good(desk: Desk, board_file: Path) -> None:
    outcome = desk.run("audiobus", "board", "check", str(board_file))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"{board_file}: no mistakes (1 card, 2 sinks)\n"


def test_each_mistake_of_each_file_has_a_line_of_its_own(desk: Desk, board_file: Path) -> None:
    desk.put("a.yaml", b"bord: x\ncards: {0: }\n")
    outcome = desk.run("audiobus", "board", "check", "a.yaml", "absent.yaml", str(board_file))
    assert outcome.code == 2
    assert [line.partition(": ")[0] for line in outcome.err.splitlines()] == ["a.yaml:1:1", "a.yaml:2:9", "audiobus"]
    assert "absent.yaml: no such file" in outcome.err
    assert "no mistakes" in outcome.out


@pytest.mark.parametrize("words", [("check",), ("show",)])
def test_without_a_file_there_is_nothing_to_look_at(desk: Desk, words: tuple[str, ...]) -> None:
    outcome = desk.run("audiobus", "board", *words)
    assert outcome.code == 2
    assert "there is no board file" in outcome.err


def test_what_a_file_says_is_shown(desk: Desk, board_file: Path) -> None:
    outcome = desk.run("audiobus", "board", "show", AUDIOBUS_BOARD=str(board_file))
    lines = [line.strip() for line in outcome.out.splitlines()]
    assert "sink dsp  (compress, card DB845c, device 3)" in lines
    assert "output  speaker (used where nobody names one)" in lines
    assert "RX7 Digital Volume: 70" in lines
    shown = json.loads(desk.run("audiobus", "board", "show", "--json", "--board", str(board_file)).out)
    assert shown["sinks"][0]["quirks"]["max_fragment_size"] == 32768
    assert shown["sinks"][0]["codecs"] == ["mp3", "flac"]


@pytest.mark.parametrize(
    ("words", "code"), [((), 0), (("--card", "DB845c"), 1), (("--wait", "0.1"), 1), (("--card", "USB"), 0)]
)
def test_a_card_that_is_not_there_fails_only_who_needs_it(
    desk: Desk, board_file: Path, words: tuple[str, ...], code: int
) -> None:
    outcome = desk.run("audiobus", "board", "apply", "--board", str(board_file), *words)
    assert outcome.code == code, outcome.err
    assert ("there is no sound card 'DB845c'" in outcome.out + outcome.err) is ("USB" not in words)


def test_of_the_systems_own_file_a_compiled_form_is_left_for_players(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, compiled = tmp_path / "board.yaml", tmp_path / "board.json"
    path.write_text("board: ours\n")
    monkeypatch.setattr("pyaudiobus.cli.board_apply.BOARD_PATH", str(path))
    monkeypatch.setattr("pyaudiobus.cli.board_apply.COMPILED_PATH", str(compiled))
    assert apply_board(Namespace(board=str(path), card=None, wait=0.0)) == 0
    found = read_compiled(str(path), str(compiled))
    assert found is not None
    assert found.name == "ours"


def test_without_a_board_file_there_is_nothing_to_set(desk: Desk) -> None:
    outcome = desk.run("audiobus", "board", "apply", "--card", "USB")
    assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.parametrize("words", [("apply", "--wait", "soon"), ("apply", "--wait", "-1"), ("mend",), ()])
def test_a_wrong_command_line_is_told(desk: Desk, words: tuple[str, ...]) -> None:
    outcome = desk.run("audiobus", "board", *words)
    assert outcome.code == 2
    assert "Traceback" not in outcome.err


def test_a_player_tells_all_mistakes_of_the_board_file_and_where_it_needs_none_plays(
    desk: Desk, short_flac: Path
) -> None:
    bad = desk.put("bad.yaml", b"bord: x\ncards: {0: }\n")
    outcome = desk.run("audiobus", "play", str(short_flac), "--board", bad)
    assert outcome.code == 2
    assert "bad.yaml has 2 mistakes\n    bad.yaml:1:1: " in outcome.err
    virtual = ("--device", "virtual", "--speed", "inf")
    assert desk.run("audiobus", "play", str(short_flac), "--board", bad, *virtual).code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--device", "dps"), "has no compress sink 'dps'; did you mean \"dsp\"?"),
        (("--device", "dsp"), ":15:3: there is no sound card 'DB845c' for the sink 'dsp'"),
        (("--device", "virtual", "--pcm", "hdmj"), "has no pcm sink 'hdmj'; did you mean \"hdmi\"?"),
        (("--device", "dsp", "--speed", "2"), "--speed belongs to the virtual device"),
    ],
)
def test_a_sink_that_cannot_be_played_on_is_one_sentence(
    desk: Desk, short_flac: Path, board_file: Path, words: tuple[str, ...], sentence: str
) -> None:
    outcome = desk.run("audiobus", "play", str(short_flac), "--board", str(board_file), *words)
    assert outcome.code == 2, outcome.err
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err


def test_the_device_of_the_environment_may_be_a_sink(desk: Desk, short_flac: Path, board_file: Path) -> None:
    outcome = desk.run("pyfcplay", str(short_flac), AUDIOBUS_DEVICE="dsp", AUDIOBUS_BOARD=str(board_file))
    assert outcome.code == 1
    assert "there is no sound card 'DB845c' for the sink 'dsp'" in outcome.err


def test_a_dsp_that_is_not_there_leaves_the_file_to_be_decoded(desk: Desk, short_flac: Path, board_file: Path) -> None:
    words = ("--board", str(board_file), "--pcm", "null", "--json")
    outcome = desk.run("audiobus", "play", str(short_flac), *words)
    assert outcome.code == 0, outcome.err
    assert outcome.last("negotiated")["mode"] == "pcm"
    assert "there is no sound card 'DB845c'" in str(outcome.last("negotiated")["reason"])


def test_the_devices_of_the_board_file_are_listed_and_why_they_cannot_be_used(desk: Desk, board_file: Path) -> None:
    listed = desk.run("audiobus", "devices", "--json", "--board", str(board_file)).events
    dsp, hdmi = (entry for entry in listed if entry["sinks"])
    assert (dsp["name"], dsp["kind"], hdmi["name"], hdmi["kind"]) == ("dsp", "compress", "hdmi", "pcm")
    assert "there is no sound card 'DB845c'" in str(dsp["reason"])
    assert dsp["sinks"] == [{"name": "dsp", "outputs": ["hdmi", "speaker"], "output": "speaker"}]
    told = desk.run("audiobus", "devices", "--board", str(board_file)).out
    assert "outputs    hdmi, speaker (used)" in told
    assert "sink       hdmi (--pcm hdmi)" in told
