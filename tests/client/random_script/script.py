"""One random script: a player on a bus of one process, a meddler, and what they should have made audible."""

from __future__ import annotations

import random
from enum import Enum
from pathlib import Path

from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.graph.node import Command
from pyaudiobus.media.decode import Decoder
from pyaudiobus.model import events
from pyaudiobus.model.events import Event
from pyaudiobus.model.position import Position
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.nodes.compressed_sink.states import SinkState
from pyaudiobus.nodes.compressed_sink.stream import DRIFT, TRUST
from tests.client.random_script.judge import Judge, Stretch, Told
from tests.client.random_script.meddler import ASKED, BROKEN, Meddler, Scene
from tests.client.random_script.outputs import Heard, ListenedDsp, ListenedOutput
from tests.client.studio import DEMO_FLAC, DEMO_MP3, Studio
from tests.nodes.bench import KIB

ALBUM = sorted((Path(__file__).parents[1] / "files" / "album").iterdir())
SMALL = RingRequest(4 * 8 * KIB, 4)
UNTOLD = ("nibble", "stall")
"""What nobody does to a q6asm: short writes make it read the wrong slots, and it tells not where it stands."""

AHEAD = 3
"""Files that the playlist holds beyond the present one, until the meddler is through."""
ROUNDING = 1.5
"""PCM frames that a position may be off where it is exact: it is told between two frames."""
REPEATS = {"generic": 1, "q6asm": 70_000}
"""PCM frames that may be repeated at an entry: the DSP's ring of a q6asm, which tells nothing, may have to be."""
LONGEST_TRACK = 12
"""Seconds."""
_STRICT = {"write_before_partial_drain": False}
PLAYS = (SinkState.RUNNING, SinkState.PAUSED, SinkState.DRAINING, SinkState.SUSPENDED)


class Kind(Enum):
    """How a driver treats a change of tracks."""

    USUAL = "as its profile has it"
    EARLY = "it ends the partial drain at the fetch"
    EARLY_AND_STRICT = "so it does, and takes the next track only then"


class RandomScript:
    """Plays files of one shape while a meddler meddles; run() compares."""

    def __init__(
        self,
        folder: Path,
        seed: str,
        shelf: tuple[Path, ...],
        *,
        deeds: int,
        profile: str = "generic",
        ring: RingRequest | None = None,
        repertoire: tuple[str, ...] = ASKED + BROKEN,
        gapless: bool = True,
        kind: Kind = Kind.USUAL,
    ) -> None:
        self.shelf = shelf
        self.told: list[Told] = []
        self.stretches: list[Stretch] = []
        self.log: list[str] = []
        self.farthest_off = 0.0
        """PCM frames by which a position was off, beyond its own uncertainty."""
        self._chance = random.Random(seed)
        self._profile = profile
        self._gapless = gapless
        self._heard = Heard()
        self._render = folder / "render.wav"
        self._songs: dict[str, bytes] = {}
        self._tracks = [self._pick() for _ in range(AHEAD)]
        self._rate, self._frame_size = self._shape()
        quirks = quirks_for(f"{profile}-virtual").replace(**_STRICT) if kind is Kind.EARLY_AND_STRICT else None
        self.studio = Studio(profile=profile, ring=ring, render=self._render, dsp=ListenedDsp, quirks=quirks)
        self.studio.dsp.faults.ends_tracks_early = kind is not Kind.USUAL
        self.output = ListenedOutput(self.studio.clock, self._heard)
        self.studio.output = self.output
        assert isinstance(self.studio.dsp, ListenedDsp)
        self.dsp: ListenedDsp = self.studio.dsp
        self.dsp.heard, self.dsp.chance = self._heard, random.Random(f"writes of {seed}")
        thief = VirtualDsp(profile, self.studio.clock, hardware=self.studio.hardware)
        self.player = self.studio.player(0.05 + self._chance.random() * 0.2)
        scene = Scene(self.studio.clock, self.player.controls, self.dsp, thief, self._suspend_soon)
        self.meddler = Meddler(self._chance, scene, repertoire, deeds)
        self._file, self._from, self._base = "", 0, 0
        self._is_open = self._is_to_suspend = False
        self._joins: dict[int, tuple[int, bool]] = {}
        """Which stretches ended at a join, how many frames had been heard when that was told, and if by the DSP."""
        self._has_drained = False
        self._place = 0

    def _pick(self) -> str:
        return str(self._chance.choice(self.shelf))

    def _suspend_soon(self) -> None:
        self._is_to_suspend = True

    def run(self) -> None:
        """Play until nothing is left to play, and compare. AssertionError."""
        self.meddler.begin()
        try:
            for event in self.player.play_all(self._tracks, gapless=self._gapless):
                self._note(event)
        finally:
            self.meddler.end()
        self._heard.fill_in(self._render, self._frame_size)
        self._compare()

    def _note(self, event: Event) -> None:
        position = getattr(event, "position", None)
        self._log(event, position)
        assert not isinstance(event, events.Failed), event.error
        if isinstance(event, events.Negotiated):
            self._enter(event.file, 0)
            self._prolong()
        elif isinstance(event, events.Sought):
            self._leave(ends=False)
            self._enter(event.file, round(event.position.seconds * self._rate))
        if isinstance(position, Position):
            self.told.append(Told(len(self.stretches), self._now(), position))
        if isinstance(event, events.Stopped | events.Summary):
            self._leave(ends=isinstance(event, events.Summary))
            if isinstance(event, events.Summary) and not self._has_drained:
                self._joins[len(self.stretches) - 1] = self._now(), event.mode == "offload"
        elif isinstance(event, events.Paused) and self._is_to_suspend:
            self._suspend()
        self._has_drained = isinstance(event, events.Drained)

    def _suspend(self) -> None:
        """Take the device, as a session manager would."""
        self._is_to_suspend = False
        if self.studio.sink.state in PLAYS:
            self.studio.sink.send_command(Command.SUSPEND)

    def _prolong(self) -> None:
        self._place += 1
        if not self.meddler.is_through:
            self._tracks += [self._pick() for _ in range(self._place + AHEAD - len(self._tracks))]

    def _enter(self, file: str, frame: int) -> None:
        self._file, self._from, self._base, self._is_open = file, frame, self._now(), True

    def _leave(self, *, ends: bool) -> None:
        """Note that what is heard from now on is something else."""
        if self._is_open:
            self.stretches.append(Stretch(self._file, self._from, self._now() - self._base, ends))
            self._is_open = False

    def _now(self) -> int:
        """PCM frames that were heard."""
        return self._heard.frames + self.dsp.playing() + self.output.playing()

    @property
    def _doubt(self) -> float:
        """PCM frames by which a change of tracks may be told too early or too late."""
        return ROUNDING + (TRUST + DRIFT * LONGEST_TRACK) * self._rate * (self._profile == "q6asm")

    def _settle_joins(self) -> None:
        """Have each stretch that ended at a join end where the DSP went on to the next track; decoded, it is exact."""
        for number, (told_at, was_on_dsp) in self._joins.items():
            late = told_at - min(self.dsp.boundaries, key=lambda at: abs(told_at - at), default=0)
            if not was_on_dsp and abs(late) > self._doubt:
                continue
            assert abs(late) <= self._doubt, f"a change of tracks was told {late} frames late: {self.stretches[number]}"
            for at, frames in ((number, -late), (number + 1, late)):
                if at < len(self.stretches):
                    stretch = self.stretches[at]
                    self.stretches[at] = stretch._replace(frames=stretch.frames + frames)

    def _compare(self) -> None:
        self._settle_joins()
        judge = Judge(self.stretches, self._song, self._frame_size, REPEATS[self._profile], slack=self._doubt)
        judge.listen(self._heard.pieces)
        assert not self.dsp.journal.incidents, self.dsp.journal.incidents
        before = Told(-1, 0, Position(0.0, 0.0))
        for told in self.told:
            off = judge.check(told, self._rate)
            self.farthest_off = max(off, self.farthest_off)
            assert off <= ROUNDING, f"{off:.1f} frames off: {told}"
            is_same = before.stretch == told.stretch
            assert not is_same or told.position.seconds >= before.position.seconds, f"{told} after {before}"
            before = told
        self._check_ends(judge)

    def _check_ends(self, judge: Judge) -> None:
        """See that what ended by itself was heard to its last frame."""
        for number, stretch in enumerate(self.stretches):
            total = len(self._song(stretch.file)) // self._frame_size
            assert not stretch.ends or judge.end_of(number) == total, f"{judge.end_of(number)} of {total}: {stretch}"

    def _song(self, file: str) -> bytes:
        if file not in self._songs:
            decoder = Decoder(file)
            self._songs[file] = decoder.read(1 << 30)
            decoder.close()
        return self._songs[file]

    def _shape(self) -> tuple[int, int]:
        decoder = Decoder(str(self.shelf[0]))
        form = decoder.form
        decoder.close()
        return form.rate, form.frame_size

    def _log(self, event: Event, position: object) -> None:
        place = f" at {position.seconds:.6f}" if isinstance(position, Position) else ""
        kind, name, reason = type(event).__name__, Path(event.file).name, getattr(event, "reason", "")
        self.log.append(f"{self.studio.clock.now():.6f} {self._now()} heard: {kind}{place} {name} {reason}")

    def story(self) -> str:
        """All that happened."""
        dsp = [f"{at:.6f} dsp {what}" for at, what in self.dsp.journal.events]
        lines = self.log + self.meddler.done + dsp
        return "\n".join(sorted(lines, key=lambda line: float(line.partition(" ")[0])))


def make_script(folder: Path, seed: int, deeds: int, profile: str) -> RandomScript:
    """Return one of the scripts that tests and soak run; MP3 on q6asm is left out, whose entries are not exact."""
    files = (DEMO_MP3, DEMO_FLAC) if seed % 2 else ALBUM
    is_exact = profile == "generic"
    return RandomScript(
        folder,
        f"{profile} {seed}",
        tuple(path for path in files if is_exact or path.suffix == ".flac"),
        deeds=deeds,
        profile=profile,
        ring=SMALL if seed % 4 < 2 else None,
        repertoire=tuple(deed for deed in ASKED + BROKEN if is_exact or deed not in UNTOLD),
        gapless=seed % 5 > 0,
        kind=(Kind.USUAL, Kind.EARLY, Kind.EARLY_AND_STRICT)[seed // 2 % 3],
    )
