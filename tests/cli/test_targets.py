"""What settings mean on a board: its file is real, its cards and nodes are a folder that looks like /."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyaudiobus.cli.settings import DeviceName, PlaySettings
from pyaudiobus.cli.targets import BoardTargets
from pyaudiobus.config.board_file import load_board
from pyaudiobus.errors import UserError

HDMI, SPEAKER = "QUAT_MI2S_RX Audio Mixer MultiMedia4", "SLIMBUS_0_RX Audio Mixer MultiMedia4"
PCM_HDMI = "QUAT_MI2S_RX Audio Mixer MultiMedia1"
CARDS = """ 0 [USB            ]: USB-Audio - Speakers
                      Speakers
 1 [DB845c         ]: sdm845 - DB845c
                      DB845c
"""


class Machine:
    """A folder with cards and nodes, and a Dragonboard's file."""

    def __init__(self, root: Path, board_file: Path) -> None:
        self.root = root
        self.file = board_file
        self.cards(CARDS)
        (root / "dev/snd").mkdir(parents=True)
        self.nodes("comprC1D3", "pcmC1D0p")

    def cards(self, text: str) -> None:
        (self.root / "proc/asound").mkdir(parents=True, exist_ok=True)
        (self.root / "proc/asound/cards").write_text(text)

    def nodes(self, *names: str) -> None:
        for node in (self.root / "dev/snd").iterdir():
            node.unlink()
        for name in names:
            (self.root / "dev/snd" / name).touch()

    def targets(self, *routes: str, decode: bool = False) -> BoardTargets:
        settings = PlaySettings(device=DeviceName("auto"), routes=routes, decode=decode)
        return BoardTargets(load_board(str(self.file)), settings, str(self.root))


@pytest.fixture
def machine(tmp_path: Path, board_file: Path) -> Machine:
    return Machine(tmp_path, board_file)


@pytest.mark.parametrize("name", ["dsp", "hw:DB845c,3", "hw:1,3"])
def test_a_sink_and_its_device_are_one(machine: Machine, name: str) -> None:
    target = machine.targets().named(DeviceName.parse(name))
    assert target.name == DeviceName("hw", card="1", device=3)
    assert target.sink is not None
    assert target.sink.name == "dsp"
    assert target.controls is not None
    assert [control.name for control in target.controls] == [SPEAKER]


def test_a_device_that_the_file_does_not_have_plays_as_without_a_file(machine: Machine) -> None:
    target = machine.targets().named(DeviceName.parse("hw:USB,0"))
    assert (target.name.card, target.sink, target.controls) == ("0", None, None)


@pytest.mark.parametrize(
    ("routes", "controls"),
    [
        ((), [SPEAKER]),
        (("hdmi",), [HDMI]),
        (("hdmi", "COMP7"), [HDMI, "COMP7"]),
        (("Some Mixer Control",), [SPEAKER, "Some Mixer Control"]),
    ],
)
def test_a_route_is_an_output_or_one_control_more(
    machine: Machine, routes: tuple[str, ...], controls: list[str]
) -> None:
    target = machine.targets(*routes).named(DeviceName.parse("dsp"))
    assert target.controls is not None
    assert [control.name for control in target.controls] == controls


def test_a_sink_without_outputs_keeps_what_its_driver_needs(machine: Machine, tmp_path: Path) -> None:
    machine.file = tmp_path / "board.yaml"
    machine.file.write_text("sinks: {dsp: {kind: compress, card: DB845c, device: 3}}")
    target = machine.targets().named(DeviceName.parse("dsp"))
    assert target.controls is not None
    assert [control.name for control in target.controls] == [HDMI]


@pytest.mark.parametrize(
    ("name", "routes", "sentence"),
    [
        ("dps", (), "{file} has no compress sink 'dps'; did you mean \"dsp\"?"),
        ("hdmi", (), "{file}:29:3: 'hdmi' is a pcm sink, and --device takes a compress sink"),
        ("dsp", ("hdmj",), "{file}:15:3: the sink 'dsp' has no output 'hdmj'; did you mean \"hdmi\"?"),
        ("dsp", ("out",), "{file}:15:3: the sink 'dsp' has no output 'out'; there is \"hdmi\", \"speaker\""),
        ("dsp", ("hdmi", "speaker"), "dsp plays on one output, and --route names hdmi and speaker"),
    ],
)
def test_a_slip_names_the_line_and_what_is_nearest(
    machine: Machine, name: str, routes: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(UserError) as caught:
        machine.targets(*routes).named(DeviceName.parse(name))
    assert caught.value.what == sentence.replace("{file}", str(machine.file))


def test_a_card_that_is_not_there_is_told_with_the_line_and_the_nearest_card(machine: Machine) -> None:
    machine.cards(CARDS.replace("[DB845c ", "[DB845  "))
    with pytest.raises(UserError) as caught:
        machine.targets().named(DeviceName.parse("dsp"))
    assert caught.value.what == (
        f"{machine.file}:15:3: there is no sound card 'DB845c' for the sink 'dsp'; did you mean \"DB845\"?"
    )
    assert "audiobus doctor" in caught.value.advice


@pytest.mark.parametrize("name", ["dsp", "hw:DB845c,3"])
def test_a_card_with_another_driver_is_told(machine: Machine, name: str) -> None:
    machine.cards(CARDS.replace(": sdm845", ": sc7180"))
    with pytest.raises(UserError, match=":8:3: card DB845c has the driver 'sc7180', and the board file says 'sdm845'"):
        machine.targets().named(DeviceName.parse(name))


def test_a_device_that_is_not_there_is_told(machine: Machine) -> None:
    machine.nodes("pcmC1D0p")
    with pytest.raises(UserError, match=":15:3: card DB845c has no compress device 3 for the sink 'dsp'"):
        machine.targets().named(DeviceName.parse("dsp"))


def test_of_itself_the_default_sink_comes_first_and_every_reason_is_told(machine: Machine) -> None:
    machine.nodes("comprC0D0", "comprC1D3")
    target, reason = machine.targets().automatic()
    assert target is None
    assert [part.partition(":")[0] + part.partition(":")[2][:4] for part in reason.split("; ")] == ["hw1,3:", "hw0,0:"]


def test_where_the_board_has_a_sink_no_virtual_dsp_stands_in_for_it(machine: Machine) -> None:
    machine.cards("")
    machine.nodes()
    target, reason = machine.targets().automatic()
    assert target is None
    assert "there is no sound card 'DB845c'" in reason


def test_on_a_board_that_has_only_pcm_audio_is_decoded_to_be_heard(machine: Machine, tmp_path: Path) -> None:
    machine.file = tmp_path / "board.yaml"
    machine.file.write_text("sinks: {line: {kind: pcm, card: DB845c, device: 0}}\ndefaults: {pcm: line}\n")
    machine.nodes("pcmC1D0p")
    assert machine.targets().automatic() == (None, f"{machine.file} has no compress sink")


def test_a_file_that_says_nothing_of_sinks_changes_nothing(machine: Machine, tmp_path: Path) -> None:
    machine.file = tmp_path / "board.yaml"
    machine.file.write_text("board: something else\n")
    machine.nodes()
    assert machine.targets().automatic() == (None, "")
    assert machine.targets().automatic_pcm() is None


@pytest.mark.parametrize(("routes", "control"), [((), PCM_HDMI), (("speaker",), PCM_HDMI), (("out",), PCM_HDMI)])
def test_decoded_audio_goes_to_the_default_pcm_sink(machine: Machine, routes: tuple[str, ...], control: str) -> None:
    target = machine.targets(*routes).automatic_pcm()
    assert target is not None
    assert target.controls is not None
    assert [found.name for found in target.controls] == [control]


def test_decoded_audio_follows_a_route_to_the_sink_that_has_it(machine: Machine, tmp_path: Path) -> None:
    text = machine.file.read_text() + "  # more\n"
    more = "  line:\n    kind: pcm\n    card: DB845c\n    device: 1\n    outputs: {speaker: {X: on}}\ndefaults:\n"
    machine.file = tmp_path / "board.yaml"
    machine.file.write_text(text.replace("defaults:\n", more))
    machine.nodes("pcmC1D0p", "pcmC1D1p")
    target = machine.targets("speaker").automatic_pcm()
    assert target is not None
    assert target.name.device == 1
    assert target == machine.targets("speaker").pcm_named("line")


def test_to_decode_onto_an_output_that_no_pcm_sink_has_is_a_slip(machine: Machine) -> None:
    with pytest.raises(UserError, match="the sink 'hdmi' has no output 'speaker'"):
        machine.targets("speaker", decode=True).automatic_pcm()
