/* SPDX-License-Identifier: MIT
 *
 * A playback stream inside the cycle: what leaves its ring and when, by PulseAudio's rules (prebuffering, underrun,
 * corking, draining). Nothing here allocates, waits or makes a system call but to wake a client that sleeps.
 */
#ifndef PLAYBACK_H
#define PLAYBACK_H

#include "mix.h"
#include "ring.h"

#define PLAYBACK_NEVER UINT64_MAX

struct playback {
	struct ring ring;
	uint64_t serial;
	uint32_t encoding; /* enum mix_encoding */
	uint32_t channels;
	uint64_t prebuf; /* bytes that must wait before any is played; 0: never stop reading */
	struct mix_ramp ramp;
	uint64_t group; /* streams of one group start on one frame; 0: alone */

	bool is_corked;
	bool is_prebuffering;
	bool is_starved; /* nothing is being played; the client knows */
	bool is_draining;
	bool has_ended; /* the mark was reached, and told */
	bool is_hostile; /* shows indexes that cannot be true; not read any more */
	bool is_held; /* not started since it was made or uncorked, because others of its group are not ready */
	bool is_shown; /* nothing has changed since the client was told the time; set by who tells */

	uint64_t playing_for; /* bytes since the last start */
	uint64_t underrun_for; /* bytes of silence since; PLAYBACK_NEVER before the first start */
	uint64_t underruns;
	uint64_t last_sound; /* the sink's frame count where the last byte of data went */
	uint64_t drain_tag;
	uint64_t pokes_since; /* CLOCK_MONOTONIC, ns: when `pokes` began to count */
	uint32_t pokes; /* wakeups by the client while nothing was playing */
};

enum playback_event {
	PLAYBACK_STARTED = 1,
	PLAYBACK_UNDERFLOW,
	PLAYBACK_DRAINED, /* a drain that was asked for */
	PLAYBACK_ENDED, /* all before the end mark was heard */
	PLAYBACK_HOSTILE,
};

/* Where a stream tells what happened to it; called inside the cycle. */
struct playback_ear {
	void (*hear)(void *self, const struct playback *stream, enum playback_event event, uint64_t index);
	void *self;
};

/* Ready to be played: empty, uncorked unless `is_corked`, at unity. The ring must be mapped. */
void playback_init(struct playback *stream);

void playback_cork(struct playback *stream, bool is_corked);
void playback_trigger(struct playback *stream);
void playback_rearm(struct playback *stream); /* PulseAudio's PREBUF and FLUSH */
void playback_drain(struct playback *stream, uint64_t tag);

/* Whether the stream needs the next cycle; where it does not, its client has been asked to wake us. */
bool playback_is_active(struct playback *stream);

/* Whether it could start now, for those of its group. */
bool playback_is_ready(struct playback *stream);

/*
 * Add up to `frames` frames of the stream to `sum`. `rendered` is the sink's frame count where they go, `scratch`
 * holds frames * channels floats. Returns the frames that were data.
 */
size_t playback_mix(struct playback *stream, float *sum, unsigned int channels, size_t frames, float *scratch,
		    uint64_t rendered, const struct playback_ear *ear);

/* The client woke the cycle. More than a program that plays could want in a second makes it hostile. */
void playback_poke(struct playback *stream, uint64_t now, const struct playback_ear *ear);

/*
 * Tell of drains that are over now that the sink has sounded `heard` frames. Returns the frame count at which that is
 * to be asked again: PLAYBACK_NEVER while nothing is on its way to an end.
 */
uint64_t playback_settle(struct playback *stream, uint64_t heard, const struct playback_ear *ear);

#endif
