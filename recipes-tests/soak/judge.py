"""What a long run must have left behind, each claim with the numbers that bear it out. Runs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from soak.stream import EndlessStream, crc32_of

GIB = 1 << 30
_GROWTH = 64
"""KiB that a process may weigh more at the end than after its first line: a page table, an interned string."""
Lines = list[dict[str, Any]]
Books = dict[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim about a run."""

    claim: str
    is_right: bool
    seen: str


def judge_playback(stream: EndlessStream, hours: float, lines: Lines, books: Books) -> list[Finding]:
    """Hold what the DSP consumed against the stream."""
    consumed, crc = int(books["consumed_total"]), int(books["consumed_crc32"], 16)
    expected = crc32_of(hours * 3600)
    last = lines[-1]
    return [
        Finding(f"{hours:g} hours were played", abs(last["hours"] - hours) < 1e-4, f"{last['hours']:g} hours"),
        Finding(
            "every byte was sent and consumed",
            consumed == last["bytes_sent"] == stream.total_bytes,
            f"{consumed} of {stream.total_bytes} bytes, {consumed / GIB:.2f} GiB",
        ),
        Finding("none was lost, repeated or changed", crc == expected, f"CRC-32 {crc:08x}, reckoned {expected:08x}"),
        Finding(
            "every frame was heard",
            int(books["rendered_frames"]) == stream.total_frames,
            f"{books['rendered_frames']} of {stream.total_frames}",
        ),
        Finding(
            "the DSP never starved, nothing was overwritten",
            (books["starvations"], books["overruns"]) == ("0", "0"),
            f"{books['starvations']} starvations, {books['overruns']} overruns",
        ),
        Finding(
            "wakeups followed the ring",
            last["wakeups"] <= 10 * 60 * hours,
            f"{last['wakeups']}, {last['wakeups'] / hours / 60:.2f} a minute",
        ),
        _flat("playing", lines),
    ]


def judge_starts(count: int, lines: Lines, books: Books) -> list[Finding]:
    """See that each start reached the driver and that nothing was left behind."""
    configured = int(books["set_params"])
    return [
        Finding(f"{count} starts and stops", configured == count, f"{configured} SET_PARAMS, {books['opens']} opens"),
        Finding("the device is free after the last", books["open"] == "0", f"state {books['state']}"),
        _flat("starting and stopping", lines),
        Finding(
            "no descriptor was left open",
            lines[0]["descriptors"] == lines[-1]["descriptors"],
            f"{lines[0]['descriptors']} to {lines[-1]['descriptors']}",
        ),
    ]


def judge_kills(count: int, lines: Lines, books: Books) -> list[Finding]:
    """See that the device was free after each death, in whatever state the stream was."""
    last = lines[-1]
    states = ", ".join(f"{state} {number}" for state, number in sorted(last["states"].items()))
    return [
        Finding(f"{count} players were killed", last["turns"] == count, states),
        Finding("the device was free each time", last["held"] == 0, f"held {last['held']} times"),
        Finding("the device is free after the last", books["open"] == "0", f"state {books['state']}"),
    ]


def _flat(doing: str, lines: Lines) -> Finding:
    weights = [line["rss"] for line in lines]
    return Finding(
        f"memory is flat while {doing}",
        weights[-1] - weights[0] <= _GROWTH,
        f"{weights[0]} KiB at first, {max(weights)} at most, {weights[-1]} at last",
    )
