"""What tells one driver's DSP from another's, as a frozen table. Behaviour that reads it lives elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from pyaudiobus.devices.compress import Bounds, CompressCaps, Geometry
from pyaudiobus.errors import UserError
from pyaudiobus.model.format import Codec, EncodedFormat

_KIB = 1024


@dataclass(frozen=True, slots=True)
class Profile:
    """Limits and habits of one driver and its DSP."""

    name: str
    caps: CompressCaps
    power_of_two_fragments: bool
    """SET_PARAMS refuses other fragment sizes."""
    fills_timestamps: bool
    """The driver reports pcm_io_frames and the sampling rate."""
    reads_by_slot: bool
    """The DSP reads fragment slot after slot however short a transfer was, takes what is pending when
    a transfer is due, and is handed the first write before START (q6asm_write_async)."""
    count_mask: int
    """Bits of a transfer's length that come back with its completion (ASM_WRITE_TOKEN_LEN_SHIFT)."""
    stop_resets_counters: bool
    drain_needs_data: bool
    """End of stream is sent with a transfer's completion, so never when none is under way."""
    trims_first_track: bool
    """Encoder delay is cut from the first track too, and padding at a full drain."""
    needs_wma_profile: bool
    checks_options: bool
    """Options that make no sense, or that the first bytes contradict, are refused (option_checks.py)."""

    def accepts(self, form: EncodedFormat, geometry: Geometry) -> bool:
        """Tell whether SET_PARAMS takes this codec and this ring."""
        size = geometry.fragment_size
        return (
            form.codec in self.caps.codecs
            and size in self.caps.fragment_size
            and geometry.fragments in self.caps.fragments
            and not (self.power_of_two_fragments and size & (size - 1))
            and not (self.needs_wma_profile and form.codec is Codec.WMA and not form.profile)
        )


Q6ASM = Profile(
    name="q6asm",
    caps=CompressCaps(
        codecs=(Codec.MP3, Codec.FLAC, Codec.WMA, Codec.ALAC, Codec.APE),
        fragment_size=Bounds(8 * _KIB, 128 * _KIB),
        fragments=Bounds(4, 64),
    ),
    power_of_two_fragments=True,
    fills_timestamps=False,
    reads_by_slot=True,
    count_mask=0xFFFF,
    stop_resets_counters=False,
    drain_needs_data=True,
    trims_first_track=False,
    needs_wma_profile=True,
    checks_options=False,
)
"""sound/soc/qcom/qdsp6/q6asm-dai.c of Linux 6.12, as on the Dragonboard 845c."""

GENERIC = Profile(
    name="generic",
    caps=CompressCaps(codecs=tuple(Codec), fragment_size=Bounds(1 * _KIB, 1024 * _KIB), fragments=Bounds(2, 64)),
    power_of_two_fragments=False,
    fills_timestamps=True,
    reads_by_slot=False,
    count_mask=0xFFFFFFFF,
    stop_resets_counters=True,
    drain_needs_data=False,
    trims_first_track=True,
    needs_wma_profile=False,
    checks_options=True,
)
"""A driver and a DSP as the kernel document wishes them."""

PROFILES = {profile.name: profile for profile in (Q6ASM, GENERIC)}


def profile_named(name: str) -> Profile:
    """Look a profile up; UserError names those there are."""
    try:
        return PROFILES[name]
    except KeyError:
        raise UserError(f"there is no virtual DSP {name!r}", facts=[f"profiles: {', '.join(PROFILES)}"]) from None
