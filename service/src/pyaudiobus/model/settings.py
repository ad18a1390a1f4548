"""The schema of the settings: name, kind, bounds, allowed words, default, meaning. Values and checks; no file."""

from __future__ import annotations

from difflib import get_close_matches
from enum import Enum

from pyaudiobus.errors import UserError
from pyaudiobus.model.policy import Meeting, Settings, WhenBusy
from pyaudiobus.model.record import Record

SettingValue = bool | int | float | Enum
_YES = ("on", "yes", "true", "1")
_NO = ("off", "no", "false", "0")
MOST_TEXT = 64
"""Characters of a value that somebody typed."""


class Setting(Record):
    """One setting."""

    name: str
    kind: type[SettingValue]
    """bool, int, float, or an Enum whose values are the allowed words."""
    meaning: str
    unit: str = ""
    least: float = 0
    most: float = 0
    """Bounds of a number, both included."""

    @property
    def field(self) -> str:
        """The name it has in Settings."""
        return self.name.replace(".", "_").replace("-", "_")

    @property
    def default(self) -> SettingValue:
        """The value where nobody set one."""
        found: SettingValue = getattr(Settings(), self.field)
        return found

    @property
    def allowed(self) -> tuple[str, ...]:
        """The words it takes; none for a number."""
        if self.kind is bool:
            return ("on", "off")
        return tuple(str(word.value) for word in self.kind) if issubclass(self.kind, Enum) else ()

    @property
    def form(self) -> str:
        """What may be written, in a few words."""
        if self.allowed:
            return " or ".join(self.allowed)
        number = "a whole number" if self.kind is int else "a number"
        return f"{number}, {self.least:g} to {self.most:g}" + (f" {self.unit}" if self.unit else "")

    def parse(self, text: str) -> SettingValue:
        """Read a value. UserError says what is allowed."""
        word = text.strip().lower()
        if self.kind is bool and word in _YES + _NO:
            return word in _YES
        if issubclass(self.kind, Enum) and word in self.allowed:
            return self.kind(word)
        number = _number(word, self.kind)
        if number is None or not self.least <= number <= self.most:
            raise UserError(f"{self.name} cannot be {text[:MOST_TEXT]!r}: it is {self.form}", facts=[self.meaning])
        return number

    def write(self, value: SettingValue) -> str:
        """Write a value as it is read."""
        if isinstance(value, bool):
            return "on" if value else "off"
        return str(value.value) if isinstance(value, Enum) else f"{value:g}"

    def as_words(self, settings: Settings) -> dict[str, object]:
        """Put it into words for JSON, with its present value."""
        return {
            "name": self.name,
            "value": self.write(getattr(settings, self.field)),
            "default": self.write(self.default),
            "type": "enum" if issubclass(self.kind, Enum) else self.kind.__name__,
            "unit": self.unit,
            "allowed": list(self.allowed),
            "range": None if self.allowed else [self.least, self.most],
            "description": self.meaning,
        }


def _number(word: str, kind: type[SettingValue]) -> int | float | None:
    if kind is int:
        return int(word) if word.isascii() and word.lstrip("-").isdigit() and len(word) <= MOST_TEXT else None
    if kind is not float:
        return None
    try:
        return float(word)
    except ValueError:
        return None


SETTINGS = (
    Setting("linking.allow-moving-streams", bool, "Whether the metadata target.object move a stream."),
    Setting("linking.follow-default-target", bool, "Whether streams that name no target move when the default does."),
    Setting("linking.restore-targets", bool, "Whether a stream goes where such a stream was moved by hand before."),
    Setting("encoded.when-busy", WhenBusy, "What becomes of an encoded stream while another has the DSP."),
    Setting("encoded.preempt", bool, "Whether a stream of a more important role takes the DSP from another."),
    Setting("encoded.preempted", WhenBusy, "What becomes of the stream from which the DSP was taken."),
    Setting("encoded.return", bool, "Whether what plays decoded goes to a DSP that becomes free, in mid-song."),
    Setting("role.duck-level", float, "Gain of streams that are ducked, where a role names none.", "linear", 0, 1),
    Setting("role.ramp", int, "How long it takes to duck a stream, and to bring it back.", "ms", 0, 10_000),
    Setting("role.on-dsp", Meeting, "What becomes of a stream that should be ducked and is played by a DSP."),
    Setting("volume.boot", float, "Gain of a sink that is heard for the first time.", "linear", 0, 1),
    Setting("volume.boot-limit", float, "The highest gain to which a sink or source is restored.", "linear", 0, 4),
    Setting("volume.restore-sinks", bool, "Whether sinks and sources get back the volume they had."),
    Setting("volume.restore-streams", bool, "Whether streams get back the volume such a stream, or its role, had."),
    Setting("volume.ramp", int, "How long it takes to restore a volume.", "ms", 0, 10_000),
    Setting("default.remember", bool, "Whether earlier defaults count while the present one is absent."),
    Setting(
        "power.suspend-after", float, "How long nothing uses a device before it is closed; 0: never.", "s", 0, 86_400
    ),
    Setting("power.suspend-dsp-after", float, "The same for a DSP.", "s", 0, 86_400),
    Setting("device.retry-first", float, "After how long a device that failed is tried again first.", "s", 0.05, 3600),
    Setting("device.retry-longest", float, "The longest that is waited between two attempts.", "s", 0.05, 3600),
    Setting("device.retry-attempts", int, "How often, while no stream that is heard could use it.", "", 1, 1000),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}


def setting_named(name: str) -> Setting:
    """Return a setting. UserError with the nearest name where there is none."""
    if name in BY_NAME:
        return BY_NAME[name]
    near = get_close_matches(name[: 2 * MOST_TEXT], BY_NAME, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise UserError(f"there is no setting {name[:MOST_TEXT]!r}{hint}", advice="List them with: audiobus settings")


def with_setting(settings: Settings, name: str, text: str) -> Settings:
    """Return settings with one of them changed. UserError says what is allowed."""
    setting = setting_named(name)
    return settings.replace(**{setting.field: setting.parse(text)})
