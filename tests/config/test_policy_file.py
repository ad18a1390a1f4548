"""The policy file: what it says, and every mistake with its place."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from pyaudiobus.config.mistakes import FileMistakes
from pyaudiobus.config.policy_file import parse_policy
from pyaudiobus.model.daemon_settings import Role
from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import Meeting, PolicySettings, WhenBusy
from pyaudiobus.model.rule import fitting

WHOLE = """
profile: embedded
off: [find_best_target, target/find_group_target]
settings:
  encoded.when-busy: wait
  volume.boot: 0.25
  linking.follow-default-target: off
roles:
  music: {priority: 10, targets: [dsp, speaker]}
  alert:
    priority: 30
    lower-priority: duck
    same-priority: cork
    duck-to: 0.2
    volume: 0.8
rules:
  usb-first:
    match: {kind: node, name: "usb-*"}
    properties: {priority.session: 2000, node.description: null}
  kiosk:
    match:
      - {kind: client, executable: "~/usr/bin/kiosk.*"}
      - {kind: client, uid: 1000..1999}
    role: restricted
  quiet:
    match: {media.role: "!alert", media.name: null}
    target: speaker
access:
  shop: {role: restricted, users: [0, nobody-of-that-name], cgroups: ["/system.slice/shop*"]}
devices:
  "card-*": {profiles: [hifi, basic], routes: [headphones]}
"""


def parse(yaml: str, hooks: tuple[str, ...] = ()) -> PolicySettings:
    return parse_policy(yaml.encode(), "f", hooks)


def mistakes(yaml: str) -> list[str]:
    with pytest.raises(FileMistakes) as found:
        parse(yaml)
    return [str(mistake) for mistake in found.value.mistakes]


def node(name: str, **properties: str) -> Item:
    known = {key.replace("_", "."): value for key, value in properties.items()}
    return Item(5, "node", name, 0, "idle", MappingProxyType(known), MappingProxyType({"uid": 1500}))


def test_an_empty_file_leaves_everything_as_it_is() -> None:
    assert parse("") == PolicySettings(path="f")


def test_a_whole_file_says_what_it_seems_to_say() -> None:
    policy = parse(WHOLE)
    assert (policy.profile, policy.off) == ("embedded", ("find_best_target", "target/find_group_target"))
    assert policy.settings.encoded_when_busy is WhenBusy.WAIT
    assert (policy.settings.volume_boot, policy.settings.linking_follow_default_target) == (0.25, False)
    alert = policy.role("Alert")
    assert alert is not None
    assert (alert.priority, alert.lower, alert.same, alert.duck_to) == (30, Meeting.DUCK, Meeting.CORK, 0.2)
    assert policy.rules[0].properties == {"priority.session": "2000", "node.description": None}
    assert (policy.access[0].role, policy.access[0].users) == (Role.RESTRICTED, (0, -1))
    assert policy.devices[0].profiles == ("hifi", "basic")


@pytest.mark.parametrize(
    ("item", "rules"),
    [
        (node("usb-box"), ["usb-first", "quiet"]),
        (node("box", media_role="alert"), []),
        (node("box", media_role="music"), ["quiet"]),
        (node("box", media_name="x"), []),
        (node("box").replace(kind="client"), ["kiosk", "quiet"]),
    ],
)
def test_rules_mean_what_fits_all_of_one_of_their_descriptions(item: Item, rules: list[str]) -> None:
    assert [rule.name for rule in fitting(parse(WHOLE).rules, item)] == rules


@pytest.mark.parametrize(
    ("yaml", "told"),
    [
        ("setings: {}\n", 'f:1:1: unknown key "setings"; did you mean "settings"?'),
        ("settings: {volume.boost: 1}\n", 'f:1:12: unknown key "volume.boost"; did you mean "volume.boot"?'),
        ("settings: {volume.boot: loud}\n", "f:1:25: volume.boot cannot be 'loud': it is a number, 0 to 1 linear"),
        (
            "settings: {encoded.when-busy: drop}\n",
            "f:1:31: encoded.when-busy cannot be 'drop': it is decode or wait or refuse",
        ),
        ("off: [find_bst_target]\n", 'f:1:7: there is no hook "find_bst_target"; did you mean "find_best_target"?'),
        ("roles:\n  a: {}\n  a: {}\n", 'f:3:3: "a" stands here again; it is in line 2 too'),
        (
            "roles: {a: {lower-priority: silence}}\n",
            'f:1:29: "silence" is not known here; there is "mix", "duck", "cork", "pause"',
        ),
        ("roles: {a: {priority: high}}\n", 'f:1:23: "high" is not a whole number, 0 to 1000'),
        ("rules: {a: {target: x}}\n", 'f:1:12: this needs "match" as well'),
        ("rules: {a: {match: {}}}\n", "f:1:20: a rule without a condition would fit everything; name what it is for"),
        ("rules: {a: {match: {name: '~('}}}\n", 'f:1:27: "(" is no regular expression'),
        ("rules: {a: {match: {name: '~(a+)+'}}}\n", 'f:1:27: "(a+)+" repeats a repetition, which can take for ever'),
        ("rules: {a: {match: {name: 9..1}}}\n", "f:1:27: the range 9..1 is empty"),
        ("rules: {a: {match: {name: x}, properties: {policy.state: x}}}\n", 'f:1:44: "policy.state" is the bus\'s own'),
        ("access: {a: {users: [x]}}\n", 'f:1:13: this needs "role" as well'),
        ("profile: mane\n", 'f:1:10: "mane" is not known here; did you mean "main"?'),
    ],
)
def test_every_mistake_has_its_place_and_says_what_is_allowed(yaml: str, told: str) -> None:
    (mistake,) = mistakes(yaml)
    assert mistake.startswith(told) or told in mistake


def test_a_script_s_hook_can_be_switched_off() -> None:
    assert parse("off: [mine]\n", ("mine",)).off == ("mine",)
