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
	stream->underrun_for = PLAYBACK_NEVER;
}

/* Corking counts as an underrun that the client knows of; both ways prebuffering begins anew. */
void playback_cork(struct playback *stream, bool is_corked)
{
	if (stream->is_corked == is_corked)
		return;
	stream->is_corked = is_corked;
	stream->is_starved = true;
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

bool playback_is_active(struct playback *stream)
{
	struct ring_fill fill;
	uint64_t enough = stream->prebuf ? stream->prebuf : stream->ring.frame_size;

	if (stream->is_corked || stream->is_hostile)
		return false;
	if (ring_look(&stream->ring, &fill))
		return true; /* the cycle will say why */
	if (!stream->is_starved || stream->is_draining || (fill.end <= stream->ring.taken && !stream->has_ended))
		return true;
	if (may_play(stream, &fill) && (fill.stored || fill.silence))
		return true;
	if (fill.end != RING_NONE && !fill.stored && !fill.silence)
		return false; /* ended; whoever goes on takes the mark away first, which needs no wakeup */
	return ring_want_data(&stream->ring, stream->ring.taken + enough);
}

static void mix_stored(struct playback *stream, float *sum, unsigned int channels, size_t frames, float *scratch)
{
	const void *data = ring_at(&stream->ring, stream->ring.taken);
	size_t samples = frames * stream->channels;

	mix_load(scratch, data, stream->encoding, samples);
	mix_add(sum, channels, scratch, stream->channels, frames, &stream->ramp);
}

static void note_data(struct playback *stream, uint64_t bytes, const struct playback_ear *ear)
{
	if (stream->is_starved) {
		stream->is_starved = false;
		stream->playing_for = 0;
		stream->underrun_for = 0;
		tell(stream, ear, PLAYBACK_STARTED, stream->ring.taken);
	}
	stream->playing_for += bytes;
}

/* The queue ran empty with `missing` bytes to go. */
static void starve(struct playback *stream, const struct ring_fill *fill, uint64_t missing,
		   const struct playback_ear *ear)
{
	bool is_at_end = fill->end <= stream->ring.taken;

	if (!stream->is_starved && !stream->is_draining && !is_at_end) {
		stream->underruns++;
		tell(stream, ear, PLAYBACK_UNDERFLOW, stream->ring.taken);
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
	if (!may_play(stream, &fill)) {
		starve(stream, &fill, wanted, ear);
		return 0;
	}
	stored = fill.stored < wanted ? fill.stored : wanted;
	silent = fill.silence < wanted - stored ? fill.silence : wanted - stored;
	if (stored)
		mix_stored(stream, sum, channels, stored / frame, scratch);
	passed = stored + silent;
	if (passed) {
		note_data(stream, passed, ear);
		stream->last_sound = rendered + passed / frame;
	}
	if (passed < wanted) {
		uint64_t index = stream->ring.taken + passed;

		ring_take(&stream->ring, index);
		starve(stream, &fill, wanted - passed, ear);
		if (!stream->prebuf && !stream->is_draining && fill.end > index)
			ring_take(&stream->ring, index + wanted - passed);
	} else {
		ring_take(&stream->ring, stream->ring.taken + passed);
	}
	return passed / frame;
}

void playback_settle(struct playback *stream, uint64_t heard, const struct playback_ear *ear)
{
	struct ring_fill fill;

	if (!stream->is_starved || heard < stream->last_sound || stream->is_corked || stream->is_hostile ||
	    ring_look(&stream->ring, &fill) || fill.stored || fill.silence)
		return;
	if (stream->is_draining) {
		stream->is_draining = false;
		stream->is_prebuffering = stream->prebuf > 0;
		tell(stream, ear, PLAYBACK_DRAINED, stream->drain_tag);
	}
	if (fill.end <= stream->ring.taken && !stream->has_ended) {
		stream->has_ended = true;
		tell(stream, ear, PLAYBACK_ENDED, stream->ring.taken);
	}
}
