"""The tables of the manual that are the doctor's own words. `python -m tests.doctor.tables` writes them anew."""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path

from pyaudiobus.doctor.diagnosis import Result
from pyaudiobus.doctor.judgement import Standing
from pyaudiobus.doctor.order import CHECKS
from tests.doctor.bench import Dragonboard
from tests.doctor.failures import FAILURES, spoil

ROOT = Path(__file__).parents[2]
MANUAL = ROOT / "service/docs/audiobus.md"
FLASHING = ROOT / "meta-pyaudiobus/docs/flashing.md"
DOCUMENTS = ((MANUAL, "checks"), (MANUAL, "failures"), (FLASHING, "failures"))


def tables() -> dict[str, str]:
    """Return each table by its name."""
    return {"checks": _table("check", "what it looks at", rows=_checks()), "failures": _failures()}


def table_in(text: str, name: str) -> str:
    """Return what stands between a document's marks."""
    return text.partition(_begin(name))[2].partition(_end(name))[0]


def with_table(text: str, name: str, table: str) -> str:
    """Return a document with another table between its marks."""
    before, _, rest = text.partition(_begin(name))
    return f"{before}{_begin(name)}{table}{_end(name)}{rest.partition(_end(name))[2]}"


def _begin(name: str) -> str:
    return f"<!-- {name} -->\n"


def _end(name: str) -> str:
    return f"<!-- end of {name} -->"


def _checks() -> list[tuple[str, ...]]:
    return [(check.topic, _first_line(check.judge.__module__)) for check in CHECKS]


def _first_line(module: str) -> str:
    words = (import_module(module).__doc__ or "").splitlines()[0].rstrip(".")
    return words[0].lower() + words[1:]


def _failures() -> str:
    with tempfile.TemporaryDirectory() as folder:
        rows = [_failure(Path(folder) / str(number), failure) for number, failure in enumerate(FAILURES)]
    return _table("what is wrong", "`audiobus doctor` says", "and advises", rows=rows)


def _failure(root: Path, failure: str) -> tuple[str, ...]:
    board = Dragonboard(root)
    spoil(board, failure)
    found = board.examine()
    warned = (result for result in found.results if result.judgement.standing is Standing.WARNING)
    told: Result = next(iter((*found.causes, *warned)))
    judgement = told.judgement
    words = (failure, f"{told.topic}: {judgement.line}", f"{judgement.advice} `{judgement.command}`".lstrip())
    return tuple(word.replace(str(root), "").replace("|", "\\|") for word in words)


def _table(*heads: str, rows: list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return (
        "".join(f"| {' | '.join(line)} |\n" for line in lines)
        .replace("| --- | --- |", "|---|---|")
        .replace(" --- |", "---|")
    )


def main() -> int:
    """Write every table into its documents."""
    for path, name in DOCUMENTS:
        path.write_text(with_table(path.read_text(), name, tables()[name]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
