"""What clients leave about objects is bounded, and what some leave never keeps the bus or others from theirs."""

from __future__ import annotations

import pytest

from pyaudiobus.daemon.metadata import MAX_ENTRIES, MAX_OF_A_CLIENT, MAX_OF_A_SUBJECT, RESERVED, Metadata
from pyaudiobus.daemon.objects import TooLarge
from pyaudiobus.protocol.words import MetadataEntry


def fill(metadata: Metadata, owner: int, first: int) -> int:
    """Set as much as goes about objects of a client, from a serial on; return how many entries that were."""
    for count in range(MAX_ENTRIES):
        subject, number = divmod(count, MAX_OF_A_SUBJECT)
        try:
            metadata.set(MetadataEntry(first + subject, f"k{number}", "string", "x"), owner)
        except TooLarge:
            return count
    return MAX_ENTRIES


def test_one_client_has_its_share_and_all_clients_leave_room_for_the_bus() -> None:
    metadata = Metadata(2)
    kept = [fill(metadata, owner, owner * 1000) for owner in range(1, 20)]
    assert kept[0] == MAX_OF_A_CLIENT
    assert sum(kept) == MAX_ENTRIES - RESERVED
    assert metadata.set(MetadataEntry(0, "default.audio.sink", "string", "speaker"))
    assert fill(metadata, 0, 100_000) == RESERVED - 1


def test_what_is_cleared_makes_room_again() -> None:
    metadata = Metadata(2)
    assert fill(metadata, 7, 1000) == MAX_OF_A_CLIENT
    assert len(metadata.clear(1000)) == MAX_OF_A_SUBJECT
    assert metadata.set(MetadataEntry(1000, "again", "string", "x"), 7)
    assert fill(metadata, 7, 5000) == MAX_OF_A_SUBJECT - 1
    with pytest.raises(TooLarge, match="client 7"):
        metadata.set(MetadataEntry(9000, "more", "string", "x"), 7)
