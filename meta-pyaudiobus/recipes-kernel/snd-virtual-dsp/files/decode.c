// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DSP's work on the bytes: taking fragments out of the ring, walking over
 * them, going from track to track. When to do so is clock.c's.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <sound/pcm.h>

#include "vdsp.h"

/* What lasts a stream whose SET_PARAMS named no bit rate. */
#define DEFAULT_BIT_RATE	128000
#define DEFAULT_FLAC_RATE	640000

u32 vdsp_ring_offset(const struct vdsp_stream *s, u64 byte)
{
	u32 offset;

	div_u64_rem(byte, s->ring_size, &offset);
	return offset;
}

/* Begin walking at the start of a track, with the stream's codec. */
void vdsp_decode_codec(struct vdsp_stream *s)
{
	const struct snd_codec *codec = &s->params.codec;
	u32 bit_rate = codec->bit_rate;
	int width;

	if (codec->id == SND_AUDIOCODEC_PCM) {
		width = snd_pcm_format_physical_width((__force snd_pcm_format_t)
						      codec->format);
		bit_rate = codec->sample_rate * codec->ch_in *
			   (width > 0 ? width : 16);
	} else if (!bit_rate) {
		bit_rate = codec->id == SND_AUDIOCODEC_FLAC ?
			   DEFAULT_FLAC_RATE : DEFAULT_BIT_RATE;
	}
	s->encoded_frames += s->walker.frames_seen;
	vdsp_walker_init(&s->walker, codec->id, codec->sample_rate,
			 codec->ch_in, bit_rate);
	s->track_start = s->walked;
}

/*
 * STOP: all counters back to zero, as the core's. q6asm keeps the one that
 * user space sees, which is why a player should not go on after its STOP.
 */
void vdsp_decode_rewind(struct vdsp_stream *s)
{
	s->running = false;
	s->draining = false;
	s->partial = false;
	s->ended = false;
	s->hungry = false;
	s->starved = false;
	s->stuck = false;
	s->boundary_due = false;
	s->track_count = 0;
	s->fifo_fill = 0;
	s->written = 0;
	s->fetched = 0;
	s->walked = 0;
	s->decoded = 0;
	s->held = 0;
	s->anchor_frames = 0;
	s->encoded_frames = 0;
	s->walker.frames_seen = 0;
	if (!s->owner->dsp->config.q6asm)
		s->copied = 0;
	vdsp_decode_codec(s);
}

/* How many bytes the DSP would take now: a fragment, or all that is left. */
static u32 fetch_size(const struct vdsp_stream *s)
{
	u64 ready = s->written - s->fetched;
	u64 until = 0;

	if (ready >= s->params.buffer.fragment_size)
		return s->params.buffer.fragment_size;
	if (s->draining)
		until = s->written;
	else if (s->partial)
		until = s->partial_until;
	return until > s->fetched ? min(ready, until - s->fetched) : 0;
}

/*
 * Take one fragment out of the ring. After a partial drain the ring's offset
 * is no multiple of the fragment any more, hence the copy in two parts.
 */
bool vdsp_fetch(struct vdsp_stream *s)
{
	struct vdsp *dsp = s->owner->dsp;
	u32 from = vdsp_ring_offset(s, s->fetched);
	u32 size = fetch_size(s);
	u32 first = min(size, s->ring_size - from);
	u8 *to;

	if (!size || s->fifo_fill + size > s->fifo_size)
		return false;
	memmove(s->fifo, s->fifo + s->fifo_head, s->fifo_fill);
	s->fifo_head = 0;
	to = s->fifo + s->fifo_fill;
	memcpy(to, s->ring + from, first);
	memcpy(to + first, s->ring, size - first);
	vdsp_tape_add(&dsp->tape, to, size);
	s->fifo_fill += size;
	s->fetched += size;
	/* q6asm loses the upper bits of a length: 64 KiB and more stay 0. */
	s->copied += dsp->config.q6asm ? size & 0xffff : size;
	return true;
}

/* Frames of another rate have to wait until the sound before them ended. */
static void decode_credit(struct vdsp_stream *s, u32 frames)
{
	if (frames && s->walker.rate != s->rate)
		s->held = frames;
	else
		s->decoded += frames;
}

static bool decode_held(struct vdsp_stream *s)
{
	if (vdsp_rendered(s) < s->decoded)
		return false;
	vdsp_clock_anchor(s);
	vdsp_event(s->owner->dsp, "rate from=%u to=%u frame=%llu", s->rate,
		   s->walker.rate, s->decoded);
	s->rate = s->walker.rate;
	s->decoded += s->held;
	s->held = 0;
	return true;
}

void vdsp_boundary_heard(struct vdsp_stream *s)
{
	vdsp_event(s->owner->dsp, "boundary frame=%llu byte=%llu",
		   s->boundary_at, s->track_start);
	s->boundary_due = false;
}

static void decode_next_track(struct vdsp_stream *s)
{
	struct vdsp_track *track = &s->tracks[0];

	if (s->boundary_due)
		vdsp_boundary_heard(s);
	if (track->has_codec)
		s->params.codec = track->codec;
	s->track_count--;
	memmove(track, track + 1, s->track_count * sizeof(*track));
	vdsp_decode_codec(s);
	s->boundary_at = s->decoded;
	s->boundary_due = true;
	s->owner->dsp->counters.boundaries++;
}

/* The track's last byte was walked over. Returns false at the very end. */
static bool decode_end_track(struct vdsp_stream *s)
{
	u32 frames = vdsp_walker_finish(&s->walker);

	if (frames) {
		decode_credit(s, frames);
		return true;
	}
	if (s->track_count && s->walked == s->tracks[0].at) {
		decode_next_track(s);
		return true;
	}
	s->ended = true;
	return false;
}

/* One step; returns false when nothing more can be done now. */
static bool decode_step(struct vdsp_stream *s)
{
	u64 limit = s->track_count ? s->tracks[0].at : U64_MAX;
	bool last = limit <= s->fetched ||
		    (s->draining && s->fetched == s->written);
	size_t len = min_t(u64, s->fifo_fill, limit - s->walked);
	u32 frames;
	size_t bytes;

	if (s->held)
		return decode_held(s);
	bytes = vdsp_walker_step(&s->walker, s->fifo + s->fifo_head, len, last,
				 &frames);
	s->fifo_head += bytes;
	s->fifo_fill -= bytes;
	s->walked += bytes;
	decode_credit(s, frames);
	if (bytes)
		return true;
	if (last)
		return decode_end_track(s);
	s->hungry = !vdsp_fetch(s);
	return !s->hungry;
}

/**
 * vdsp_decode - work until there is sound enough
 * @s: the stream
 * @goal: PCM frames to have decoded, all tracks together
 */
void vdsp_decode(struct vdsp_stream *s, u64 goal)
{
	u64 walked = s->walked;
	u64 decoded = s->decoded;

	s->hungry = false;
	s->ended = false;
	while (s->decoded < goal && decode_step(s))
		;
	if (s->walked > walked)
		s->fragment_frames =
			mul_u64_u64_div_u64(s->decoded - decoded,
					    s->params.buffer.fragment_size,
					    s->walked - walked);
	while (vdsp_fetch(s))
		;
}
