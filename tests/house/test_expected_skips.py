"""A run fails on a skip nobody expected, and on no other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent
SKIPPED = 'import pytest\ndef test_sound(): pytest.skip("no sound card here")\ndef test_else(): pass\n'
SKIPPED_MODULE = 'import pytest\npytest.skip("no sound card here", allow_module_level=True)\n'
SKIPPED_IN_SETUP = (
    "import pytest\n@pytest.fixture\ndef card(): pytest.skip('no sound card here')\ndef test_sound(card): pass\n"
)
FAILS_AS_EXPECTED = 'import pytest\n@pytest.mark.xfail(reason="a known bug")\ndef test_sound(): assert False\n'
FAILS = SKIPPED + "def test_broken(): assert False\n"


def run(folder: Path, test: str, expected: str | None) -> subprocess.CompletedProcess[str]:
    """Run pytest as its user would on one test module."""
    (folder / "test_sample.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-p", "expected_skips", "-p", "no:cacheprovider", "-ra", "."]
    if expected is not None:
        (folder / "expected.txt").write_text(expected)
        command += ["--expected-skips", "expected.txt"]
    environment = {**os.environ, "PYTHONPATH": str(HOUSE), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("test", [SKIPPED, SKIPPED_MODULE, SKIPPED_IN_SETUP])
def test_a_skip_that_nobody_expected_fails_the_run_and_says_why(tmp_path: Path, test: str) -> None:
    result = run(tmp_path, test, "# nothing is expected\n\n")
    assert result.returncode == 1
    assert "skips that nobody expected" in result.stdout
    assert "no sound card here" in result.stdout
    assert "add the reason to expected.txt" in result.stdout


@pytest.mark.parametrize("pattern", ["no sound card here", "no sound card*", "*card*"])
def test_a_skip_that_is_expected_passes_and_still_says_why(tmp_path: Path, pattern: str) -> None:
    result = run(tmp_path, SKIPPED, f"# a container has none\n{pattern}\n")
    assert result.returncode == 0
    assert "no sound card here" in result.stdout
    assert "nobody expected" not in result.stdout


def test_the_closing_line_of_the_run_stays_its_last(tmp_path: Path) -> None:
    last = run(tmp_path, SKIPPED, "").stdout.splitlines()[-1]
    assert "1 passed, 1 skipped" in last


def test_a_pattern_is_the_whole_reason_unless_it_has_a_star(tmp_path: Path) -> None:
    assert run(tmp_path, SKIPPED, "sound card\n").returncode == 1


def test_a_test_that_is_known_to_fail_is_no_skip(tmp_path: Path) -> None:
    assert run(tmp_path, FAILS_AS_EXPECTED, "").returncode == 0


def test_a_failing_test_fails_the_run_whatever_is_expected(tmp_path: Path) -> None:
    assert run(tmp_path, FAILS, "*\n").returncode == 1


def test_without_the_option_skips_pass(tmp_path: Path) -> None:
    assert run(tmp_path, SKIPPED, None).returncode == 0


def test_a_list_that_is_not_there_is_a_users_mistake(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "expected_skips", "--expected-skips", "expected.txt", "."]
    environment = {**os.environ, "PYTHONPATH": str(HOUSE), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "there is no file expected.txt" in result.stderr


def test_every_expected_reason_has_a_comment_above_it() -> None:
    lines = (HOUSE / "expected-skips.txt").read_text().splitlines()
    for above, line in zip(["", *lines], lines, strict=False):
        assert not line or line.startswith("#") or above.startswith("#"), line
