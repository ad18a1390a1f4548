/* SPDX-License-Identifier: MIT */
#ifndef AUDIOBUS_FRAME_RUNS_H
#define AUDIOBUS_FRAME_RUNS_H

#include <stddef.h>
#include <stdint.h>

/* Size of the MP3 frame at data[0..3], 0 if it is none of the stream of which `first` is a header, not of free format. */
uint32_t mp3_size(const uint8_t *data, const uint8_t *first, uint32_t rate);

size_t mp3_run(const uint8_t *data, size_t length, const uint8_t *first, uint32_t rate, uint32_t free_size,
	       uint16_t *sizes, size_t room, size_t *end, uint32_t *rates);
void running_sums(const uint16_t *values, size_t count, size_t step, uint64_t *sums);
size_t flac_run(const uint8_t *data, size_t length, uint32_t max_block, uint32_t rate, uint32_t channels,
		uint32_t depth, uint32_t min_frame, uint32_t *sizes, uint32_t *durations, size_t room, size_t *end);

#endif
