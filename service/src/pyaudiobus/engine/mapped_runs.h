/* SPDX-License-Identifier: MIT
 *
 * The runs of frame_runs.h over memory of a mapped file: RUN_GONE where a page of it is gone.
 */
#ifndef MAPPED_RUNS_H
#define MAPPED_RUNS_H

#include "frame_runs.h"

#define RUN_GONE SIZE_MAX

size_t mp3_run_mapped(const uint8_t *data, size_t length, const uint8_t *first, uint32_t rate, uint32_t free_size,
		      uint16_t *sizes, size_t room, size_t *end, uint32_t *rates);
size_t flac_run_mapped(const uint8_t *data, size_t length, uint32_t max_block, uint32_t rate, uint32_t channels,
		       uint32_t depth, uint32_t min_frame, uint32_t *sizes, uint32_t *durations, size_t room,
		       size_t *end);

#endif
