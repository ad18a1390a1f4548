"""The two lines of the interactive player, at any width."""

from __future__ import annotations

import pytest

from pyaudiobus.cli.now_playing import NowPlaying, cut, minutes
from pyaudiobus.cli.queue import Queue
from pyaudiobus.cli.table import columns
from pyaudiobus.model.events import Negotiated, Paused, Playing
from pyaudiobus.model.format import Codec, EncodedFormat
from pyaudiobus.model.position import Position
from pyaudiobus.model.source_events import Title, Waiting

AT = Position(83.4, 0.0)


def playing() -> NowPlaying:
    now = NowPlaying()
    form = EncodedFormat(Codec.MP3, 44_100, 2)
    now.take(Negotiated("/music/a.mp3", "offload", "dsp", form, "it can", 296.0))
    now.take(Playing("/music/a.mp3", AT, 296.0, 0.62))
    now.title, now.artist, now.number, now.count = "Title", "Artist", 3, 12
    now.wakeups = 4.0
    return now


def test_a_wide_terminal_shows_everything() -> None:
    assert playing().lines(100) == [
        "> Artist - Title",
        "1:23 / 4:56  [######..............]  3 of 12  DSP 62%  offload  4 wakeups/min  dsp",
    ]


def test_a_narrow_one_shows_what_matters_most() -> None:
    assert playing().lines(39) == ["> Artist - Title", "1:23 / 4:56  3 of 12  DSP 62%  offload"]
    assert playing().lines(20) == ["> Artist - Title", "1:23 / 4:56  3 of 12"]


@pytest.mark.parametrize("width", [5, 12, 39, 40, 79, 200])
@pytest.mark.parametrize("title", ["日本語の長い題名" * 5, "a\x1b[31mred\nline", "x" * 300, ""])
def test_no_line_is_wider_than_the_terminal_whatever_a_title_holds(title: str, width: int) -> None:
    now = playing()
    now.title = title
    for line in now.lines(width):
        assert columns(line) <= width
        assert line.isprintable()


def test_what_it_waits_for_is_told() -> None:
    now = playing()
    now.take(Paused("/music/a.mp3", AT))
    assert "= Artist" in now.lines(80)[0]
    assert "paused" in now.lines(80)[1]
    now.take(Waiting("/music/a.mp3", AT, 0.94))
    assert "waiting for the source, 0.9 s" in now.lines(80)[1]


def test_a_station_says_what_plays() -> None:
    now = playing()
    now.take(Title("/music/a.mp3", "Band - Song"))
    assert now.lines(80)[0] == "> Band - Song"


@pytest.mark.parametrize(("seconds", "text"), [(0.0, "0:00"), (59.9, "0:59"), (3661.0, "1:01:01")])
def test_times_are_short(seconds: float, text: str) -> None:
    assert minutes(seconds) == text


def test_a_wide_character_is_not_cut_in_half() -> None:
    assert cut("日本語", 4) == "日~"
    assert cut("日本", 4) == "日本"
    assert cut("abc", 0) == ""


def test_a_queue_knows_where_it_is_though_names_come_twice() -> None:
    queue = Queue(["a", "b", "a", "c", "a"], {"c": "See"})
    seen = []
    for name in ("a", "b", "a", "c", "a", "c", "a", "b"):
        queue.follow(name)
        seen.append(queue.number)
    assert seen == [1, 2, 3, 4, 5, 4, 5, 2]
    assert queue.title("c") == "See"
    assert queue.names(3) == ("b", "a", "See")
