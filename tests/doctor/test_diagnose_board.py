"""Steps of diagnose_board.feature."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.cli.doctor_report import NOTHING_TO_OFFLOAD_TO, describe
from pyaudiobus.doctor.diagnosis import Diagnosis, Result
from pyaudiobus.doctor.evidence.mixer import ControlState
from pyaudiobus.doctor.judgement import Standing
from pyaudiobus.errors import DeviceError, UserError
from tests.doctor.bench import FIRMWARE, REMOTEPROC, Dragonboard
from tests.doctor.failures import FAILURES, spoil

scenarios("diagnose_board.feature")


class Patient:
    """A board, and what the doctor found. Paths are told as they are on the board, not below the test's folder."""

    def __init__(self, board: Dragonboard) -> None:
        self.board = board
        self.found: Diagnosis | None = None

    def ask(self) -> None:
        """Ask the doctor."""
        self.found = self.board.examine()

    @property
    def diagnosis(self) -> Diagnosis:
        """What was found."""
        assert self.found is not None
        return self.found

    def result(self, topic: str) -> Result:
        """One check's."""
        return next(result for result in self.diagnosis.results if result.topic == topic)

    def on_board(self, text: str) -> str:
        """Take the test's folder out of a sentence."""
        return text.replace(str(self.board.folder), "")


class Blind(Dragonboard):
    """A board whose mixer nobody can reach."""

    def controls(self, *_: object) -> tuple[ControlState, ...]:
        raise UserError("cannot reach the mixer control: pyalsaaudio is not installed")


class Laptop(Dragonboard):
    """A machine with a sound card, and neither a DSP nor a board file."""

    @property
    def board_file(self) -> None:
        return None

    def _put_dsp(self) -> None:
        pass

    def _put_card(self) -> None:
        self.put("proc/asound/cards", " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      HDA\n")
        self.put_node("pcmC0D0p")
        self.answers.clear()


@given("a Dragonboard 845c", target_fixture="patient")
def _board(tmp_path: Path) -> Patient:
    return Patient(Dragonboard(tmp_path))


@given("a laptop", target_fixture="patient")
def _laptop(tmp_path: Path) -> Patient:
    return Patient(Laptop(tmp_path / "laptop"))


@given("a user who sees neither the kernel's log nor debugfs nor the mixer", target_fixture="patient")
def _blind(tmp_path: Path) -> Patient:
    board = Blind(tmp_path / "blind")
    board.take("dev/kmsg")
    board.take("sys/kernel/debug")
    return Patient(board)


@given(parsers.re(f"(?P<failure>{'|'.join(FAILURES)})$"))
def _spoil(patient: Patient, failure: str) -> None:
    spoil(patient.board, failure)


@given("audiobus plays on its device")
def _play(patient: Patient) -> None:
    spoil(patient.board, "another player has the device")
    patient.board.put("proc/321/comm", "audiobus\n")


@given("its firmware is missing, and the DSP runs")
def _initramfs(patient: Patient) -> None:
    patient.board.take(FIRMWARE)


@given(parsers.parse('the DSP is called "{name}"'))
def _old_name(patient: Patient, name: str) -> None:
    patient.board.put(f"{REMOTEPROC}/name", f"{name}\n")


@given("another program plays on ALSA's default device")
def _busy(patient: Patient) -> None:
    patient.board.default_output = DeviceError.from_errno("open", "alsa:default", errno.EBUSY)


@given(parsers.parse('the kernel said "{words}"'))
def _said(patient: Patient, words: str) -> None:
    patient.board.log(words)


@when("its owner asks the doctor")
def _ask(patient: Patient) -> None:
    patient.ask()


@then("all is well")
def _well(patient: Patient) -> None:
    standings = {result.topic: result.judgement.standing for result in patient.diagnosis.results}
    assert {topic for topic, standing in standings.items() if standing in (Standing.BROKEN, Standing.WARNING)} == set()
    assert patient.diagnosis.story == ""


@then("everything was checked")
def _complete(patient: Patient) -> None:
    assert [result for result in patient.diagnosis.results if result.judgement.standing is Standing.UNCHECKED] == []


@then("nothing is broken")
def _nothing_broken(patient: Patient) -> None:
    assert patient.diagnosis.is_well, patient.diagnosis.story


@then(parsers.parse('the cause is "{story}"'))
def _cause(patient: Patient, story: str) -> None:
    assert patient.on_board(patient.diagnosis.story) == story


@then(parsers.parse('the next command is "{command}"'))
def _command(patient: Patient, command: str) -> None:
    assert patient.on_board(patient.diagnosis.causes[0].judgement.command) == command


@then(parsers.parse('the kernel\'s words are "{words}"'))
def _words(patient: Patient, words: str) -> None:
    assert f"the kernel says: {words}" in patient.diagnosis.causes[0].judgement.facts


@then(parsers.parse('the kernel is quoted with "{words}" alone'))
def _quoted(patient: Patient, words: str) -> None:
    quotes = {fact for result in patient.diagnosis.results for fact in result.judgement.facts if "kernel says" in fact}
    assert quotes == {f"the kernel says: {words}"}


@then(parsers.parse('"{topic}" follows from "{cause}"'))
def _follows(patient: Patient, topic: str, cause: str) -> None:
    assert patient.result(topic).is_broken
    assert patient.result(topic).follows_from[0] == cause


@then(parsers.parse('"{topic}" stands for itself'))
def _original(patient: Patient, topic: str) -> None:
    assert patient.result(topic) in patient.diagnosis.causes


@then(parsers.parse('it warns "{line}"'))
def _warns(patient: Patient, line: str) -> None:
    warnings = (result for result in patient.diagnosis.results if result.judgement.standing is Standing.WARNING)
    assert line in [result.judgement.line for result in warnings]


@then(parsers.parse('"{topic}" was not checked because "{reason}"'))
def _unchecked(patient: Patient, topic: str, reason: str) -> None:
    judgement = patient.result(topic).judgement
    assert (judgement.standing, judgement.line) == (Standing.UNCHECKED, reason)


@then("it is told to play on the virtual DSP")
def _virtual(patient: Patient) -> None:
    assert describe(patient.diagnosis, colour=False).endswith(f"\n{NOTHING_TO_OFFLOAD_TO}\n")


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_is_noticed_and_says_what_to_do(tmp_path: Path, failure: str) -> None:
    board = Dragonboard(tmp_path)
    spoil(board, failure)
    found = board.examine()
    told = list(found.causes) or [
        result for result in found.results if result.judgement.standing is Standing.WARNING and not result.follows_from
    ]
    assert len(told) == 1
    assert told[0].judgement.command


@pytest.mark.parametrize("failure", FAILURES)
def test_what_is_broken_is_a_cause_or_follows_from_one(tmp_path: Path, failure: str) -> None:
    board = Dragonboard(tmp_path)
    spoil(board, failure)
    found = board.examine()
    causes = {result.topic for result in found.causes}
    broken = {result.topic: result for result in found.results if result.is_broken}
    for result in broken.values():
        above = result
        while above.topic not in causes:
            above = broken[above.follows_from[0]]


def test_a_processor_that_is_not_there_is_not_blamed_on_its_firmware(tmp_path: Path) -> None:
    board = Dragonboard(tmp_path)
    board.take(FIRMWARE)
    board.take("sys/class/remoteproc/remoteproc0")
    board.lose_services()
    found = board.examine()
    assert [cause.topic for cause in found.causes] == ["firmware", "dsp"]
    assert found.story.endswith("because the kernel has no remote processor adsp")


def test_a_processor_between_two_states_is_not_to_be_started(tmp_path: Path) -> None:
    board = Dragonboard(tmp_path)
    board.lose_dsp("suspended")
    (cause,) = board.examine().causes
    assert cause.judgement.line == "adsp (remoteproc0) is suspended"
    assert cause.judgement.command.startswith("dmesg")


def test_a_board_file_that_is_not_there_is_not_to_be_mended(tmp_path: Path) -> None:
    board = Dragonboard(tmp_path)
    board.take("etc/audiobus/board.yaml")
    cause = board.examine().causes[0]
    assert cause.judgement.line.endswith("board.yaml: no such file or directory")
    assert "chmod" in cause.judgement.advice
