/* SPDX-License-Identifier: MIT
 *
 * A bounded queue between two threads of one process: one puts, one gets, neither waits. A batch is seen whole or
 * not at all, because only queue_publish() shows what was put before it.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct queue {
	uint32_t size; /* entries; a power of two */
	uint32_t putting; /* the putter's own: entries put, shown or not */
	_Alignas(64) _Atomic uint32_t put;
	_Alignas(64) _Atomic uint32_t got;
};

/* Place in the array of entries for the next one; false: it is full. */
static inline bool queue_put(struct queue *queue, uint32_t *place)
{
	if (queue->putting - atomic_load_explicit(&queue->got, memory_order_acquire) >= queue->size)
		return false;
	*place = queue->putting++ & (queue->size - 1);
	return true;
}

/* Entries that the putter can put. */
static inline uint32_t queue_room(const struct queue *queue)
{
	return queue->size - (queue->putting - atomic_load_explicit(&queue->got, memory_order_acquire));
}

/* Show all that was put. Returns whether that is anything new. */
static inline bool queue_publish(struct queue *queue)
{
	if (atomic_load_explicit(&queue->put, memory_order_relaxed) == queue->putting)
		return false;
	atomic_store_explicit(&queue->put, queue->putting, memory_order_release);
	return true;
}

/* Forget what was put and not shown. */
static inline void queue_take_back(struct queue *queue)
{
	queue->putting = atomic_load_explicit(&queue->put, memory_order_relaxed);
}

/* Entries that the getter can get. */
static inline uint32_t queue_fill(const struct queue *queue)
{
	return atomic_load_explicit(&queue->put, memory_order_acquire) -
	       atomic_load_explicit(&queue->got, memory_order_relaxed);
}

static inline bool queue_peek(struct queue *queue, uint32_t *place)
{
	uint32_t got = atomic_load_explicit(&queue->got, memory_order_relaxed);

	if (got == atomic_load_explicit(&queue->put, memory_order_acquire))
		return false;
	*place = got & (queue->size - 1);
	return true;
}

/* Free the entry that was peeked at. */
static inline void queue_advance(struct queue *queue)
{
	uint32_t got = atomic_load_explicit(&queue->got, memory_order_relaxed);

	atomic_store_explicit(&queue->got, got + 1, memory_order_release);
}

#endif
