/* SPDX-License-Identifier: MIT
 *
 * A PCM of the kernel, by its own system calls (sound/asound.h): one to learn how much is queued, one to write or
 * read. Its file never blocks.
 */
#include "mix.h"
#include "pcm_params.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <sound/asound.h>

#define SECOND 1000000000ull
#define SPARE 125 /* a second's part: 8 ms more than needed are cheap where the quantum is long */
#define LEAP 100 /* a second's part: the position may leap by a jiffy, where HZ is as low as it can be */
#define LEAST_TO_READ 32 /* frames; PipeWire's least headroom of a source */

struct pcm_device {
	struct sound_device device;
	int fd;
};

static int call(const struct sound_device *device, unsigned long request, void *argument)
{
	const struct pcm_device *pcm = (const struct pcm_device *)device;

	return ioctl(pcm->fd, request, argument) ? -errno : 0;
}

static int pcm_prepare(struct sound_device *device)
{
	return call(device, SNDRV_PCM_IOCTL_PREPARE, NULL);
}

/* The state is that of before the hardware was asked: a PCM that stops because it is dry, or full, is told as running. */
static int trouble_of(const struct snd_pcm_status *status, uint32_t room)
{
	if (status->state == SNDRV_PCM_STATE_XRUN)
		return -EPIPE;
	if (status->state == SNDRV_PCM_STATE_SUSPENDED)
		return -ESTRPIPE;
	if (status->state == SNDRV_PCM_STATE_DISCONNECTED)
		return -ENODEV;
	return status->state == SNDRV_PCM_STATE_RUNNING && status->avail >= room ? -EPIPE : 0;
}

/* STATUS asks the hardware, and tells at once how it is, what is queued, and what lies behind that. */
static int64_t pcm_queued(struct sound_device *device, uint64_t now)
{
	bool is_recording = device->calls->read;
	struct snd_pcm_status status = { .audio_tstamp_data = 0 };
	int result = call(device, SNDRV_PCM_IOCTL_STATUS, &status);
	int64_t queued;

	(void)now;
	if (!result)
		result = trouble_of(&status, device->room);
	if (result)
		return result;
	queued = is_recording ? (int64_t)status.avail : (int64_t)device->room - (int64_t)status.avail;
	device->looked_at = (uint64_t)status.tstamp.tv_sec * SECOND + (uint64_t)status.tstamp.tv_nsec;
	device->beyond = status.delay > queued ? (uint32_t)(status.delay - queued) : 0;
	return queued < 0 ? 0 : queued;
}

/* Nothing moved is no failure: there was no room, or nothing to read. */
static int64_t moved(int result, const struct snd_xferi *transfer)
{
	if (result == -EAGAIN)
		return 0;
	return result ? result : (int64_t)transfer->result;
}

static int64_t pcm_write(struct sound_device *device, const void *data, size_t frames, uint64_t now)
{
	struct snd_xferi transfer = { .buf = (void *)data, .frames = frames };

	(void)now;
	return moved(call(device, SNDRV_PCM_IOCTL_WRITEI_FRAMES, &transfer), &transfer);
}

static int64_t pcm_read(struct sound_device *device, void *data, size_t frames, uint64_t now)
{
	struct snd_xferi transfer = { .buf = data, .frames = frames };

	(void)now;
	return moved(call(device, SNDRV_PCM_IOCTL_READI_FRAMES, &transfer), &transfer);
}

static int pcm_start(struct sound_device *device, uint64_t now)
{
	(void)now;
	return call(device, SNDRV_PCM_IOCTL_START, NULL);
}

/* What was dropped is made ready again, so that the next frames need no more than start(). */
static void pcm_stop(struct sound_device *device)
{
	call(device, SNDRV_PCM_IOCTL_DROP, NULL);
	call(device, SNDRV_PCM_IOCTL_PREPARE, NULL);
}

static void pcm_close(struct sound_device *device)
{
	struct pcm_device *pcm = (struct pcm_device *)device;

	call(device, SNDRV_PCM_IOCTL_DROP, NULL);
	close(pcm->fd);
	free(pcm);
}

static const struct sound_device_calls playback_calls = {
	.prepare = pcm_prepare,
	.queued = pcm_queued,
	.write = pcm_write,
	.start = pcm_start,
	.stop = pcm_stop,
	.close = pcm_close,
};

static const struct sound_device_calls capture_calls = {
	.prepare = pcm_prepare,
	.queued = pcm_queued,
	.read = pcm_read,
	.start = pcm_start,
	.stop = pcm_stop,
	.close = pcm_close,
};

/* ---- opening ---- */

/* PipeWire's rule (api.alsa.headroom): a period more where the position moves by periods. */
static uint32_t headroom(const struct pcm_wish *wish, bool is_recording)
{
	return (is_recording ? LEAST_TO_READ : wish->rate / 1000) + (wish->is_batch ? wish->period : 0);
}

/* A period of what moves by periods is headroom already. What records is read whenever it has something. */
static uint32_t leap(const struct pcm_wish *wish, bool is_recording)
{
	return is_recording || wish->is_batch ? 0 : wish->rate / LEAP;
}

static struct sound_device *make(int fd, const struct pcm_wish *wish, bool is_recording)
{
	struct pcm_device *pcm = calloc(1, sizeof(*pcm));

	if (!pcm)
		return NULL;
	pcm->fd = fd;
	pcm->device = (struct sound_device){
		.calls = is_recording ? &capture_calls : &playback_calls,
		.rate = wish->rate,
		.channels = wish->channels,
		.encoding = wish->encoding,
		.room = wish->room,
		.headroom = headroom(wish, is_recording),
		.spare = is_recording ? 0 : wish->rate / SPARE,
	};
	leaps_begin(&pcm->device.leaps, leap(wish, is_recording));
	return &pcm->device;
}

/* Whether it is a PCM whose protocol is understood, and goes the right way. */
static int check(int fd, bool is_recording, enum pcm_step *step)
{
	struct snd_pcm_info info = { .device = 0 };
	int version;

	*step = PCM_VERSION;
	if (ioctl(fd, SNDRV_PCM_IOCTL_PVERSION, &version))
		return -errno;
	if (SNDRV_PROTOCOL_MAJOR(version) != SNDRV_PROTOCOL_MAJOR(SNDRV_PCM_VERSION))
		return -EPROTONOSUPPORT;
	*step = PCM_DIRECTION;
	if (ioctl(fd, SNDRV_PCM_IOCTL_INFO, &info))
		return -errno;
	return info.stream == (is_recording ? SNDRV_PCM_STREAM_CAPTURE : SNDRV_PCM_STREAM_PLAYBACK) ? 0 : -EINVAL;
}

struct sound_device *pcm_device_open(const char *path, bool is_recording, struct pcm_wish *wish, enum pcm_step *step,
				     int *reason)
{
	struct sound_device *device = NULL;
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int result;

	*step = PCM_OPEN;
	*reason = errno;
	if (fd < 0)
		return NULL;
	result = check(fd, is_recording, step);
	if (!result)
		result = pcm_agree(fd, wish, step);
	if (!result) {
		device = make(fd, wish, is_recording);
		result = device ? 0 : -ENOMEM;
	}
	*reason = -result;
	if (!device)
		close(fd);
	return device;
}
