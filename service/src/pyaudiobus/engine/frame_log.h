/* SPDX-License-Identifier: MIT
 *
 * Where the frames of a stream lie that passes by: found as its bytes come, kept until they are forgotten. Places in
 * what was not followed are reckoned by the mean rate of what was, and at the start by the stream's own word.
 *
 * Belongs to one thread.
 */
#ifndef AUDIOBUS_FRAME_LOG_H
#define AUDIOBUS_FRAME_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a frame begins. */
struct frame_mark {
	uint64_t byte;
	uint64_t frame; /* PCM frames before it */
};

struct frame_log {
	struct frame_mark *marks; /* from `first` on: the frames that are kept, and where the last of them ends */
	size_t first, count, room; /* count: frames that are kept */
	uint32_t rate; /* PCM frames a second */
	double byte_rate; /* bytes a second */
};

/* Begin with nothing kept, at a byte of the stream. 0 or -ENOMEM. */
int frame_log_begin(struct frame_log *log, uint64_t byte);

void frame_log_free(struct frame_log *log);

/* Keep one more frame. 0 or -ENOMEM. */
int frame_log_add(struct frame_log *log, uint64_t size, uint64_t samples);

/*
 * Keep the frames that follow each other from data[0] on, which is where the last one kept ends; see frame_runs.h for
 * the rest. Return the bytes they take, or -ENOMEM. *is_at_other: behind them is a header, and of no such frame.
 */
int64_t frame_log_mp3(struct frame_log *log, const uint8_t *data, size_t length, const uint8_t *first, uint32_t samples,
		      bool *is_at_other);
int64_t frame_log_flac(struct frame_log *log, const uint8_t *data, size_t length, uint32_t max_block, uint32_t rate,
		       uint32_t channels, uint32_t depth, uint32_t min_frame);

/* PCM frames before a byte: exact between frames that are kept, linear inside one. */
int64_t frame_log_frames_at(const struct frame_log *log, int64_t byte);

/* First byte of the encoded frame that holds a PCM frame; of one that is not kept, about. */
int64_t frame_log_byte_at(const struct frame_log *log, int64_t frame);

/* Let go of the frames that end at or before a byte; return where the first that is kept begins. */
int64_t frame_log_forget(struct frame_log *log, int64_t byte);

#endif
