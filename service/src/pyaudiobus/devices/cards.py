"""Sound cards as the kernel lists them in /proc/asound and /sys/class/sound. Opens no device."""

from __future__ import annotations

import os

from pyaudiobus.errors import DeviceError, UserError
from pyaudiobus.model.record import Record


class Card(Record):
    """One entry of /proc/asound/cards."""

    number: int
    id: str
    """As in "hw:ID" and /proc/asound/ID."""
    driver: str
    """The driver's own name ("sdm845"), the key into quirks.py."""
    name: str
    """Short name, for people."""


def cards(root: str = "/") -> dict[int, Card]:
    """Return every card by its number; nothing if there is no sound at all."""
    listed = _from_proc(root)
    for number in _numbers_in_sys(root):
        if number not in listed:
            listed[number] = _from_sys(root, number)
    return dict(sorted(listed.items()))


def driver_of(card: int, root: str = "/") -> str:
    """Return the driver's name, or "" where nothing tells it."""
    found = cards(root).get(card)
    return found.driver if found else ""


def card_number(id_or_number: str, root: str = "/") -> int:
    """Read what people type for a card: its number or its id. UserError names the cards there are."""
    if id_or_number.isdecimal():
        return int(id_or_number)
    listed = cards(root)
    for card in listed.values():
        if card.id == id_or_number:
            return card.number
    known = [f"card {card.number}: {card.id} ({card.name})" for card in listed.values()]
    raise UserError(
        f"there is no sound card {id_or_number!r}",
        facts=known or ["the kernel lists no sound card"],
        advice="See which devices there are with: audiobus devices",
    )


def parse_device(text: str, root: str = "/") -> tuple[int, int]:
    """Read "hw:CARD,DEVICE"; CARD may be an id, DEVICE is 0 where left out. UserError otherwise."""
    kind, _, rest = text.partition(":")
    card, comma, device = rest.partition(",")
    if kind != "hw" or not card or (comma and not device.isdecimal()):
        raise UserError(f"{text!r} is not a compress device", advice="Write hw:CARD,DEVICE, for example hw:0,3.")
    return card_number(card, root), int(device or 0)


def _from_proc(root: str) -> dict[int, Card]:
    """Each card has two lines: " 0 [DB845c         ]: sdm845 - DB845c", then its long name."""
    listed = {}
    for line in _read(os.path.join(root, "proc/asound/cards")).splitlines():
        number, bracket, rest = line.partition("[")
        card_id, closing, names = rest.partition("]: ")
        if not (bracket and closing and number.strip().isdecimal()):
            continue
        driver, _, name = names.partition(" - ")
        listed[int(number)] = Card(int(number), card_id.strip(), driver.strip(), name.strip())
    return listed


def _numbers_in_sys(root: str) -> list[int]:
    try:
        entries = os.listdir(os.path.join(root, "sys/class/sound"))
    except OSError:
        return []
    return [int(entry[4:]) for entry in entries if entry.startswith("card") and entry[4:].isdecimal()]


def _from_sys(root: str, number: int) -> Card:
    """Read what a kernel without /proc/asound still tells."""
    folder = os.path.join(root, f"sys/class/sound/card{number}")
    card_id = _read(os.path.join(folder, "id")).strip()
    driver = os.path.basename(os.path.realpath(os.path.join(folder, "device/driver")))
    return Card(number, card_id, "" if driver == "driver" else driver, card_id)


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise DeviceError.from_errno("read", path, error.errno or 0) from None
