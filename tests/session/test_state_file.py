"""What is remembered: written whole or not at all, read back the same, never more than it may be."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType

import pytest

from pyaudiobus.model.memory import Memory, RememberedVolume
from pyaudiobus.session.state_file import MOST_ENTRIES, StateFile, find_state_file

MEMORY = Memory(
    MappingProxyType({"default.audio.sink": ("hdmi", "speaker")}),
    MappingProxyType({"sink:speaker": RememberedVolume((0.5, 0.25), is_muted=True)}),
    MappingProxyType({"stream:media.role:music": "hdmi"}),
)


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.json"
    state = StateFile(str(path))
    assert state.remember(MEMORY)
    state.settings["role.duck-level"] = "0.1"
    state.save()
    again = StateFile(str(path))
    again.load()
    assert (again.memory, again.settings) == (MEMORY, {"role.duck-level": "0.1"})
    assert json.loads(path.read_text())["version"] == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["state.json"]


def test_nothing_new_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state = StateFile(str(path))
    state.save()
    assert not path.exists()
    state.remember(MEMORY)
    state.save()
    before = path.stat().st_mtime_ns
    assert not state.remember(MEMORY)
    state.save()
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is no JSON"),
        ("[]", "it is of version None"),
        ('{"version": 2}', "it is of version 2, and this program writes 1"),
        ('{"version": 1, "volumes": {"a": {"gains": ["loud"], "muted": false}}}', "not what it should be"),
        ('{"version": 1, "volumes": {"a": {"gains": [1e9], "muted": false}}}', "not what it should be"),
        ('{"version": 1, "defaults": 5}', "not what it should be"),
        ('{"version": 1, "settings": [1]}', "not what it should be"),
    ],
)
def test_a_file_that_is_not_understood_is_put_aside_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, reason: str
) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    state = StateFile(str(path))
    state.load()
    assert (state.memory, state.settings) == (Memory(), {})
    assert (tmp_path / "state.json.bad").read_text() == text
    assert reason in caplog.text


def test_the_longest_untouched_is_forgotten(tmp_path: Path) -> None:
    state = StateFile(str(tmp_path / "state.json"))
    state.remember(Memory(targets=MappingProxyType({f"stream {number}": "hdmi" for number in range(1000)})))
    assert list(state.memory.targets) == [f"stream {number}" for number in range(1000 - MOST_ENTRIES, 1000)]


def test_a_place_where_nothing_can_be_written_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    state = StateFile(str(tmp_path / "file" / "state.json"))
    state.load()
    state.remember(MEMORY)
    state.save()
    state.save()
    assert caplog.text.count("cannot write") == 1


def test_forgetting_forgets_everything(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state = StateFile(str(path))
    state.remember(MEMORY)
    state.save()
    state.reset()
    assert json.loads(path.read_text())["volumes"] == {}


def test_the_file_is_where_the_service_manager_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/audiobus")
    assert find_state_file() == "/var/lib/audiobus/session.json"
    monkeypatch.setenv("AUDIOBUS_SESSION_STATE", "")
    assert find_state_file() is None
    assert find_state_file("/x/y") == "/x/y"


def test_what_cannot_be_kept_is_told(tmp_path: Path) -> None:
    nowhere, broken = StateFile(None), StateFile(str(tmp_path / "missing" / "file"))
    (tmp_path / "missing").write_text("it is no folder")
    for state in (nowhere, broken):
        state.settings["role.ramp"] = "1"
    assert "no file" in nowhere.save()
    assert "cannot write" in broken.save()
