// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's parameters: their defaults, which are the limits of Qualcomm's
 * q6asm driver, and whether they make sense.
 */
#include <linux/bits.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vdsp.h"

#define MAX_FRAGMENT_SIZE	SZ_1M
#define MAX_FRAGMENTS		1024
#define MAX_RING		SZ_64M

static int index = -1;
module_param(index, int, 0444);
MODULE_PARM_DESC(index, "card number, -1 for the first that is free");

static char *id = "VirtualDSP";
module_param(id, charp, 0444);
MODULE_PARM_DESC(id, "card id");

static uint device;
module_param(device, uint, 0444);
MODULE_PARM_DESC(device, "compress device number (comprC*D<device>)");

static uint min_fragment_size = 8192;
module_param(min_fragment_size, uint, 0444);
MODULE_PARM_DESC(min_fragment_size, "bytes");

static uint max_fragment_size = 131072;
module_param(max_fragment_size, uint, 0444);
MODULE_PARM_DESC(max_fragment_size, "bytes");

static uint min_fragments = 4;
module_param(min_fragments, uint, 0444);
MODULE_PARM_DESC(min_fragments, "least fragments in the ring");

static uint max_fragments = 64;
module_param(max_fragments, uint, 0444);
MODULE_PARM_DESC(max_fragments, "most fragments in the ring");

static char *codecs = "mp3,flac,wma,alac,ape";
module_param(codecs, charp, 0444);
MODULE_PARM_DESC(codecs, "names of codecs, separated by commas, or all");

static char *imitate = "generic";
module_param(imitate, charp, 0444);
MODULE_PARM_DESC(imitate, "generic, or q6asm with its quirks");

static int timestamps = -1;
module_param(timestamps, int, 0444);
MODULE_PARM_DESC(timestamps,
		 "1: report PCM frames and rate, 0: not, -1: as imitate has it");

static int check_options = -1;
module_param(check_options, int, 0444);
MODULE_PARM_DESC(check_options,
		 "refuse wrong decoder options (-1: unless imitate=q6asm)");

static int route_required = -1;
module_param(route_required, int, 0444);
MODULE_PARM_DESC(route_required,
		 "1: SET_PARAMS needs a mixer switch on, 0: not, -1: as imitate has it");

static uint speed = 1000;
module_param(speed, uint, 0444);
MODULE_PARM_DESC(speed, "speed at first, in thousandths of real time");

static uint fifo_frags = 2;
module_param(fifo_frags, uint, 0444);
MODULE_PARM_DESC(fifo_frags, "fragments the DSP holds beside the ring");

static uint ahead_ms = 500;
module_param(ahead_ms, uint, 0444);
MODULE_PARM_DESC(ahead_ms, "milliseconds of sound the DSP decodes ahead");

static uint capture_mb = 64;
module_param(capture_mb, uint, 0444);
MODULE_PARM_DESC(capture_mb, "MiB of consumed bytes kept for debugfs");

static const char * const codec_names[] = {
	[SND_AUDIOCODEC_PCM] = "pcm",
	[SND_AUDIOCODEC_MP3] = "mp3",
	[SND_AUDIOCODEC_AMR] = "amr",
	[SND_AUDIOCODEC_AMRWB] = "amrwb",
	[SND_AUDIOCODEC_AMRWBPLUS] = "amrwbplus",
	[SND_AUDIOCODEC_AAC] = "aac",
	[SND_AUDIOCODEC_WMA] = "wma",
	[SND_AUDIOCODEC_REAL] = "real",
	[SND_AUDIOCODEC_VORBIS] = "vorbis",
	[SND_AUDIOCODEC_FLAC] = "flac",
	[SND_AUDIOCODEC_IEC61937] = "iec61937",
	[SND_AUDIOCODEC_G723_1] = "g723_1",
	[SND_AUDIOCODEC_G729] = "g729",
	[SND_AUDIOCODEC_BESPOKE] = "bespoke",
	[SND_AUDIOCODEC_ALAC] = "alac",
	[SND_AUDIOCODEC_APE] = "ape",
#ifdef SND_AUDIOCODEC_OPUS_RAW
	[SND_AUDIOCODEC_OPUS_RAW] = "opus_raw",
#endif
};

const char *vdsp_codec_name(u32 codec)
{
	return codec && codec < ARRAY_SIZE(codec_names) ? codec_names[codec] :
							  "none";
}

static u32 codec_bit(const char *name)
{
	u32 codec;

	if (!strcmp(name, "all"))
		return GENMASK(ARRAY_SIZE(codec_names) - 1, 1);
	for (codec = 1; codec < ARRAY_SIZE(codec_names); codec++)
		if (!strcmp(name, codec_names[codec]))
			return BIT(codec);
	return 0;
}

static int parse_codecs(u32 *bits)
{
	char *names = kstrdup(codecs, GFP_KERNEL);
	char *rest = names;
	char *name;
	int error = 0;

	if (!names)
		return -ENOMEM;
	while (!error && (name = strsep(&rest, ","))) {
		u32 bit = codec_bit(strim(name));

		*bits |= bit;
		if (!bit) {
			pr_err(VDSP_NAME ": codecs: \"%s\" is no codec\n",
			       name);
			error = -EINVAL;
		}
	}
	kfree(names);
	return error;
}

static bool config_sizes_make_sense(void)
{
	return min_fragment_size && min_fragment_size <= max_fragment_size &&
	       max_fragment_size <= MAX_FRAGMENT_SIZE && min_fragments &&
	       min_fragments <= max_fragments &&
	       max_fragments <= MAX_FRAGMENTS &&
	       max_fragment_size * max_fragments <= MAX_RING;
}

/**
 * vdsp_config_read - check the parameters
 * @c: where they go
 *
 * Return: 0, or -EINVAL with a line in the kernel's log.
 */
int vdsp_config_read(struct vdsp_config *c)
{
	c->q6asm = !strcmp(imitate, "q6asm");
	if (!c->q6asm && strcmp(imitate, "generic")) {
		pr_err(VDSP_NAME ": imitate: generic or q6asm, not \"%s\"\n",
		       imitate);
		return -EINVAL;
	}
	if (!config_sizes_make_sense()) {
		pr_err(VDSP_NAME ": fragments: want 0 < min <= max, at most %u bytes by %u, %u together\n",
		       MAX_FRAGMENT_SIZE, MAX_FRAGMENTS, MAX_RING);
		return -EINVAL;
	}
	if (!speed || speed > VDSP_MAX_SPEED || !fifo_frags ||
	    fifo_frags > 16 || !ahead_ms || ahead_ms > 10000 ||
	    capture_mb > 4096 || device > 31) {
		pr_err(VDSP_NAME ": want speed 1..%u, fifo_frags 1..16, ahead_ms 1..10000, capture_mb <= 4096, device <= 31\n",
		       VDSP_MAX_SPEED);
		return -EINVAL;
	}
	c->index = index;
	c->id = id;
	c->speed = speed;
	c->capture_mb = capture_mb;
	c->device = device;
	c->min_fragment_size = min_fragment_size;
	c->max_fragment_size = max_fragment_size;
	c->min_fragments = min_fragments;
	c->max_fragments = max_fragments;
	c->timestamps = timestamps < 0 ? !c->q6asm : timestamps;
	c->route_required = route_required < 0 ? c->q6asm : route_required;
	c->check_options = check_options < 0 ? !c->q6asm : check_options;
	c->fifo_frags = fifo_frags;
	c->ahead_ms = ahead_ms;
	return parse_codecs(&c->codecs);
}
