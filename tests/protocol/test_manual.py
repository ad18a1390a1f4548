"""The protocol's manual page: printed from the table, not stale, and true about what is not in the table."""

import re
from pathlib import Path

import pytest

from pyaudiobus.protocol.manual import manual
from pyaudiobus.protocol.messages import TABLE, Code, Right

SERVICE = Path(__file__).parents[2] / "service"
PAGE = SERVICE / "docs" / "protocol.md"
RING = (SERVICE / "src" / "pyaudiobus" / "engine" / "ring.h").read_text()


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text() == manual(), (
        "print it again: python -m pyaudiobus.protocol.manual > service/docs/protocol.md"
    )


def test_every_message_and_code_has_its_place() -> None:
    page = manual()
    for entry in TABLE:
        assert page.count(f"\n### {entry.name}\n") == 1
    for code in Code:
        assert f"| `{code.value}` |" in page
    for right in Right:
        assert f"`{str(right.name).lower()}` ({right.value})" in page


def test_every_link_leads_somewhere() -> None:
    page = manual()
    found = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    headings = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in found}
    assert set(re.findall(r"\]\(#([^)]*)\)", page)) <= headings


def offsets() -> dict[str, tuple[int, int]]:
    """Return the offset and size of each field of struct ring_page, as the compiler lays them out."""
    (body,) = re.findall(r"struct ring_page \{(.*?)\n\};", RING, re.DOTALL)
    found, at = {}, 0
    for aligned, width, name, array in re.findall(
        r"(_Alignas\(64\) )?(?:_Atomic )?uint(32|64)_t (\w+)(\[RING_TIMING_WORDS\])?;", body
    ):
        size = int(width) // 8
        at = -(-at // (64 if aligned else size)) * (64 if aligned else size)
        count = timing_words() if array else 1
        found[name] = (at, size * count)
        at += size * count
    return found


def timing_words() -> int:
    (body,) = re.findall(r"struct ring_timing \{(.*?)\n\};", RING, re.DOTALL)
    return len(re.findall(r"uint64_t", body))


@pytest.mark.parametrize(("name", "place"), offsets().items())
def test_the_page_of_a_ring_is_laid_out_as_the_header_says(name: str, place: tuple[int, int]) -> None:
    words = {
        "short_size": "size of the short area",
        "is_record": "a record ring",
        "timing_sequence": "sequence of the timing",
        "frame_size": "frame size",
    }
    at, size = place
    rows = [line for line in manual().splitlines() if line.startswith(f"| {at} | {size} |")]
    assert len(rows) == 1, (name, at, size)
    assert words.get(name, name) in rows[0]


def test_the_numbers_of_a_ring_are_the_headers() -> None:
    page = manual()
    for constant in ("RING_MAGIC", "RING_PAGE_SIZE", "RING_PLAYING", "RING_CORKED"):
        (value,) = re.findall(rf"#define {constant} (\w+?)u\n|#define {constant} (\w+?)u ", RING)
        assert next(filter(None, value)) in page
    (body,) = re.findall(r"struct ring_timing \{(.*?)\n\};", RING, re.DOTALL)
    told = [
        page.index(f"`{name}` ") if f"`{name}` " in page else page.index(f"`{name}`")
        for name in re.findall(r"uint64_t (\w+);", body)
    ]
    assert told == sorted(told)
