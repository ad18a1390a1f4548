// SPDX-License-Identifier: MIT
/*
 * A card's controls without a card: a control plugin for alsa-lib, so that names
 * and values go the whole way through the real simple mixer. Controls are those
 * of a Dragonboard 845c and a few awkward ones; values live in a file.
 */
#include <alsa/asoundlib.h>
#include <alsa/control_external.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define BOOLEAN SND_CTL_ELEM_TYPE_BOOLEAN
#define INTEGER SND_CTL_ELEM_TYPE_INTEGER
#define ENUMERATED SND_CTL_ELEM_TYPE_ENUMERATED
#define CHANNELS 2
#define MAX_WORDS 4

static const struct element {
	const char *name;
	int type;
	unsigned int index, channels;
	long max;
	int refuses; /* a write's error */
	const char *words[MAX_WORDS];
} elements[] = {
	{ "QUAT_MI2S_RX Audio Mixer MultiMedia4", BOOLEAN, 0, 1, 1, 0, { 0 } },
	{ "SLIMBUS_0_RX Audio Mixer MultiMedia4", BOOLEAN, 0, 1, 1, 0, { 0 } },
	{ "COMP7 Switch", BOOLEAN, 0, 1, 1, 0, { 0 } },
	{ "RX7 Digital Volume", INTEGER, 0, 1, 124, 0, { 0 } },
	{ "SpkrLeft PA Volume", INTEGER, 0, 1, 12, 0, { 0 } },
	{ "SLIM RX0 MUX", ENUMERATED, 0, 1, 4, 0, { "ZERO", "AIF1_PB", "AIF2_PB", "AIF3_PB" } },
	{ "RX INT7_1 MIX1 INP0", ENUMERATED, 0, 1, 3, 0, { "ZERO", "DEC0", "RX0" } },
	{ "Loopback", ENUMERATED, 0, 1, 2, 0, { "Off", "On" } },
	{ "Headphone Playback Volume", INTEGER, 0, 2, 20, 0, { 0 } },
	{ "Headphone Playback Switch", BOOLEAN, 0, 2, 1, 0, { 0 } },
	{ "Mic Capture Volume", INTEGER, 0, 2, 31, 0, { 0 } },
	{ "Mic Capture Switch", BOOLEAN, 0, 2, 1, 0, { 0 } },
	{ "Mic Playback Switch", BOOLEAN, 0, 1, 1, 0, { 0 } },
	{ "Mic Playback Switch", BOOLEAN, 1, 1, 1, 0, { 0 } },
	{ "Guarded Switch", BOOLEAN, 0, 1, 1, -EPERM, { 0 } },
	{ "Deaf Switch", BOOLEAN, 0, 1, 1, 1, { 0 } },
};

#define COUNT (sizeof(elements) / sizeof(*elements))

struct standin {
	snd_ctl_ext_t ext;
	long (*values)[CHANNELS];
};

static long *values_of(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key)
{
	return ((struct standin *)ext->private_data)->values[key];
}

static void close_card(snd_ctl_ext_t *ext)
{
	struct standin *card = ext->private_data;

	munmap(card->values, sizeof(long[COUNT][CHANNELS]));
	free(card);
}

static int count(snd_ctl_ext_t *ext)
{
	(void)ext;
	return COUNT;
}

static int list(snd_ctl_ext_t *ext, unsigned int offset, snd_ctl_elem_id_t *id)
{
	(void)ext;
	snd_ctl_elem_id_set_interface(id, SND_CTL_ELEM_IFACE_MIXER);
	snd_ctl_elem_id_set_name(id, elements[offset].name);
	snd_ctl_elem_id_set_index(id, elements[offset].index);
	return 0;
}

static snd_ctl_ext_key_t find(snd_ctl_ext_t *ext, const snd_ctl_elem_id_t *id)
{
	unsigned int i;

	(void)ext;
	for (i = 0; i < COUNT; i++)
		if (!strcmp(elements[i].name, snd_ctl_elem_id_get_name(id)) &&
		    elements[i].index == snd_ctl_elem_id_get_index(id))
			return i;
	return SND_CTL_EXT_KEY_NOT_FOUND;
}

static int attribute(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, int *type,
		     unsigned int *access, unsigned int *channels)
{
	(void)ext;
	*type = elements[key].type;
	*access = SND_CTL_EXT_ACCESS_READWRITE;
	*channels = elements[key].channels;
	return 0;
}

static int integer_info(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *min,
			long *max, long *step)
{
	(void)ext;
	*min = 0;
	*max = elements[key].max;
	*step = 0;
	return 0;
}

static int enumerated_info(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key,
			   unsigned int *items)
{
	(void)ext;
	*items = elements[key].max;
	return 0;
}

static int enumerated_name(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key,
			   unsigned int item, char *name, size_t size)
{
	(void)ext;
	snprintf(name, size, "%s", elements[key].words[item]);
	return 0;
}

static int read_integer(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *value)
{
	memcpy(value, values_of(ext, key), elements[key].channels * sizeof(long));
	return 0;
}

static int read_enumerated(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key,
			   unsigned int *items)
{
	*items = values_of(ext, key)[0];
	return 0;
}

/* Answers 0 even if something changed, as a kernel's control does. */
static int write_integer(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *value)
{
	if (elements[key].refuses < 0)
		return elements[key].refuses;
	if (!elements[key].refuses)
		memcpy(values_of(ext, key), value,
		       elements[key].channels * sizeof(long));
	return 0;
}

static int write_enumerated(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key,
			    unsigned int *items)
{
	values_of(ext, key)[0] = *items;
	return 0;
}

static int no_event(snd_ctl_ext_t *ext, snd_ctl_elem_id_t *id, unsigned int *mask)
{
	(void)ext;
	(void)id;
	(void)mask;
	return -EAGAIN;
}

static const snd_ctl_ext_callback_t callbacks = {
	.close = close_card,
	.elem_count = count,
	.elem_list = list,
	.find_elem = find,
	.get_attribute = attribute,
	.get_integer_info = integer_info,
	.get_enumerated_info = enumerated_info,
	.get_enumerated_name = enumerated_name,
	.read_integer = read_integer,
	.read_enumerated = read_enumerated,
	.write_integer = write_integer,
	.write_enumerated = write_enumerated,
	.read_event = no_event,
};

static int take_values(struct standin *card, const char *path)
{
	size_t size = sizeof(long[COUNT][CHANNELS]);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, size) < 0)
		return -errno;
	card->values = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return card->values == MAP_FAILED ? -errno : 0;
}

SND_CTL_PLUGIN_DEFINE_FUNC(board)
{
	struct standin *card = calloc(1, sizeof(*card));
	snd_config_iterator_t i, next;
	const char *key, *path = "";
	int error;

	(void)root;
	snd_config_for_each(i, next, conf) {
		snd_config_t *entry = snd_config_iterator_entry(i);

		if (!snd_config_get_id(entry, &key) && !strcmp(key, "state"))
			snd_config_get_string(entry, &path);
	}
	error = take_values(card, path);
	if (error < 0)
		return error;
	card->ext.version = SND_CTL_EXT_VERSION;
	strcpy(card->ext.id, "DB845c");
	strcpy(card->ext.driver, "sdm845");
	strcpy(card->ext.name, "DB845c");
	card->ext.poll_fd = -1;
	card->ext.callback = &callbacks;
	card->ext.private_data = card;
	error = snd_ctl_ext_create(&card->ext, name, mode);
	if (!error)
		*handlep = card->ext.handle;
	return error;
}

SND_CTL_PLUGIN_SYMBOL(board);
