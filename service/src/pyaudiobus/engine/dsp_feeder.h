/* SPDX-License-Identifier: MIT
 *
 * What a compress device needs while all is well: between two bursts a look whether it goes on, and when its ring has
 * run low one burst out of a client's ring, with no step of Python before it. Beginnings, ends, tracks, trouble and
 * whatever else is not of every burst is left to Python (daemon/feed.py). It is told of a burst when the client waits for
 * memory that may be given back now, or when it was not told for a minute.
 *
 * Belongs to the thread that plays.
 */
#ifndef DSP_FEEDER_H
#define DSP_FEEDER_H

#include "frame_log.h"
#include "ring.h"

#include <sys/types.h>

/* FLAC's STREAMINFO, or how the frames of an MP3 begin: by which a stream's frames are followed. */
struct dsp_feeder_frames {
	bool is_flac;
	uint8_t first[4]; /* header of an MP3 frame */
	uint32_t samples; /* PCM frames in each of those */
	uint32_t max_block, channels, depth, min_frame;
};

struct dsp_feeder {
	/* the device: its descriptor and the calls for it, and whether its counters have 64 bits */
	int fd;
	bool is_wide;
	int (*ioctl)(int fd, unsigned long request, ...);
	ssize_t (*write)(int fd, const void *data, size_t size);
	uint64_t fragment_size, ring_size;

	/* what it is fed from */
	struct ring *ring;
	struct frame_log *log;
	struct dsp_feeder_frames frames;
	int wait_fd; /* readable when somebody wants something, an epoll */

	/* where it is: set before each dsp_feeder_rest(), which goes on with them */
	uint64_t given; /* ring index of the first byte the device was not given */
	uint64_t followed; /* ring index up to which frames were followed */
	uint64_t stop; /* ring index from which on nothing is to be given here; RING_NONE */
	uint64_t written; /* bytes of this stream the device was given: its fragments are counted from 0 */
	uint64_t queued; /* bytes that the device had and had not taken, when it was looked at last */
	uint64_t copied; /* its counter of taken bytes then, as it says */
	uint64_t low_at; /* CLOCK_MONOTONIC in ns at which its ring is low */
	uint64_t low; /* bytes that it has then */
	uint64_t tell_at; /* CLOCK_MONOTONIC in ns from which on Python is told of a burst in any case */
	uint64_t longest; /* ns that are slept at a time */

	/* what came of it */
	uint64_t sent; /* bytes the device was given now */
	uint64_t wakeups;
	uint64_t looked_at; /* CLOCK_MONOTONIC in ns */
	uint64_t rendered; /* PCM frames, as the device says */
	uint32_t rate; /* of those; 0: it does not say */
};

enum dsp_feeder_reason {
	DSP_FEEDER_WOKEN, /* before it was time */
	DSP_FEEDER_SENT, /* the last burst was given, all that there was room for, and is to be told */
	DSP_FEEDER_UNSURE, /* it is time, and something is not as it is in every burst; perhaps a part was given */
};

/* Sleep and look until there is something to tell. */
enum dsp_feeder_reason dsp_feeder_rest(struct dsp_feeder *feeder);

#endif
