"""ALSA through alsa-lib's own plugins, which need no sound card, and a card in memory for what they never do.

Past 300 lines because the rules are many and short, and share one card.
"""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest

alsaaudio = pytest.importorskip("alsaaudio", reason="pyalsaaudio is not installed")

from pyaudiobus.devices import alsa_output  # noqa: E402  # only with ALSA
from pyaudiobus.devices.alsa_output import AlsaOutput  # noqa: E402
from pyaudiobus.errors import DeviceError, DeviceLost, UserError  # noqa: E402
from pyaudiobus.model.choice import Enumeration, Range, Value  # noqa: E402
from pyaudiobus.model.format import MAX_RATE, Encoding, PcmFormat  # noqa: E402

FORM = PcmFormat(Encoding.S16, 48_000, 2)
SECOND = memoryview(bytes(range(192)) * 1000)


class Card:
    """A sound card in memory: alsaaudio.PCM's calls on a buffer that empties when the test says so."""

    def __init__(self, *, can_pause: bool = True, rates: object = (8000, 96_000), **asked: object) -> None:
        self.asked = asked
        self.buffer_size = int(str(asked["periodsize"])) * int(str(asked["periods"]))
        self.heard = bytearray()
        self._queue = bytearray()
        self._can_pause = can_pause
        self._rates = rates
        self._state = alsaaudio.PCM_STATE_PREPARED
        self._trouble: list[int] = []
        self._frame = int(str(asked["channels"])) * 2

    def info(self) -> dict[str, object]:
        return {
            "format": self.asked["format"], "format_name": "S16_LE", "rate": self.asked["rate"],
            "channels": min(2, int(str(self.asked["channels"]))), "buffer_size": self.buffer_size,
            "can_pause": self._can_pause,
        }  # fmt: skip

    def getformats(self) -> dict[str, int]:
        return {"S16_LE": alsaaudio.PCM_FORMAT_S16_LE, "S32_LE": alsaaudio.PCM_FORMAT_S32_LE, "U8": 1}

    def getrates(self) -> object:
        return self._rates

    def state(self) -> int:
        return int(self._state)

    def avail(self) -> int:
        return self.buffer_size - len(self._queue) // self._frame

    def play(self, frames: int) -> None:
        self.heard += self._queue[: frames * self._frame]
        del self._queue[: frames * self._frame]

    def underrun(self) -> None:
        self._queue.clear()
        self._state = alsaaudio.PCM_STATE_XRUN
        self._trouble.append(-errno.EPIPE)

    def sleep(self) -> None:
        self._queue.clear()
        self._trouble.append(-errno.ESTRPIPE)

    def write(self, data: memoryview) -> int:
        if self._trouble:
            code = self._trouble.pop()
            self._state = alsaaudio.PCM_STATE_PREPARED
            if code == -errno.ESTRPIPE:
                raise alsaaudio.ALSAAudioError("Streams pipe error [card]")
            return code
        taken = min(len(data), self.avail() * self._frame)
        self._queue += data[:taken]
        self._state = alsaaudio.PCM_STATE_RUNNING
        return taken // self._frame

    def pause(self, hold: int) -> int:
        self._state = alsaaudio.PCM_STATE_PAUSED if hold else alsaaudio.PCM_STATE_RUNNING
        return 0

    def drop(self) -> int:
        self._queue.clear()
        self._state = alsaaudio.PCM_STATE_SETUP
        return 0

    def drain(self) -> int:
        raise alsaaudio.ALSAAudioError("Resource temporarily unavailable [card]")

    def close(self) -> None:
        self._state = alsaaudio.PCM_STATE_OPEN


class Shelf:
    """Where the cards that were opened stand."""

    def __init__(self, **traits: object) -> None:
        self.traits = traits
        self.cards: list[Card] = []

    def __call__(self, **asked: object) -> Card:
        self.cards.append(Card(**self.traits, **asked))  # type: ignore[arg-type]
        return self.cards[-1]


def opened(shelf: Shelf) -> tuple[AlsaOutput, Card]:
    output = AlsaOutput("card", shelf)
    output.open(FORM)
    return output, shelf.cards[-1]


def test_alsas_null_device_takes_everything_at_once() -> None:
    output = AlsaOutput("null")
    output.open(FORM)
    assert output.write(SECOND) == len(SECOND)
    assert output.queued() == 0
    output.drain()
    output.drop()
    output.close()
    output.close()


def test_what_alsas_null_device_takes_is_found_out() -> None:
    output = AlsaOutput("null")
    assert output.encodings() == Enumeration(tuple(Encoding))
    assert output.rates() == Range(1, MAX_RATE)
    assert output.channels() == Enumeration((2, 1, 3, 4, 5, 6, 7, 8))


@pytest.mark.parametrize("encoding", list(Encoding))
def test_samples_arrive_in_alsas_file_device_as_they_were(
    encoding: Encoding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = tmp_path / "out.raw"
    (tmp_path / "asound.conf").write_text(
        f'pcm.nothing {{ type null }}\npcm.recorder {{ type file file "{recording}" format raw slave.pcm nothing }}\n'
    )
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    output = AlsaOutput("recorder")
    output.open(PcmFormat(encoding, 44_100, 2))
    sent = 0
    while sent < len(SECOND):
        sent += output.write(SECOND[sent:])
    output.drain()
    output.close()
    assert recording.read_bytes() == SECOND


def test_a_device_that_is_not_there_says_what_alsa_says_and_only_that(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DeviceLost, match="cannot open alsa:nowhere") as loss:
        AlsaOutput("nowhere").open(FORM)
    assert "the library says: Unknown PCM nowhere" in str(loss.value)
    assert capfd.readouterr().err == ""


def test_without_pyalsaaudio_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alsa_output, "alsaaudio", None)
    with pytest.raises(UserError, match="pyalsaaudio is not installed") as mistake:
        AlsaOutput("default")
    assert "libasound2-dev" in mistake.value.advice


@pytest.mark.parametrize(
    ("answer", "choice"), [((8000, 48_000), Range(8000, 48_000)), (48_000, Value(48_000)),
                           ([44_100, 48_000], Enumeration((44_100, 48_000)))],
)  # fmt: skip
def test_a_card_is_asked_once_what_it_takes(answer: object, choice: object) -> None:
    shelf = Shelf(rates=answer)
    output = AlsaOutput("card", shelf)
    assert output.rates() == choice
    assert output.encodings() == Enumeration((Encoding.S16, Encoding.S32, Encoding.U8))
    assert output.channels() == Enumeration((2, 1))
    count = len(shelf.cards)
    output.rates()
    assert len(shelf.cards) == count


def test_a_card_that_offers_another_shape_is_refused() -> None:
    with pytest.raises(DeviceError, match="does not play s16/48000/6") as refusal:
        AlsaOutput("card", Shelf()).open(PcmFormat(Encoding.S16, 48_000, 6))
    assert refusal.value.errno == errno.EINVAL
    assert "instead" in str(refusal.value)


def test_a_full_card_takes_nothing_until_it_has_played() -> None:
    output, card = opened(Shelf())
    while output.write(SECOND):
        pass
    assert output.queued() == output.capacity() == 96_000
    card.play(1000)
    assert output.write(SECOND) == 4000


def test_an_underrun_is_counted_and_the_write_repeated() -> None:
    output, card = opened(Shelf())
    output.write(SECOND)
    card.underrun()
    assert output.queued() == 0
    assert output.write(SECOND) == len(SECOND)
    assert output.xruns() == 1


def test_a_machine_that_slept_loses_the_buffer_and_plays_on() -> None:
    output, card = opened(Shelf())
    output.write(SECOND)
    card.sleep()
    assert output.write(SECOND) == len(SECOND)
    assert output.xruns() == 1


def test_a_card_that_can_pause_does() -> None:
    output, card = opened(Shelf())
    output.pause()
    output.write(SECOND)
    output.pause()
    assert card.state() == alsaaudio.PCM_STATE_PAUSED
    assert output.queued() == 48_000
    output.resume()
    assert card.state() == alsaaudio.PCM_STATE_RUNNING


def test_a_card_that_cannot_pause_plays_again_what_it_had_not() -> None:
    output, card = opened(Shelf(can_pause=False))
    output.write(SECOND)
    card.play(10_000)
    output.pause()
    assert output.queued() == 38_000
    assert output.write(SECOND) == 0
    output.resume()
    card.play(48_000)
    assert card.heard == SECOND


def test_a_drain_ends_when_the_card_has_played() -> None:
    output, card = opened(Shelf())
    output.write(SECOND[: 4 * 100])
    drain = threading.Thread(target=output.drain)
    drain.start()
    card.play(100)
    drain.join(30)
    assert not drain.is_alive()


@pytest.mark.parametrize("end", ["drop", "close"])
def test_a_drop_or_a_close_ends_a_drain(end: str) -> None:
    output, _card = opened(Shelf())
    output.write(SECOND)
    drain = threading.Thread(target=output.drain)
    drain.start()
    getattr(output, end)()
    drain.join(30)
    assert not drain.is_alive()


def test_a_closed_output_obeys_nothing() -> None:
    output = AlsaOutput("card", Shelf())
    for call in (lambda: output.write(SECOND), output.pause, output.resume, output.drain, output.drop):
        with pytest.raises(DeviceError) as refusal:
            call()
        assert refusal.value.errno == errno.EBADFD
    assert output.queued() == 0
    assert output.paced()


class Routes:
    """Something that stands on for a while, and remembers."""

    def __init__(self) -> None:
        self.is_on = False
        self.times = 0

    def __enter__(self) -> None:
        self.is_on = True
        self.times += 1

    def __exit__(self, *_: object) -> None:
        self.is_on = False


class RoutedShelf(Shelf):
    """Opens cards only while their routes are on, as a card without a way out would not."""

    def __init__(self, routes: Routes) -> None:
        super().__init__()
        self.routes = routes
        self.has_way_out = True

    def __call__(self, **asked: object) -> Card:
        if not (self.routes.is_on and self.has_way_out):
            raise alsaaudio.ALSAAudioError("Invalid argument [card]")
        return super().__call__(**asked)


def test_routes_are_on_for_a_question_and_while_the_card_is_held() -> None:
    routes = Routes()
    output = AlsaOutput("card", RoutedShelf(routes), routes)
    assert output.rates() == Range(8000, 96_000)
    assert (routes.is_on, routes.times) == (False, 1)
    output.encodings()
    assert routes.times == 1
    output.open(FORM)
    output.write(SECOND)
    assert routes.is_on
    output.close()
    output.close()
    assert (routes.is_on, routes.times) == (False, 2)


def test_routes_are_off_again_when_the_card_cannot_be_opened() -> None:
    routes = Routes()
    shelf = RoutedShelf(routes)
    output = AlsaOutput("card", shelf, routes)
    shelf.has_way_out = False
    with pytest.raises(DeviceError):
        output.open(FORM)
    assert (routes.is_on, routes.times) == (False, 1)
