// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations that the compress core calls: what a driver owes it. Time and
 * bytes are clock.c's.
 *
 * The ring is the driver's own, filled by the copy operation as in q6asm, so
 * that the core never has to allocate it (kmalloc ends at 4 MiB) nor to do so
 * again in a gapless SET_PARAMS.
 *
 * The core would let any number of files open the device; a second one gets
 * EBUSY from here.
 */
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "vdsp.h"

#define MIN_RATE	4000
#define MAX_RATE	768000
#define MAX_CHANNELS	8

static struct vdsp_stream *stream_of(struct snd_compr_stream *core)
{
	return core->runtime->private_data;
}

static struct vdsp *dsp_of(struct snd_compr_stream *core)
{
	struct vdsp_card *owner = core->private_data;

	return owner->dsp;
}

/* What any operation answers instead of working, 0 if it may work. */
static int stream_refusal(struct snd_compr_stream *core, enum vdsp_op op)
{
	struct vdsp_card *owner = core->private_data;

	if (READ_ONCE(owner->gone))
		return -ENODEV;
	return vdsp_planned_failure(owner->dsp, op);
}

static struct vdsp_stream *stream_new(struct snd_compr_stream *core)
{
	struct vdsp_stream *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return NULL;
	s->owner = core->private_data;
	s->core = core;
	INIT_DELAYED_WORK(&s->work, vdsp_clock_work);
	kref_get(&s->owner->ref);
	return s;
}

static void stream_destroy(struct vdsp_stream *s)
{
	vfree(s->ring);
	vfree(s->fifo);
	vdsp_card_put(s->owner);
	kfree(s);
}

static int vdsp_open(struct snd_compr_stream *core)
{
	struct vdsp *dsp = dsp_of(core);
	struct vdsp_stream *s;
	int error = stream_refusal(core, VDSP_OP_OPEN);

	if (error)
		return error;
	/* The core's files pin snd-compress alone, not us. */
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	s = stream_new(core);
	if (!s) {
		module_put(THIS_MODULE);
		return -ENOMEM;
	}
	mutex_lock(&dsp->lock);
	if (s->owner->gone) {
		error = -ENODEV;
	} else if (dsp->stream) {
		error = -EBUSY;
		vdsp_event(dsp, "open_refused busy");
	} else {
		dsp->stream = s;
		dsp->counters.opens++;
		vdsp_event(dsp, "open pid=%d comm=%s", current->tgid,
			   current->comm);
	}
	mutex_unlock(&dsp->lock);
	if (error) {
		stream_destroy(s);
		module_put(THIS_MODULE);
		return error;
	}
	core->runtime->private_data = s;
	return 0;
}

/* No lock is held here; the worker may be running. */
static int vdsp_free(struct snd_compr_stream *core)
{
	struct vdsp_stream *s = stream_of(core);
	struct vdsp *dsp = dsp_of(core);

	mutex_lock(&dsp->lock);
	if (dsp->stream == s) {
		vdsp_stream_report(s, &dsp->last);
		dsp->last.state = "CLOSED";
		dsp->stream = NULL;
	}
	vdsp_event(dsp, "close written=%llu fetched=%llu", s->written,
		   s->fetched);
	s->running = false;
	mutex_unlock(&dsp->lock);
	cancel_delayed_work_sync(&s->work);
	stream_destroy(s);
	module_put(THIS_MODULE);
	return 0;
}

static int check_buffer(const struct vdsp *dsp,
			const struct snd_compressed_buffer *buffer)
{
	const struct vdsp_config *c = &dsp->config;

	if (buffer->fragment_size < c->min_fragment_size ||
	    buffer->fragment_size > c->max_fragment_size ||
	    buffer->fragments < c->min_fragments ||
	    buffer->fragments > c->max_fragments)
		return -EINVAL;
	return 0;
}

/* q6asm knows WMA by its profile alone. */
static bool q6asm_wma_profile(u32 profile)
{
	return profile == SND_AUDIOPROFILE_WMA9 ||
	       profile == SND_AUDIOPROFILE_WMA10 ||
	       profile == SND_AUDIOPROFILE_WMA9_PRO ||
	       profile == SND_AUDIOPROFILE_WMA9_LOSSLESS ||
	       profile == SND_AUDIOPROFILE_WMA10_LOSSLESS;
}

static int check_codec(const struct vdsp *dsp, const struct snd_codec *codec)
{
	if (codec->id >= 32 || !(dsp->config.codecs & BIT(codec->id)) ||
	    codec->sample_rate < MIN_RATE || codec->sample_rate > MAX_RATE ||
	    codec->ch_in > MAX_CHANNELS || codec->ch_out > MAX_CHANNELS)
		return -EINVAL;
	if (dsp->config.q6asm && codec->id == SND_AUDIOCODEC_WMA &&
	    !q6asm_wma_profile(codec->profile))
		return -EINVAL;
	return 0;
}

static int stream_allocate(struct vdsp_stream *s,
			   const struct snd_compressed_buffer *buffer)
{
	u32 fifo = s->owner->dsp->config.fifo_frags * buffer->fragment_size +
		   2 * VDSP_WALK_AHEAD;

	vfree(s->ring);
	vfree(s->fifo);
	s->ring_size = buffer->fragment_size * buffer->fragments;
	s->fifo_size = fifo;
	s->ring = vzalloc(s->ring_size);
	s->fifo = vmalloc(s->fifo_size);
	if (s->ring && s->fifo)
		return 0;
	vfree(s->ring);
	vfree(s->fifo);
	s->ring = NULL;
	s->fifo = NULL;
	return -ENOMEM;
}

static int set_first_params(struct vdsp_stream *s,
			    struct snd_compr_params *params)
{
	struct vdsp *dsp = s->owner->dsp;
	int error = check_buffer(dsp, &params->buffer);

	if (error)
		return error;
	if (dsp->config.route_required && !vdsp_mixer_routed(dsp))
		return -EINVAL;
	error = stream_allocate(s, &params->buffer);
	if (error)
		return error;
	s->params = *params;
	s->rate = params->codec.sample_rate;
	vdsp_clock_codec(s);
	return 0;
}

/*
 * SET_PARAMS behind NEXT_TRACK comes before the old track has ended: keep it
 * until then. Some kernels take the geometry over before they ask us; give
 * theirs back, the ring goes on as it is.
 */
static int set_next_params(struct vdsp_stream *s,
			   struct snd_compr_params *params)
{
	struct snd_compr_runtime *runtime = s->core->runtime;
	const struct snd_compressed_buffer *buffer = &s->params.buffer;
	struct vdsp_track *track;

	runtime->fragment_size = buffer->fragment_size;
	runtime->fragments = buffer->fragments;
	runtime->buffer_size = s->ring_size;
	if (params->buffer.fragment_size != buffer->fragment_size ||
	    params->buffer.fragments != buffer->fragments)
		return -EINVAL;
	if (s->track_count) {
		track = &s->tracks[s->track_count - 1];
		track->codec = params->codec;
		track->has_codec = true;
	} else if (s->walked == s->track_start) {
		s->params.codec = params->codec;
		vdsp_clock_codec(s);
	}
	return 0;
}

static int vdsp_set_params(struct snd_compr_stream *core,
			   struct snd_compr_params *params)
{
	struct vdsp_stream *s = stream_of(core);
	struct vdsp *dsp = dsp_of(core);
	bool next = core->runtime->state != SNDRV_PCM_STATE_OPEN;
	int error = stream_refusal(core, VDSP_OP_SET_PARAMS);

	mutex_lock(&dsp->lock);
	dsp->last_params = *params;
	dsp->params_count++;
	if (!error)
		error = check_codec(dsp, &params->codec);
	if (!error)
		error = next ? set_next_params(s, params) :
			       set_first_params(s, params);
	vdsp_event(dsp, "set_params codec=%s rate=%u ch=%u frag=%ux%u error=%d",
		   vdsp_codec_name(params->codec.id), params->codec.sample_rate,
		   params->codec.ch_in, params->buffer.fragment_size,
		   params->buffer.fragments, error);
	mutex_unlock(&dsp->lock);
	return error;
}

static int vdsp_get_params(struct snd_compr_stream *core,
			   struct snd_codec *codec)
{
	struct vdsp_stream *s = stream_of(core);
	struct vdsp *dsp = dsp_of(core);

	if (s->owner->gone)
		return -ENODEV;
	mutex_lock(&dsp->lock);
	if (!dsp->config.q6asm)
		*codec = s->params.codec;
	mutex_unlock(&dsp->lock);
	return 0;
}

/*
 * Delay and padding are noted and reported; the position counts every frame
 * of the stream, the encoder's silence included.
 */
static int vdsp_set_metadata(struct snd_compr_stream *core,
			     struct snd_compr_metadata *metadata)
{
	struct vdsp_stream *s = stream_of(core);
	struct vdsp *dsp = dsp_of(core);
	int error = stream_refusal(core, VDSP_OP_SET_METADATA);

	if (error)
		return error;
	mutex_lock(&dsp->lock);
	if (metadata->key == SNDRV_COMPRESS_ENCODER_PADDING)
		s->padding = metadata->value[0];
	else if (metadata->key == SNDRV_COMPRESS_ENCODER_DELAY)
		s->delay = metadata->value[0];
	else
		error = -EINVAL;
	vdsp_event(dsp, "set_metadata key=%u value=%u error=%d", metadata->key,
		   metadata->value[0], error);
	mutex_unlock(&dsp->lock);
	return error;
}

static int vdsp_get_metadata(struct snd_compr_stream *core,
			     struct snd_compr_metadata *metadata)
{
	struct vdsp_stream *s = stream_of(core);

	if (s->owner->gone)
		return -ENODEV;
	if (metadata->key == SNDRV_COMPRESS_ENCODER_PADDING)
		metadata->value[0] = s->padding;
	else if (metadata->key == SNDRV_COMPRESS_ENCODER_DELAY)
		metadata->value[0] = s->delay;
	else
		return -EINVAL;
	return 0;
}

/* Bytes into the ring, across its end if need be. */
static int ring_fill(struct vdsp_stream *s, const char __user *from,
		     size_t count)
{
	u32 at = vdsp_ring_offset(s, s->written);
	size_t first = min_t(size_t, count, s->ring_size - at);

	if (copy_from_user(s->ring + at, from, first) ||
	    copy_from_user(s->ring, from + first, count - first))
		return -EFAULT;
	return 0;
}

/*
 * The core has cut @count down to what it takes for free. Past 4 GiB in one
 * stream, kernels before 6.18 take far too much for free (they compare a
 * 32-bit total with a 64-bit one) and unread bytes are overwritten. That is
 * let happen, as it happens on a board, but it is counted.
 */
static int vdsp_copy(struct snd_compr_stream *core, char __user *from,
		     size_t count)
{
	struct vdsp_stream *s = stream_of(core);
	struct vdsp *dsp = dsp_of(core);
	int error = stream_refusal(core, VDSP_OP_WRITE);

	if (error)
		return error;
	count = min_t(size_t, count, s->ring_size);
	error = ring_fill(s, from, count);
	if (error)
		return error;
	mutex_lock(&dsp->lock);
	s->written += count;
	dsp->counters.writes += !!count;
	if (s->written - s->fetched > s->ring_size) {
		dsp->counters.overruns++;
		vdsp_event(dsp, "overrun written=%llu fetched=%llu",
			   s->written, s->fetched);
	}
	if (s->hungry || (dsp->config.q6asm && !s->fetched))
		vdsp_clock_kick(s);
	mutex_unlock(&dsp->lock);
	return count;
}

static int vdsp_pointer(struct snd_compr_stream *core,
			struct vdsp_tstamp *tstamp)
{
	struct vdsp_stream *s = stream_of(core);
	struct vdsp *dsp = dsp_of(core);
	int error = 0;

	mutex_lock(&dsp->lock);
	tstamp->copied_total = s->copied;
	if (s->owner->gone) {
		/* Room for a write, so that a poll() ends and hears ENODEV. */
		tstamp->copied_total = core->runtime->total_bytes_available;
		error = -ENODEV;
	}
	if (s->ring_size)
		tstamp->byte_offset = vdsp_ring_offset(s, s->copied);
	if (dsp->config.timestamps) {
		tstamp->pcm_frames = s->decoded;
		tstamp->pcm_io_frames = vdsp_rendered(s);
		tstamp->sampling_rate = s->rate;
	}
	mutex_unlock(&dsp->lock);
	return error;
}

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
		vdsp_clock_rewind(s);
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
static int vdsp_trigger(struct snd_compr_stream *core, int command)
{
	struct vdsp_stream *s = stream_of(core);
	struct vdsp *dsp = dsp_of(core);
	unsigned int i = 0;
	int error;

	while (i < ARRAY_SIZE(triggers) && triggers[i].command != command)
		i++;
	if (i == ARRAY_SIZE(triggers))
		return -EINVAL;
	error = stream_refusal(core, triggers[i].op);
	mutex_lock(&dsp->lock);
	vdsp_event(dsp, "%s frame=%llu written=%llu fetched=%llu error=%d",
		   triggers[i].name, vdsp_rendered(s), s->written, s->fetched,
		   error);
	if (!error)
		error = stream_obey(s, command);
	mutex_unlock(&dsp->lock);
	return error;
}

static int vdsp_get_caps(struct snd_compr_stream *core,
			 struct snd_compr_caps *caps)
{
	const struct vdsp_config *c = &dsp_of(core)->config;
	int error = stream_refusal(core, VDSP_OP_GET_CAPS);
	u32 codec;

	if (error)
		return error;
	memset(caps, 0, sizeof(*caps));
	caps->direction = SND_COMPRESS_PLAYBACK;
	caps->min_fragment_size = c->min_fragment_size;
	caps->max_fragment_size = c->max_fragment_size;
	caps->min_fragments = c->min_fragments;
	caps->max_fragments = c->max_fragments;
	for (codec = 1; codec < MAX_NUM_CODECS; codec++)
		if (c->codecs & BIT(codec))
			caps->codecs[caps->num_codecs++] = codec;
	return 0;
}

/*
 * The core never hands the caller's codec down, so 0 is all that arrives, and
 * zeros are all the answer, as on a board.
 */
static int vdsp_get_codec_caps(struct snd_compr_stream *core,
			       struct snd_compr_codec_caps *caps)
{
	const struct vdsp_config *c = &dsp_of(core)->config;

	if (stream_of(core)->owner->gone)
		return -ENODEV;
	if (c->q6asm || !caps->codec || caps->codec >= MAX_NUM_CODECS ||
	    !(c->codecs & BIT(caps->codec)))
		return 0;
	caps->num_descriptors = 1;
	caps->descriptor[0].max_ch = MAX_CHANNELS;
	caps->descriptor[0].min_buffer = c->min_fragment_size;
	return 0;
}

struct snd_compr_ops vdsp_compr_ops = {
	.open = vdsp_open,
	.free = vdsp_free,
	.set_params = vdsp_set_params,
	.get_params = vdsp_get_params,
	.set_metadata = vdsp_set_metadata,
	.get_metadata = vdsp_get_metadata,
	.trigger = vdsp_trigger,
	.pointer = vdsp_pointer,
	.copy = vdsp_copy,
	.get_caps = vdsp_get_caps,
	.get_codec_caps = vdsp_get_codec_caps,
};

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

static const char *state_name(snd_pcm_state_t state)
{
	static const char * const names[] = {
		"OPEN", "SETUP", "PREPARED", "RUNNING", "XRUN", "DRAINING",
		"PAUSED", "SUSPENDED", "DISCONNECTED"
	};
	unsigned int number = (__force unsigned int)state;

	return number < ARRAY_SIZE(names) ? names[number] : "UNKNOWN";
}

/* Called with vdsp.lock held. */
void vdsp_stream_report(struct vdsp_stream *s, struct vdsp_report *to)
{
	const struct snd_codec *codec = &s->params.codec;

	*to = (struct vdsp_report) {
		.state = state_name(READ_ONCE(s->core->runtime->state)),
		.codec = codec->id,
		.rate = s->rate,
		.channels = s->walker.channels,
		.bit_rate = codec->bit_rate,
		.fragment_size = s->params.buffer.fragment_size,
		.fragments = s->params.buffer.fragments,
		.written = s->written,
		.fetched = s->fetched,
		.copied = s->copied,
		.walked = s->walked,
		.decoded = s->decoded,
		.rendered = vdsp_rendered(s),
		.encoded_frames = s->encoded_frames + s->walker.frames_seen,
		.delay = s->delay,
		.padding = s->padding,
	};
}
