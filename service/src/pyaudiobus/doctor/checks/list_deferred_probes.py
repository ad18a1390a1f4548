"""Whether a device of the card still waits for another."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, doubtful, unchecked, well

_OF_SOUND = ("sound", "snd", "audio", "dai", "codec", "wcd", "wsa", "slim", "swm", "soundwire", "hdmi", "lt9611", "q6")


def list_deferred_probes(scene: Scene) -> Judgement:
    """The kernel gives no error for a card whose parts are not there yet: it tries again, for ever."""
    if not scene.board.cards:
        return unchecked("no board file names a card")
    if scene.expects_services and not scene.dsp.services:
        return unchecked("all of sound waits for the DSP's services")
    waiting = scene.dsp.deferred
    if waiting is None:
        return unchecked("/sys/kernel/debug/devices_deferred cannot be read here")
    facts = tuple(f"{device}: {reason}" if reason else device for device, reason in waiting)
    of_sound = [device for device, reason in waiting if any(word in f"{device} {reason}" for word in _OF_SOUND)]
    if not of_sound:
        return well("no device of the card waits for another")
    if all(scene.sound.card(card.id) for card in scene.board.cards):
        return doubtful("the cards are there, but a device of sound still waits", facts)
    return broken(
        f"still waiting for another device: {', '.join(of_sound)}",
        facts,
        advice="What it waits for has no driver, or failed: look for its name in the kernel's log.",
        command=f"dmesg | grep -i -e {of_sound[0]} -e defer",
        because=f"{of_sound[0]} still waits for another device",
    )
