// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DSP's own time. A worker takes whole fragments out of the ring, walks
 * over them a little ahead of the sound, and wakes whoever waits for room or
 * for the end. Between two of its runs the sound goes on by the clock alone,
 * so asking for the position costs the asker no decoding.
 */
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <sound/pcm.h>

#include "vdsp.h"

/* Speed is in thousandths, time in nanoseconds. */
#define TIME_SCALE	(1000ULL * NSEC_PER_SEC)

/* Sound to have in hand at high speed, where a timer tick is a long time. */
#define LEAD_REAL_MS	40

/* Levels of the timer wheel above this many jiffies are coarse. */
#define EXACT_JIFFIES	63

/* What lasts a stream whose SET_PARAMS named no bit rate. */
#define DEFAULT_BIT_RATE	128000
#define DEFAULT_FLAC_RATE	640000

u32 vdsp_ring_offset(const struct vdsp_stream *s, u64 byte)
{
	u32 offset;

	div_u64_rem(byte, s->ring_size, &offset);
	return offset;
}

/**
 * vdsp_rendered - the position
 * @s: the stream
 *
 * Return: PCM frames heard since START, all tracks together.
 */
u64 vdsp_rendered(const struct vdsp_stream *s)
{
	const struct vdsp *dsp = s->owner->dsp;
	s64 elapsed = ktime_to_ns(ktime_sub(ktime_get(), s->anchor));
	u64 frames;

	if (!s->running || dsp->stalled || elapsed <= 0)
		return s->anchor_frames;
	frames = mul_u64_u64_div_u64(elapsed, (u64)s->rate * dsp->speed,
				     TIME_SCALE);
	return min(s->anchor_frames + frames, s->decoded);
}

/* Nanoseconds that @frames last. */
static u64 clock_time(const struct vdsp_stream *s, u64 frames)
{
	return mul_u64_u64_div_u64(frames, TIME_SCALE,
				   (u64)s->rate * s->owner->dsp->speed);
}

/* Call before anything changes the pace: running, stalled, speed, rate. */
void vdsp_clock_anchor(struct vdsp_stream *s)
{
	s->anchor_frames = vdsp_rendered(s);
	s->anchor = ktime_get();
}

void vdsp_clock_kick(struct vdsp_stream *s)
{
	mod_delayed_work(s->owner->dsp->queue, &s->work, 0);
}

void vdsp_clock_start(struct vdsp_stream *s)
{
	vdsp_clock_anchor(s);
	s->running = true;
	vdsp_clock_kick(s);
}

void vdsp_clock_hold(struct vdsp_stream *s)
{
	vdsp_clock_anchor(s);
	s->running = false;
}

/* Begin walking at the start of a track, with the stream's codec. */
void vdsp_clock_codec(struct vdsp_stream *s)
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
void vdsp_clock_rewind(struct vdsp_stream *s)
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
	vdsp_clock_codec(s);
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
static bool clock_fetch(struct vdsp_stream *s)
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
static void clock_credit(struct vdsp_stream *s, u32 frames)
{
	if (frames && s->walker.rate != s->rate)
		s->held = frames;
	else
		s->decoded += frames;
}

static bool clock_release_held(struct vdsp_stream *s)
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

static void boundary_heard(struct vdsp_stream *s)
{
	vdsp_event(s->owner->dsp, "boundary frame=%llu byte=%llu",
		   s->boundary_at, s->track_start);
	s->boundary_due = false;
}

static void clock_next_track(struct vdsp_stream *s)
{
	struct vdsp_track *track = &s->tracks[0];

	if (s->boundary_due)
		boundary_heard(s);
	if (track->has_codec)
		s->params.codec = track->codec;
	s->track_count--;
	memmove(track, track + 1, s->track_count * sizeof(*track));
	vdsp_clock_codec(s);
	s->boundary_at = s->decoded;
	s->boundary_due = true;
	s->owner->dsp->counters.boundaries++;
}

/* The track's last byte was walked over. Returns false at the very end. */
static bool clock_end_track(struct vdsp_stream *s)
{
	u32 frames = vdsp_walker_finish(&s->walker);

	if (frames) {
		clock_credit(s, frames);
		return true;
	}
	if (s->track_count && s->walked == s->tracks[0].at) {
		clock_next_track(s);
		return true;
	}
	s->ended = true;
	return false;
}

/* One step; returns false when nothing more can be done now. */
static bool clock_decode_step(struct vdsp_stream *s)
{
	u64 limit = s->track_count ? s->tracks[0].at : U64_MAX;
	bool last = limit <= s->fetched ||
		    (s->draining && s->fetched == s->written);
	size_t len = min_t(u64, s->fifo_fill, limit - s->walked);
	u32 frames;
	size_t bytes;

	if (s->held)
		return clock_release_held(s);
	bytes = vdsp_walker_step(&s->walker, s->fifo + s->fifo_head, len, last,
				 &frames);
	s->fifo_head += bytes;
	s->fifo_fill -= bytes;
	s->walked += bytes;
	clock_credit(s, frames);
	if (bytes)
		return true;
	if (last)
		return clock_end_track(s);
	s->hungry = !clock_fetch(s);
	return !s->hungry;
}

static u64 clock_lead(const struct vdsp_stream *s)
{
	const struct vdsp *dsp = s->owner->dsp;

	return max(div_u64((u64)s->rate * dsp->config.ahead_ms, 1000),
		   div_u64((u64)s->rate * dsp->speed * LEAD_REAL_MS, 1000000));
}

static void clock_decode(struct vdsp_stream *s, u64 goal)
{
	u64 walked = s->walked;
	u64 decoded = s->decoded;

	s->hungry = false;
	s->ended = false;
	while (s->decoded < goal && clock_decode_step(s))
		;
	if (s->walked > walked)
		s->fragment_frames =
			mul_u64_u64_div_u64(s->decoded - decoded,
					    s->params.buffer.fragment_size,
					    s->walked - walked);
	while (clock_fetch(s))
		;
}

static void clock_note_hunger(struct vdsp_stream *s, u64 rendered)
{
	struct vdsp *dsp = s->owner->dsp;

	if (s->starved && rendered < s->decoded) {
		s->starved = false;
		vdsp_event(dsp, "fed frame=%llu byte=%llu", rendered,
			   s->fetched);
	} else if (!s->starved && s->hungry && rendered >= s->decoded) {
		s->starved = true;
		dsp->counters.starvations++;
		vdsp_event(dsp, "starved frame=%llu byte=%llu waiting=%llu",
			   rendered, s->fetched, s->written - s->fetched);
	}
}

static bool clock_end_partial(struct vdsp_stream *s)
{
	struct vdsp *dsp = s->owner->dsp;

	if (!s->partial || s->fetched < s->partial_until)
		return false;
	s->partial = false;
	dsp->counters.partial_drains++;
	vdsp_event(dsp, "partial_drained byte=%llu", s->fetched);
	return true;
}

static bool clock_end_drain(struct vdsp_stream *s, u64 rendered)
{
	struct vdsp *dsp = s->owner->dsp;

	if (!s->draining || s->stuck || !s->ended || rendered < s->decoded)
		return false;
	vdsp_clock_hold(s);
	s->draining = false;
	s->ended = false;
	vdsp_clock_codec(s);
	dsp->counters.drains++;
	vdsp_event(dsp, "drained frame=%llu byte=%llu", rendered, s->fetched);
	return true;
}

/*
 * Sleep until there is something to do. Far deadlines are approached in steps,
 * since a far timer may be an eighth late.
 */
static void clock_rearm(struct vdsp_stream *s, u64 rendered)
{
	u64 wait = clock_time(s, s->decoded - rendered);
	u64 tick = NSEC_PER_SEC / HZ;
	u64 jiffies_away;

	if (!s->running || s->starved || s->stuck)
		return;
	if (!s->hungry && !s->ended && !s->held) {
		u64 frames = clamp_t(u64, s->fragment_frames, s->rate / 50,
				     clock_lead(s) / 2);

		wait = min(wait, clock_time(s, frames));
	}
	jiffies_away = min_t(u64, div64_u64(wait + tick - 1, tick), 10 * HZ);
	if (jiffies_away > EXACT_JIFFIES)
		jiffies_away -= jiffies_away / 8;
	mod_delayed_work(s->owner->dsp->queue, &s->work,
			 max_t(u64, jiffies_away, 1));
}

/* What q6asm does before START: the first fragment goes to the DSP at once. */
static bool clock_prefetch(struct vdsp_stream *s)
{
	return s->owner->dsp->config.q6asm && !s->fetched && clock_fetch(s);
}

/*
 * The core enters DRAINING behind our trigger, within the same locked section
 * of compr.lock; a notification from in there would be overwritten and the
 * drain never end. From here it is safe, if the state still is DRAINING: a
 * poll() meanwhile makes the core leave it by itself.
 */
static void clock_run(struct vdsp_stream *s)
{
	struct snd_compr_runtime *runtime = s->core->runtime;
	u64 fetched = s->fetched;
	bool notify = false;
	u64 rendered;

	if (s->running) {
		rendered = vdsp_rendered(s);
		/* What was silence must not count once bytes have come. */
		if (rendered >= s->decoded)
			vdsp_clock_anchor(s);
		clock_decode(s, rendered + clock_lead(s));
		rendered = vdsp_rendered(s);
		clock_note_hunger(s, rendered);
		if (s->boundary_due && rendered >= s->boundary_at)
			boundary_heard(s);
		notify = clock_end_partial(s);
		notify |= clock_end_drain(s, rendered);
		clock_rearm(s, rendered);
	} else {
		clock_prefetch(s);
	}
	if (notify && runtime->state == SNDRV_PCM_STATE_DRAINING)
		snd_compr_drain_notify(s->core);
	else if (s->fetched != fetched)
		snd_compr_fragment_elapsed(s->core);
}

void vdsp_clock_work(struct work_struct *work)
{
	struct vdsp_stream *s = container_of(to_delayed_work(work),
					     struct vdsp_stream, work);
	struct vdsp *dsp = s->owner->dsp;

	mutex_lock(&s->owner->compr.lock);
	mutex_lock(&dsp->lock);
	if (s->ring && !s->owner->gone && !dsp->stalled)
		clock_run(s);
	mutex_unlock(&dsp->lock);
	mutex_unlock(&s->owner->compr.lock);
}
