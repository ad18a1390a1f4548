/* SPDX-License-Identifier: MIT
 *
 * A ring as a stream of bytes, as a socket is one: what a conversation goes through. Bytes are copied in and out, so
 * that what was checked cannot change afterwards.
 */
#ifndef RING_BYTES_H
#define RING_BYTES_H

#include "ring.h"

#define RING_NO_ROOM (-2)

/* Store what there is room for; return how much, or RING_HOSTILE. Less than `size`: we are woken when there is room. */
int64_t ring_send(struct ring *ring, const void *from, size_t size);

/* Take up to `size` bytes; return how many, or RING_HOSTILE. 0: we are woken when there is something. */
int64_t ring_receive(struct ring *ring, void *to, size_t size);

/*
 * The same for a client that has nothing else to do: while there is nothing, sleep until `wake_fd`, the ring's pipe, or
 * `other_fd` can be read. Less than `size`: all, and we are woken when there is more. 0: `other_fd`, or a signal came.
 */
int64_t ring_await(struct ring *ring, int wake_fd, int other_fd, void *to, size_t size);

/*
 * Store `size` bytes at an index, all within the ring's room; ring_publish() shows them. They may lie in a mapped file:
 * 0, or -EFAULT where that does not have them any more.
 */
int ring_store(struct ring *ring, uint64_t index, const void *from, size_t size);

/*
 * Send `size` bytes, then await what comes, as a client that asks one thing does. RING_NO_ROOM: not all would fit, and
 * nothing was stored.
 */
int64_t ring_ask(struct ring *out, struct ring *in, int wake_fd, int other_fd, const void *from, size_t size, void *to,
		 size_t room);

#endif
