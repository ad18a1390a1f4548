/* SPDX-License-Identifier: MIT */
#include "frame_log.h"

#include "frame_runs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_ROOM 64
#define AT_ONCE 512 /* frames that are looked for in one go */

static const struct frame_mark *begin_of(const struct frame_log *log)
{
	return log->marks + log->first;
}

static const struct frame_mark *end_of(const struct frame_log *log)
{
	return log->marks + log->first + log->count;
}

int frame_log_begin(struct frame_log *log, uint64_t byte)
{
	if (!log->marks) {
		log->marks = malloc(LEAST_ROOM * sizeof(*log->marks));
		if (!log->marks)
			return -ENOMEM;
		log->room = LEAST_ROOM;
	}
	log->first = log->count = 0;
	log->marks[0] = (struct frame_mark){ .byte = byte };
	return 0;
}

void frame_log_free(struct frame_log *log)
{
	free(log->marks);
	log->marks = NULL;
}

/* Have room for some marks more: what was forgotten is used again, else there is twice as much. */
static int make_room(struct frame_log *log, size_t more)
{
	struct frame_mark *marks;
	size_t room = log->room;

	if (log->first + log->count + more < room)
		return 0;
	if (log->first > log->count) {
		memmove(log->marks, begin_of(log), (log->count + 1) * sizeof(*marks));
		log->first = 0;
	}
	while (log->first + log->count + more >= room)
		room *= 2;
	if (room == log->room)
		return 0;
	marks = realloc(log->marks, room * sizeof(*marks));
	if (!marks)
		return -ENOMEM;
	log->marks = marks;
	log->room = room;
	return 0;
}

int frame_log_add(struct frame_log *log, uint64_t size, uint64_t samples)
{
	struct frame_mark *last;

	if (make_room(log, 1))
		return -ENOMEM;
	last = log->marks + log->first + log->count++;
	last[1] = (struct frame_mark){ .byte = last->byte + size, .frame = last->frame + samples };
	return 0;
}

/* Keep frames that all have as many samples; there is room for them. */
static void add_all(struct frame_log *log, const uint16_t *sizes, size_t count, uint32_t samples)
{
	struct frame_mark *marks = log->marks + log->first + log->count;
	uint64_t byte = marks->byte, frame = marks->frame;

	for (size_t i = 0; i < count; i++)
		marks[i + 1] = (struct frame_mark){ .byte = byte += sizes[i], .frame = frame += samples };
	log->count += count;
}

/* Know the mean rate of what is kept. */
static void learn(struct frame_log *log)
{
	uint64_t bytes = end_of(log)->byte - begin_of(log)->byte;
	uint64_t frames = end_of(log)->frame - begin_of(log)->frame;

	if (frames) {
		log->byte_rate = (double)bytes * log->rate / (double)frames;
		log->byte_rate = log->byte_rate < 1.0 ? 1.0 : log->byte_rate;
	}
}

int64_t frame_log_mp3(struct frame_log *log, const uint8_t *data, size_t length, const uint8_t *first, uint32_t samples,
		      bool *is_at_other)
{
	uint16_t sizes[AT_ONCE];
	size_t at = 0, count, taken;
	uint32_t rates;

	do {
		count = mp3_run(data + at, length - at, first, log->rate, 0, sizes, AT_ONCE, &taken, &rates);
		if (make_room(log, count))
			return -ENOMEM;
		add_all(log, sizes, count, samples);
		at += taken;
	} while (count == AT_ONCE);
	*is_at_other = length - at >= 4 && !mp3_size(data + at, first, log->rate);
	learn(log);
	return (int64_t)at;
}

int64_t frame_log_flac(struct frame_log *log, const uint8_t *data, size_t length, uint32_t max_block, uint32_t rate,
		       uint32_t channels, uint32_t depth, uint32_t min_frame)
{
	uint32_t sizes[AT_ONCE], samples[AT_ONCE];
	size_t at = 0, count, taken;

	do {
		count = flac_run(data + at, length - at, max_block, rate, channels, depth, min_frame, sizes, samples,
				 AT_ONCE, &taken);
		for (size_t i = 0; i < count; i++)
			if (frame_log_add(log, sizes[i], samples[i]))
				return -ENOMEM;
		at += taken;
	} while (count == AT_ONCE);
	learn(log);
	return (int64_t)at;
}

/* The last mark at or before a byte or a PCM frame, which lies among what is kept. */
static const struct frame_mark *mark_at(const struct frame_log *log, uint64_t place, bool is_frame)
{
	size_t low = 0, high = log->count;
	const struct frame_mark *marks = begin_of(log);

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if ((is_frame ? marks[middle].frame : marks[middle].byte) <= place)
			low = middle;
		else
			high = middle;
	}
	return marks + low;
}

/* So many of one kind as there are of the other at this rate, rounded towards 0; what is without end stays far away. */
static int64_t reckon(int64_t count, double rate, double per)
{
	const double far = 0x1p61;
	double found = (double)count * rate / per;

	return (int64_t)(found > far ? far : found < -far ? -far : found);
}

static int64_t at_least_0(int64_t value)
{
	return value > 0 ? value : 0;
}

int64_t frame_log_frames_at(const struct frame_log *log, int64_t byte)
{
	const struct frame_mark *begin = begin_of(log), *end = end_of(log), *mark;
	int64_t first = (int64_t)begin->byte, last = (int64_t)end->byte;

	if (byte < first)
		return at_least_0((int64_t)begin->frame + reckon(byte - first, log->rate, log->byte_rate));
	if (byte >= last)
		return (int64_t)end->frame + reckon(byte - last, log->rate, log->byte_rate);
	mark = mark_at(log, (uint64_t)byte, false);
	return (int64_t)(mark[0].frame + (mark[1].frame - mark[0].frame) * ((uint64_t)byte - mark[0].byte) /
						 (mark[1].byte - mark[0].byte));
}

int64_t frame_log_byte_at(const struct frame_log *log, int64_t frame)
{
	const struct frame_mark *begin = begin_of(log), *end = end_of(log);
	const struct frame_mark *from = frame > (int64_t)begin->frame ? end : begin;

	if (frame >= (int64_t)begin->frame && frame < (int64_t)end->frame)
		return (int64_t)mark_at(log, (uint64_t)frame, true)->byte;
	return at_least_0((int64_t)from->byte + reckon(frame - (int64_t)from->frame, log->byte_rate, log->rate));
}

int64_t frame_log_forget(struct frame_log *log, int64_t byte)
{
	const struct frame_mark *mark = begin_of(log);

	if (byte <= (int64_t)mark->byte)
		return (int64_t)mark->byte;
	mark = byte >= (int64_t)end_of(log)->byte ? end_of(log) : mark_at(log, (uint64_t)byte, false);
	log->count -= (size_t)(mark - begin_of(log));
	log->first = (size_t)(mark - log->marks);
	learn(log);
	return (int64_t)mark->byte;
}
