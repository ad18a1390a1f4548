"""Plays into snd-aloop through the daemon, and records what comes out: is that the same?"""

from __future__ import annotations

from array import array

from cards.inside.daemon import counted, ear, facts_of, heard_by, noise
from pyaudiobus.client.playback import play
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.together import SyncGroup
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.words import Attributes

SECONDS = 0.3
CARDS = {"A": ("s16", 48_000, 16, 50_000), "B": ("s24", 44_100, 24, 5_000), "C": ("s32", 48_000, 24, 1_334)}
"""Encoding, rate, bits that a float holds, and the longest quantum in microseconds."""
BELOW_A_QUARTER = bytes(byte % 32 for byte in range(256))
EVEN = bytes(byte & 0xFE for byte in range(256))


def form_of(card: str) -> PcmFormat:
    """Return what a card was asked for."""
    return PcmFormat(Encoding(CARDS[card][0]), CARDS[card][1], 2)


def loop(remote: Remote, card: str) -> dict[str, object]:
    """Play and record half a second."""
    form = form_of(card)
    data = noise(form, SECONDS, CARDS[card][2])
    with ear(remote, form, f"from{card}") as recording, play(remote, form, "noise", target=f"to{card}") as stream:
        stream.write(data)
        stream.drain()
        is_exact = data in heard_by(recording, len(data) + form.rate // 10 * form.frame_size)
        facts = facts_of(remote, f"to{card}")
        return {"format": facts["format"], "exact": is_exact, "late": counted(remote, f"to{card}")}


def change_quantum(remote: Remote) -> dict[str, object]:
    """Play, and let another stream come and go that wants 2 ms; say at which quanta, and whether that was heard."""
    form = form_of("A")
    data = noise(form, SECONDS, 16)
    short = Attributes(tlength=form.rate // 250 * form.frame_size)
    quanta = []
    with ear(remote, form, "fromA") as recording, play(remote, form, "noise", target="toA") as stream:
        stream.write(data)
        quanta.append(facts_of(remote, "toA")["quantum"])
        with play(remote, form, "soft", target="toA", attributes=short, adjust_latency=True, volume=(0.0,)):
            quanta.append(facts_of(remote, "toA")["quantum"])
        remote.ask("sync")
        quanta.append(facts_of(remote, "toA")["quantum"])
        stream.drain()
        heard = heard_by(recording, len(data) + form.rate // 10 * form.frame_size)
    return {"quanta": quanta, "exact": data in heard, "xruns": counted(remote, "toA")[0]}


def mix(remote: Remote) -> dict[str, object]:
    """Play two streams that begin together, one at half its volume; whole numbers tell what is to be heard."""
    form = form_of("A")
    loud, soft = (bytearray(noise(form, SECONDS, 16, seed)) for seed in (2, 3))
    for data in (loud, soft):
        data[1::2] = data[1::2].translate(BELOW_A_QUARTER)
    soft[0::2] = soft[0::2].translate(EVEN)
    sums = array("h", (a + b // 2 for a, b in zip(array("h", bytes(loud)), array("h", bytes(soft)), strict=True)))
    with ear(remote, form, "fromA") as recording, SyncGroup(remote) as group:
        for data, gain in ((loud, 1.0), (soft, 0.5)):
            group.play(form, "part", target="toA", volume=(gain,)).write_at(data, 0)
        group.start()
        group.drain()
        heard = heard_by(recording, len(loud) + form.rate // 10 * form.frame_size)
    return {"exact": sums.tobytes() in heard, "late": counted(remote, "toA")}
