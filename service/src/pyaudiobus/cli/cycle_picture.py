"""Cycles as a picture: SVG in plain text, one bar for each cycle's wait and work, one line for the time it had."""

from __future__ import annotations

from html import escape

Cycle = dict[str, int]
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 960, 320, 70, 40, 40
_STYLE = "font-family: sans-serif; font-size: 12px"


def draw(name: str, rate: int, cycles: list[Cycle]) -> str:
    """Return the picture; `rate` in frames a second, times of the cycles in ns."""
    waits = [max(0, cycle["awake"] - cycle["due"]) for cycle in cycles]
    works = [max(0, cycle["finished"] - cycle["awake"]) for cycle in cycles]
    budgets = [cycle["frames"] * 1_000_000_000 // rate if rate else 0 for cycle in cycles]
    longest = max((wait + work for wait, work in zip(waits, works, strict=True)), default=0)
    shown = [budget for budget in budgets if budget <= 4 * longest]
    top = max(longest, *shown, 1) if shown else max(longest, 1)
    title = (
        f"{_visible(name)}: the last {len(cycles)} cycles. Dark: at work; light: late; line: the time that was played"
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" style="{_STYLE}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20">{escape(title)}</text>',
        *_scale(top),
        *_bars(waits, works, budgets, top),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _scale(top: int) -> list[str]:
    lines = []
    for step in range(5):
        value = top * step // 4
        y = _height(value, top)
        lines.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - 10}" y2="{y:.1f}" stroke="#ddd"/>')
        lines.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value / 1000:.0f} µs</text>')
    return lines


def _bars(waits: list[int], works: list[int], budgets: list[int], top: int) -> list[str]:
    """Draw each cycle: how late it was below, how long it worked upon that."""
    step = (WIDTH - LEFT - 10) / max(1, len(waits))
    lines = []
    for at, (wait, work, budget) in enumerate(zip(waits, works, budgets, strict=True)):
        x, floor = LEFT + at * step, _height(0, top)
        late, done = _height(wait, top), _height(wait + work, top)
        width = max(0.5, step * 0.8)
        lines.append(f'<rect x="{x:.1f}" y="{late:.1f}" width="{width:.1f}" height="{floor - late:.1f}" fill="#bcd"/>')
        lines.append(f'<rect x="{x:.1f}" y="{done:.1f}" width="{width:.1f}" height="{late - done:.1f}" fill="#258"/>')
        if 0 < budget <= top:
            y = _height(budget, top)
            lines.append(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x + step:.1f}" y2="{y:.1f}" stroke="#c33"/>')
    return lines


def _height(value: int, top: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top


def _visible(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
