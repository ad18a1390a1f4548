/* SPDX-License-Identifier: MIT */
#include "mapped_runs.h"

#include "mapped.h"

struct mp3_call {
	const uint8_t *data, *first;
	size_t length, room;
	uint32_t rate, free_size;
	uint16_t *sizes;
	size_t *end;
	uint32_t *rates;
	size_t count;
};

static void run_mp3(void *with)
{
	struct mp3_call *call = with;

	call->count = mp3_run(call->data, call->length, call->first, call->rate, call->free_size, call->sizes,
			      call->room, call->end, call->rates);
}

size_t mp3_run_mapped(const uint8_t *data, size_t length, const uint8_t *first, uint32_t rate, uint32_t free_size,
		      uint16_t *sizes, size_t room, size_t *end, uint32_t *rates)
{
	struct mp3_call call = { data, first, length, room, rate, free_size, sizes, end, rates, 0 };

	return mapped_read(run_mp3, &call) ? RUN_GONE : call.count;
}

struct flac_call {
	const uint8_t *data;
	size_t length;
	uint32_t max_block, rate, channels, depth, min_frame;
	uint32_t *sizes, *durations;
	size_t room, *end, count;
};

static void run_flac(void *with)
{
	struct flac_call *call = with;

	call->count = flac_run(call->data, call->length, call->max_block, call->rate, call->channels, call->depth,
			       call->min_frame, call->sizes, call->durations, call->room, call->end);
}

size_t flac_run_mapped(const uint8_t *data, size_t length, uint32_t max_block, uint32_t rate, uint32_t channels,
		       uint32_t depth, uint32_t min_frame, uint32_t *sizes, uint32_t *durations, size_t room,
		       size_t *end)
{
	struct flac_call call = {
		data, length, max_block, rate, channels, depth, min_frame, sizes, durations, room, end, 0,
	};

	return mapped_read(run_flac, &call) ? RUN_GONE : call.count;
}
