// SPDX-License-Identifier: GPL-2.0-only
/*
 * snd-virtual-dsp - a sound card whose compressed-offload DSP is virtual.
 *
 * It gives a machine without such a DSP a real /dev/snd/comprC*D*, with the
 * kernel's own compress core in front, so that players can be tested down to
 * the ABI. It consumes encoded audio at the pace at which it would sound, and
 * keeps every byte for a test to compare. README.md documents parameters and
 * debugfs files.
 *
 * Here: the module, its parameters, and the card, which can be unplugged and
 * come back while files are open. A gone card's memory is kept until its last
 * user has closed.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/platform_device.h>
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

static struct vdsp *the_dsp;

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

static int config_read(struct vdsp_config *c)
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
		pr_err(VDSP_NAME ": want speed <= %u, fifo_frags <= 16, ahead_ms <= 10000, capture_mb <= 4096, device <= 31\n",
		       VDSP_MAX_SPEED);
		return -EINVAL;
	}
	c->device = device;
	c->min_fragment_size = min_fragment_size;
	c->max_fragment_size = max_fragment_size;
	c->min_fragments = min_fragments;
	c->max_fragments = max_fragments;
	c->timestamps = timestamps < 0 ? !c->q6asm : timestamps;
	c->route_required = route_required < 0 ? c->q6asm : route_required;
	c->fifo_frags = fifo_frags;
	c->ahead_ms = ahead_ms;
	return parse_codecs(&c->codecs);
}

static void card_release(struct kref *ref)
{
	struct vdsp_card *owner = container_of(ref, struct vdsp_card, ref);
	struct vdsp *dsp = owner->dsp;

	kfree(owner);
	if (atomic_dec_and_test(&dsp->cards))
		wake_up(&dsp->cards_wait);
}

void vdsp_card_put(struct vdsp_card *owner)
{
	kref_put(&owner->ref, card_release);
}

static void card_private_free(struct snd_card *card)
{
	vdsp_card_put(card->private_data);
}

static int card_fill(struct vdsp_card *owner, struct snd_card *card)
{
	struct snd_compr *compr = &owner->compr;
	int error;

	strscpy(card->driver, VDSP_NAME, sizeof(card->driver));
	strscpy(card->shortname, "Virtual DSP", sizeof(card->shortname));
	strscpy(card->longname, "Virtual DSP with compressed offload",
		sizeof(card->longname));
	strscpy(card->mixername, "Virtual DSP", sizeof(card->mixername));
	compr->name = VDSP_NAME;
	compr->ops = &vdsp_compr_ops;
	compr->private_data = owner;
	error = snd_compress_new(card, owner->dsp->config.device,
				 SND_COMPRESS_PLAYBACK, "MultiMedia4", compr);
	if (!error)
		error = vdsp_mixer_new(owner->dsp, card);
	if (!error)
		error = snd_card_register(card);
	return error;
}

static struct vdsp_card *card_new(struct vdsp *dsp)
{
	struct vdsp_card *owner = kzalloc(sizeof(*owner), GFP_KERNEL);
	int error;

	if (!owner)
		return ERR_PTR(-ENOMEM);
	owner->dsp = dsp;
	kref_init(&owner->ref);
	atomic_inc(&dsp->cards);
	error = snd_card_new(&dsp->parent->dev, index, id, THIS_MODULE, 0,
			     &owner->card);
	if (error) {
		vdsp_card_put(owner);
		return ERR_PTR(error);
	}
	owner->card->private_data = owner;
	owner->card->private_free = card_private_free;
	error = card_fill(owner, owner->card);
	if (error) {
		snd_card_free(owner->card);
		return ERR_PTR(error);
	}
	return owner;
}

/**
 * vdsp_plug - make the card appear
 * @dsp: the DSP; its plug_lock is held
 *
 * Return: 0, -EEXIST if it is there, or what ALSA said.
 */
int vdsp_plug(struct vdsp *dsp)
{
	struct vdsp_card *owner;

	if (dsp->plugged)
		return -EEXIST;
	owner = card_new(dsp);
	if (IS_ERR(owner))
		return PTR_ERR(owner);
	mutex_lock(&dsp->lock);
	dsp->plugged = owner;
	vdsp_event(dsp, "plug card=%d", owner->card->number);
	mutex_unlock(&dsp->lock);
	return 0;
}

/**
 * vdsp_unplug - take the card away, whoever uses it
 * @dsp: the DSP; its plug_lock is held
 *
 * The node is gone on return. An open stream's operations answer -ENODEV.
 *
 * Return: 0, or -ENODEV if there is no card.
 */
int vdsp_unplug(struct vdsp *dsp)
{
	struct vdsp_card *owner = dsp->plugged;

	if (!owner)
		return -ENODEV;
	mutex_lock(&owner->compr.lock);
	mutex_lock(&dsp->lock);
	owner->gone = true;
	dsp->plugged = NULL;
	if (dsp->stream) {
		vdsp_stream_report(dsp->stream, &dsp->last);
		dsp->last.state = "UNPLUGGED";
		vdsp_stream_orphan(dsp->stream);
		dsp->stream = NULL;
	}
	vdsp_event(dsp, "unplug");
	mutex_unlock(&dsp->lock);
	mutex_unlock(&owner->compr.lock);
	snd_card_free_when_closed(owner->card);
	return 0;
}

static void dsp_destroy(struct vdsp *dsp)
{
	debugfs_remove_recursive(dsp->debugfs);
	mutex_lock(&dsp->plug_lock);
	vdsp_unplug(dsp);
	mutex_unlock(&dsp->plug_lock);
	/* A card unplugged earlier may still be on its way out. */
	wait_event(dsp->cards_wait, !atomic_read(&dsp->cards));
	if (dsp->queue)
		destroy_workqueue(dsp->queue);
	if (!IS_ERR_OR_NULL(dsp->parent))
		platform_device_unregister(dsp->parent);
	vdsp_tape_free(&dsp->tape);
	kfree(dsp);
}

static int dsp_fill(struct vdsp *dsp)
{
	int error = config_read(&dsp->config);

	if (error)
		return error;
	dsp->speed = speed;
	error = vdsp_tape_new(&dsp->tape, capture_mb);
	if (error)
		return error;
	dsp->queue = alloc_workqueue(VDSP_NAME, WQ_HIGHPRI | WQ_UNBOUND, 0);
	if (!dsp->queue)
		return -ENOMEM;
	dsp->parent = platform_device_register_simple(VDSP_NAME,
						      PLATFORM_DEVID_NONE,
						      NULL, 0);
	if (IS_ERR(dsp->parent))
		return PTR_ERR(dsp->parent);
	mutex_lock(&dsp->plug_lock);
	error = vdsp_plug(dsp);
	mutex_unlock(&dsp->plug_lock);
	if (error)
		return error;
	dsp->debugfs = debugfs_create_dir("snd_virtual_dsp", NULL);
	vdsp_report_new(dsp);
	vdsp_control_new(dsp);
	return 0;
}

static int __init vdsp_init(void)
{
	struct vdsp *dsp = kzalloc(sizeof(*dsp), GFP_KERNEL);
	int error;

	if (!dsp)
		return -ENOMEM;
	mutex_init(&dsp->plug_lock);
	mutex_init(&dsp->lock);
	spin_lock_init(&dsp->fail_lock);
	init_waitqueue_head(&dsp->cards_wait);
	error = dsp_fill(dsp);
	if (error) {
		dsp_destroy(dsp);
		return error;
	}
	the_dsp = dsp;
	return 0;
}

static void __exit vdsp_exit(void)
{
	dsp_destroy(the_dsp);
}

module_init(vdsp_init);
module_exit(vdsp_exit);

MODULE_DESCRIPTION("Virtual DSP for ALSA compressed offload");
MODULE_AUTHOR("The pyaudiobus authors");
MODULE_LICENSE("GPL");
