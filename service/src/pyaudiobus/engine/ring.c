/* SPDX-License-Identifier: MIT
 *
 * Making rings and joining them; what is done at each cycle is in ring.h. A few lines past 300: both are checked alike.
 */
#define _GNU_SOURCE
#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010 /* Linux 5.1 */
#endif

#define RING_SEALS (F_SEAL_SHRINK | F_SEAL_GROW)
#define TIMING_LOOKS 64

_Static_assert(sizeof(struct ring_page) <= RING_PAGE_SIZE, "the page holds the page");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit atomics that need no lock");

/* ---- timing ---- */

void ring_show_timing(struct ring *ring, const struct ring_timing *timing)
{
	struct ring_page *page = ring->page;
	uint64_t words[RING_TIMING_WORDS];
	uint64_t sequence = atomic_load_explicit(&page->timing_sequence, memory_order_relaxed) | 1;

	memcpy(words, timing, sizeof(words));
	atomic_store_explicit(&page->timing_sequence, sequence, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	for (size_t i = 0; i < RING_TIMING_WORDS; i++)
		atomic_store_explicit(&page->timing[i], words[i], memory_order_relaxed);
	atomic_store_explicit(&page->timing_sequence, sequence + 1, memory_order_release);
}

bool ring_read_timing(const struct ring *ring, struct ring_timing *timing)
{
	struct ring_page *page = ring->page;
	uint64_t words[RING_TIMING_WORDS];

	for (int look = 0; look < TIMING_LOOKS; look++) {
		uint64_t before = atomic_load_explicit(&page->timing_sequence, memory_order_acquire);

		for (size_t i = 0; i < RING_TIMING_WORDS; i++)
			words[i] = atomic_load_explicit(&page->timing[i], memory_order_relaxed);
		atomic_thread_fence(memory_order_acquire);
		if (!(before & 1) && atomic_load_explicit(&page->timing_sequence, memory_order_relaxed) == before) {
			memcpy(timing, words, sizeof(words));
			return true;
		}
	}
	return false;
}

/* ---- areas ---- */

/* Any span is one piece of memory in both: they are mapped twice in a row. */
void ring_change_area(struct ring *ring, enum ring_area area)
{
	unsigned char *from = ring_at(ring, ring->taken);

	ring->area = area;
	if (ring->reach > ring->taken)
		memcpy(ring_at(ring, ring->taken), from, ring->reach - ring->taken);
	atomic_store_explicit(&ring->page->area, area, memory_order_release);
	if (area == RING_SHORT) /* the other's memory is free until it is stored to again */
		madvise(ring->data[RING_WHOLE], ring->capacity, MADV_REMOVE);
}

/* ---- mapping ---- */

/* Map a part of a memfd twice in a row. MAP_FAILED with errno set where that is not possible. */
static void *map_twice(int fd, uint64_t offset, size_t size, int protection)
{
	unsigned char *place = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (place == MAP_FAILED)
		return MAP_FAILED;
	for (int half = 0; half < 2; half++) {
		void *here = place + (size_t)half * size;

		if (mmap(here, size, protection, MAP_SHARED | MAP_FIXED, fd, (off_t)offset) == MAP_FAILED) {
			int reason = errno;

			munmap(place, 2 * size);
			errno = reason;
			return MAP_FAILED;
		}
	}
	madvise(place, 2 * size, MADV_DONTFORK); /* a child must not take part in its parent's stream */
	return place;
}

static int map_areas(struct ring *ring, int fd, int protection)
{
	uint64_t offset = 0;

	for (int area = 0; area < RING_AREAS && ring->size[area]; area++) {
		void *data = map_twice(fd, offset, ring->size[area], protection);

		if (data == MAP_FAILED)
			return -errno;
		ring->data[area] = data;
		offset += ring->size[area];
	}
	return 0;
}

/* Where it fails nothing stays mapped. */
static int map_ring(struct ring *ring, const struct ring_descriptors *fds, const uint64_t size[RING_AREAS],
		    int protection, bool is_client)
{
	void *page = mmap(NULL, RING_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fds->page, 0);
	int result;

	if (page == MAP_FAILED)
		return -errno;
	madvise(page, RING_PAGE_SIZE, MADV_DONTFORK);
	*ring = (struct ring){
		.page = page,
		.size = { size[RING_WHOLE], size[RING_SHORT] },
		.capacity = size[RING_WHOLE],
		.wake_fd = is_client ? fds->daemon_event : fds->daemon_pipe,
		.is_client = is_client,
	};
	result = map_areas(ring, fds->data, protection);
	if (result)
		ring_unmap(ring);
	return result;
}

void ring_unmap(struct ring *ring)
{
	if (ring->page)
		munmap(ring->page, RING_PAGE_SIZE);
	for (int area = 0; area < RING_AREAS; area++)
		if (ring->data[area])
			munmap(ring->data[area], 2 * ring->size[area]);
	*ring = (struct ring){ .wake_fd = -1 };
}

/* ---- making ---- */

static int make_memory(const char *name, uint64_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int reason;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)size) == 0)
		return fd;
	reason = errno;
	close(fd);
	return -reason;
}

static void close_descriptors(struct ring_descriptors *fds)
{
	int all[] = { fds->page, fds->data, fds->daemon_event, fds->client_pipe, fds->daemon_pipe };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] >= 0)
			close(all[i]);
	*fds = (struct ring_descriptors){ -1, -1, -1, -1, -1 };
}

static int open_descriptors(struct ring_descriptors *fds, uint64_t data_size)
{
	int ends[2];

	*fds = (struct ring_descriptors){ -1, -1, -1, -1, -1 };
	fds->page = make_memory("audiobus-ring", RING_PAGE_SIZE);
	if (fds->page < 0)
		return fds->page;
	fds->data = make_memory("audiobus-data", data_size);
	if (fds->data < 0)
		return fds->data;
	fds->daemon_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fds->daemon_event < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	fds->client_pipe = ends[0];
	fds->daemon_pipe = ends[1];
	return 0;
}

/* The daemon's own mapping exists by now; F_SEAL_FUTURE_WRITE leaves it writable and allows no other. */
static int seal(const struct ring_descriptors *fds, bool is_record)
{
	int on_data = RING_SEALS | F_SEAL_SEAL | (is_record ? F_SEAL_FUTURE_WRITE : 0);

	if (fcntl(fds->page, F_ADD_SEALS, RING_SEALS | F_SEAL_SEAL) || fcntl(fds->data, F_ADD_SEALS, on_data))
		return -errno;
	return 0;
}

static void describe(struct ring *ring, uint32_t frame_size, bool is_record)
{
	struct ring_page *page = ring->page;

	page->magic = RING_MAGIC;
	page->version = RING_VERSION;
	page->capacity = ring->capacity;
	page->short_size = ring->size[RING_SHORT];
	page->frame_size = frame_size;
	page->is_record = is_record;
	ring->frame_size = frame_size;
	atomic_store(&page->end, RING_NONE);
	atomic_store(&page->space_wanted, RING_NONE);
	atomic_store(&page->data_wanted, RING_NONE);
}

static uint64_t whole_pages(uint64_t size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return size ? (size + page - 1) / page * page : page;
}

int ring_create(struct ring *ring, struct ring_descriptors *fds, uint64_t capacity, uint64_t usual, uint32_t frame_size,
		bool is_record)
{
	uint64_t size[RING_AREAS] = { 0 };
	int result;

	*ring = (struct ring){ .wake_fd = -1 };
	if (!frame_size || capacity > INT64_MAX / 4)
		return -EINVAL;
	size[RING_WHOLE] = whole_pages(capacity);
	if (usual && usual < size[RING_WHOLE] / 2)
		size[RING_SHORT] = whole_pages(usual);
	result = open_descriptors(fds, size[RING_WHOLE] + size[RING_SHORT]);
	if (!result)
		result = map_ring(ring, fds, size, is_record ? PROT_READ | PROT_WRITE : PROT_READ, false);
	if (!result) {
		describe(ring, frame_size, is_record);
		result = seal(fds, is_record);
	}
	if (result) {
		ring_unmap(ring);
		close_descriptors(fds);
	}
	return result;
}

void ring_begin(struct ring *ring, uint64_t index)
{
	ring->written = ring->taken = ring->reach = index;
	atomic_store(&ring->page->silent_until, index);
	atomic_store(&ring->page->written, index);
	atomic_store(&ring->page->taken, index);
}

uint64_t ring_shown_taken(const struct ring *ring)
{
	return atomic_load_explicit(&ring->page->taken, memory_order_relaxed);
}

/* ---- joining ---- */

static bool has_size_and_seals(int fd, uint64_t size)
{
	struct stat status;
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & RING_SEALS) == RING_SEALS && fstat(fd, &status) == 0 &&
	       (uint64_t)status.st_size == size;
}

int ring_attach(struct ring *ring, const struct ring_descriptors *fds)
{
	struct ring_page *page;
	struct ring_page shown;
	uint64_t size[RING_AREAS];
	struct stat status;
	int result;

	*ring = (struct ring){ .wake_fd = -1 };
	if (!has_size_and_seals(fds->page, RING_PAGE_SIZE) || fstat(fds->data, &status) ||
	    !has_size_and_seals(fds->data, (uint64_t)status.st_size) || !status.st_size)
		return -EPROTO;
	page = mmap(NULL, RING_PAGE_SIZE, PROT_READ, MAP_SHARED, fds->page, 0);
	if (page == MAP_FAILED)
		return -errno;
	memcpy(&shown, page, offsetof(struct ring_page, written));
	munmap(page, RING_PAGE_SIZE);
	if (shown.magic != RING_MAGIC || shown.version != RING_VERSION || !shown.frame_size ||
	    shown.capacity > (uint64_t)status.st_size || shown.capacity + shown.short_size != (uint64_t)status.st_size)
		return -EPROTO;
	size[RING_WHOLE] = shown.capacity;
	size[RING_SHORT] = shown.short_size;
	result = map_ring(ring, fds, size, shown.is_record ? PROT_READ : PROT_READ | PROT_WRITE, true);
	if (result)
		return result;
	ring->frame_size = shown.frame_size;
	ring->written = atomic_load(&ring->page->written);
	ring->taken = atomic_load(&ring->page->taken);
	ring->area = size[RING_SHORT] && atomic_load(&ring->page->area) == RING_SHORT;
	ring->reach = ring->written;
	return 0;
}
