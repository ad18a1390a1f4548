"""Owners' scripts: those that can be used, and those that are named and left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pyaudiobus.config.policy_scripts import load_scripts
from pyaudiobus.errors import UserError
from pyaudiobus.policy.presets import fitting_scripts

IMPORTS = "from pyaudiobus.policy.hook import hook\nfrom pyaudiobus.policy.verdict import Choice, Pass\n"


def script(folder: Path, name: str, body: str, imports: str = IMPORTS) -> None:
    (folder / name).write_text(imports + body)


def hook(name: str, declared: str) -> str:
    return f'@hook({declared})\ndef {name}(subject, bus):\n    return Pass("no")\n'


def order(folder: Path, question: str = "target") -> tuple[list[str], list[str]]:
    loaded = load_scripts(str(folder))
    chains, left_out = fitting_scripts("main", (), [one.hooks for one in loaded.scripts])
    return [found.name for found in chains[question].hooks], [*map(str, loaded.mistakes), *left_out]


def test_a_script_stands_right_behind_what_it_comes_after(tmp_path: Path) -> None:
    script(tmp_path, "a.py", hook("mine", '"target", after=["find_named_target"]'))
    names, mistakes = order(tmp_path)
    assert not mistakes
    assert names[names.index("find_named_target") + 1] == "mine"


def test_a_script_stands_right_before_what_it_precedes(tmp_path: Path) -> None:
    script(tmp_path, "a.py", hook("mine", '"target", before=["find_default_target"]'))
    names, _ = order(tmp_path)
    assert names[names.index("find_default_target") - 1] == "mine"


def test_scripts_may_name_each_other_whatever_their_files_are_called(tmp_path: Path) -> None:
    script(tmp_path, "a.py", hook("first", '"target", after=["second"]'))
    script(tmp_path, "b.py", hook("second", '"target", after=["find_named_target"]'))
    names, mistakes = order(tmp_path)
    assert not mistakes
    assert names.index("second") < names.index("first")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("import nothing_of_that_name\n", "bad.py:3: ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("1 / 0\n", "bad.py:3: ZeroDivisionError: division by zero"),
        ("def (:\n", "bad.py:3: this is not Python: invalid syntax"),
        ("raise SystemExit(3)\n", "bad.py:3: SystemExit: 3"),
        ("x = 1\n", "bad.py: there is no hook in it"),
        ("@hook()\ndef mine(subject, bus): ...\n", "bad.py:3: the hook mine does not say which question it decides"),
        (hook("mine", '"tarjet"'), "mine (BAD) decides 'tarjet', which nobody asks"),
        (
            hook("mine", '"target", after=["nowhere"]'),
            "mine (BAD) stands beside 'nowhere', which is no hook for 'target'",
        ),
        (hook("find_best_target", '"target"'), "there are two hooks 'find_best_target' for 'target'"),
        (
            hook("mine", '"target", after=["find_best_target"], before=["find_named_target"]'),
            "the hooks for 'target' wait for each other: ",
        ),
    ],
)
def test_a_script_that_cannot_be_used_is_named_and_the_others_go_on(tmp_path: Path, body: str, told: str) -> None:
    script(tmp_path, "bad.py", body)
    script(tmp_path, "good.py", hook("good", '"target", after=["find_named_target"]'))
    names, mistakes = order(tmp_path)
    assert "good" in names
    (mistake,) = mistakes
    assert told in mistake.replace(str(tmp_path / "bad.py"), "BAD") or told in mistake


def test_a_cycle_is_shown_with_its_whole_way(tmp_path: Path) -> None:
    script(tmp_path, "a.py", hook("mine", '"target", after=["find_ruled_target"], before=["find_named_target"]'))
    _, (mistake,) = order(tmp_path)
    assert "find_ruled_target -> mine -> find_named_target -> find_ruled_target" in mistake


def test_a_script_that_everybody_may_write_is_not_run(tmp_path: Path) -> None:
    script(tmp_path, "a.py", hook("mine", '"target"'))
    os.chmod(tmp_path / "a.py", 0o666)
    _, (mistake,) = order(tmp_path)
    assert "everybody may write it" in mistake


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read"):
        load_scripts(str(tmp_path / "no"))
