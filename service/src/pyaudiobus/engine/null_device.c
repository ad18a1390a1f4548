/* SPDX-License-Identifier: MIT
 *
 * Devices without hardware: one that plays to nobody and one that records silence or a tone. They only count, on the
 * system's clock.
 */
#include "mix.h"
#include "sound_device.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define SECOND 1000000000ull
#define TONE 0.5
#define TWO_PI 6.283185307179586

struct null_device {
	struct sound_device device;
	bool is_running;
	uint32_t frequency; /* Hz; a source's tone */
	uint64_t started; /* CLOCK_MONOTONIC, ns */
	uint64_t passed; /* frames written, or read, since */
};

/* Frames in a span of time; in two parts, so that years do not overflow. */
static uint64_t frames_in(uint64_t span, uint32_t rate)
{
	return span / SECOND * rate + span % SECOND * rate / SECOND;
}

static uint64_t elapsed(const struct null_device *null, uint64_t now)
{
	return null->is_running ? frames_in(now - null->started, null->device.rate) : 0;
}

static int null_prepare(struct sound_device *device)
{
	struct null_device *null = (struct null_device *)device;

	null->is_running = false;
	null->passed = 0;
	return 0;
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

/* ---- playing ---- */

static int64_t sink_queued(struct sound_device *device, uint64_t now)
{
	struct null_device *null = (struct null_device *)device;
	uint64_t heard = elapsed(null, now);

	if (heard > null->passed) { /* nobody heard the gap: let the clock have stood still */
		null->started = now;
		null->passed = 0;
		return 0;
	}
	return (int64_t)(null->passed - heard);
}

static int64_t sink_write(struct sound_device *device, const void *data, size_t frames, uint64_t now)
{
	struct null_device *null = (struct null_device *)device;

	(void)data;
	(void)now;
	null->passed += frames;
	return (int64_t)frames;
}

/* ---- recording ---- */

static int64_t source_queued(struct sound_device *device, uint64_t now)
{
	struct null_device *null = (struct null_device *)device;
	uint64_t waiting = elapsed(null, now) - null->passed;

	return waiting > device->room ? -EPIPE : (int64_t)waiting;
}

/* Frame `number` of the tone; its phase is taken from whole numbers, so that it is as true after a year. */
static float tone(const struct null_device *null, uint64_t number)
{
	uint64_t rate = null->device.rate, phase = number % rate * null->frequency % rate;

	return null->frequency ? (float)(TONE * sin(TWO_PI * (double)phase / (double)rate)) : 0.0f;
}

static int64_t source_read(struct sound_device *device, void *data, size_t frames, uint64_t now)
{
	struct null_device *null = (struct null_device *)device;
	size_t width = mix_width(device->encoding);
	unsigned char *place = data;

	(void)now;
	for (size_t i = 0; i < frames; i++) {
		float value = tone(null, null->passed++);

		for (uint32_t channel = 0; channel < device->channels; channel++, place += width)
			mix_store(place, &value, device->encoding, 1, NULL);
	}
	return (int64_t)frames;
}

/* ---- opening ---- */

static const struct sound_device_calls sink_calls = {
	.prepare = null_prepare,
	.queued = sink_queued,
	.write = sink_write,
	.start = null_start,
	.stop = null_stop,
	.close = null_close,
};

static const struct sound_device_calls source_calls = {
	.prepare = null_prepare,
	.queued = source_queued,
	.read = source_read,
	.start = null_start,
	.stop = null_stop,
	.close = null_close,
};

static struct null_device *open_null(const struct sound_device_calls *calls, uint32_t rate, uint32_t channels,
				     uint32_t encoding, uint32_t room)
{
	struct null_device *null = calloc(1, sizeof(*null));

	if (!null)
		return NULL;
	null->device = (struct sound_device){
		.calls = calls,
		.rate = rate,
		.channels = channels,
		.encoding = encoding,
		.room = room,
		.headroom = rate / 1000, /* what a thread that wakes late by less does not notice */
	};
	return null;
}

struct sound_device *null_device_open(uint32_t rate, uint32_t channels, uint32_t encoding, uint32_t room)
{
	struct null_device *null = open_null(&sink_calls, rate, channels, encoding, room);

	if (!null)
		return NULL;
	null->device.is_deaf = true;
	return &null->device;
}

struct sound_device *null_source_open(uint32_t rate, uint32_t channels, uint32_t encoding, uint32_t room,
				      uint32_t frequency)
{
	struct null_device *null = open_null(&source_calls, rate, channels, encoding, room);

	if (!null)
		return NULL;
	null->device.headroom = 1; /* its clock is the timer's, rounded down */
	null->frequency = frequency;
	return &null->device;
}
