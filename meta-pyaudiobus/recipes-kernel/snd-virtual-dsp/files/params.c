// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device can do and what a stream asks of it: GET_CAPS, SET_PARAMS
 * and their kin. The core checks little more than that sizes are not 0, so the
 * limits are kept here.
 */
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "vdsp.h"

#define MIN_RATE	4000
#define MAX_RATE	768000
#define MAX_CHANNELS	8

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

static int check_codec(struct vdsp *dsp, const struct snd_codec *codec)
{
	struct vdsp_fault fault;

	if (codec->id >= 32 || !(dsp->config.codecs & BIT(codec->id)) ||
	    codec->sample_rate < MIN_RATE || codec->sample_rate > MAX_RATE ||
	    codec->ch_in > MAX_CHANNELS || codec->ch_out > MAX_CHANNELS)
		return -EINVAL;
	if (dsp->config.q6asm && codec->id == SND_AUDIOCODEC_WMA &&
	    !q6asm_wma_profile(codec->profile))
		return -EINVAL;
	if (dsp->config.check_options && vdsp_options_wrong(codec, &fault)) {
		vdsp_bad_options(dsp, codec, &fault);
		return -EINVAL;
	}
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
	s->checked = !dsp->config.check_options;
	s->rate = params->codec.sample_rate;
	vdsp_decode_codec(s);
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
		vdsp_decode_codec(s);
	}
	return 0;
}

int vdsp_set_params(struct snd_compr_stream *core,
		    struct snd_compr_params *params)
{
	struct vdsp_stream *s = vdsp_stream_of(core);
	struct vdsp *dsp = vdsp_of(core);
	bool next = core->runtime->state != SNDRV_PCM_STATE_OPEN;
	int error = vdsp_refusal(core, VDSP_OP_SET_PARAMS);

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

int vdsp_get_params(struct snd_compr_stream *core,
		    struct snd_codec *codec)
{
	struct vdsp_stream *s = vdsp_stream_of(core);
	struct vdsp *dsp = vdsp_of(core);

	if (s->owner->gone)
		return -ENODEV;
	mutex_lock(&dsp->lock);
	if (!dsp->config.q6asm)
		*codec = s->params.codec;
	mutex_unlock(&dsp->lock);
	return 0;
}

int vdsp_get_caps(struct snd_compr_stream *core,
		  struct snd_compr_caps *caps)
{
	const struct vdsp_config *c = &vdsp_of(core)->config;
	int error = vdsp_refusal(core, VDSP_OP_GET_CAPS);
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
int vdsp_get_codec_caps(struct snd_compr_stream *core,
			struct snd_compr_codec_caps *caps)
{
	const struct vdsp_config *c = &vdsp_of(core)->config;

	if (vdsp_stream_of(core)->owner->gone)
		return -ENODEV;
	if (c->q6asm || !caps->codec || caps->codec >= MAX_NUM_CODECS ||
	    !(c->codecs & BIT(caps->codec)))
		return 0;
	caps->num_descriptors = 1;
	caps->descriptor[0].max_ch = MAX_CHANNELS;
	caps->descriptor[0].min_buffer = c->min_fragment_size;
	return 0;
}
