/* SPDX-License-Identifier: MIT
 *
 * A configuration is a space that HW_REFINE narrows: masks of what is one of a kind, intervals of what is a number
 * (sound/asound.h, Documentation/sound/designs). Each wish is tried on a copy, so that a refused one costs nothing.
 */
#include "pcm_params.h"
#include "mix.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sound/asound.h>

#define LONGEST_ROOM 2 /* seconds: the longest quantum is as long */
#define BATCH_PERIODS 200 /* a second: where the position moves in periods only, they are kept short */

static struct snd_mask *mask_of(struct snd_pcm_hw_params *space, int parameter)
{
	return &space->masks[parameter - SNDRV_PCM_HW_PARAM_FIRST_MASK];
}

static struct snd_interval *interval_of(struct snd_pcm_hw_params *space, int parameter)
{
	return &space->intervals[parameter - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL];
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NATIVE(name) SNDRV_PCM_FORMAT_##name##_LE
#else
#define NATIVE(name) SNDRV_PCM_FORMAT_##name##_BE
#endif

/* All that any device could do. */
static void open_space(struct snd_pcm_hw_params *space)
{
	memset(space, 0, sizeof(*space));
	for (int mask = SNDRV_PCM_HW_PARAM_FIRST_MASK; mask <= SNDRV_PCM_HW_PARAM_LAST_MASK; mask++)
		memset(mask_of(space, mask)->bits, 0xff, sizeof(mask_of(space, mask)->bits));
	for (int interval = SNDRV_PCM_HW_PARAM_FIRST_INTERVAL; interval <= SNDRV_PCM_HW_PARAM_LAST_INTERVAL; interval++)
		interval_of(space, interval)->max = UINT_MAX;
	space->info = ~0u;
}

static int refine(int fd, struct snd_pcm_hw_params *space)
{
	space->rmask = ~0u;
	space->cmask = 0;
	return ioctl(fd, SNDRV_PCM_IOCTL_HW_REFINE, space) ? -errno : 0;
}

/* ---- wishes: kept if the device goes along ---- */

static int choose(int fd, struct snd_pcm_hw_params *chosen, int parameter, unsigned int value)
{
	struct snd_pcm_hw_params tried = *chosen;
	struct snd_mask *mask = mask_of(&tried, parameter);
	uint32_t word = mask->bits[value / 32] & 1u << value % 32;
	int result;

	memset(mask->bits, 0, sizeof(mask->bits));
	mask->bits[value / 32] = word;
	result = refine(fd, &tried);
	if (!result)
		*chosen = tried;
	return result;
}

static int within(int fd, struct snd_pcm_hw_params *chosen, int parameter, unsigned int least, unsigned int most)
{
	struct snd_pcm_hw_params tried = *chosen;
	struct snd_interval *interval = interval_of(&tried, parameter);
	int result;

	if (least > interval->max || most < interval->min)
		return -EINVAL;
	if (least > interval->min)
		*interval = (struct snd_interval){ .min = least, .max = interval->max, .openmax = interval->openmax };
	if (most < interval->max) {
		interval->max = most;
		interval->openmax = 0;
	}
	result = refine(fd, &tried);
	if (!result)
		*chosen = tried;
	return result;
}

/* The least value that is left. An open bound is not a value itself. */
static unsigned int least(struct snd_pcm_hw_params *space, int parameter)
{
	const struct snd_interval *interval = interval_of(space, parameter);

	return interval->min + interval->openmin;
}

static unsigned int most(struct snd_pcm_hw_params *space, int parameter)
{
	const struct snd_interval *interval = interval_of(space, parameter);

	return interval->max - interval->openmax;
}

/* Settle on what is nearest to `value`: a device may know single values only, so both sides are asked. */
static int nearest(int fd, struct snd_pcm_hw_params *chosen, int parameter, unsigned int value)
{
	struct snd_pcm_hw_params above = *chosen, below = *chosen;
	int no_above = within(fd, &above, parameter, value, UINT_MAX);
	int no_below = within(fd, &below, parameter, 0, value);
	unsigned int up, down;

	if (no_above && no_below)
		return no_above;
	up = no_above ? UINT_MAX : least(&above, parameter);
	down = no_below ? 0 : most(&below, parameter);
	if (!no_above && (no_below || up - value <= value - down))
		return within(fd, chosen, parameter, up, up);
	return within(fd, chosen, parameter, down, down);
}

/* ---- what this program wishes ---- */

static unsigned int format_of(uint32_t encoding)
{
	static const snd_pcm_format_t formats[MIX_ENCODINGS] = {
		SNDRV_PCM_FORMAT_U8, NATIVE(S16), SNDRV_PCM_FORMAT_S24_3LE, NATIVE(S24), NATIVE(S32), NATIVE(FLOAT),
	};

	return (unsigned int)formats[encoding];
}

/* The encoding that is wished, else the one that loses least. */
static int choose_encoding(int fd, struct snd_pcm_hw_params *chosen, uint32_t *encoding)
{
	const uint32_t best[] = { *encoding, MIX_S32, MIX_F32, MIX_S24_32, MIX_S24, MIX_S16, MIX_U8 };
	int result = -EINVAL;

	for (size_t i = 0; i < sizeof(best) / sizeof(best[0]); i++) {
		result = choose(fd, chosen, SNDRV_PCM_HW_PARAM_FORMAT, format_of(best[i]));
		if (!result) {
			*encoding = best[i];
			return 0;
		}
	}
	return result;
}

static int agree_on_shape(int fd, struct snd_pcm_hw_params *chosen, struct pcm_wish *wish)
{
	int result = choose(fd, chosen, SNDRV_PCM_HW_PARAM_ACCESS, (unsigned int)SNDRV_PCM_ACCESS_RW_INTERLEAVED);

	if (!result)
		result = within(fd, chosen, SNDRV_PCM_HW_PARAM_CHANNELS, 1, MIX_MAX_CHANNELS);
	if (!result)
		result = nearest(fd, chosen, SNDRV_PCM_HW_PARAM_CHANNELS, wish->channels);
	if (!result)
		result = choose_encoding(fd, chosen, &wish->encoding);
	if (!result)
		result = choose(fd, chosen, SNDRV_PCM_HW_PARAM_SUBFORMAT, (unsigned int)SNDRV_PCM_SUBFORMAT_STD);
	if (!result)
		result = nearest(fd, chosen, SNDRV_PCM_HW_PARAM_RATE, wish->rate);
	wish->rate = least(chosen, SNDRV_PCM_HW_PARAM_RATE);
	wish->channels = least(chosen, SNDRV_PCM_HW_PARAM_CHANNELS);
	return result;
}

/*
 * A timer wakes us, so the buffer is as large as it may be and its periods mean nothing, except where the position is
 * known once a period only.
 */
static int agree_on_buffer(int fd, struct snd_pcm_hw_params *chosen, struct pcm_wish *wish)
{
	unsigned int room = wish->room ? wish->room : LONGEST_ROOM * wish->rate;
	int result = 0;

	wish->is_batch = chosen->info & SNDRV_PCM_INFO_BATCH;
	if (wish->is_batch)
		result = nearest(fd, chosen, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, wish->rate / BATCH_PERIODS);
	if (!result)
		result = nearest(fd, chosen, SNDRV_PCM_HW_PARAM_BUFFER_SIZE, room);
	if (!result && !wish->is_batch)
		result = nearest(fd, chosen, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, UINT_MAX);
	return result;
}

static int set_software(int fd, const struct pcm_wish *wish)
{
	struct snd_pcm_sw_params software = {
		.tstamp_mode = SNDRV_PCM_TSTAMP_ENABLE,
		.period_step = 1,
		.avail_min = wish->room, /* nobody polls it */
		.start_threshold = LONG_MAX, /* it is started by hand */
		.stop_threshold = wish->room,
		.proto = (unsigned int)SNDRV_PCM_VERSION,
		.tstamp_type = SNDRV_PCM_TSTAMP_TYPE_MONOTONIC,
	};

	return ioctl(fd, SNDRV_PCM_IOCTL_SW_PARAMS, &software) ? -errno : 0;
}

int pcm_agree(int fd, struct pcm_wish *wish, enum pcm_step *step)
{
	struct snd_pcm_hw_params chosen;
	int result;

	*step = PCM_SHAPE;
	open_space(&chosen);
	result = refine(fd, &chosen);
	if (!result)
		result = agree_on_shape(fd, &chosen, wish);
	if (result)
		return result;
	*step = PCM_BUFFER;
	result = agree_on_buffer(fd, &chosen, wish);
	if (result)
		return result;
	*step = PCM_HW_PARAMS;
	chosen.flags = SNDRV_PCM_HW_PARAMS_NO_PERIOD_WAKEUP;
	if (ioctl(fd, SNDRV_PCM_IOCTL_HW_PARAMS, &chosen))
		return -errno;
	wish->room = least(&chosen, SNDRV_PCM_HW_PARAM_BUFFER_SIZE);
	wish->period = least(&chosen, SNDRV_PCM_HW_PARAM_PERIOD_SIZE);
	wish->has_no_wakeups = chosen.info & SNDRV_PCM_INFO_NO_PERIOD_WAKEUP;
	*step = PCM_SW_PARAMS;
	return set_software(fd, wish);
}
