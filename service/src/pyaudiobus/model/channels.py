"""Speaker positions, and how much of each channel of a stream goes to each channel of a sink."""

from __future__ import annotations

from pyaudiobus.errors import UserError

Matrix = tuple[tuple[float, ...], ...]
"""gain[sink's channel][stream's channel]."""

_DEFAULT_MAPS = {
    1: ("MONO",),
    2: ("FL", "FR"),
    3: ("FL", "FR", "LFE"),
    4: ("FL", "FR", "RL", "RR"),
    5: ("FL", "FR", "FC", "RL", "RR"),
    6: ("FL", "FR", "FC", "LFE", "RL", "RR"),
    7: ("FL", "FR", "FC", "LFE", "RC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "RL", "RR", "SL", "SR"),
}
"""ALSA's order of channels."""

_LEFT = frozenset({"FL", "RL", "SL", "FLC"})
_RIGHT = frozenset({"FR", "RR", "SR", "FRC"})
_MINUS_3_DB = 0.5**0.5


def default_map(channels: int) -> tuple[str, ...]:
    """Return the positions of a stream that does not say."""
    known = _DEFAULT_MAPS.get(channels)
    return known if known is not None else tuple(f"AUX{number}" for number in range(channels))


def remix(source: tuple[str, ...], sink: tuple[str, ...]) -> Matrix:
    """Return the matrix from one layout to another: equal positions pass; the rest goes to where it fits best.

    A mono stream sounds from every speaker but the subwoofer; a mono sink hears the mean of all channels.
    """
    if source == sink:
        return _identity(len(sink))
    if source == ("MONO",):
        return tuple((0.0,) if place == "LFE" and len(sink) > 1 else (1.0,) for place in sink)
    if sink == ("MONO",):
        return (tuple(1 / len(source) for _ in source),)
    columns = [_column(place, sink) for place in source]
    return tuple(tuple(column[row] for column in columns) for row in range(len(sink)))


def with_volume(matrix: Matrix, gains: tuple[float, ...], *, is_muted: bool = False) -> Matrix:
    """Apply a stream's volume: no gain (unity), one for all its channels, or one for each."""
    if is_muted:
        return tuple(tuple(0.0 for _ in row) for row in matrix)
    if not gains:
        return matrix
    if len(gains) not in (1, len(matrix[0])):
        raise UserError(f"{len(gains)} volumes do not fit {len(matrix[0])} channels")
    each = gains * len(matrix[0]) if len(gains) == 1 else gains
    return tuple(tuple(gain * volume for gain, volume in zip(row, each, strict=True)) for row in matrix)


def _identity(channels: int) -> Matrix:
    return tuple(tuple(1.0 if row == column else 0.0 for column in range(channels)) for row in range(channels))


def _column(place: str, sink: tuple[str, ...]) -> tuple[float, ...]:
    """Return where one channel goes."""
    if place in sink:
        return tuple(1.0 if other == place else 0.0 for other in sink)
    side = _LEFT if place in _LEFT else _RIGHT if place in _RIGHT else None
    takers = [other for other in sink if side is not None and other in side][:1]
    if side is None and place != "LFE":
        takers = [other for other in sink if other in ("FL", "FR")]
    gain = _MINUS_3_DB if takers else 0.0
    return tuple(gain if other in takers else 0.0 for other in sink)
