"""Where decoded audio goes."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, doubtful, unchecked, well
from pyaudiobus.errors import AudiobusError, DeviceBusy


def find_pcm_output(scene: Scene) -> Judgement:
    """To the board file's default sink, else to ALSA's default, which may be a card without PCM devices."""
    if not scene.sound.pcm:
        return unchecked("there is no PCM device: what is decoded goes nowhere, or to --pcm file:OUT.wav")
    if not scene.programs.mixer.release:
        return doubtful(
            "pyalsaaudio does not load: decoded audio reaches no sound card",
            facts=(scene.programs.mixer.problem,),
            advice="Install python3-pyalsaaudio (IMAGE_INSTALL).",
            command='python3 -c "import alsaaudio"',
        )
    sink = scene.board.sink(scene.board.pcm_sink) if scene.board.pcm_sink else None
    if sink is not None:
        return well(f"to sink {sink.name}: hw:{sink.card},{sink.device}")
    return _to_default(scene.default_output)


def _to_default(problem: AudiobusError | None) -> Judgement:
    """One that is in use can be opened, by whoever uses it."""
    if problem is None:
        return well("to ALSA's default device")
    if isinstance(problem, DeviceBusy):
        return well("to ALSA's default device, which is in use")
    return doubtful(
        "ALSA's default device cannot be opened: decoded audio reaches no sound card",
        facts=(problem.what, *problem.facts),
        advice="Name a card that has PCM devices: --pcm alsa:plughw:CARD, or defaults.pcm.card in /etc/asound.conf.",
        command="cat /proc/asound/pcm",
    )
