/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "dsp_feeder.h"

#include <errno.h>
#include <sys/epoll.h>
#include <time.h>

#define NS 1000000000ull
#define SHORT 2 /* seconds: what sounds no longer is judged in Python */
#define LONGEST_FLAC_FRAME (8 * 65536 * 5) /* eight channels of the largest block */
#define SNDRV_COMPRESS_AVAIL 0x801c4321ul
#define SNDRV_COMPRESS_AVAIL64 0x80284323ul

/* <sound/compress_offload.h>, which packs to 4 bytes. */
struct compr_avail {
	uint64_t avail;
	uint32_t byte_offset, copied_total, pcm_frames, pcm_io_frames, sampling_rate;
} __attribute__((packed, aligned(4)));

struct compr_avail64 {
	uint64_t avail;
	uint32_t byte_offset;
	uint64_t copied_total, pcm_frames, pcm_io_frames;
	uint32_t sampling_rate;
} __attribute__((packed, aligned(4)));

_Static_assert(sizeof(struct compr_avail) == 28 && sizeof(struct compr_avail64) == 40, "as the requests say");

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS + (uint64_t)now.tv_nsec;
}

/* Sleep until somebody wakes us (true) or an instant has come. */
static bool sleep_until(const struct dsp_feeder *feeder, uint64_t instant)
{
	struct epoll_event event;
	uint64_t now;

	while ((now = now_ns()) < instant) {
		uint64_t left = (instant - now + 999999) / 1000000;
		int found = epoll_wait(feeder->wait_fd, &event, 1, left > INT32_MAX ? INT32_MAX : (int)left);

		if (found)
			return true; /* a signal too: Python is to hear of it */
	}
	return false;
}

/* Ask the device how far it is. The `avail` it tells is not believed: see Ledger in devices/ledger.py. */
static bool look(struct dsp_feeder *feeder)
{
	struct compr_avail narrow;
	struct compr_avail64 wide;
	uint64_t copied, step;

	if (feeder->is_wide) {
		if (feeder->ioctl(feeder->fd, SNDRV_COMPRESS_AVAIL64, &wide) < 0)
			return false;
		copied = wide.copied_total;
		step = copied - feeder->copied;
		feeder->rendered = wide.pcm_io_frames;
		feeder->rate = wide.sampling_rate;
	} else {
		if (feeder->ioctl(feeder->fd, SNDRV_COMPRESS_AVAIL, &narrow) < 0)
			return false;
		copied = narrow.copied_total;
		step = (uint32_t)(copied - feeder->copied);
		feeder->rendered = narrow.pcm_io_frames;
		feeder->rate = narrow.sampling_rate;
	}
	feeder->looked_at = now_ns();
	if (!step || step >= feeder->queued) /* it stands still, or has run dry */
		return false;
	feeder->copied = copied;
	feeder->queued -= step;
	return true;
}

/* How much a burst is: what there is room for, up to a fragment's edge. */
static uint64_t size_of_burst(const struct dsp_feeder *feeder)
{
	uint64_t end = feeder->written + feeder->ring_size - feeder->queued;

	return end - end % feeder->fragment_size - feeder->written;
}

/* Follow the frames up to an index. False where they are of another kind, or cannot be followed: Python looks again. */
static bool follow(struct dsp_feeder *feeder, uint64_t end)
{
	const struct dsp_feeder_frames *frames = &feeder->frames;
	const uint8_t *data = ring_at(feeder->ring, feeder->followed);
	size_t size = end - feeder->followed;
	bool is_at_other = false;
	int64_t taken;

	if (frames->is_flac)
		taken = frame_log_flac(feeder->log, data, size, frames->max_block, feeder->log->rate, frames->channels,
				       frames->depth, frames->min_frame);
	else
		taken = frame_log_mp3(feeder->log, data, size, frames->first, frames->samples, &is_at_other);
	if (taken < 0 || is_at_other || (frames->is_flac && size - (size_t)taken > LONGEST_FLAC_FRAME))
		return false;
	feeder->followed += (uint64_t)taken;
	return true;
}

/* Give the device bytes out of the ring; false where it does not take them all. */
static bool give(struct dsp_feeder *feeder, uint64_t size)
{
	while (size) {
		ssize_t taken = feeder->write(feeder->fd, ring_at(feeder->ring, feeder->given), size);

		if (taken < 0 && errno == EINTR)
			continue;
		if (taken <= 0 || (uint64_t)taken > size)
			return false;
		feeder->given += (uint64_t)taken;
		feeder->written += (uint64_t)taken;
		feeder->queued += (uint64_t)taken;
		feeder->sent += (uint64_t)taken;
		size -= (uint64_t)taken;
	}
	return true;
}

/* A fragment stays behind each burst: whether a stream ends, and what is done then, is not known here. */
static bool burst(struct dsp_feeder *feeder)
{
	uint64_t size = size_of_burst(feeder), end = ring_end(feeder->ring);
	int64_t filled = ring_filled(feeder->ring);
	uint64_t limit = filled < 0 ? 0 : (uint64_t)filled;

	if (end < limit)
		limit = end;
	if (feeder->stop < limit)
		limit = feeder->stop;
	if (!size || limit < feeder->given + size + feeder->fragment_size)
		return false;
	return (limit <= feeder->followed || follow(feeder, limit)) && give(feeder, size);
}

/*
 * Know when the ring is low again, by the stream's own frames (nodes/compressed_sink/watch.py). False where that is soon,
 * or where Python is to be told of this burst.
 */
static bool goes_on(struct dsp_feeder *feeder)
{
	uint64_t wanted = atomic_load_explicit(&feeder->ring->page->space_wanted, memory_order_relaxed);
	int64_t taken = (int64_t)(feeder->written - feeder->queued), low = (int64_t)(feeder->written - feeder->low);
	int64_t frames = frame_log_frames_at(feeder->log, low) - frame_log_frames_at(feeder->log, taken);

	if (feeder->looked_at >= feeder->tell_at || wanted <= feeder->given - feeder->queued)
		return false;
	if (feeder->queued < feeder->low || frames < SHORT * (int64_t)feeder->log->rate)
		return false;
	feeder->low_at = feeder->looked_at + (uint64_t)frames * NS / feeder->log->rate;
	return true;
}

enum dsp_feeder_reason dsp_feeder_rest(struct dsp_feeder *feeder)
{
	feeder->sent = feeder->wakeups = 0;
	for (;;) {
		uint64_t until = now_ns() + feeder->longest;

		if (sleep_until(feeder, until < feeder->low_at ? until : feeder->low_at))
			return DSP_FEEDER_WOKEN;
		if (!look(feeder))
			return DSP_FEEDER_UNSURE;
		if (feeder->looked_at < feeder->low_at) {
			feeder->wakeups++;
			continue;
		}
		if (!burst(feeder))
			return DSP_FEEDER_UNSURE;
		feeder->wakeups++;
		if (!goes_on(feeder))
			return DSP_FEEDER_SENT;
	}
}
