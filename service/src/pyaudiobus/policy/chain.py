"""Hooks in their order: sorted by what they say of each other, checked while they are loaded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from pyaudiobus.errors import UserError
from pyaudiobus.model.record import Record
from pyaudiobus.policy.hook import Hook
from pyaudiobus.policy.questions import BY_NAME


class HookError(UserError):
    """A hook that cannot stand where it wants to."""


class Chain(Record):
    """One question's hooks in their order."""

    question: str
    hooks: tuple[Hook, ...]
    off: tuple[str, ...] = ()
    """Hooks that were switched off; they have no say, and order the others as before."""

    @classmethod
    def of(cls, question: str, hooks: Iterable[Hook], off: Collection[str] = ()) -> Chain:
        """Sort hooks; those that nothing orders stay as given. HookError tells what cannot be."""
        known = _by_name(question, hooks)
        order = _sorted(question, known)
        kept = tuple(found for found in order if found.name not in off)
        return cls(question, kept, tuple(found.name for found in order if found.name in off))


Chains = Mapping[str, Chain]
"""Every question's chain, by the question's name."""


def chains_of(hooks: Iterable[Hook], off: Collection[str] = ()) -> Chains:
    """Make every question's chain. HookError for a question that nobody asks, an unknown neighbour, a cycle, a double.

    `off` names hooks as "find_best_target" or, where two questions have one of that name, "target/find_best_target".
    """
    hooks = tuple(hooks)
    _check_questions(hooks)
    _check_off(hooks, off)
    return {
        name: Chain.of(
            name,
            (found for found in hooks if found.question == name),
            {word.rpartition("/")[2] for word in off if word.rpartition("/")[0] in ("", name)},
        )
        for name in BY_NAME
    }


def _check_questions(hooks: Iterable[Hook]) -> None:
    for found in hooks:
        if found.question not in BY_NAME:
            raise HookError(
                f"{_described(found)} decides {found.question!r}, which nobody asks",
                facts=[f"questions: {', '.join(BY_NAME)}"],
            )


def _check_off(hooks: Iterable[Hook], off: Collection[str]) -> None:
    known = list(hooks)
    words = {found.name for found in known} | {f"{found.question}/{found.name}" for found in known}
    for name in off:
        if name not in words:
            raise HookError(f"there is no hook {name!r} to be switched off", facts=[_list("hooks", sorted(words))])


def _by_name(question: str, hooks: Iterable[Hook]) -> dict[str, Hook]:
    known: dict[str, Hook] = {}
    for found in hooks:
        if found.name in known:
            raise HookError(
                f"there are two hooks {found.name!r} for {question!r}",
                facts=[_described(known[found.name]), _described(found)],
                advice="Rename one of them; to replace a hook, switch it off by its name.",
            )
        known[found.name] = found
    return known


def _sorted(question: str, known: Mapping[str, Hook]) -> list[Hook]:
    """Sort: those that come along as given, an owner's right behind what it comes after, or before what it precedes."""
    waits = _predecessors(question, known)
    order: list[Hook] = []
    done: set[str] = set()
    while len(order) < len(known):
        free = [name for name in known if name not in done and waits[name] <= done]
        if not free:
            raise _cycle(question, known, {name: waits[name] - done for name in known if name not in done})
        ready = next((name for name in free if _wants_early(known[name])), free[0])
        done.add(ready)
        order.append(known[ready])
    return order


def _wants_early(found: Hook) -> bool:
    return bool(found.source) and (bool(found.after) or not found.before)


def _predecessors(question: str, known: Mapping[str, Hook]) -> dict[str, set[str]]:
    waits: dict[str, set[str]] = {name: set() for name in known}
    for name, found in known.items():
        for other in (*found.before, *found.after):
            if other not in known:
                raise HookError(
                    f"{_described(found)} stands beside {other!r}, which is no hook for {question!r}",
                    facts=[_list("hooks", known)],
                )
        waits[name].update(found.after)
        for other in found.before:
            waits[other].add(name)
    return waits


def _cycle(question: str, known: Mapping[str, Hook], waits: Mapping[str, set[str]]) -> HookError:
    path = [min(waits)]
    while path[-1] not in path[:-1]:
        path.append(min(waits[path[-1]]))
    path = path[path.index(path[-1]) :]
    path.reverse()
    return HookError(
        f"the hooks for {question!r} wait for each other: {' -> '.join(path)}",
        facts=[_described(known[name]) for name in path[1:]],
        advice="Take one before or after out of them.",
    )


def _described(found: Hook) -> str:
    return f"{found.name} ({found.source})" if found.source else found.name


def _list(what: str, names: Iterable[str]) -> str:
    return f"{what}: {', '.join(names) or 'none'}"
