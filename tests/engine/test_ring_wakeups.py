"""No order of steps loses a wakeup: every interleaving of a sleeper and a waker is tried, as weak memory allows them.

The programs below are the steps of ring_want_space/ring_want_data (the sleeper) and of ring_take/ring_publish (the
waker) in ring.h. A machine here may execute a step before an earlier one of the same thread unless a fence stands
between them, they touch the same word, or one decides whether the other happens: weaker than any machine Linux runs on.
"""

from dataclasses import dataclass

import pytest

NONE = 99


@dataclass(frozen=True)
class Step:
    """One access to shared memory, or a fence, or the system call."""

    kind: str  # store, load, fence, exchange, wake, sleep
    word: str = ""
    value: int = 0
    index: int = 0
    """What the sleeper sleeps for, or the index the waker has just stored."""


@dataclass(frozen=True)
class World:
    memory: tuple[tuple[str, int], ...]
    event: int
    left: tuple[tuple[int, ...], tuple[int, ...]]  # steps not done yet, of each thread
    seen: tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]  # what each thread's loads found


def sleeper(goal: int, *, fence: bool, tries: int = 1) -> list[Step]:
    """Sleep until the index reaches the goal; woken too early, try again."""
    once = [
        Step("store", "wanted", goal, goal),
        Step("fence"),
        Step("load", "index", index=goal),
        Step("sleep", index=goal),
    ]
    steps = [step for step in once if fence or step.kind != "fence"]
    return [step for _ in range(tries) for step in (*steps, Step("fence"))]


def waker(index: int, *, fence: bool) -> list[Step]:
    """Show an index, and wake who waits for it."""
    steps = [
        Step("store", "index", index, index),
        Step("fence"),
        Step("load", "wanted", index=index),
        Step("exchange", "wanted", NONE, index),
        Step("wake", index=index),
    ]
    return [step for step in steps if fence or step.kind != "fence"]


def must_follow(earlier: Step, later: Step) -> bool:
    """Whether a thread has to do `earlier` first."""
    if "fence" in (earlier.kind, later.kind):
        return True
    if later.kind in ("sleep", "wake", "exchange"):  # they depend on what was loaded before, or call the kernel
        return earlier.kind != "store" or earlier.word == later.word
    return earlier.word == later.word


def ready(program: list[Step], left: tuple[int, ...]) -> list[int]:
    return [at for at in left if not any(must_follow(program[other], program[at]) for other in left if other < at)]


def outcomes(programs: tuple[list[Step], list[Step]], start_index: int) -> set[str]:
    """Run every order there is; say how they end: "awake", or "lost" where the sleeper sleeps for ever."""
    first = World(
        (("index", start_index), ("wanted", NONE)),
        0,
        (tuple(range(len(programs[0]))), tuple(range(len(programs[1])))),
        ((), ()),
    )
    pending, known, ends = [first], {first}, set()
    while pending:
        world = pending.pop()
        followers = [new for thread in (0, 1) for new in steps_of(world, thread, programs[thread])]
        if not followers:
            ends.add("lost" if world.left[0] else "awake")
        for new in followers:
            if new not in known:
                known.add(new)
                pending.append(new)
    return ends


def steps_of(world: World, thread: int, program: list[Step]) -> list[World]:
    return [new for at in ready(program, world.left[thread]) if (new := do(world, thread, program[at], at)) is not None]


def do(world: World, thread: int, step: Step, at: int) -> World | None:
    """Return the world after one step, None where the thread has to sleep on."""
    memory, seen, event = dict(world.memory), dict(world.seen[thread]), world.event
    has_reached = thread == 0 and seen.get("index", 0) >= step.index
    if step.kind == "store" and not has_reached:
        memory[step.word] = step.value
    elif step.kind == "load":
        seen[step.word] = memory[step.word]
    elif step.kind == "exchange":
        seen["exchanged"] = NONE
        if seen["wanted"] <= step.index:
            seen["exchanged"] = memory["wanted"]
            memory["wanted"] = step.value
    elif step.kind == "wake" and seen["exchanged"] != NONE:
        event += 1
    elif step.kind == "sleep" and not has_reached:
        if not event:
            return None
        event -= 1
    left = list(world.left)
    left[thread] = tuple(other for other in world.left[thread] if other != at)
    all_seen = list(world.seen)
    all_seen[thread] = tuple(sorted(seen.items()))
    return World(tuple(sorted(memory.items())), event, (left[0], left[1]), (all_seen[0], all_seen[1]))


def waking(last: int, *, fence: bool = True) -> list[Step]:
    return [step for index in range(1, last + 1) for step in (*waker(index, fence=fence), Step("fence"))]


@pytest.mark.parametrize("goal", [1, 2, 3])
def test_no_order_of_steps_loses_a_wakeup(goal: int) -> None:
    assert outcomes((sleeper(goal, fence=True, tries=4), waking(3)), 0) == {"awake"}


@pytest.mark.parametrize(("sleeps_fenced", "wakes_fenced"), [(True, False), (False, True), (False, False)])
def test_without_either_fence_a_wakeup_is_lost(sleeps_fenced: bool, wakes_fenced: bool) -> None:
    programs = (sleeper(1, fence=sleeps_fenced), waker(1, fence=wakes_fenced))
    assert "lost" in outcomes(programs, 0)


def test_sleeping_for_more_after_the_first_wakeup_loses_none() -> None:
    sleeping = [*sleeper(1, fence=True, tries=3), *sleeper(3, fence=True, tries=4)]
    assert outcomes((sleeping, waking(3)), 0) == {"awake"}
