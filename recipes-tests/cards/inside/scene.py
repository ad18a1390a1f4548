"""Has a daemon play on cards, pulls one of them out, and prints as JSON what came of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cards.inside.daemon import SOCKET, Daemon, facts_of, until
from cards.inside.exact import CARDS, change_quantum, loop, mix
from cards.inside.plug import plug
from pyaudiobus.client.remote import Remote

UDEV = Path("/run/udev")


def config() -> str:
    """One sink and one source for each loop, and a sink whose card can do nothing that it is asked for."""
    sinks = ["  steady: {kind: alsa, card: Steady, device: 0, format: s24/96000/6, longest: 5 ms}"]
    sinks += [
        f"  to{card}: {{kind: alsa, card: {card}, device: 0, format: {encoding}/{rate}/2, longest: {quantum} us}}"
        for card, (encoding, rate, _, quantum) in CARDS.items()
    ]
    sources = [
        f"  from{card}: {{kind: alsa, card: {card}, device: 1, format: {encoding}/{rate}/2, longest: 20 ms}}"
        for card, (encoding, rate, _, _) in CARDS.items()
    ]
    return "\n".join(["priority: 60", "defaults: {sink: toA}", "sinks:", *sinks, "sources:", *sources, ""])


@contextmanager
def cards() -> Iterator[None]:
    """Have the loops' cards there, and udev's daemon that tells of them."""
    count = ",".join("1" for _ in CARDS)
    subprocess.run(["modprobe", "snd-aloop", f"enable={count}", f"id={','.join(CARDS)}"], check=True)
    UDEV.mkdir(exist_ok=True)
    running = subprocess.Popen(["/lib/systemd/systemd-udevd"], stderr=subprocess.DEVNULL)
    until((UDEV / "control").exists)
    yield
    running.terminate()
    running.wait()
    shutil.rmtree(UDEV)
    subprocess.run(["modprobe", "-r", "snd-aloop", "snd-dummy"], check=True)


def main() -> None:
    """Print all."""
    with cards(), Daemon(config()) as daemon, Remote("cards", SOCKET) as remote:
        said: dict[str, object] = {card: loop(remote, card) for card in CARDS}
        said |= {"quantum": change_quantum(remote), "mix": mix(remote)}
        said["missing"] = facts_of(remote, "steady")["error"]
        subprocess.run(["modprobe", "snd-dummy", "id=Steady"], check=True)
        until(lambda: facts_of(remote, "steady")["state"] != "error")
        said["odd"] = facts_of(remote, "steady")["format"]
        said["plug"] = plug(daemon, remote)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
