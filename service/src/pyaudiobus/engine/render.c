/* SPDX-License-Identifier: MIT
 *
 * A cycle that plays: the sum of the streams, written to the device; who is told of it.
 */
#include "cycle.h"

#include <errno.h>

/* ---- the sum ---- */

static void mix_stream(struct driver *driver, uint32_t slot, size_t frames)
{
	struct playback *stream = driver->slots[slot];
	unsigned int channels = driver->device->channels;
	size_t samples = frames * channels;
	struct cycle_ear who = { driver, slot };
	struct playback_ear ear = { cycle_hear, &who };

	if (!driver->listeners[slot]) {
		playback_mix(stream, driver->sum, channels, frames, driver->scratch, driver->rendered, &ear);
		return;
	}
	mix_clear(driver->alone, samples);
	playback_mix(stream, driver->alone, channels, frames, driver->scratch, driver->rendered, &ear);
	listeners_feed(driver, slot, driver->alone, frames);
	mix_sum(driver->sum, driver->alone, samples);
}

static int recover(struct driver *driver, int reason, uint64_t time)
{
	if (reason == -EPIPE && !driver->is_playing_out)
		leaps_ran_dry(&driver->device->leaps, driver->device->rate);
	return cycle_recover(driver, reason, time);
}

/* Write what was mixed; a device that just ran dry gets it as its first. */
static int write_out(struct driver *driver, size_t frames, uint64_t time)
{
	struct sound_device *device = driver->device;
	int64_t written = device->calls->write(device, driver->bytes, frames, time);

	if (written < 0) {
		int result = recover(driver, (int)written, time);

		if (result)
			return result;
		written = device->calls->write(device, driver->bytes, frames, time);
	}
	if (written < 0)
		return (int)written;
	return (size_t)written == frames ? 0 : -EIO; /* it had said that there was room */
}

static int render(struct driver *driver, size_t frames, uint64_t time)
{
	struct sound_device *device = driver->device;
	size_t samples = frames * device->channels;
	int result;

	mix_clear(driver->sum, samples);
	for (uint32_t slot = 0; slot < driver->highest; slot++)
		if (driver->slots[slot])
			mix_stream(driver, slot, frames);
	if (driver->listeners[DRIVER_SLOTS])
		listeners_feed(driver, DRIVER_SLOTS, driver->sum, frames);
	if (!device->is_deaf)
		mix_store(driver->bytes, driver->sum, device->encoding, samples,
			  driver->is_dithered ? &driver->dither : NULL);
	result = write_out(driver, frames, time);
	leaps_write(&device->leaps, frames);
	driver->queued += frames;
	driver->rendered += frames;
	counter_set(&driver->counters.frames, driver->rendered);
	return result;
}

/* ---- the cycle ---- */

static int look_at_device(struct driver *driver, uint64_t time)
{
	struct sound_device *device = driver->device;
	int64_t queued = driver->is_running ? device->calls->queued(device, time) : 0;

	if (queued < 0)
		return recover(driver, (int)queued, time);
	if (driver->is_running)
		leaps_look(&device->leaps, device->looked_at ? device->looked_at : time, (uint64_t)queued, device->rate);
	driver->queued = (uint64_t)queued;
	return 0;
}

/*
 * Where quanta are long a little more in the device costs nothing, and saves it from a thread that wakes late. And its
 * position may leap.
 */
static uint64_t headroom(const struct driver *driver)
{
	const struct sound_device *device = driver->device;
	uint32_t part = driver->quantum / 4, most = device->room - driver->quantum;
	uint32_t kept = device->headroom + (part < device->spare ? part : device->spare) + leaps_kept(&device->leaps);

	return kept < most ? kept : most;
}

static int start_device(struct driver *driver, uint64_t time)
{
	int result = 0;

	if (!driver->is_running) {
		result = driver->device->calls->start(driver->device, time);
		leaps_start(&driver->device->leaps);
	}
	driver->is_running = !result;
	driver->is_playing_out = false;
	return result;
}

/* Render up to `target` frames in the device; fewer, but `kept`, when nobody has more. */
static int fill(struct driver *driver, uint64_t kept, uint64_t target, uint64_t time)
{
	int result = 0;

	while (!result && driver->queued < target) {
		uint64_t missing = target - driver->queued;

		result = render(driver, missing < DRIVER_CHUNK ? missing : DRIVER_CHUNK, time);
		if (missing > DRIVER_CHUNK && driver->queued >= kept && !render_is_wanted(driver))
			break;
	}
	return result;
}

int render_cycle(struct driver *driver, uint64_t awake)
{
	uint64_t kept = headroom(driver), before = driver->rendered;
	int result = look_at_device(driver, awake);

	if (!result)
		result = fill(driver, kept, driver->quantum + kept, awake);
	if (!result)
		result = start_device(driver, awake);
	if (result)
		return result;
	render_show_timing(driver, awake, driver->queued + driver->device->beyond);
	render_settle(driver, awake, driver->queued + driver->device->beyond);
	cycle_note(driver, awake, driver->rendered - before);
	driver->deadline = awake + cycle_duration(driver, driver->queued - kept);
	return 0;
}

/* ---- who needs a cycle, and who is told what ---- */

static bool is_waiting(const struct playback *stream, uint64_t group)
{
	return stream && stream->group == group && stream->is_held && !stream->is_corked && !stream->is_hostile;
}

/* A member that drains cannot wait: nothing more comes to it. */
static bool is_group_ready(const struct driver *driver, uint64_t group)
{
	bool is_ready = true;

	for (uint32_t slot = 0; slot < driver->highest; slot++) {
		const struct playback *stream = driver->slots[slot];

		if (!is_waiting(stream, group))
			continue;
		if (stream->is_draining)
			return true;
		is_ready = is_ready && playback_is_ready(driver->slots[slot]);
	}
	return is_ready;
}

/* Let groups go of which every member can start, or one has to, so that all do so on the same frame. */
static void release_groups(struct driver *driver)
{
	for (uint32_t slot = 0; slot < driver->highest; slot++) {
		uint64_t group = driver->slots[slot] ? driver->slots[slot]->group : 0;

		if (!group || !is_waiting(driver->slots[slot], group) || !is_group_ready(driver, group))
			continue;
		for (uint32_t other = slot; other < driver->highest; other++)
			if (is_waiting(driver->slots[other], group))
				driver->slots[other]->is_held = false;
	}
}

bool render_is_wanted(struct driver *driver)
{
	bool is_wanted = false;

	if (driver->has_groups)
		release_groups(driver);
	for (uint32_t slot = 0; slot < driver->highest; slot++)
		if (driver->slots[slot] && playback_is_active(driver->slots[slot]))
			is_wanted = true;
	return is_wanted;
}

void render_settle(struct driver *driver, uint64_t time, uint64_t queued)
{
	uint64_t heard = driver->rendered > queued ? driver->rendered - queued : 0, soonest = PLAYBACK_NEVER;

	for (uint32_t slot = 0; slot < driver->highest; slot++) {
		struct cycle_ear who = { driver, slot };
		struct playback_ear ear = { cycle_hear, &who };
		uint64_t next = driver->slots[slot] ? playback_settle(driver->slots[slot], heard, &ear) : PLAYBACK_NEVER;

		soonest = next < soonest ? next : soonest;
	}
	driver->settle_at = RING_NONE;
	if (soonest != PLAYBACK_NEVER) /* a frame more, for what the division has cut off */
		driver->settle_at = time + cycle_duration(driver, soonest - heard + 1);
}

static void show_timing(const struct driver *driver, struct playback *stream, uint64_t time, uint64_t delay)
{
	bool is_standing = stream->is_corked || !driver->is_running;

	if (is_standing && stream->is_shown)
		return;
	stream->is_shown = is_standing;
	ring_show_timing(&stream->ring, &(struct ring_timing){
		.read_index = stream->ring.taken,
		.taken_at = time,
		.delay = delay,
		.playing_for = stream->playing_for,
		.underrun_for = stream->underrun_for,
		.underruns = stream->underruns,
		.flags = (stream->is_starved ? 0 : RING_PLAYING) | (stream->is_corked ? RING_CORKED : 0),
	});
}

/* A stream that stands still is told so once. */
void render_show_timing(struct driver *driver, uint64_t time, uint64_t queued)
{
	uint64_t delay = cycle_duration(driver, queued);

	for (uint32_t slot = 0; slot < driver->highest; slot++) {
		if (driver->slots[slot])
			show_timing(driver, driver->slots[slot], time, delay);
		if (driver->listeners[slot])
			listeners_show_timing(driver, slot, time, delay);
	}
	listeners_show_timing(driver, DRIVER_SLOTS, time, delay);
}
