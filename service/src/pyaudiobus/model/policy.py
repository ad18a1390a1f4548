"""What a product decides of its policy: settings, roles, rules, access. Values; config/ reads them from files.

Properties that begin with `policy.` are the policy's own marks on the objects of others. Only a manager writes them, so
that a dump tells what was decided and a session manager that comes back finds what it did.
"""

from __future__ import annotations

from enum import Enum

from pyaudiobus.model.record import Record
from pyaudiobus.model.rule import Grant, Rule

MARKS = "policy."
"""How the keys of all marks begin."""
STATE = "policy.state"
"""linked, waiting or refused."""
REASON = "policy.reason"
"""Of that state."""
DECISION = "policy.decision"
"""The id of the decision that led to it."""
ATTEMPT = "policy.attempt"
"""How often a device was tried since it failed."""
SETTLED = "policy.settled"
"""On a sink or source whose first volume was set."""


class Meeting(Enum):
    """What becomes of a stream that meets one of a higher role, or an earlier one of its own."""

    MIX = "mix"
    """Both are heard."""
    DUCK = "duck"
    """It goes on, softer."""
    CORK = "cork"
    """It is held, and goes on by itself."""
    PAUSE = "pause"
    """Its player is asked to pause, and to go on afterwards."""


class WhenBusy(Enum):
    """What becomes of an encoded stream while another has the DSP."""

    DECODE = "decode"
    """It plays decoded, if it offers that."""
    WAIT = "wait"
    """It waits for its turn."""
    REFUSE = "refuse"


class StreamRole(Record):
    """What streams with this media.role are to those with others."""

    name: str
    priority: int = 0
    """The higher is the more important."""
    targets: tuple[str, ...] = ()
    """Names of the sinks or sources it is for, the preferred one first."""
    lower: Meeting = Meeting.MIX
    """What becomes of streams of lower priority while one of these plays."""
    same: Meeting = Meeting.MIX
    """What becomes of earlier streams of the same priority."""
    duck_to: float | None = None
    """Gain of those that are ducked; None: as the setting role.duck-level says."""
    volume: float | None = None
    """Gain of a new stream; None: as remembered, or 1."""
    place: str = ""


class DevicePolicy(Record):
    """The profile and route a device is to have."""

    name: str
    """The device's or sink's name; a glob."""
    profiles: tuple[str, ...] = ()
    """The preferred one first."""
    routes: tuple[str, ...] = ()
    place: str = ""


class Settings(Record):
    """What can be changed while everything runs. Names, bounds and meanings are in model/settings.py."""

    linking_allow_moving_streams: bool = True
    linking_follow_default_target: bool = True
    linking_restore_targets: bool = True
    encoded_when_busy: WhenBusy = WhenBusy.DECODE
    encoded_preempt: bool = True
    encoded_preempted: WhenBusy = WhenBusy.DECODE
    encoded_return: bool = True
    role_duck_level: float = 0.3
    role_ramp: int = 200
    """Milliseconds."""
    role_on_dsp: Meeting = Meeting.MIX
    volume_boot: float = 0.4
    """Linear gain."""
    volume_boot_limit: float = 1.0
    volume_restore_sinks: bool = True
    volume_restore_streams: bool = True
    volume_ramp: int = 100
    """Milliseconds."""
    default_remember: bool = True
    power_suspend_after: float = 5.0
    """Seconds; 0: never."""
    power_suspend_dsp_after: float = 2.0
    device_retry_first: float = 0.5
    """Seconds."""
    device_retry_longest: float = 30.0
    device_retry_attempts: int = 10


class PolicySettings(Record):
    """All of it."""

    settings: Settings = Settings()
    roles: tuple[StreamRole, ...] = ()
    rules: tuple[Rule, ...] = ()
    access: tuple[Grant, ...] = ()
    devices: tuple[DevicePolicy, ...] = ()
    profile: str = "main"
    """Which set of hooks is used."""
    off: tuple[str, ...] = ()
    """Hooks that are switched off."""
    path: str = ""
    """The file this came from; empty: there was none."""

    def role(self, name: str) -> StreamRole | None:
        """Return a role by its name, whatever its case."""
        return next((role for role in self.roles if role.name.lower() == name.lower()), None)
