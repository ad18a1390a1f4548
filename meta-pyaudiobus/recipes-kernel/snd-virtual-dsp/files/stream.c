// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations that the compress core calls: what a driver owes it. Those
 * about parameters are in params.c, START to PARTIAL_DRAIN in trigger.c, time
 * in clock.c.
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

struct vdsp_stream *vdsp_stream_of(struct snd_compr_stream *core)
{
	return core->runtime->private_data;
}

struct vdsp *vdsp_of(struct snd_compr_stream *core)
{
	struct vdsp_card *owner = core->private_data;

	return owner->dsp;
}

/* What any operation answers instead of working, 0 if it may work. */
int vdsp_refusal(struct snd_compr_stream *core, enum vdsp_op op)
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
	struct vdsp *dsp = vdsp_of(core);
	struct vdsp_stream *s;
	int error = vdsp_refusal(core, VDSP_OP_OPEN);

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
	struct vdsp_stream *s = vdsp_stream_of(core);
	struct vdsp *dsp = vdsp_of(core);

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

/*
 * Delay and padding are noted and reported; the position counts every frame
 * of the stream, the encoder's silence included.
 */
static int vdsp_set_metadata(struct snd_compr_stream *core,
			     struct snd_compr_metadata *metadata)
{
	struct vdsp_stream *s = vdsp_stream_of(core);
	struct vdsp *dsp = vdsp_of(core);
	int error = vdsp_refusal(core, VDSP_OP_SET_METADATA);

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
	struct vdsp_stream *s = vdsp_stream_of(core);

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

/* Called with vdsp.lock held. */
void vdsp_bad_options(struct vdsp *dsp, const struct snd_codec *codec,
		      const struct vdsp_fault *fault)
{
	vdsp_event(dsp, "bad_options codec=%s field=%s told=%u found=%u",
		   vdsp_codec_name(codec->id), fault->field, fault->told,
		   fault->found);
}

/* The first bytes of a stream, before anything of them is taken. */
static int check_head(struct vdsp_stream *s, const char __user *from,
		      size_t count)
{
	struct vdsp *dsp = s->owner->dsp;
	const struct snd_codec *codec = &s->params.codec;
	struct vdsp_fault fault;
	u8 head[VDSP_HEAD] = { 0 };
	size_t len = min_t(size_t, count, sizeof(head));

	if (s->checked || !len)
		return 0;
	if (copy_from_user(head, from, len))
		return -EFAULT;
	mutex_lock(&dsp->lock);
	s->checked = !vdsp_stream_differs(codec, head, len, &fault);
	if (!s->checked)
		vdsp_bad_options(dsp, codec, &fault);
	mutex_unlock(&dsp->lock);
	return s->checked ? 0 : -EINVAL;
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
	struct vdsp_stream *s = vdsp_stream_of(core);
	struct vdsp *dsp = vdsp_of(core);
	int error = vdsp_refusal(core, VDSP_OP_WRITE);

	if (error)
		return error;
	count = min_t(size_t, count, s->ring_size);
	error = check_head(s, from, count);
	if (!error)
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
	struct vdsp_stream *s = vdsp_stream_of(core);
	struct vdsp *dsp = vdsp_of(core);
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
