// SPDX-License-Identifier: GPL-2.0-only
/*
 * The routing switches, named as q6routing names them on a DB845c: they join
 * MultiMedia4, the compress stream, to a back end. With route_required one of
 * them has to be on before SET_PARAMS.
 */
#include <linux/module.h>
#include <sound/control.h>

#include "vdsp.h"

static const char * const route_names[VDSP_ROUTES] = {
	"QUAT_MI2S_RX Audio Mixer MultiMedia4",
	"SLIMBUS_0_RX Audio Mixer MultiMedia4",
};

const char *vdsp_mixer_name(unsigned int route)
{
	return route_names[route];
}

bool vdsp_mixer_routed(const struct vdsp *dsp)
{
	unsigned int i;

	for (i = 0; i < VDSP_ROUTES; i++)
		if (dsp->routes[i])
			return true;
	return false;
}

static int route_get(struct snd_kcontrol *control,
		     struct snd_ctl_elem_value *value)
{
	struct vdsp *dsp = snd_kcontrol_chip(control);

	mutex_lock(&dsp->lock);
	value->value.integer.value[0] = dsp->routes[control->private_value];
	mutex_unlock(&dsp->lock);
	return 0;
}

static int route_put(struct snd_kcontrol *control,
		     struct snd_ctl_elem_value *value)
{
	struct vdsp *dsp = snd_kcontrol_chip(control);
	unsigned int route = control->private_value;
	bool on = value->value.integer.value[0];
	bool changed;

	mutex_lock(&dsp->lock);
	changed = dsp->routes[route] != on;
	dsp->routes[route] = on;
	if (changed)
		vdsp_event(dsp, "route control=\"%s\" on=%d",
			   route_names[route], on);
	mutex_unlock(&dsp->lock);
	return changed;
}

int vdsp_mixer_new(struct vdsp *dsp, struct snd_card *card)
{
	struct snd_kcontrol_new template = {
		.iface = SNDRV_CTL_ELEM_IFACE_MIXER,
		.info = snd_ctl_boolean_mono_info,
		.get = route_get,
		.put = route_put,
	};
	unsigned int i;
	int error = 0;

	for (i = 0; i < VDSP_ROUTES && !error; i++) {
		template.name = route_names[i];
		template.private_value = i;
		error = snd_ctl_add(card, snd_ctl_new1(&template, dsp));
	}
	return error;
}
