"""A pytest plugin: with --expected-skips FILE, a skip whose reason is not in FILE fails the run. Holds no reasons."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

import pytest


def read_expected(path: Path) -> list[str]:
    """Read the patterns, one a line (`*` and `?` as in a shell); lines that begin with # say why."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


class SkipWatch:
    """Collects skips nobody expected and turns a run that was green into a failed one."""

    def __init__(self, expected: Iterable[str], source: Path) -> None:
        self._expected = tuple(expected)
        self._source = source
        self._surprises: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test, its set-up or its tear-down ended."""
        if not hasattr(report, "wasxfail"):
            self._weigh(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A whole module may be skipped while it is collected."""
        self._weigh(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that would have passed."""
        if self._surprises and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name the skips that failed the run."""
        if not self._surprises:
            return
        terminalreporter.section("skips that nobody expected", sep="=", red=True)
        for surprise in self._surprises:
            terminalreporter.line(surprise)
        terminalreporter.line(f"Install what they need (make deps), or add the reason to {self._source}.")

    def _weigh(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if not report.skipped:
            return
        reason = _reason(report)
        if not any(fnmatchcase(reason, pattern) for pattern in self._expected):
            self._surprises.append(f"{report.nodeid}: {reason}")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ").strip()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --expected-skips."""
    parser.addoption(
        "--expected-skips",
        metavar="FILE",
        type=Path,
        help="fail if a test is skipped for a reason that FILE does not list",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Watch the skips if asked to."""
    source: Path | None = config.getoption("--expected-skips")
    if source is None:
        return
    if not source.is_file():
        raise pytest.UsageError(f"--expected-skips: there is no file {source}")
    config.pluginmanager.register(SkipWatch(read_expected(source), source), "skip-watch")
