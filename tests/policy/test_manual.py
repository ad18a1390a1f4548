"""service/docs/policy.md: what it prints of the code is as the code is, and its examples work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pyaudiobus.config.policy_file import parse_policy
from pyaudiobus.config.policy_scripts import Script, load_script
from pyaudiobus.model.policy import Settings
from pyaudiobus.model.settings import SETTINGS
from pyaudiobus.policy.builtin import HOOKS
from pyaudiobus.policy.presets import PRESETS, fitting_scripts
from pyaudiobus.policy.remedies import OPEN, REMEDIES
from tests.cli.test_policy import Run, run
from tests.policy.manual import PAGE, renewed

__all__ = ["run"]


def example(language: str, containing: str) -> str:
    texts: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return next(text for text in texts if containing in text)


def test_what_the_page_prints_of_the_code_is_as_the_code_is() -> None:
    assert renewed(PAGE.read_text()) == PAGE.read_text(), "print it anew: python -m tests.policy.manual"


def test_the_page_s_policy_file_can_be_read() -> None:
    policy = parse_policy(example("yaml", "profile:").encode(), "f")
    assert [role.name for role in policy.roles] == ["music", "navigation", "call"]


def test_the_page_s_script_joins_the_order(tmp_path: Path) -> None:
    path = tmp_path / "nursery.py"
    path.write_text(example("python", "find_nursery"))
    loaded = load_script(str(path))
    assert isinstance(loaded, Script)
    chains, left_out = fitting_scripts("main", (), [loaded.hooks])
    assert not left_out
    assert "find_nursery" in [hook.name for hook in chains["target"].hooks]


def test_the_page_s_test_passes_with_the_page_s_policy_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(example("yaml", "profile:"))
    (tmp_path / "tests.yaml").write_text(example("yaml", "tests:"))
    code, out, err = run("test", "--policy", "policy.yaml", "tests.yaml")
    assert (code, out, err) == (0, "ok     a-bell-makes-music-softer\n1 as expected, 0 not\n", "")


def test_every_hook_says_what_it_does_and_has_a_file_of_its_name() -> None:
    for hook in HOOKS:
        assert hook.summary.endswith("."), hook.name
        assert hook.decider.__module__ == f"pyaudiobus.policy.{hook.question}.{hook.name}"


def test_what_is_named_elsewhere_is_there() -> None:
    names = {hook.name for hook in HOOKS}
    assert {name for left_out in PRESETS.values() for name in left_out} <= names
    assert {*REMEDIES, *OPEN} <= names


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_read_as_it_is_written_and_has_a_default_within_its_bounds(setting: object) -> None:
    known = next(one for one in SETTINGS if one is setting)
    assert known.parse(known.write(known.default)) == known.default
    assert known.allowed or known.least < known.most


def test_every_setting_has_its_field_and_every_field_its_setting() -> None:
    assert [one.field for one in SETTINGS] == list(Settings._fields)
