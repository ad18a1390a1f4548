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
 * Here: the module and the card, which can be unplugged and come back while
 * files are open. A gone card's memory is kept until its last user has closed.
 * The module's parameters are in config.c.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vdsp.h"

static struct vdsp *the_dsp;

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
	error = snd_card_new(&dsp->parent->dev, dsp->config.index,
			     dsp->config.id, THIS_MODULE, 0, &owner->card);
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
	int error = vdsp_config_read(&dsp->config);

	if (error)
		return error;
	dsp->speed = dsp->config.speed;
	error = vdsp_tape_new(&dsp->tape, dsp->config.capture_mb);
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
