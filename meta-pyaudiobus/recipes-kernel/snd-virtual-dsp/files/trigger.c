// SPDX-License-Identifier: GPL-2.0-only
/*
 * START to PARTIAL_DRAIN, and what befalls a stream from outside: an xrun, an
 * unplugged card.
 */
#include <linux/kernel.h>

#include "vdsp.h"

static void trigger_start(struct vdsp_stream *s)
{
	/* A poll() can end DRAINING while we still play: go on with it. */
	s->draining = false;
	s->stuck = false;
	if (s->running)
		vdsp_clock_kick(s);
	else
		vdsp_clock_start(s);
}

static void trigger_drain(struct vdsp_stream *s)
{
	s->draining = true;
	/* q6asm learns of the end from a buffer it has in flight, if it has. */
	s->stuck = s->owner->dsp->config.q6asm && s->starved &&
		   s->written == s->fetched;
	vdsp_clock_kick(s);
}

static int trigger_next_track(struct vdsp_stream *s)
{
	struct vdsp_track *track;

	if (s->track_count &&
	    s->tracks[s->track_count - 1].at == s->written)
		return 0;
	if (s->track_count == VDSP_MAX_TRACKS)
		return -EBUSY;
	track = &s->tracks[s->track_count++];
	track->at = s->written;
	track->has_codec = false;
	return 0;
}

static void trigger_partial_drain(struct vdsp_stream *s)
{
	/* Bytes written behind NEXT_TRACK already are the next track's. */
	s->partial_until = s->track_count ?
			   s->tracks[s->track_count - 1].at : s->fetched;
	s->partial = true;
	vdsp_clock_kick(s);
}

static const struct {
	int command;
	enum vdsp_op op;
	const char *name;
} triggers[] = {
	{ SNDRV_PCM_TRIGGER_START, VDSP_OP_START, "start" },
	{ SNDRV_PCM_TRIGGER_STOP, VDSP_OP_STOP, "stop" },
	{ SNDRV_PCM_TRIGGER_PAUSE_PUSH, VDSP_OP_PAUSE, "pause" },
	{ SNDRV_PCM_TRIGGER_PAUSE_RELEASE, VDSP_OP_RESUME, "resume" },
	{ SND_COMPR_TRIGGER_DRAIN, VDSP_OP_DRAIN, "drain" },
	{ SND_COMPR_TRIGGER_NEXT_TRACK, VDSP_OP_NEXT_TRACK, "next_track" },
	{ SND_COMPR_TRIGGER_PARTIAL_DRAIN, VDSP_OP_PARTIAL_DRAIN,
	  "partial_drain" },
};

static int stream_obey(struct vdsp_stream *s, int command)
{
	switch (command) {
	case SNDRV_PCM_TRIGGER_START:
		trigger_start(s);
		return 0;
	case SNDRV_PCM_TRIGGER_STOP:
		vdsp_decode_rewind(s);
		return 0;
	case SNDRV_PCM_TRIGGER_PAUSE_PUSH:
		vdsp_clock_hold(s);
		return 0;
	case SNDRV_PCM_TRIGGER_PAUSE_RELEASE:
		vdsp_clock_start(s);
		return 0;
	case SND_COMPR_TRIGGER_DRAIN:
		trigger_drain(s);
		return 0;
	case SND_COMPR_TRIGGER_NEXT_TRACK:
		return trigger_next_track(s);
	default:
		trigger_partial_drain(s);
		return 0;
	}
}

/*
 * Runs with compr.lock held, or, for the STOP of release(), without it. Never
 * waits for the worker, which takes that lock.
 */
int vdsp_trigger(struct snd_compr_stream *core, int command)
{
	struct vdsp_stream *s = vdsp_stream_of(core);
	struct vdsp *dsp = vdsp_of(core);
	unsigned int i = 0;
	int error;

	while (i < ARRAY_SIZE(triggers) && triggers[i].command != command)
		i++;
	if (i == ARRAY_SIZE(triggers))
		return -EINVAL;
	error = vdsp_refusal(core, triggers[i].op);
	mutex_lock(&dsp->lock);
	vdsp_event(dsp, "%s frame=%llu written=%llu fetched=%llu error=%d",
		   triggers[i].name, vdsp_rendered(s), s->written, s->fetched,
		   error);
	if (!error)
		error = stream_obey(s, command);
	mutex_unlock(&dsp->lock);
	return error;
}

/*
 * An xrun, as a driver reports one with snd_compr_stop_error(). That function
 * leaves a work item behind which nothing cancels if the file is being closed
 * right now; to do its work here is the same to user space, and safe.
 * Called with compr.lock and vdsp.lock held.
 */
int vdsp_stream_xrun(struct vdsp_stream *s)
{
	struct snd_compr_runtime *runtime = s->core->runtime;

	if (runtime->state == SNDRV_PCM_STATE_OPEN)
		return -EBADFD;
	vdsp_clock_hold(s);
	s->draining = false;
	s->partial = false;
	runtime->state = SNDRV_PCM_STATE_XRUN;
	snd_compr_fragment_elapsed(s->core);
	return 0;
}

/*
 * The card is gone. The core keeps no list of its files, so each operation has
 * to say so from now on; whoever sleeps in poll() or in a drain is woken.
 * Called with compr.lock and vdsp.lock held.
 */
void vdsp_stream_orphan(struct vdsp_stream *s)
{
	vdsp_clock_hold(s);
	s->draining = false;
	s->partial = false;
	if (s->core->runtime->state == SNDRV_PCM_STATE_DRAINING)
		snd_compr_drain_notify(s->core);
	else
		snd_compr_fragment_elapsed(s->core);
}
