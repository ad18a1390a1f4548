/* SPDX-License-Identifier: MIT
 *
 * A ring of bytes that two processes share: one stores, one takes, neither waits for the other in a system call
 * while the other is awake. PCM and encoded audio alike. What the bytes mean is not known here.
 *
 * Three pieces, all made by the daemon (ring_create) and handed to its client as file descriptors:
 * - the page: a memfd of one page, mapped by both for reading and writing, sealed against every change of size;
 * - the data: a memfd of `capacity` bytes, mapped twice in a row, so that any span of the ring is one piece of
 *   memory; sealed likewise, and in a record ring also against the client's writing;
 * - two descriptors to be woken by, one each way, used only while the other side says that it sleeps: an eventfd
 *   for the daemon, which never reads it (it polls edge triggered), and a pipe for the client, of which the daemon
 *   keeps the end that is written to. Flags of a shared descriptor are shared too, so an eventfd that a client has
 *   made blocking, and full, could stop the daemon's audio; the end of a pipe that nobody else has cannot.
 *
 * Indexes count bytes since the beginning, in 64 bits, and never wrap; a byte lives at index % capacity.
 *
 * Who may queue a lot mostly does not, and a ring that is gone round uses all its memory. So a playback ring can have a
 * second, short area: while no more is queued than it holds, bytes live there, at index % its size. The producer chooses:
 * it copies what waits to the whole area before it shows that it stores there, and goes back when nothing waits.
 *
 * Trust: the daemon believes nothing in the page. An index of its own it keeps in struct ring and only shows it in
 * the page; an index of the peer it loads once, checks, and uses (RING_HOSTILE where it cannot be true).
 */
#ifndef RING_H
#define RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#define RING_MAGIC 0x47524241u /* "ABRG" */
#define RING_VERSION 1u
#define RING_PAGE_SIZE 4096u
#define RING_NONE UINT64_MAX /* no end is known; nobody sleeps */
#define RING_HOSTILE (-1)

/* What the consumer of a playback ring tells of its clock; see ring_show_timing(). */
struct ring_timing {
	uint64_t read_index; /* first byte that was not taken yet */
	uint64_t taken_at; /* CLOCK_MONOTONIC, ns, when that was so */
	uint64_t delay; /* ns from then until the byte at read_index sounds */
	uint64_t playing_for; /* bytes since the last start or underrun */
	uint64_t underrun_for; /* bytes of silence since the queue ran empty */
	uint64_t underruns; /* how often it did */
	uint64_t flags; /* RING_PLAYING, RING_CORKED */
};

#define RING_PLAYING 1u
#define RING_CORKED 2u
#define RING_TIMING_WORDS (sizeof(struct ring_timing) / sizeof(uint64_t))

struct ring_page {
	uint32_t magic;
	uint32_t version;
	uint64_t capacity;
	uint32_t frame_size;
	uint32_t is_record;
	uint64_t short_size; /* of the short area, which follows the whole one in the data; 0: there is none */

	/* Stored by the producer. */
	_Alignas(64) _Atomic uint64_t written; /* end of the stored bytes */
	_Atomic uint64_t silent_until; /* from written to here is silence, of which nothing is stored */
	_Atomic uint64_t end; /* where the stream ends, RING_NONE while that is open */
	_Atomic uint64_t space_wanted; /* wake me when `taken` reaches this; RING_NONE: I am awake */
	_Atomic uint64_t area; /* enum ring_area: where what waits is stored */

	/* Stored by the consumer. */
	_Alignas(64) _Atomic uint64_t taken; /* end of the bytes that were taken */
	_Atomic uint64_t data_wanted; /* wake me when there are bytes up to here; RING_NONE: I am awake */

	/* Stored by the daemon, whichever it is; guarded by a sequence that is odd during a change. */
	_Alignas(64) _Atomic uint64_t timing_sequence;
	_Atomic uint64_t timing[RING_TIMING_WORDS];
};

enum ring_area { RING_WHOLE, RING_SHORT, RING_AREAS };

/* One side's view of a ring. Only `page` and `data` point to shared memory. */
struct ring {
	struct ring_page *page;
	unsigned char *data[RING_AREAS];
	uint64_t size[RING_AREAS]; /* that of RING_WHOLE is the capacity */
	uint64_t capacity;
	uint64_t frame_size;
	uint64_t written; /* producer: its own index; consumer: unused */
	uint64_t taken; /* consumer: its own index; producer: the last one seen */
	uint64_t reach; /* producer: end of all that was ever reserved */
	uint32_t area; /* enum ring_area; consumer: as it was when it looked */
	int wake_fd; /* wakes the peer */
	bool is_client;
};

static inline unsigned char *ring_at(const struct ring *ring, uint64_t index)
{
	return ring->data[ring->area] + index % ring->size[ring->area];
}

/*
 * A wakeup that cannot be stored is one too many: the sleeper has others already, or is gone. Python, in whose
 * processes this runs, ignores SIGPIPE.
 */
static inline void ring_wake(const struct ring *ring)
{
	const uint64_t one = 1;
	ssize_t done = write(ring->wake_fd, &one, ring->is_client ? sizeof(one) : 1);

	(void)done;
}

/*
 * The two halves of sleeping without a lost wakeup. The sleeper says what it waits for, then looks once more; the
 * waker changes the index, then looks whether somebody waits. The fences keep each from looking too early:
 * without either, both can miss the other (tests/engine/test_ring_wakeups.py tries every order).
 */
static inline void ring_sleep_until(_Atomic uint64_t *wanted, uint64_t index)
{
	atomic_store_explicit(wanted, index, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
}

static inline void ring_stay_awake(_Atomic uint64_t *wanted)
{
	atomic_store_explicit(wanted, RING_NONE, memory_order_relaxed);
}

static inline bool ring_wake_if_reached(const struct ring *ring, _Atomic uint64_t *wanted, uint64_t index)
{
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(wanted, memory_order_relaxed) > index)
		return false;
	if (atomic_exchange_explicit(wanted, RING_NONE, memory_order_relaxed) == RING_NONE)
		return false;
	ring_wake(ring);
	return true;
}

/* ---- the producer's side ---- */

/* Bytes that can be stored after ring->written, or RING_HOSTILE. */
static inline int64_t ring_space(struct ring *ring)
{
	uint64_t taken = atomic_load_explicit(&ring->page->taken, memory_order_acquire);

	if (taken < ring->taken)
		return RING_HOSTILE;
	ring->taken = taken;
	if (taken >= ring->written)
		return (int64_t)ring->capacity;
	if (ring->written - taken > ring->capacity)
		return RING_HOSTILE;
	return (int64_t)(ring->capacity - (ring->written - taken));
}

/* Have what waits, and all that is stored from now on, in another area. */
void ring_change_area(struct ring *ring, enum ring_area area);

/*
 * Where to store `size` bytes at `index`, all of them before taken + capacity. What was returned before may be memory
 * that is not used any more.
 */
static inline unsigned char *ring_reserve(struct ring *ring, uint64_t index, uint64_t size)
{
	uint64_t end = index + size;

	if (ring->size[RING_SHORT]) {
		bool is_short = end <= ring->taken + ring->size[RING_SHORT];

		if (ring->area == RING_SHORT ? !is_short : is_short && ring->reach <= ring->taken)
			ring_change_area(ring, is_short ? RING_SHORT : RING_WHOLE);
		ring->reach = end > ring->reach ? end : ring->reach;
	}
	return ring_at(ring, index);
}

/* Show that the stored bytes end at `written`, and that silence follows up to `silent_until`. */
static inline void ring_publish(struct ring *ring, uint64_t written, uint64_t silent_until)
{
	uint64_t reach = silent_until > written ? silent_until : written;

	ring->written = written;
	atomic_store_explicit(&ring->page->silent_until, reach, memory_order_relaxed);
	atomic_store_explicit(&ring->page->written, written, memory_order_release);
	ring_wake_if_reached(ring, &ring->page->data_wanted, reach);
}

/* Mark the end of the stream, or take the mark away with RING_NONE. It wakes a consumer that waits for anything. */
static inline void ring_mark_end(struct ring *ring, uint64_t end)
{
	atomic_store_explicit(&ring->page->end, end, memory_order_release);
	if (end != RING_NONE)
		ring_wake_if_reached(ring, &ring->page->data_wanted, RING_NONE - 1);
}

/* Ask to be woken when the consumer has taken all before `index`. True: it has already, do not sleep. */
static inline bool ring_want_space(struct ring *ring, uint64_t index)
{
	ring_sleep_until(&ring->page->space_wanted, index);
	if (atomic_load_explicit(&ring->page->taken, memory_order_acquire) < index)
		return false;
	ring_stay_awake(&ring->page->space_wanted);
	return true;
}

/* ---- the consumer's side ---- */

/* What is there to be taken: stored bytes, then silence. */
struct ring_fill {
	uint64_t stored;
	uint64_t silence;
	uint64_t end; /* RING_NONE, or where the stream ends */
};

/* Where the stream ends, RING_NONE while that is open. */
static inline uint64_t ring_end(const struct ring *ring)
{
	uint64_t end = atomic_load_explicit(&ring->page->end, memory_order_acquire);

	return end == RING_NONE ? end : end - end % ring->frame_size;
}

/* Look at what the producer shows. 0, or RING_HOSTILE. A write index behind what was taken is an empty ring. */
static inline int ring_look(struct ring *ring, struct ring_fill *fill)
{
	uint64_t written, silent;

	fill->end = ring_end(ring);
	written = atomic_load_explicit(&ring->page->written, memory_order_acquire);
	silent = atomic_load_explicit(&ring->page->silent_until, memory_order_relaxed);
	if (ring->size[RING_SHORT]) /* not before `written`: what that shows is stored here, or was copied here */
		ring->area = atomic_load_explicit(&ring->page->area, memory_order_acquire) == RING_SHORT;
	fill->stored = written > ring->taken ? written - ring->taken : 0;
	if (fill->stored > ring->size[ring->area] || fill->stored % ring->frame_size)
		return RING_HOSTILE;
	if (silent < ring->taken + fill->stored)
		silent = ring->taken + fill->stored;
	fill->silence = silent - ring->taken - fill->stored;
	fill->silence -= fill->silence % ring->frame_size;
	return 0;
}

/* Index up to which bytes are stored, or RING_HOSTILE. */
static inline int64_t ring_filled(struct ring *ring)
{
	struct ring_fill fill;

	return ring_look(ring, &fill) ? RING_HOSTILE : (int64_t)(ring->taken + fill.stored);
}

/* Give everything before `taken` back to the producer. True: the producer was woken. */
static inline bool ring_take(struct ring *ring, uint64_t taken)
{
	ring->taken = taken;
	atomic_store_explicit(&ring->page->taken, taken, memory_order_release);
	return ring_wake_if_reached(ring, &ring->page->space_wanted, taken);
}

/* Ask to be woken when there are bytes up to `index`, or the end is marked. True: so it is already, do not sleep. */
static inline bool ring_want_data(struct ring *ring, uint64_t index)
{
	ring_sleep_until(&ring->page->data_wanted, index);
	if (atomic_load_explicit(&ring->page->written, memory_order_acquire) < index &&
	    atomic_load_explicit(&ring->page->silent_until, memory_order_acquire) < index &&
	    atomic_load_explicit(&ring->page->end, memory_order_acquire) == RING_NONE)
		return false;
	ring_stay_awake(&ring->page->data_wanted);
	return true;
}

/* The same where an end is marked already, and is not what is waited for. */
static inline bool ring_want_more(struct ring *ring, uint64_t index)
{
	ring_sleep_until(&ring->page->data_wanted, index);
	if (atomic_load_explicit(&ring->page->written, memory_order_acquire) < index &&
	    atomic_load_explicit(&ring->page->silent_until, memory_order_acquire) < index)
		return false;
	ring_stay_awake(&ring->page->data_wanted);
	return true;
}

/* ---- timing: written by the daemon at each cycle, read by the client at any time ---- */

void ring_show_timing(struct ring *ring, const struct ring_timing *timing);

static inline void ring_show_times(struct ring *ring, uint64_t read_index, uint64_t taken_at, uint64_t delay,
				   uint64_t playing_for, uint64_t underrun_for, uint64_t underruns, uint64_t flags)
{
	const struct ring_timing timing = { read_index, taken_at, delay, playing_for, underrun_for, underruns, flags };

	ring_show_timing(ring, &timing);
}

/* False: it changed at every one of a bounded number of looks. */
bool ring_read_timing(const struct ring *ring, struct ring_timing *timing);

/* ---- making and joining ---- */

struct ring_descriptors {
	int page;
	int data;
	int daemon_event; /* the client writes, the daemon polls */
	int client_pipe; /* the client reads */
	int daemon_pipe; /* its other end, -1 at the client */
};

/*
 * Make a ring and map it. Capacity is rounded up to whole pages. `usual`: what a playback ring holds as a rule, if that
 * is much less; 0: nothing is known of it. 0 or a negative errno; then nothing is left open. The descriptors are the
 * caller's; the mapping does not need the memfds.
 */
int ring_create(struct ring *ring, struct ring_descriptors *fds, uint64_t capacity, uint64_t usual, uint32_t frame_size,
		bool is_record);

/*
 * Map a ring that somebody else made. 0 or a negative errno: -EPROTO where the descriptors are no ring of this
 * version, are not sealed, or disagree in size.
 */
int ring_attach(struct ring *ring, const struct ring_descriptors *fds);

void ring_unmap(struct ring *ring);

/* Count from `index` on instead of 0, before anybody else has seen the ring. */
void ring_begin(struct ring *ring, uint64_t index);

/* Index up to which bytes were taken, as the page shows it: the consumer is believed, its client need not be. */
uint64_t ring_shown_taken(const struct ring *ring);

#endif
