"""The linter's opinion of the layer, and that it has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from layer.lint import lint, main
from layer.recipes import files_of_layer

A_RECIPE_WITH_A_MISTAKE = """\
SUMMARY = "A recipe of another release"
LICENSE = "GPLv2"
RDEPENDS_${PN} = "bash"
"""


def test_the_layer_is_clean_for_wrynose(capsys: pytest.CaptureFixture[str]) -> None:
    status = main()
    assert (status, capsys.readouterr().err) == (0, "")


def test_a_recipe_of_another_release_is_not_clean(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong_1.0.bb"
    wrong.write_text(A_RECIPE_WITH_A_MISTAKE)
    done = lint(wrong)
    assert done.returncode == 1
    assert "oelint.vars.licensesdeprecated" in done.stderr or "oelint.var.mandatoryvar" in done.stderr


def test_no_line_ends_with_a_space() -> None:
    found = [
        f"{path}:{number}"
        for path in files_of_layer("*.bb", "*.bbappend", "*.inc", "*.bbclass", "*.conf", "*.yml", "*.md", "*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if line != line.rstrip()
    ]
    assert found == []
