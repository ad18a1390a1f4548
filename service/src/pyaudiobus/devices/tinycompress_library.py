"""Loading libtinycompress and reading its errors. What its calls mean for a stream is in tinycompress.py."""

from __future__ import annotations

import errno as errno_names
import os
from typing import TYPE_CHECKING

from pyaudiobus.devices._abi import ffi
from pyaudiobus.errors import DeviceError, UserError

if TYPE_CHECKING:
    from pyaudiobus.devices._abi import CValue

SONAME = "libtinycompress.so.0"
OVERRIDE = "AUDIOBUS_TINYCOMPRESS"
"""Environment variable that names another library."""


def load_library(path: str | None = None) -> CValue:
    """Load the library; UserError where it is not installed or is another one."""
    path = path or os.environ.get(OVERRIDE) or SONAME
    try:
        library = ffi.dlopen(path)
        library.compress_open  # noqa: B018  # looks the symbol up
    except (OSError, AttributeError, ffi.error) as error:
        raise UserError(
            f"cannot load tinycompress ({path})",
            facts=[str(error)],
            advice=f"Install tinycompress (an image built with meta-pyaudiobus has it), name it in {OVERRIDE}, "
            "or do without: --backend kernel.",
        ) from None
    return library


def has_call(library: CValue, name: str) -> bool:
    """Tell whether this release of the library has a function."""
    try:
        getattr(library, name)
    except (AttributeError, ffi.error):  # which of them depends on cffi's release
        return False
    return True


def checked(library: CValue, handle: CValue, operation: str, device: str, result: int) -> int:
    """Return a call's result, or raise what it failed with: -1 and errno, or (-ERANGE) the code itself."""
    if result >= 0:
        return result
    errno = -result if result < -1 else ffi.errno or errno_names.EIO
    raise DeviceError.from_errno(operation, device, errno, said=_last_words(library, handle, errno))


def _last_words(library: CValue, handle: CValue, errno: int) -> str:
    """Return the library's own text, if it is about this error.

    It always ends in strerror(errno). A failed open may leave the text of an older failure (GET_CAPS does).
    """
    text = " ".join(ffi.string(library.compress_get_error(handle)).decode(errors="replace").split())
    return text if os.strerror(errno) in text else ""
