"""Builds the extension `_frame_runs` from the C of this room, by cffi; run by setuptools and by nothing at run time."""

from __future__ import annotations

from pathlib import Path

from cffi import FFI

HERE = Path(__file__).parent

ffibuilder = FFI()
ffibuilder.cdef(
    """
    #define RUN_GONE ...
    size_t mp3_run_mapped(const uint8_t *data, size_t length, const uint8_t *first, uint32_t rate, uint32_t free_size,
                   uint16_t *sizes, size_t room, size_t *end, uint32_t *rates);
    void running_sums(const uint16_t *values, size_t count, size_t step, uint64_t *sums);
    size_t flac_run_mapped(const uint8_t *data, size_t length, uint32_t max_block, uint32_t rate, uint32_t channels,
                    uint32_t depth, uint32_t min_frame, uint32_t *sizes, uint32_t *durations, size_t room, size_t *end);
    """
)
ffibuilder.set_source(
    "pyaudiobus.engine._frame_runs",
    '#include "mapped_runs.h"',
    sources=[f"src/pyaudiobus/engine/{name}.c" for name in ("frame_runs", "mapped", "mapped_runs")],
    include_dirs=[str(HERE)],
    depends=[str(HERE / f"{name}.h") for name in ("frame_runs", "mapped", "mapped_runs")],
    extra_compile_args=["-O2", "-Wall", "-Wextra"],
)
