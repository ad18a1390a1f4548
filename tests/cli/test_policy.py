"""`audiobus policy`: the order, dry runs, a product's tests, on files as people have them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pyaudiobus.cli import audiobus
from tests.policy.scene import Scene

Run = Callable[..., tuple[int, str, str]]
TESTS = """
tests:
  a-bell-ducks-music:
    bus:
      sinks: {speaker: {format: s16/48000/2}}
      streams: {music: {formats: s16/48000/2, media.role: music, on: speaker}}
    events: ["add stream bell s16/48000/2 media.role=alert", "remove bell"]
    expect:
      actions:
        - link bell to speaker as s16/48000/2
        - duck music to 0.3
        - let the volume keys change bell
        - duck music no more
        - let the volume keys change music
      streams: {music: speaker}
"""
ROLES = "roles: {alert: {priority: 30, lower-priority: duck}, music: {priority: 10}}\n"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("AUDIOBUS_POLICY", "")
    monkeypatch.setenv("AUDIOBUS_POLICY_SCRIPTS", "")
    monkeypatch.chdir(tmp_path)

    def ran(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["audiobus", "policy", *words])
        code = audiobus.main()
        told = capsys.readouterr()
        return code, told.out, told.err

    return ran


def dump(folder: Path, **changes: object) -> str:
    scene = Scene()
    scene.sink("speaker")
    scene.dsp()
    scene.stream("music", "mp3/44100/2 s16/48000/2")
    scene.stream("other", "mp3/44100/2 s16/48000/2")
    path = folder / "dump.json"
    path.write_text(json.dumps({"audiobus": "9.9.9", "bus": {**scene.bus.as_words(), **changes}}))
    return str(path)


def test_the_order_of_a_question_is_told_with_what_each_hook_does(run: Run) -> None:
    code, out, _ = run("order", "target")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("target: Where does it play or record?")
    assert lines[3].startswith(
        "   3 find_named_target          Choose the target that metadata or the stream itself names"
    )
    assert [hook["name"] for hook in json.loads(run("order", "--json", "move")[1])["hooks"]][-1] == "move_to_target"


def test_a_question_that_nobody_asks_is_an_error_with_the_nearest(run: Run) -> None:
    assert run("order", "tarjet") == (2, "", "audiobus: there is no question 'tarjet'; did you mean \"target\"?\n")


def test_a_dry_run_tells_what_would_be_done_and_why(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("check", "--snapshot", dump(tmp_path), "--explain", "other")
    assert code == 0
    assert "link music to dsp as mp3/44100/2: it plays mp3/44100/2 undecoded\n" in out
    assert "  > find_default_target        chose this: it is the default sink\n" in out
    assert "    dsp      dsp plays music, and one encoded stream at a time\n" in out
    assert "audiobus move 4 SINK" in out


def test_events_are_tried_one_after_the_other(run: Run, tmp_path: Path) -> None:
    path = dump(tmp_path)
    words = ("--event", "add sink headset s16/48000/2 priority.session=9", "--event", "remove speaker")
    _, out, _ = run("check", "--snapshot", path, "--json", *words)
    assert [one["words"] for one in json.loads(out)["actions"]] == [
        "make headset the default sink",
        "set the volume of headset to 0.4",
        "move other to headset as s16/48000/2",
        "let the volume keys change headset",
    ]


def test_an_event_that_means_nothing_is_named_with_what_there_is(run: Run, tmp_path: Path) -> None:
    path = dump(tmp_path)
    code, _, err = run("check", "--snapshot", path, "--event", "explode")
    assert (code, err.splitlines()[0]) == (2, "audiobus: 'explode' is no event")
    assert "after SECONDS" in err
    assert run("check", "--snapshot", path, "--event", "remove nobody")[2].startswith("audiobus: there is no 'nobody'")
    assert run("check", "--snapshot", path, "--event", "state speaker")[2].startswith(
        "audiobus: 'state speaker' is not whole"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"version": 7}, "this snapshot is of version 7, and version 1 is understood here"),
        ({"objects": 5}, "is no dump of a bus: it has no objects"),
        ({"objects": [{"serial": 1}]}, "is no dump of a bus: an object needs kind"),
        ({"metadata": [{"subject": 0, "colour": 1}]}, "is no dump of a bus: an entry of the metadata needs key"),
    ],
)
def test_a_snapshot_that_is_something_else_is_an_error_in_words(
    run: Run, tmp_path: Path, words: dict[str, object], told: str
) -> None:
    code, _, err = run("check", "--snapshot", dump(tmp_path, **words))
    assert code == 2
    assert told in err


def test_a_product_s_tests_pass_or_show_the_difference(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(ROLES)
    (tmp_path / "tests.yaml").write_text(TESTS)
    assert run("test", "--policy", "policy.yaml", "tests.yaml")[:2] == (
        0,
        "ok     a-bell-ducks-music\n1 as expected, 0 not\n",
    )
    code, out, _ = run("test", "tests.yaml")
    assert code == 1
    assert "    - duck music to 0.3\n" in out
    assert "FAILED a-bell-ducks-music (tests.yaml:3:3)\n" in out


def test_a_mistake_in_a_file_of_tests_has_its_place(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tests.yaml").write_text("tests:\n  a: {expect: {acts: []}}\n")
    assert run("test", "tests.yaml") == (
        2,
        "",
        'audiobus: tests.yaml:2:16: unknown key "acts"; did you mean "actions"?\n',
    )


def test_a_script_that_cannot_be_used_is_told_and_left_out(run: Run, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "bad.py").write_text("import nothing_of_that_name\n")
    code, out, err = run("order", "--scripts", "d", "target")
    assert code == 0
    assert "find_best_target" in out
    assert (
        err
        == "audiobus: a script is left out: d/bad.py:1: ModuleNotFoundError: No module named 'nothing_of_that_name'\n"
    )


def test_a_script_that_hangs_is_passed_over_in_a_dry_run_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "slow.py").write_text(
        "from pyaudiobus.policy.hook import hook\n"
        '@hook("target", before=["find_named_target"])\n'
        "def slow(stream, bus):\n    while True: pass\n"
    )
    code, out, _ = run("check", "--snapshot", dump(tmp_path), "--scripts", "d", "--explain", "music")
    assert code == 0
    assert "slow                       FAILED: it did not answer within" in out
    assert "link music to dsp" in out
