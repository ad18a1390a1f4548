// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tape: every byte the DSP consumed (as far as capture_mb reaches), their
 * count and CRC-32 (without end), and a log of what happened. Reading them out
 * is report.c's.
 */
#include <linux/crc32.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "vdsp.h"

#define VDSP_CHUNK	(256 * 1024)
#define VDSP_EVENTS	4096

int vdsp_tape_new(struct vdsp_tape *tape, u32 capture_mb)
{
	tape->chunk_count = capture_mb * (SZ_1M / VDSP_CHUNK);
	tape->chunks = kvcalloc(tape->chunk_count + 1, sizeof(*tape->chunks),
				GFP_KERNEL);
	tape->events = kvcalloc(VDSP_EVENTS, sizeof(*tape->events),
				GFP_KERNEL);
	tape->crc = ~0;
	return tape->chunks && tape->events ? 0 : -ENOMEM;
}

void vdsp_tape_free(struct vdsp_tape *tape)
{
	if (tape->chunks)
		vdsp_tape_reset(tape);
	kvfree(tape->chunks);
	kvfree(tape->events);
}

/* Forget bytes and events alike, and give the bytes' memory back. */
void vdsp_tape_reset(struct vdsp_tape *tape)
{
	u32 i;

	for (i = 0; i < tape->chunk_count && tape->chunks[i]; i++) {
		kvfree(tape->chunks[i]);
		tape->chunks[i] = NULL;
	}
	tape->kept = 0;
	tape->total = 0;
	tape->crc = ~0;
	tape->event_count = 0;
}

/* The free rest of the chunk that is being filled, NULL at the limit. */
static u8 *tape_room(struct vdsp_tape *tape, size_t *room)
{
	u32 chunk = tape->kept / VDSP_CHUNK;
	u32 used = tape->kept % VDSP_CHUNK;

	/* A gap would be worse than an end: stop at the first byte lost. */
	if (tape->kept != tape->total || chunk >= tape->chunk_count)
		return NULL;
	if (!tape->chunks[chunk])
		tape->chunks[chunk] = kvmalloc(VDSP_CHUNK, GFP_KERNEL);
	if (!tape->chunks[chunk])
		return NULL;
	*room = VDSP_CHUNK - used;
	return tape->chunks[chunk] + used;
}

void vdsp_tape_add(struct vdsp_tape *tape, const u8 *data, size_t len)
{
	size_t room;
	u8 *to;

	tape->crc = crc32_le(tape->crc, data, len);
	while (len && (to = tape_room(tape, &room))) {
		room = min(room, len);
		memcpy(to, data, room);
		tape->kept += room;
		tape->total += room;
		data += room;
		len -= room;
	}
	tape->total += len;
}

ssize_t vdsp_tape_read(const struct vdsp_tape *tape, char __user *to,
		       size_t len, loff_t *at)
{
	size_t done = 0;

	if (*at < 0)
		return -EINVAL;
	if (*at >= tape->kept)
		return 0;
	len = min_t(u64, len, tape->kept - *at);
	while (done < len) {
		u32 offset = (u64)*at % VDSP_CHUNK;
		size_t part = min_t(size_t, len - done, VDSP_CHUNK - offset);
		const u8 *from = tape->chunks[(u64)*at / VDSP_CHUNK] + offset;

		if (copy_to_user(to + done, from, part))
			return done ? done : -EFAULT;
		done += part;
		*at += part;
	}
	return done;
}

/* As zlib and POSIX-minded tools count it. */
u32 vdsp_tape_crc(const struct vdsp_tape *tape)
{
	return ~tape->crc;
}

/**
 * vdsp_event - put a line in the log
 * @dsp: the DSP, its lock held
 * @format: a name, then key=value pairs
 *
 * The time in front is CLOCK_MONOTONIC, so that a player's own log can be laid
 * beside it.
 */
void vdsp_event(struct vdsp *dsp, const char *format, ...)
{
	struct vdsp_tape *tape = &dsp->tape;
	char *line = tape->events[tape->event_count % VDSP_EVENTS];
	u64 now = ktime_get_ns();
	va_list args;
	int len;

	lockdep_assert_held(&dsp->lock);
	len = scnprintf(line, VDSP_EVENT_CHARS, "%llu.%06llu ",
			div_u64(now, NSEC_PER_SEC),
			div_u64(now, NSEC_PER_USEC) -
			div_u64(now, NSEC_PER_SEC) * USEC_PER_SEC);
	va_start(args, format);
	vscnprintf(line + len, VDSP_EVENT_CHARS - len, format, args);
	va_end(args);
	tape->event_count++;
}

/* The oldest event still kept. */
u64 vdsp_event_first(const struct vdsp_tape *tape)
{
	return tape->event_count > VDSP_EVENTS ?
	       tape->event_count - VDSP_EVENTS : 0;
}

/* Event @number, counted from the last reset; NULL past the newest. */
const char *vdsp_event_line(const struct vdsp_tape *tape, u64 number)
{
	if (number < vdsp_event_first(tape) || number >= tape->event_count)
		return NULL;
	return tape->events[number % VDSP_EVENTS];
}
