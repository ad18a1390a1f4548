/* SPDX-License-Identifier: MIT
 *
 * The rules are those of PulseAudio's protocol-native and memblockq, as applications know them.
 */
#include "playback.h"

#define POKES_A_SECOND 2000u
#define SECOND 1000000000ull

static void tell(const struct playback *stream, const struct playback_ear *ear, enum playback_event event,
		 uint64_t index)
{
	ear->hear(ear->self, stream, event, index);
}

void playback_init(struct playback *stream)
{
	stream->is_prebuffering = stream->prebuf > 0;
	stream->is_starved = true;
	stream->is_held = stream->group;
	stream->underrun_for = PLAYBACK_NEVER;
}

/* Corking counts as an underrun that the client knows of; both ways prebuffering begins anew. */
void playback_cork(struct playback *stream, bool is_corked)
{
	if (stream->is_corked == is_corked)
		return;
	stream->is_corked = is_corked;
	stream->is_starved = true;
	stream->is_shown = false;
	stream->is_held = stream->group;
	stream->playing_for = 0;
	if (!stream->is_draining)
		playback_rearm(stream);
}

void playback_trigger(struct playback *stream)
{
	stream->is_prebuffering = false;
}

void playback_rearm(struct playback *stream)
{
	stream->is_prebuffering = stream->prebuf > 0;
	stream->has_ended = false;
}

void playback_drain(struct playback *stream, uint64_t tag)
{
	stream->is_draining = true;
	stream->drain_tag = tag;
	stream->is_prebuffering = false;
}

/* All that will ever come is here: there is nothing to wait for. */
static bool is_complete(const struct playback *stream, const struct ring_fill *fill)
{
	return fill->end != RING_NONE && stream->ring.taken + fill->stored + fill->silence >= fill->end;
}

static bool may_play(struct playback *stream, const struct ring_fill *fill)
{
	uint64_t waiting = fill->stored + fill->silence;

	if (stream->is_prebuffering && (waiting >= stream->prebuf || (waiting && is_complete(stream, fill))))
		stream->is_prebuffering = false;
	return !stream->is_prebuffering;
}

/* Without prebuffering the read index goes on whether there is data or not. */
static bool reads_on(const struct playback *stream, const struct ring_fill *fill)
{
	return !stream->prebuf && !stream->is_draining && fill->end == RING_NONE;
}

static void become_hostile(struct playback *stream, const struct playback_ear *ear)
{
	stream->is_hostile = true;
	tell(stream, ear, PLAYBACK_HOSTILE, stream->ring.taken);
}

void playback_poke(struct playback *stream, uint64_t now, const struct playback_ear *ear)
{
	if (now - stream->pokes_since > SECOND) {
		stream->pokes_since = now;
		stream->pokes = 0;
	}
	if (++stream->pokes > POKES_A_SECOND && !stream->is_hostile)
		become_hostile(stream, ear);
}

bool playback_is_ready(struct playback *stream)
{
	struct ring_fill fill;

	return ring_look(&stream->ring, &fill) == 0 && may_play(stream, &fill);
}

/* Ask the client to wake us when there is enough to start with, or the stream turns out to be complete. */
static bool want_start(struct playback *stream, const struct ring_fill *fill)
{
	struct ring *ring = &stream->ring;
	uint64_t enough = ring->taken + ring->frame_size;

	if (stream->is_prebuffering)
		enough = ring->taken + stream->prebuf;
	if (fill->end == RING_NONE)
		return ring_want_data(ring, enough);
	return ring_want_more(ring, fill->end > ring->taken && fill->end < enough ? fill->end : enough);
}

bool playback_is_active(struct playback *stream)
{
	struct ring_fill fill;

	if (stream->is_corked || stream->is_hostile)
		return false;
	if (!stream->is_starved)
		return true;
	if (ring_look(&stream->ring, &fill))
		return true; /* the cycle will say why */
	if (may_play(stream, &fill)) {
		if (fill.stored || fill.silence || reads_on(stream, &fill))
			return !stream->is_held;
		if (!stream->is_draining)
			stream->is_prebuffering = stream->prebuf > 0;
	}
	return want_start(stream, &fill);
}

static void mix_stored(struct playback *stream, float *sum, unsigned int channels, size_t frames, float *scratch)
{
	const void *data = ring_at(&stream->ring, stream->ring.taken);

	mix_in(sum, channels, data, stream->encoding, stream->channels, frames, &stream->ramp, scratch);
}

/* `bytes` are played, up to the sink's frame `last`. */
static void note_data(struct playback *stream, uint64_t bytes, uint64_t last, const struct playback_ear *ear)
{
	stream->last_sound = last;
	if (stream->is_starved) {
		stream->has_ended = false;
		stream->is_starved = false;
		stream->playing_for = 0;
		stream->underrun_for = 0;
		tell(stream, ear, PLAYBACK_STARTED, stream->ring.taken);
	}
	stream->playing_for += bytes;
}

/* Nothing can be played at `index`, for `missing` bytes. */
static void starve(struct playback *stream, uint64_t index, uint64_t end, uint64_t missing,
		   const struct playback_ear *ear)
{
	if (!stream->is_starved && !stream->is_draining && end > index) {
		stream->underruns++;
		tell(stream, ear, PLAYBACK_UNDERFLOW, index);
	}
	stream->is_starved = true;
	if (stream->underrun_for != PLAYBACK_NEVER)
		stream->underrun_for += missing;
	if (!stream->is_draining)
		stream->is_prebuffering = stream->prebuf > 0;
}

size_t playback_mix(struct playback *stream, float *sum, unsigned int channels, size_t frames, float *scratch,
		    uint64_t rendered, const struct playback_ear *ear)
{
	struct ring_fill fill;
	uint64_t frame = stream->ring.frame_size, wanted = frames * frame, stored, silent, passed;

	if (stream->is_corked || stream->is_hostile)
		return 0;
	if (ring_look(&stream->ring, &fill)) {
		become_hostile(stream, ear);
		return 0;
	}
	if (stream->is_held || !may_play(stream, &fill)) {
		starve(stream, stream->ring.taken, fill.end, wanted, ear);
		return 0;
	}
	stored = fill.stored < wanted ? fill.stored : wanted;
	silent = fill.silence < wanted - stored ? fill.silence : wanted - stored;
	passed = stored + silent;
	if (passed)
		note_data(stream, passed, rendered + passed / frame, ear);
	if (stored)
		mix_stored(stream, sum, channels, stored / frame, scratch);
	if (passed < wanted)
		starve(stream, stream->ring.taken + passed, fill.end, wanted - passed, ear);
	ring_take(&stream->ring, stream->ring.taken + (passed < wanted && reads_on(stream, &fill) ? wanted : passed));
	return passed / frame;
}

/* All was taken, and there is somebody to tell. */
static bool is_ending(const struct playback *stream, const struct ring_fill *fill)
{
	return !fill->stored && !fill->silence &&
	       (stream->is_draining || (fill->end <= stream->ring.taken && !stream->has_ended));
}

uint64_t playback_settle(struct playback *stream, uint64_t heard, const struct playback_ear *ear)
{
	struct ring_fill fill;

	if (!stream->is_starved || stream->is_hostile || ring_look(&stream->ring, &fill) || !is_ending(stream, &fill))
		return PLAYBACK_NEVER;
	if (heard < stream->last_sound)
		return stream->last_sound;
	if (stream->is_draining) {
		stream->is_draining = false;
		stream->is_prebuffering = stream->prebuf > 0;
		tell(stream, ear, PLAYBACK_DRAINED, stream->drain_tag);
	}
	if (fill.end <= stream->ring.taken && !stream->has_ended) {
		stream->has_ended = true;
		tell(stream, ear, PLAYBACK_ENDED, stream->ring.taken);
	}
	return PLAYBACK_NEVER;
}
