/* SPDX-License-Identifier: MIT
 *
 * A playback device that nobody hears: it only counts, on the system's clock.
 */
#include "sound_device.h"

#include <stdbool.h>
#include <stdlib.h>

#define SECOND 1000000000ull

struct null_device {
	struct sound_device device;
	bool is_running;
	uint64_t started; /* CLOCK_MONOTONIC, ns */
	uint64_t written; /* frames since */
};

/* Frames in a span of time; in two parts, so that years do not overflow. */
static uint64_t frames_in(uint64_t span, uint32_t rate)
{
	return span / SECOND * rate + span % SECOND * rate / SECOND;
}

static int null_prepare(struct sound_device *device)
{
	struct null_device *null = (struct null_device *)device;

	null->is_running = false;
	null->written = 0;
	return 0;
}

static int64_t null_queued(struct sound_device *device, uint64_t now)
{
	struct null_device *null = (struct null_device *)device;
	uint64_t heard = null->is_running ? frames_in(now - null->started, device->rate) : 0;

	if (heard > null->written) { /* nobody heard the gap: let the clock have stood still */
		null->started = now;
		null->written = 0;
		return 0;
	}
	return (int64_t)(null->written - heard);
}

static int64_t null_write(struct sound_device *device, const void *data, size_t frames, uint64_t now)
{
	struct null_device *null = (struct null_device *)device;

	(void)data;
	(void)now;
	null->written += frames;
	return (int64_t)frames;
}

static int null_start(struct sound_device *device, uint64_t now)
{
	struct null_device *null = (struct null_device *)device;

	null->is_running = true;
	null->started = now;
	return 0;
}

static void null_stop(struct sound_device *device)
{
	null_prepare(device);
}

static void null_close(struct sound_device *device)
{
	free(device);
}

static const struct sound_device_calls null_calls = {
	.prepare = null_prepare,
	.queued = null_queued,
	.write = null_write,
	.start = null_start,
	.stop = null_stop,
	.close = null_close,
};

struct sound_device *null_device_open(uint32_t rate, uint32_t channels, uint32_t encoding, uint32_t room)
{
	struct null_device *null = calloc(1, sizeof(*null));

	if (!null)
		return NULL;
	null->device = (struct sound_device){
		.calls = &null_calls,
		.rate = rate,
		.channels = channels,
		.encoding = encoding,
		.room = room,
		.headroom = rate / 1000, /* what a thread that wakes late by less does not notice */
	};
	return &null->device;
}
