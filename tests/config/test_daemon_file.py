"""The daemon's file: what it says, every mistake with its place, and the manual's page on it."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyaudiobus.config.daemon_file import DAEMON, find_daemon_file, load_daemon, parse_daemon
from pyaudiobus.config.mistakes import FileMistakes
from pyaudiobus.config.readers import described
from pyaudiobus.errors import UserError
from pyaudiobus.model.daemon_settings import DaemonSettings, NodeKind, Role, SecondEncoded, SocketSettings
from pyaudiobus.model.format import Encoding, PcmFormat

PAGE = Path(__file__).parents[2] / "service/docs/audiobusd-file.md"
EXAMPLE = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]


def parse(yaml: str) -> DaemonSettings:
    return parse_daemon(yaml.encode(), "f")


def mistakes(yaml: str) -> list[str]:
    with pytest.raises(FileMistakes) as found:
        parse(yaml)
    return [str(mistake) for mistake in found.value.mistakes]


def test_an_empty_file_leaves_everything_as_it_is() -> None:
    assert parse("") == DaemonSettings(path="f")
    assert parse("# nothing\n") == DaemonSettings(path="f")


def test_the_page_s_example_says_what_it_seems_to_say() -> None:
    settings = parse(EXAMPLE)
    assert settings.sockets == (
        SocketSettings("/run/audiobus/bus", 0o666),
        SocketSettings("/run/audiobus/manager", 0o660, Role.MANAGER),
    )
    speaker, disk, dsp = settings.sinks
    assert (speaker.kind, speaker.card, speaker.shortest, speaker.suspend_after) == (NodeKind.ALSA, "DB845c", 2000, 5)
    assert speaker.format == PcmFormat(Encoding.S16, 48_000, 2)
    assert (disk.kind, disk.path) == (NodeKind.FILE, "/var/lib/audiobus/played.wav")
    assert (dsp.kind, dsp.profile) == (NodeKind.COMPRESS, "q6asm")
    assert [(one.kind, one.frequency) for one in settings.sources] == [(NodeKind.NULL, 440)]
    assert (settings.default_sink, settings.default_source) == ("speaker", "test")
    assert (settings.shortest, settings.longest, settings.priority) == (500, 2_000_000, 20)
    assert settings.access.users == (("root", Role.MANAGER), ("kiosk", Role.RESTRICTED))
    assert settings.access.otherwise is Role.RESTRICTED
    assert settings.second_encoded is SecondEncoded.DECODE
    assert settings.hotplug


def test_null_is_a_word_where_a_kind_or_name_stands() -> None:
    settings = parse("sinks: {null: {kind: null}}\ndefaults: {sink: null}\n")
    assert [(one.name, one.kind) for one in settings.sinks] == [("null", NodeKind.NULL)]
    assert settings.default_sink == "null"


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("nonsense: 1", 'f:1:1: unknown key "nonsense"'),
        ("sinks:\n  a: {kind: alsa}", 'f:2:6: a node of kind alsa needs "card" as well'),
        ("sinks:\n  a: {kind: file}", 'f:2:6: a node of kind file needs "path" as well'),
        ("sinks:\n  a: {kind: compress}", 'f:2:6: a node of kind compress needs "card" or "virtual" as well'),
        ("sinks:\n  a: {kind: null, path: /x}", 'f:2:19: "path" does not belong to a node of kind null'),
        ("sinks:\n  a: {}", 'f:2:6: this needs "kind" as well'),
        ("sinks:\n  a: {kind: null, format: s16}", "f:2:27: 's16' is not a format"),
        ("sinks:\n  a: {kind: null, format: s16/48000/9}", "f:2:27: 9 channels are more than"),
        ("sinks:\n  a: {kind: null, format: mp3/48000/2}", 'f:2:27: "mp3/48000/2" is encoded audio'),
        ("sinks:\n  a b: {kind: null}", 'f:2:3: "a b" is not a name'),
        ("sources:\n  a: {kind: file, path: /x}", 'f:2:13: "file" is not known here'),
        ("defaults: {sink: b}\nsinks: {a: {kind: null}}", 'f:1:18: there is no sink "b" in this file'),
        ("latency: {shortest: 1}", 'f:1:21: "1" is no time'),
        ("latency: {shortest: 1 us}", 'f:1:21: "1 us" is outside 500 us to 2 s'),
        ("latency: {shortest: 20 ms, longest: 10 ms}", "f:1:10: the shortest latency, 20 ms, is above 10 ms"),
        ("sinks:\n  a: {kind: null, longest: 500 us, shortest: 1 s}", "f:2:6: the shortest latency, 1 s, is above"),
        ("sinks:\n  a: {kind: null, suspend-after: 1500 ms}", "f:2:34: this is given in whole seconds"),
        (
            "sinks:\n  a: {kind: compress, virtual: q6asm, suspend_after: 5 s}",
            'f:2:39: unknown key "suspend_after"; did you mean "suspend-after"?',
        ),
        ("sockets: {bus: {}}", 'f:1:11: "bus" is not an absolute path'),
        ("sockets: {/bus: {mode: 0999}}", 'f:1:24: "0999" is not three octal digits'),
        ("sockets: {/bus: {role: king}}", 'f:1:24: "king" is not known here'),
        ("priority: 100", 'f:1:11: "100" is not a whole number, 0 to 99'),
        ("access: {users: {root: boss}}", 'f:1:24: "boss" is not known here'),
        ("limits: {clients: 0}", 'f:1:19: "0" is not a whole number'),
        ("second-encoded: maybe", 'f:1:17: "maybe" is not known here'),
        ("a: &b 1", "f:1:4: an anchor"),
        ("- a", "f:1:1: expected keys and values"),
        ("a: [", "f:2:1: this is not YAML"),
    ],
)
def test_a_mistake_is_told_with_its_place(yaml: str, expected: str) -> None:
    assert mistakes(yaml + "\n")[0].startswith(expected)


def test_all_mistakes_are_told_at_once() -> None:
    assert len(mistakes("sinks:\n  a: {kind: nul}\n  b: {kind: alsa}\npriority: x\nhotplug: perhaps\n")) == 4


@given(st.binary(max_size=300))
def test_whatever_a_file_holds_it_is_read_or_refused(data: bytes) -> None:
    with suppress(UserError):
        parse_daemon(data, "f")


def test_the_file_is_named_by_option_variable_or_custom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIOBUSD_CONFIG", "/other")
    assert find_daemon_file("/named") == "/named"
    assert find_daemon_file() == "/other"
    assert find_daemon_file("") is None
    monkeypatch.setenv("AUDIOBUSD_CONFIG", "")
    assert find_daemon_file() is None


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match="cannot read /nowhere"):
        load_daemon("/nowhere")


def test_the_page_has_every_key_as_the_schema_has_it_and_no_other() -> None:
    rows = [
        f"| `{path}` | {key.reader.form} | {'' if not key.needed else '(needed) '}{key.meaning} |"
        for path, key in described(DAEMON)
    ]
    found = [line for line in PAGE.read_text().splitlines() if re.match(r"\| `[a-z-]+[.`]", line)]
    assert found == rows


def test_every_key_stands_in_the_page_s_example() -> None:
    for path, _ in described(DAEMON):
        assert re.search(rf"^ *{path.rpartition('.')[2]}:", EXAMPLE, re.MULTILINE), path
