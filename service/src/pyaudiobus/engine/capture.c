/* SPDX-License-Identifier: MIT
 *
 * A cycle that records: what the device has, handed to everybody who listens. Nobody listening, it does not run.
 */
#include "cycle.h"

#include <errno.h>

static int start(struct driver *driver, uint64_t time)
{
	int result = driver->device->calls->start(driver->device, time);

	driver->is_running = !result;
	return result;
}

/* A device that ran over goes on at once: what it held is lost. */
static int look_at_device(struct driver *driver, uint64_t time)
{
	struct sound_device *device = driver->device;
	int64_t waiting = driver->is_running ? device->calls->queued(device, time) : 0;
	int result = 0;

	driver->queued = waiting < 0 ? 0 : (uint64_t)waiting;
	if (waiting < 0)
		result = cycle_recover(driver, (int)waiting, time);
	if (!result && !driver->is_running)
		result = start(driver, time);
	return result;
}

static int hand_on(struct driver *driver, size_t frames, uint64_t time)
{
	struct sound_device *device = driver->device;
	int64_t got = device->calls->read(device, driver->bytes, frames, time);

	if (got <= 0)
		return got ? (int)got : -EIO; /* it had said that there was something */
	mix_load(driver->sum, driver->bytes, device->encoding, (size_t)got * device->channels);
	listeners_feed(driver, DRIVER_SLOTS, driver->sum, (size_t)got);
	driver->rendered += (uint64_t)got;
	driver->queued -= (uint64_t)got;
	counter_set(&driver->counters.frames, driver->rendered);
	return 0;
}

int capture_cycle(struct driver *driver, uint64_t awake)
{
	struct sound_device *device = driver->device;
	uint64_t before = driver->rendered;
	int result = look_at_device(driver, awake);

	while (!result && driver->queued)
		result = hand_on(driver, driver->queued < DRIVER_CHUNK ? driver->queued : DRIVER_CHUNK, awake);
	if (result == -EPIPE || result == -ESTRPIPE)
		result = look_at_device(driver, awake);
	if (result)
		return result;
	listeners_show_timing(driver, DRIVER_SLOTS, awake, cycle_duration(driver, device->beyond));
	cycle_note(driver, awake, driver->rendered - before);
	driver->deadline = awake + cycle_duration(driver, driver->quantum + device->headroom);
	return 0;
}
