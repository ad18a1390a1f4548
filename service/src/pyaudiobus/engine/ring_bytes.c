/* SPDX-License-Identifier: MIT */
#include "ring_bytes.h"

#include "mapped.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Bytes that can be stored; where there are none, the consumer wakes us when there are. */
static int64_t room(struct ring *ring)
{
	int64_t space = ring_space(ring);

	if (space == 0 && ring_want_space(ring, ring->taken + 1))
		return ring_space(ring);
	return space;
}

int64_t ring_send(struct ring *ring, const void *from, size_t size)
{
	const unsigned char *next = from;
	size_t left = size;

	while (left) {
		int64_t space = room(ring);
		size_t piece = space < (int64_t)left ? (size_t)(space < 0 ? 0 : space) : left;

		if (space < 0)
			return RING_HOSTILE;
		if (!piece)
			break;
		memcpy(ring_reserve(ring, ring->written, piece), next, piece);
		ring_publish(ring, ring->written + piece, 0);
		next += piece;
		left -= piece;
	}
	return (int64_t)(size - left);
}

int64_t ring_receive(struct ring *ring, void *to, size_t size)
{
	struct ring_fill fill;

	do {
		/* A conversation has neither silence nor an end; who shows them would have us look for ever. */
		if (ring_look(ring, &fill) || fill.silence || fill.end != RING_NONE)
			return RING_HOSTILE;
	} while (!fill.stored && ring_want_data(ring, ring->taken + 1));
	if (fill.stored > size)
		fill.stored = size;
	if (fill.stored) {
		memcpy(to, ring_at(ring, ring->taken), fill.stored);
		ring_take(ring, ring->taken + fill.stored);
	}
	return (int64_t)fill.stored;
}

int64_t ring_await(struct ring *ring, int wake_fd, int other_fd, void *to, size_t size)
{
	struct pollfd fds[2] = { { wake_fd, POLLIN, 0 }, { other_fd, POLLIN, 0 } };
	char wakeups[64];

	for (;;) {
		int64_t piece = 0, taken = 0;

		do {
			taken += piece;
			piece = ring_receive(ring, (unsigned char *)to + taken, size - (size_t)taken);
		} while (piece > 0);
		if (piece < 0)
			return piece;
		if (taken)
			return taken;
		if (poll(fds, 2, -1) < 0 || fds[1].revents)
			return 0;
		if (read(wake_fd, wakeups, sizeof(wakeups)) < 0)
			return 0;
	}
}

typedef uint64_t word16 __attribute__((vector_size(16), aligned(1), may_alias));

/* libc copies what is long by a string instruction, which is a step a byte to whoever counts steps. */
__attribute__((optimize("no-tree-loop-distribute-patterns")))
static void copy(unsigned char *to, const unsigned char *from, size_t size)
{
	for (; size >= 64; size -= 64, to += 64, from += 64) {
		const word16 *source = (const word16 *)from;
		word16 a = source[0], b = source[1], c = source[2], d = source[3];
		word16 *target = (word16 *)to;

		target[0] = a;
		target[1] = b;
		target[2] = c;
		target[3] = d;
	}
	memcpy(to, from, size);
}

/* What is beyond the edge is mapped twice, and to be found by a fault a page where it was not stored to before. */
struct pieces {
	unsigned char *to, *beyond;
	const unsigned char *from;
	size_t first, rest;
};

static void copy_pieces(void *with)
{
	const struct pieces *pieces = with;

	copy(pieces->to, pieces->from, pieces->first);
	copy(pieces->beyond, pieces->from + pieces->first, pieces->rest);
}

int ring_store(struct ring *ring, uint64_t index, const void *from, size_t size)
{
	unsigned char *to = ring_reserve(ring, index, size);
	size_t to_edge = ring->size[ring->area] - (size_t)(index % ring->size[ring->area]);
	size_t first = size < to_edge ? size : to_edge;
	struct pieces pieces = { to, ring->data[ring->area], from, first, size - first };

	return mapped_read(copy_pieces, &pieces);
}

int64_t ring_ask(struct ring *out, struct ring *in, int wake_fd, int other_fd, const void *from, size_t size, void *to,
		 size_t room)
{
	int64_t space = ring_space(out);

	if (space < 0)
		return RING_HOSTILE;
	if ((uint64_t)space < size)
		return RING_NO_ROOM;
	if (ring_send(out, from, size) < 0)
		return RING_HOSTILE;
	return ring_await(in, wake_fd, other_fd, to, room);
}
