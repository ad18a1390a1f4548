// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs files that are read: consumed, events, state, params. All but the
 * first are lines of "key value".
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "vdsp.h"

static ssize_t consumed_read(struct file *file, char __user *to, size_t len,
			     loff_t *at)
{
	struct vdsp *dsp = file_inode(file)->i_private;
	ssize_t done;

	mutex_lock(&dsp->lock);
	done = vdsp_tape_read(&dsp->tape, to, len, at);
	mutex_unlock(&dsp->lock);
	return done;
}

static loff_t consumed_seek(struct file *file, loff_t offset, int whence)
{
	struct vdsp *dsp = file_inode(file)->i_private;
	u64 size;

	mutex_lock(&dsp->lock);
	size = dsp->tape.kept;
	mutex_unlock(&dsp->lock);
	return generic_file_llseek_size(file, offset, whence, LLONG_MAX, size);
}

static const struct file_operations consumed_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = consumed_read,
	.llseek = consumed_seek,
};

static int events_show(struct seq_file *seq, void *unused)
{
	struct vdsp *dsp = seq->private;
	const char *line;
	u64 number;

	mutex_lock(&dsp->lock);
	number = vdsp_event_first(&dsp->tape);
	if (number)
		seq_printf(seq, "# %llu older events were dropped\n", number);
	while ((line = vdsp_event_line(&dsp->tape, number++)))
		seq_printf(seq, "%s\n", line);
	mutex_unlock(&dsp->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(events);

static void number_line(struct seq_file *seq, const char *key, u64 value)
{
	seq_printf(seq, "%s %llu\n", key, value);
}

static void show_stream(struct seq_file *seq, const struct vdsp_report *r)
{
	seq_printf(seq, "state %s\n", r->state ? r->state : "NONE");
	seq_printf(seq, "codec %s\n", vdsp_codec_name(r->codec));
	number_line(seq, "rate", r->rate);
	number_line(seq, "channels", r->channels);
	number_line(seq, "bit_rate", r->bit_rate);
	number_line(seq, "fragment_size", r->fragment_size);
	number_line(seq, "fragments", r->fragments);
	number_line(seq, "written", r->written);
	number_line(seq, "fetched", r->fetched);
	number_line(seq, "copied_total", r->copied);
	number_line(seq, "decoded_bytes", r->walked);
	number_line(seq, "decoded_frames", r->decoded);
	number_line(seq, "rendered_frames", r->rendered);
	number_line(seq, "encoded_frames", r->encoded_frames);
	number_line(seq, "encoder_delay", r->delay);
	number_line(seq, "encoder_padding", r->padding);
}

static void show_dsp(struct seq_file *seq, const struct vdsp *dsp)
{
	seq_printf(seq, "card %d\n",
		   dsp->plugged ? dsp->plugged->card->number : -1);
	number_line(seq, "device", dsp->config.device);
	number_line(seq, "plugged", !!dsp->plugged);
	number_line(seq, "open", !!dsp->stream);
	number_line(seq, "speed", dsp->speed);
	number_line(seq, "stalled", dsp->stalled);
	number_line(seq, "routed", vdsp_mixer_routed(dsp));
	seq_printf(seq, "imitate %s\n",
		   dsp->config.q6asm ? "q6asm" : "generic");
	number_line(seq, "timestamps", dsp->config.timestamps);
	number_line(seq, "route_required", dsp->config.route_required);
	number_line(seq, "check_options", dsp->config.check_options);
}

static void show_counters(struct seq_file *seq, const struct vdsp *dsp)
{
	const struct vdsp_counters *c = &dsp->counters;

	number_line(seq, "consumed_total", dsp->tape.total);
	number_line(seq, "consumed_kept", dsp->tape.kept);
	seq_printf(seq, "consumed_crc32 %08x\n", vdsp_tape_crc(&dsp->tape));
	number_line(seq, "events", dsp->tape.event_count);
	number_line(seq, "opens", c->opens);
	number_line(seq, "set_params", dsp->params_count);
	number_line(seq, "writes", c->writes);
	number_line(seq, "starvations", c->starvations);
	number_line(seq, "boundaries", c->boundaries);
	number_line(seq, "drains", c->drains);
	number_line(seq, "partial_drains", c->partial_drains);
	number_line(seq, "overruns", c->overruns);
	number_line(seq, "failures", c->failures);
}

static int state_show(struct seq_file *seq, void *unused)
{
	struct vdsp *dsp = seq->private;
	struct vdsp_report report;

	mutex_lock(&dsp->lock);
	report = dsp->last;
	if (dsp->stream)
		vdsp_stream_report(dsp->stream, &report);
	show_dsp(seq, dsp);
	show_stream(seq, &report);
	show_counters(seq, dsp);
	mutex_unlock(&dsp->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static void show_flac(struct seq_file *seq, const struct snd_dec_flac *o)
{
	number_line(seq, "flac_d.sample_size", o->sample_size);
	number_line(seq, "flac_d.min_blk_size", o->min_blk_size);
	number_line(seq, "flac_d.max_blk_size", o->max_blk_size);
	number_line(seq, "flac_d.min_frame_size", o->min_frame_size);
	number_line(seq, "flac_d.max_frame_size", o->max_frame_size);
}

static void show_wma(struct seq_file *seq, const struct snd_dec_wma *o)
{
	number_line(seq, "wma_d.encoder_option", o->encoder_option);
	number_line(seq, "wma_d.adv_encoder_option", o->adv_encoder_option);
	number_line(seq, "wma_d.adv_encoder_option2", o->adv_encoder_option2);
}

static void show_alac(struct seq_file *seq, const struct snd_dec_alac *o)
{
	number_line(seq, "alac_d.frame_length", o->frame_length);
	number_line(seq, "alac_d.compatible_version", o->compatible_version);
	number_line(seq, "alac_d.pb", o->pb);
	number_line(seq, "alac_d.mb", o->mb);
	number_line(seq, "alac_d.kb", o->kb);
	number_line(seq, "alac_d.max_run", o->max_run);
	number_line(seq, "alac_d.max_frame_bytes", o->max_frame_bytes);
}

static void show_ape(struct seq_file *seq, const struct snd_dec_ape *o)
{
	number_line(seq, "ape_d.compatible_version", o->compatible_version);
	number_line(seq, "ape_d.compression_level", o->compression_level);
	number_line(seq, "ape_d.format_flags", o->format_flags);
	number_line(seq, "ape_d.blocks_per_frame", o->blocks_per_frame);
	number_line(seq, "ape_d.final_frame_blocks", o->final_frame_blocks);
	number_line(seq, "ape_d.total_frames", o->total_frames);
	number_line(seq, "ape_d.seek_table_present", o->seek_table_present);
}

static void show_options(struct seq_file *seq, const struct snd_codec *codec)
{
	seq_printf(seq, "codec.options %*phN\n", (int)sizeof(codec->options),
		   &codec->options);
	switch (codec->id) {
	case SND_AUDIOCODEC_FLAC:
		show_flac(seq, &codec->options.flac_d);
		break;
	case SND_AUDIOCODEC_WMA:
		show_wma(seq, &codec->options.wma_d);
		break;
	case SND_AUDIOCODEC_ALAC:
		show_alac(seq, &codec->options.alac_d);
		break;
	case SND_AUDIOCODEC_APE:
		show_ape(seq, &codec->options.ape_d);
		break;
	}
}

static int params_show(struct seq_file *seq, void *unused)
{
	struct vdsp *dsp = seq->private;
	const struct snd_compr_params *p = &dsp->last_params;
	const struct snd_codec *codec = &p->codec;

	mutex_lock(&dsp->lock);
	number_line(seq, "count", dsp->params_count);
	number_line(seq, "buffer.fragment_size", p->buffer.fragment_size);
	number_line(seq, "buffer.fragments", p->buffer.fragments);
	number_line(seq, "no_wake_mode", p->no_wake_mode);
	seq_printf(seq, "codec %s\n", vdsp_codec_name(codec->id));
	number_line(seq, "codec.id", codec->id);
	number_line(seq, "codec.ch_in", codec->ch_in);
	number_line(seq, "codec.ch_out", codec->ch_out);
	number_line(seq, "codec.sample_rate", codec->sample_rate);
	number_line(seq, "codec.bit_rate", codec->bit_rate);
	number_line(seq, "codec.rate_control", codec->rate_control);
	number_line(seq, "codec.profile", codec->profile);
	number_line(seq, "codec.level", codec->level);
	number_line(seq, "codec.ch_mode", codec->ch_mode);
	number_line(seq, "codec.format", codec->format);
	number_line(seq, "codec.align", codec->align);
	show_options(seq, codec);
	mutex_unlock(&dsp->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(params);

void vdsp_report_new(struct vdsp *dsp)
{
	debugfs_create_file("consumed", 0400, dsp->debugfs, dsp,
			    &consumed_fops);
	debugfs_create_file("events", 0400, dsp->debugfs, dsp, &events_fops);
	debugfs_create_file("state", 0400, dsp->debugfs, dsp, &state_fops);
	debugfs_create_file("params", 0400, dsp->debugfs, dsp, &params_fops);
}
