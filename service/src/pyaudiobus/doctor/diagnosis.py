"""What all checks together say: which failure is the cause, and which only follow from it."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, Standing
from pyaudiobus.doctor.order import CHECKS, Check
from pyaudiobus.model.record import Record


class Result(Record):
    """One check's judgement, and its place in the chain."""

    topic: str
    judgement: Judgement
    follows_from: tuple[str, ...] = ()
    """Topics of the failures that explain this one, the nearest first; none where it stands for itself."""
    heals: bool = False
    """Whether time may mend it."""

    @property
    def is_broken(self) -> bool:
        """Whether it keeps the board from playing."""
        return self.judgement.standing is Standing.BROKEN


class Diagnosis(Record):
    """Every result, in the order in which a board comes up."""

    results: tuple[Result, ...]
    is_meant_to_offload: bool
    """Whether this machine has, or is to have, a compress device."""

    @property
    def is_well(self) -> bool:
        """Whether nothing is broken."""
        return not any(result.is_broken for result in self.results)

    @property
    def may_heal(self) -> bool:
        """Whether a cause may mend itself with time."""
        return any(cause.heals for cause in self.causes)

    @property
    def causes(self) -> tuple[Result, ...]:
        """What is broken and follows from nothing else."""
        return tuple(result for result in self.results if result.is_broken and not result.follows_from)

    @property
    def story(self) -> str:
        """The cause of most and what came of it, as a sentence that begins at the end; empty if nothing is broken."""
        if not self.causes:
            return ""
        longest = max((self._longest_chain(cause) for cause in self.causes), key=len)
        told = [result.judgement.because for result in reversed(longest)]
        return ", because ".join(part for part in told if part) or self.causes[0].judgement.line

    def _longest_chain(self, cause: Result) -> list[Result]:
        """Follow a failure to the last one it explains; of chains of one length, along the first."""
        followers = [result for result in self.results if result.is_broken and cause.topic in result.follows_from]
        chains = [self._longest_chain(follower) for follower in followers if follower.judgement.because]
        return [cause, *max(chains, key=len, default=[])]


def diagnose(scene: Scene, checks: tuple[Check, ...] = CHECKS) -> Diagnosis:
    """Judge everything, then tell causes from consequences."""
    judgements = {check.topic: check.judge(scene) for check in checks}
    links = {check.topic: check.after for check in checks}
    results = (
        Result(check.topic, judgements[check.topic], _explained_by(check.topic, judgements, links), check.heals)
        for check in checks
    )
    return Diagnosis(tuple(results), scene.is_meant_to_offload)


def _explained_by(topic: str, judgements: dict[str, Judgement], links: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Find the failures before this one; what is well proves that nothing before it kept it from being so."""
    if judgements[topic].standing is Standing.OK or judgements[topic].is_original:
        return ()
    found: list[str] = []
    for earlier in (link for link in links[topic] if link not in judgements[topic].not_from):
        is_broken = judgements[earlier].standing is Standing.BROKEN
        found += [earlier] if is_broken else _explained_by(earlier, judgements, links)
    return tuple(dict.fromkeys(found))
