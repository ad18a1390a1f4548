// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DSP's own time. A worker has decode.c take bytes a little ahead of the
 * sound, and wakes whoever waits for room or for the end. Between two of its
 * runs the sound goes on by the clock alone, so asking for the position costs
 * the asker no decoding.
 */
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "vdsp.h"

/* Speed is in thousandths, time in nanoseconds. */
#define TIME_SCALE	(1000ULL * NSEC_PER_SEC)

/* Sound to have in hand at high speed, where a timer tick is a long time. */
#define LEAD_REAL_MS	40

/* Levels of the timer wheel above this many jiffies are coarse. */
#define EXACT_JIFFIES	63

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

static u64 clock_lead(const struct vdsp_stream *s)
{
	const struct vdsp *dsp = s->owner->dsp;

	return max(div_u64((u64)s->rate * dsp->config.ahead_ms, 1000),
		   div_u64((u64)s->rate * dsp->speed * LEAD_REAL_MS, 1000000));
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
	vdsp_decode_codec(s);
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
	return s->owner->dsp->config.q6asm && !s->fetched && vdsp_fetch(s);
}

/*
 * The core enters DRAINING behind our trigger, within the same locked section
 * of compr.lock; a notification from in there would be overwritten and the
 * drain never end. From here it is safe, if the state still is DRAINING. A
 * poll() meanwhile makes the core leave it, but wakes nobody; so whoever still
 * sleeps in the drain is woken in any case.
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
		vdsp_decode(s, rendered + clock_lead(s));
		rendered = vdsp_rendered(s);
		clock_note_hunger(s, rendered);
		if (s->boundary_due && rendered >= s->boundary_at)
			vdsp_boundary_heard(s);
		notify = clock_end_partial(s);
		notify |= clock_end_drain(s, rendered);
		clock_rearm(s, rendered);
	} else {
		clock_prefetch(s);
	}
	if (notify && runtime->state == SNDRV_PCM_STATE_DRAINING)
		snd_compr_drain_notify(s->core);
	else if (notify || s->fetched != fetched)
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
