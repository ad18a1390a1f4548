/* SPDX-License-Identifier: MIT
 *
 * The inside of a driver, shared by the files that make it up: driver.c (its thread and what the control thread calls),
 * commands.c, render.c (playing), capture.c (recording), listeners.c. Nobody else looks in here.
 */
#ifndef CYCLE_H
#define CYCLE_H

#include "driver.h"

#include <time.h>

#define SECOND 1000000000ull
#define SAMPLES ((size_t)DRIVER_CHUNK * MIX_MAX_CHANNELS)

/* As struct driver_record; read while it is written, see driver_records(). */
struct cycle_record {
	_Atomic uint64_t due;
	_Atomic uint64_t awake;
	_Atomic uint64_t finished;
	_Atomic uint64_t frames;
	_Atomic uint64_t queued;
};

struct driver {
	struct sound_device *device;
	uint32_t quantum; /* frames */
	int command_fd;
	int event_fd;
	int data_fd; /* epoll: wakeups of clients whose streams wait for data */
	_Atomic bool is_stopping;
	bool is_running; /* the device sounds */
	bool is_playing_out; /* nobody has more: running dry is no failure */
	bool has_events;
	bool has_groups; /* some stream is in a sync group */
	bool has_told; /* of the failure */
	int failure;
	uint64_t rendered; /* frames since the beginning */
	uint64_t queued; /* frames the device holds, in this cycle */
	uint64_t deadline; /* when the next cycle is due; CLOCK_MONOTONIC, ns */
	uint64_t settle_at; /* when the last frame of a stream that drains is heard; RING_NONE: none drains */
	uint32_t highest; /* slots in use are below it */
	bool is_dithered;
	uint32_t dither; /* the noise's state */

	struct driver_counters counters;
	struct queue commands;
	struct queue events;
	struct playback *slots[DRIVER_SLOTS];
	struct driver_listener *listeners[DRIVER_SLOTS + 1];
	struct driver_command command_places[DRIVER_QUEUE];
	struct driver_event event_places[DRIVER_QUEUE];
	struct cycle_record records[DRIVER_RECORDS];
	float sum[SAMPLES];
	float alone[SAMPLES];
	float scratch[SAMPLES];
	uint8_t bytes[SAMPLES * sizeof(float)]; /* as the device has them */
};

/* Who in which slot tells; see struct playback_ear. */
struct cycle_ear {
	struct driver *driver;
	uint32_t slot;
};

static inline uint64_t cycle_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static inline uint64_t cycle_duration(const struct driver *driver, uint64_t frames)
{
	return frames * SECOND / driver->device->rate;
}

static inline uint64_t cycle_frames(const struct driver *driver, uint64_t duration)
{
	return duration / SECOND * driver->device->rate + duration % SECOND * driver->device->rate / SECOND;
}

/* Counters have one writer. */
static inline void counter_set(_Atomic uint64_t *counter, uint64_t value)
{
	atomic_store_explicit(counter, value, memory_order_relaxed);
}

static inline uint64_t counter_get(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit((_Atomic uint64_t *)counter, memory_order_relaxed);
}

static inline void counter_add(_Atomic uint64_t *counter, uint64_t amount)
{
	counter_set(counter, counter_get(counter) + amount);
}

/* ---- driver.c ---- */

void cycle_report(struct driver *driver, uint32_t kind, uint32_t slot, uint64_t serial, uint64_t index);
void cycle_hear(void *ear, const struct playback *stream, enum playback_event event, uint64_t index);

/* Note what a cycle did, before its deadline is moved. */
void cycle_note(struct driver *driver, uint64_t awake, size_t frames);

/* Make a device ready again that ran dry, over, or slept through. 0, or the negative errno that stays. */
int cycle_recover(struct driver *driver, int reason, uint64_t time);

/* ---- commands.c ---- */

void commands_obey(struct driver *driver);
void commands_set_quantum(struct driver *driver, uint64_t frames);

/* ---- listeners.c ---- */

void listeners_add(struct driver *driver, uint32_t slot, struct driver_listener *listener);
void listeners_remove(struct driver *driver, uint32_t slot, uint64_t serial);
void listeners_cork(struct driver *driver, uint32_t slot, uint64_t serial, bool is_corked);
bool listeners_want(const struct driver *driver);

/* Copy frames in the device's channels to who listens to `slot`. */
void listeners_feed(struct driver *driver, uint32_t slot, const float *samples, size_t frames);

/* Tell the listeners of `slot` when what they have got last is, or was, heard. */
void listeners_show_timing(struct driver *driver, uint32_t slot, uint64_t time, uint64_t delay);

/* ---- render.c ---- */

/* Fill the device up to a quantum above its headroom, and decide when that has to be done again. */
int render_cycle(struct driver *driver, uint64_t awake);

/* Whether some stream needs the next cycle; who does not was asked to wake us. */
bool render_is_wanted(struct driver *driver);

/* Tell who has been heard to the end, with `queued` frames to be heard still. */
void render_settle(struct driver *driver, uint64_t time, uint64_t queued);
void render_show_timing(struct driver *driver, uint64_t time, uint64_t queued);

/* ---- capture.c ---- */

int capture_cycle(struct driver *driver, uint64_t awake);

#endif
