"""`audiobus policy order`: the hooks of a question, or of all, as they are asked."""

from __future__ import annotations

import argparse

from pyaudiobus.cli.bus_arguments import put_json
from pyaudiobus.cli.policy_sources import add_source_arguments, sources
from pyaudiobus.cli.printing import put_line
from pyaudiobus.config.mistakes import nearest
from pyaudiobus.errors import UserError
from pyaudiobus.policy.chain import Chain
from pyaudiobus.policy.questions import BY_NAME, QUESTIONS

WIDTH = 26


def add_order_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_source_arguments(parser)
    parser.add_argument("question", metavar="QUESTION", nargs="?", help="by default all questions")


def order(arguments: argparse.Namespace) -> int:
    """Print them."""
    wanted = arguments.question
    if wanted is not None and wanted not in BY_NAME:
        raise UserError(f"there is no question {wanted!r}{nearest(wanted, BY_NAME)}")
    with sources(arguments) as found:
        chains = found.chains
    names = [question.name for question in QUESTIONS if wanted in (None, question.name)]
    if arguments.json:
        put_json({name: _as_words(chains[name]) for name in names} if wanted is None else _as_words(chains[wanted]))
        return 0
    for number, name in enumerate(names):
        if number:
            put_line("")
        for line in lines(chains[name]):
            put_line(line)
    return 0


def lines(chain: Chain) -> list[str]:
    """Return a chain in words."""
    question = BY_NAME[chain.question]
    told = [f"{question.name}: {question.meaning} About {question.subject}; the answer is {question.value}."]
    for number, hook in enumerate(chain.hooks, 1):
        source = f" [{hook.source}]" if hook.source else ""
        told.append(f"  {number:2} {hook.name:<{WIDTH}} {hook.summary}{source}")
    return [*told, *(f"   - {name:<{WIDTH}} switched off" for name in chain.off)]


def _as_words(chain: Chain) -> dict[str, object]:
    return {
        "question": chain.question,
        "hooks": [
            {
                "name": hook.name,
                "summary": hook.summary,
                "before": list(hook.before),
                "after": list(hook.after),
                "source": hook.source,
            }
            for hook in chain.hooks
        ],
        "off": list(chain.off),
    }
