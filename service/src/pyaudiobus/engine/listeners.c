/* SPDX-License-Identifier: MIT
 *
 * Record streams inside the cycle: who hears what, and what happens when nobody fetches it.
 */
#include "cycle.h"

static struct driver_listener **find(struct driver *driver, uint32_t slot, uint64_t serial)
{
	struct driver_listener **place = &driver->listeners[slot];

	while (*place && (*place)->serial != serial)
		place = &(*place)->next;
	return place;
}

/* A stream that is not there is not heard: then the listener waits to be removed. */
void listeners_add(struct driver *driver, uint32_t slot, struct driver_listener *listener)
{
	const struct playback *stream = slot < DRIVER_SLOTS ? driver->slots[slot] : NULL;

	listener->heard = stream ? stream->serial : 0;
	listener->next = driver->listeners[slot];
	driver->listeners[slot] = listener;
}

void listeners_remove(struct driver *driver, uint32_t slot, uint64_t serial)
{
	struct driver_listener **place = find(driver, slot, serial);

	if (!*place)
		return;
	*place = (*place)->next;
	cycle_report(driver, DRIVER_REMOVED, slot, serial, 0);
}

void listeners_cork(struct driver *driver, uint32_t slot, uint64_t serial, bool is_corked)
{
	struct driver_listener *listener = *find(driver, slot, serial);

	if (listener)
		listener->is_corked = is_corked;
}

bool listeners_want(const struct driver *driver)
{
	for (const struct driver_listener *at = driver->listeners[DRIVER_SLOTS]; at; at = at->next)
		if (!at->is_corked && !at->is_passive)
			return true;
	return false;
}

static bool hears(const struct driver *driver, uint32_t slot, const struct driver_listener *listener)
{
	return !listener->is_corked && (slot == DRIVER_SLOTS || listener->heard == driver->slots[slot]->serial);
}

void listeners_feed(struct driver *driver, uint32_t slot, const float *samples, size_t frames)
{
	size_t count = frames * driver->device->channels;

	for (struct driver_listener *listener = driver->listeners[slot]; listener; listener = listener->next) {
		struct ring *ring = &listener->ring;
		uint64_t bytes = count * mix_width(listener->encoding);

		if (!hears(driver, slot, listener))
			continue;
		if (ring_space(ring) < (int64_t)bytes) { /* a hostile client's ring is full for ever */
			listener->lost += bytes;
			counter_add(&driver->counters.lost_record, bytes);
			continue;
		}
		mix_store(ring_at(ring, ring->written), samples, listener->encoding, count,
			  listener->dither ? &listener->dither : NULL);
		ring_publish(ring, ring->written + bytes, 0);
	}
}

void listeners_show_timing(struct driver *driver, uint32_t slot, uint64_t time, uint64_t delay)
{
	for (struct driver_listener *listener = driver->listeners[slot]; listener; listener = listener->next)
		ring_show_timing(&listener->ring, &(struct ring_timing){
			.read_index = listener->ring.written,
			.taken_at = time,
			.delay = delay,
			.flags = listener->is_corked ? RING_CORKED : RING_PLAYING,
		});
}
