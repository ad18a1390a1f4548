"""The parts of service/docs/policy.md that are printed from the code. `python -m tests.policy.manual` renews them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pyaudiobus.cli.policy_order import lines
from pyaudiobus.config.policy_file import policy_schema
from pyaudiobus.config.policy_tests import TESTS
from pyaudiobus.config.readers import described
from pyaudiobus.model.settings import SETTINGS
from pyaudiobus.policy.happening import FORMS
from pyaudiobus.policy.presets import MEANINGS, PRESETS, chains_for
from pyaudiobus.policy.questions import QUESTIONS

PAGE = Path(__file__).parents[2] / "service/docs/policy.md"


def order() -> list[str]:
    chains = chains_for("main")
    blocks = ["\n".join(lines(chains[question.name])) for question in QUESTIONS]
    return ["```text", *"\n\n".join(blocks).split("\n"), "```"]


def settings() -> list[str]:
    rows = [f"| `{one.name}` | {one.form} | {one.write(one.default)} | {one.meaning} |" for one in SETTINGS]
    return ["| setting | what it takes | default | |", "|---|---|---|---|", *rows]


def keys() -> list[str]:
    rows = [
        f"| `{path}` | {'' if path == 'off' else key.reader.form} | {'(needed) ' if key.needed else ''}{key.meaning} |"
        for path, key in described(policy_schema())
        if not path.startswith("settings.")
    ]
    return ["| key | what it takes | |", "|---|---|---|", *rows]


def tests() -> list[str]:
    rows = [
        f"| `{path}` | {key.reader.form} | {'(needed) ' if key.needed else ''}{key.meaning} |"
        for path, key in described(TESTS)
    ]
    return ["| key | what it takes | |", "|---|---|---|", *rows]


def profiles() -> list[str]:
    rows = [f"| `{name}` | {MEANINGS[name]} | {', '.join(f'`{hook}`' for hook in PRESETS[name])} |" for name in PRESETS]
    return ["| profile | | left out |", "|---|---|---|", *rows]


def events() -> list[str]:
    return ["```text", *FORMS, "```"]


PARTS: dict[str, Callable[[], list[str]]] = {
    "order": order,
    "settings": settings,
    "keys": keys,
    "tests": tests,
    "profiles": profiles,
    "events": events,
}


def renewed(page: str) -> str:
    """Return the page with every part printed anew."""
    for name, part in PARTS.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        page = "".join((before, begin, "\n".join(part()), "\n", end, rest.partition(end)[2]))
    return page


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
