/*
 * libtinycompress's calls and habits on top of the emulated kernel of kernel_standin.c: failure handles that are not
 * NULL and share one text, a text that names an older failure, a running flag that is never cleared, short counts, -1
 * with errno. With -DCALLS_64 the 64-bit calls of release 1.2.16 and their -ERANGE are there, without it release 1.2.13.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "standin.h"

#define TO_DSP 0x10000000u
#define TEXT_SIZE 128

struct compr_config {
	uint32_t fragment_size;
	uint32_t fragments;
	struct snd_codec *codec;
};

struct compr_gapless_mdata {
	uint32_t encoder_delay;
	uint32_t encoder_padding;
};

struct compress {
	int fd;
	int version;
	struct compr_config config;
	bool running, nonblocking, has_metadata, has_next;
	int patience;
	char text[TEXT_SIZE];
	struct compress *shown; /* whose text compress_get_error() gives: a failed open shares one */
};

static struct compress failed_opens = {.fd = -1};
static int handles;

static int fail(struct compress *compress, int error, const char *format, ...)
{
	char cause[TEXT_SIZE];
	va_list rest;

	va_start(rest, format);
	vsnprintf(cause, sizeof(cause), format, rest);
	va_end(rest);
	snprintf(compress->text, TEXT_SIZE, "%.60s: %.60s", cause, strerror(error));
	errno = error;
	return -1;
}

int is_compress_ready(struct compress *compress)
{
	return compress->fd > 0;
}

int is_compress_running(struct compress *compress)
{
	return compress->fd > 0 && compress->running;
}

const char *compress_get_error(struct compress *compress)
{
	return compress->shown->text;
}

static int configure(struct compress *compress, struct compr_config *config, unsigned int flags, const char *path)
{
	struct snd_compr_params params;
	struct snd_compr_caps caps;

	if (!(flags & TO_DSP))
		return fail(&failed_opens, EINVAL, "no direction");
	compress->fd = standin_open(path, O_WRONLY);
	if (compress->fd < 0)
		return fail(&failed_opens, errno, "cannot open device '%s'", path);
	if (standin_ioctl(compress->fd, SNDRV_COMPRESS_IOCTL_VERSION, &compress->version))
		return fail(&failed_opens, errno, "cannot read version");
	if (standin_ioctl(compress->fd, SNDRV_COMPRESS_GET_CAPS, &caps))
		return fail(compress, errno, "cannot get device caps"); /* the text goes where nobody reads it */
	if (!config->fragment_size || !config->fragments) {
		config->fragment_size = caps.min_fragment_size;
		config->fragments = caps.max_fragments;
	}
	compress->config = *config;
	memset(&params, 0xa5, sizeof(params)); /* no_wake_mode is never set */
	params.buffer.fragment_size = config->fragment_size;
	params.buffer.fragments = config->fragments;
	memcpy(&params.codec, config->codec, sizeof(params.codec));
	if (standin_ioctl(compress->fd, SNDRV_COMPRESS_SET_PARAMS, &params))
		return fail(&failed_opens, errno, "cannot set device");
	return 0;
}

struct compress *compress_open(unsigned int card, unsigned int device, unsigned int flags, struct compr_config *config)
{
	struct compress *compress = calloc(1, sizeof(*compress));
	char path[64];

	snprintf(path, sizeof(path), "/dev/snd/comprC%uD%u", card, device);
	compress->fd = -1;
	compress->patience = 20000;
	compress->shown = compress;
	handles++;
	if (configure(compress, config, flags, path)) {
		int error = errno;

		if (compress->fd >= 0)
			standin_close(compress->fd);
		compress->fd = -1;
		compress->shown = &failed_opens;
		errno = error;
	}
	return compress;
}

void compress_close(struct compress *compress)
{
	if (!compress)
		abort();
	if (compress->fd >= 0)
		standin_close(compress->fd);
	handles--;
	free(compress);
}

void compress_nonblock(struct compress *compress, int nonblock)
{
	compress->nonblocking = nonblock;
}

int compress_write(struct compress *compress, const void *data, unsigned int size)
{
	struct pollfd watched = {.fd = compress->fd, .events = POLLOUT};
	struct snd_compr_avail room;
	int total = 0;

	while (size) {
		ssize_t written;

		if (standin_ioctl(compress->fd, SNDRV_COMPRESS_AVAIL, &room))
			return fail(compress, errno, "cannot get avail");
		if (room.avail < compress->config.fragment_size && room.avail < size) {
			if (compress->nonblocking)
				return total;
			if (standin_poll(&watched, 1, compress->patience) <= 0)
				return total;
			if (watched.revents & POLLERR)
				return fail(compress, EIO, "poll returned error!");
			continue;
		}
		written = standin_write(compress->fd, data, size > room.avail ? room.avail : size);
		if (written < 0 && errno == EBADFD)
			return total;
		if (written < 0)
			return fail(compress, errno, "write failed!");
		size -= written;
		data = (const char *)data + written;
		total += written;
	}
	return total;
}

int compress_wait(struct compress *compress, int milliseconds)
{
	struct pollfd watched = {.fd = compress->fd, .events = POLLOUT | POLLIN};
	int found = standin_poll(&watched, 1, milliseconds);

	if (!found)
		return fail(compress, ETIME, "poll timed out");
	if (found < 0)
		return fail(compress, errno, "poll error");
	return watched.revents & POLLERR ? fail(compress, EIO, "poll returned error!") : 0;
}

static int plain(struct compress *compress, bool needs_running, unsigned long request, const char *text)
{
	if (needs_running && !is_compress_running(compress))
		return fail(compress, ENODEV, "device not ready");
	if (standin_ioctl(compress->fd, request, NULL))
		return fail(compress, errno, text);
	return 0;
}

int compress_start(struct compress *compress)
{
	int result = plain(compress, false, SNDRV_COMPRESS_START, "cannot start the stream");

	compress->running |= !result;
	return result;
}

int compress_stop(struct compress *compress)
{
	return plain(compress, true, SNDRV_COMPRESS_STOP, "cannot stop the stream");
}

int compress_pause(struct compress *compress)
{
	return plain(compress, true, SNDRV_COMPRESS_PAUSE, "cannot pause the stream");
}

int compress_resume(struct compress *compress)
{
	return plain(compress, false, SNDRV_COMPRESS_RESUME, "cannot resume the stream");
}

int compress_drain(struct compress *compress)
{
	return plain(compress, true, SNDRV_COMPRESS_DRAIN, "cannot drain the stream");
}

int compress_next_track(struct compress *compress)
{
	if (is_compress_running(compress) && !compress->has_metadata)
		return fail(compress, EPERM, "metadata not set");
	if (plain(compress, true, SNDRV_COMPRESS_NEXT_TRACK, "cannot set next track\n"))
		return -1;
	compress->has_next = true;
	compress->has_metadata = false;
	return 0;
}

int compress_partial_drain(struct compress *compress)
{
	if (is_compress_running(compress) && !compress->has_next)
		return fail(compress, EPERM, "next track not signalled");
	if (plain(compress, true, SNDRV_COMPRESS_PARTIAL_DRAIN, "cannot drain the stream\n"))
		return -1;
	compress->has_next = false;
	return 0;
}

int compress_set_gapless_metadata(struct compress *compress, struct compr_gapless_mdata *gapless)
{
	struct snd_compr_metadata metadata = {.key = SNDRV_COMPRESS_ENCODER_PADDING, .value = {gapless->encoder_padding}};

	if (standin_ioctl(compress->fd, SNDRV_COMPRESS_SET_METADATA, &metadata))
		return fail(compress, errno, "can't set metadata for stream\n");
	metadata.key = SNDRV_COMPRESS_ENCODER_DELAY;
	metadata.value[0] = gapless->encoder_delay;
	if (standin_ioctl(compress->fd, SNDRV_COMPRESS_SET_METADATA, &metadata))
		return fail(compress, errno, "can't set metadata for stream\n");
	compress->has_metadata = true;
	return 0;
}

static int ask_avail(struct compress *compress, struct standin_avail64 *wide)
{
	struct snd_compr_avail avail;

#ifdef CALLS_64
	if (compress->version >= STANDIN_PROTOCOL_WIDE)
		return standin_ioctl(compress->fd, STANDIN_AVAIL64, wide);
#endif
	if (standin_ioctl(compress->fd, SNDRV_COMPRESS_AVAIL, &avail))
		return -1;
	memset(wide, 0, sizeof(*wide));
	wide->avail = avail.avail;
	wide->tstamp.pcm_io_frames = avail.tstamp.pcm_io_frames;
	wide->tstamp.sampling_rate = avail.tstamp.sampling_rate;
	return 0;
}

static int hpointer(struct compress *compress, unsigned long long *avail, struct timespec *time)
{
	struct standin_avail64 told;

	if (ask_avail(compress, &told))
		return fail(compress, errno, "cannot get avail");
	if (!told.tstamp.sampling_rate)
		return fail(compress, ENODATA, "sample rate unknown");
	*avail = told.avail;
	time->tv_sec = told.tstamp.pcm_io_frames / told.tstamp.sampling_rate;
	time->tv_nsec = told.tstamp.pcm_io_frames % told.tstamp.sampling_rate * 1000000000 / told.tstamp.sampling_rate;
	return 0;
}

static int timestamp(struct compress *compress, unsigned long long *samples, unsigned int *rate)
{
	struct snd_compr_tstamp narrow;

#ifdef CALLS_64
	struct standin_tstamp64 wide;

	if (compress->version >= STANDIN_PROTOCOL_WIDE) {
		if (standin_ioctl(compress->fd, STANDIN_TSTAMP64, &wide))
			return fail(compress, errno, "cannot get tstamp64");
		*samples = wide.pcm_io_frames;
		*rate = wide.sampling_rate;
		return 0;
	}
#endif
	if (standin_ioctl(compress->fd, SNDRV_COMPRESS_TSTAMP, &narrow))
		return fail(compress, errno, "cannot get tstamp");
	*samples = narrow.pcm_io_frames;
	*rate = narrow.sampling_rate;
	return 0;
}

static int clamped(unsigned long long value, unsigned int *into)
{
	*into = value > UINT_MAX ? UINT_MAX : value;
#ifdef CALLS_64
	return value > UINT_MAX ? -ERANGE : 0;
#else
	return 0;
#endif
}

int compress_get_hpointer(struct compress *compress, unsigned int *avail, struct timespec *time)
{
	unsigned long long wide = 0;

	return hpointer(compress, &wide, time) ? -1 : clamped(wide, avail);
}

int compress_get_tstamp(struct compress *compress, unsigned int *samples, unsigned int *rate)
{
	unsigned long long wide = 0;

	return timestamp(compress, &wide, rate) ? -1 : clamped(wide, samples);
}

#ifdef CALLS_64
int compress_get_hpointer64(struct compress *compress, unsigned long long *avail, struct timespec *time)
{
	return hpointer(compress, avail, time);
}

int compress_get_tstamp64(struct compress *compress, unsigned long long *samples, unsigned int *rate)
{
	return timestamp(compress, samples, rate);
}
#endif

/* For the tests: handles that were opened, failed ones too, and not closed. */
int standin_handles(void)
{
	return handles;
}
