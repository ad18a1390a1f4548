"""A sound card as an object of the bus: what it can be used for, what it is used for, and why it cannot be used."""

from __future__ import annotations

from typing import Protocol

from pyaudiobus.daemon.objects import BusObject, Facts
from pyaudiobus.errors import UserError
from pyaudiobus.model.board import BoardCard, CardProfile

OFF = CardProfile("off", ())
"""What every card can be besides: none of its sinks is there."""
WHOLE = CardProfile("default")
"""What a card is of which no board file says more."""


class Keeper(Protocol):
    """Who brings cards into their profiles."""

    def choose(self, card: CardObject, profile: str, *, is_saved: bool) -> None:
        """Bring a card into a profile. UserError, DeviceError."""

    def try_again(self, card: CardObject) -> None:
        """Look for a card, and do what could not be done; its facts tell why it still cannot."""


class CardObject(BusObject):
    """A device in SPA's words. The daemon's own; it stays while its card is away."""

    kind = "device"

    def __init__(self, serial: int, card: BoardCard, keeper: Keeper) -> None:
        given = {"device.api": "alsa", "alsa.card": card.id, "alsa.driver": card.driver, "config.place": card.place}
        super().__init__(serial, card.id, 0, {key: word for key, word in given.items() if word})
        self.profiles = (*(card.profiles or (WHOLE,)), OFF)
        self.usual = card.profile or self.profiles[0].name
        """The profile it has where nobody chooses."""
        self.number: int | None = None
        """The kernel's; None while it is away."""
        self.profile = ""
        """Empty until it is in one."""
        self.wanted = ""
        """The last one that was asked for."""
        self.is_saved = False
        """Somebody wants it to be remembered that he chose it."""
        self.error = ""
        """Why it cannot be used."""
        self.keeper = keeper

    @property
    def state(self) -> str:
        """As nodes: lost while it is away, error while it cannot be brought into its profile."""
        if self.number is None:
            return "lost"
        return "error" if self.error else "ready"

    @property
    def goes_for(self) -> CardProfile:
        """The profile by which its sinks are there or not, be it that it is away."""
        return self.named(self.profile or self.wanted or self.usual)

    def facts(self) -> Facts:
        """Return profiles, the present one, and why it cannot be used."""
        return {
            "profiles": " ".join(profile.name for profile in self.profiles),
            "profile": self.profile or None,
            "profile.save": self.is_saved or None,
            "card": self.number,
            "error": self.error or None,
        }

    def named(self, name: str) -> CardProfile:
        """Return one of its profiles. UserError."""
        found = next((profile for profile in self.profiles if profile.name == name), None)
        if found is None:
            known = ", ".join(profile.name for profile in self.profiles)
            raise UserError(f"card {self.name} has no profile {name!r}", facts=[f"profiles: {known}"])
        return found
