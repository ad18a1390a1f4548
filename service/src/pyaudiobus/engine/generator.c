/* SPDX-License-Identifier: MIT */
#include "generator.h"

#include <poll.h>

/* Frames that the bus wants now; 0 until they are minreq. RING_HOSTILE. */
static int64_t wanted(const struct generator *generator)
{
	struct ring *ring = generator->ring;
	int64_t space = ring_space(ring);
	uint64_t queued = ring->written > ring->taken ? ring->written - ring->taken : 0, bytes;

	if (space < 0)
		return RING_HOSTILE;
	bytes = queued < generator->tlength ? generator->tlength - queued : 0;
	if (bytes < generator->minreq)
		return 0;
	return (int64_t)((bytes < (uint64_t)space ? bytes : (uint64_t)space) / ring->frame_size);
}

/* True: all was made that was wanted. A write index that the bus has passed goes on where the bus is. */
static bool make(struct generator *generator, size_t frames)
{
	struct ring *ring = generator->ring;
	uint64_t start = ring->written > ring->taken ? ring->written : ring->taken;
	void *place = ring_reserve(ring, start, frames * ring->frame_size);
	size_t made = generator->fill(generator->self, place, frames);

	ring_publish(ring, start + (made < frames ? made : frames) * ring->frame_size, 0);
	return made >= frames;
}

/* Sleep until the ring has room or the other descriptor something. True: it is the latter. */
static bool sleep_for_room(const struct generator *generator)
{
	struct pollfd fds[2] = { { generator->wake_fd, POLLIN, 0 }, { generator->other_fd, POLLIN, 0 } };
	char wakeups[64];

	if (poll(fds, generator->other_fd < 0 ? 1 : 2, -1) < 0)
		return true; /* a signal: Python wants to see it */
	if (fds[0].revents && read(generator->wake_fd, wakeups, sizeof(wakeups)) < 0)
		return true;
	return fds[1].revents;
}

enum generator_reason generator_run(struct generator *generator)
{
	for (;;) {
		struct ring *ring = generator->ring;
		int64_t frames = wanted(generator);
		uint64_t enough = ring->written + generator->minreq;

		if (frames < 0)
			return GENERATOR_HOSTILE;
		if (frames) {
			if (!make(generator, (size_t)frames))
				return GENERATOR_ENDED;
			continue;
		}
		if (ring_want_space(ring, enough > generator->tlength ? enough - generator->tlength : 0))
			continue;
		if (sleep_for_room(generator))
			return GENERATOR_CALLED;
	}
}

size_t generator_saw(void *saw, void *to, size_t frames)
{
	struct generator_saw *self = saw;
	int16_t *sample = to;

	for (size_t i = 0; i < frames; i++, self->phase += self->step) {
		*sample++ = (int16_t)self->phase;
		*sample++ = (int16_t)self->phase;
	}
	return frames;
}
