/*
 * The kernel's compress core and a DSP behind it, in user space: open, ioctl, write, poll and close with the states,
 * errnos and counters of sound/core/compress_offload.c, for a binding that takes those five names from a library.
 *
 * A path whose last part is comprC*D* is the emulated device; the file must exist below standin_root(), and one opener
 * at a time may have it. Device numbers from 8 up are capture devices. Everything else is refused.
 *
 * The DSP takes whole fragments, the rest only when draining, and consumes bit_rate / 8 * speed bytes a second.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "standin.h"

#define NSEC 1000000000LL
#define TAP_SIZE (4u << 20)
#define MAX_FAILURES 8

enum state { OPEN, SETUP, PREPARED, RUNNING, XRUN, DRAINING, PAUSED };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* ---- knobs ---- */
static char root[256];
static struct {
	char name[16];
	long long value;
} knobs[] = {
	{"protocol", SNDRV_PROTOCOL_VERSION(0, 2, 0)},
	{"speed", 1000}, /* thousandths; 0: time moves by standin_advance() only */
	{"timestamps", 0},
	{"metadata", 1}, /* whether the driver has a set_metadata operation */
	{"discard", 0},	 /* count the data and forget it */
	{"stall", 0},
	{"unplugged", 0},
	{"pointer", 1}, /* whether the driver has a pointer operation */
};
static struct {
	char call[16];
	int error, times;
} failures[MAX_FAILURES];

static long long knob(const char *name)
{
	for (size_t i = 0; i < sizeof(knobs) / sizeof(*knobs); i++)
		if (!strcmp(knobs[i].name, name))
			return knobs[i].value;
	abort();
}

/* ---- the one device ---- */
static int device_fd = -1;
static enum state state;
static struct snd_compr_params params, last_params;
static char *ring;
static uint64_t ring_size, written, copied, tapped;
static double played, credit;
static long long updated, skipped;
static bool metadata_set, next_track, partial;
static uint32_t metadata[3];
static char tap[TAP_SIZE];
static bool overwritten;

static long long real_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC + now.tv_nsec;
}

static long long now(void)
{
	return skipped + real_now() / 1000 * knob("speed");
}

static double byte_rate(void)
{
	return params.codec.bit_rate ? params.codec.bit_rate / 8.0 : 16000.0;
}

static bool fetch(void)
{
	uint64_t size = written - copied, fragment = params.buffer.fragment_size;

	if (size > fragment)
		size = fragment;
	if (!size || (size < fragment && state != DRAINING))
		return false;
	for (uint64_t i = 0; !knob("discard") && i < size; i++) {
		if (tapped < TAP_SIZE)
			tap[tapped] = ring[(copied + i) % ring_size];
		tapped++;
	}
	copied += size;
	return true;
}

/* Brings the DSP up to the present. */
static void update(void)
{
	long long instant = now();

	if ((state == RUNNING || state == DRAINING) && !knob("stall")) {
		credit += (double)(instant - updated) / NSEC * byte_rate();
		for (;;) {
			double step = copied - played;

			if (step > credit)
				step = credit;
			played += step;
			credit -= step;
			if (played < copied)
				break;
			if (!fetch()) {
				credit = 0; /* starved: lost time is not made up */
				break;
			}
			pthread_cond_broadcast(&changed);
		}
		if (state == DRAINING && played >= written) {
			state = partial ? RUNNING : SETUP;
			partial = false;
			pthread_cond_broadcast(&changed);
		}
	}
	updated = instant;
}

/* Sleeps until something changes, `bytes` more have been played, or the real deadline has come. */
static void sleep_for(double bytes, long long deadline)
{
	long long until = deadline;
	struct timespec limit;

	if (knob("speed") && !knob("stall") && (state == RUNNING || state == DRAINING)) {
		double seconds = bytes / byte_rate() / (knob("speed") / 1000.0) + 0.0005;
		long long event = real_now() + (long long)(seconds * NSEC);

		if (event < until)
			until = event;
	}
	limit.tv_sec = until / NSEC;
	limit.tv_nsec = until % NSEC;
	pthread_cond_clockwait(&changed, &lock, CLOCK_MONOTONIC, &limit);
}

static int injected(const char *call)
{
	for (int i = 0; i < MAX_FAILURES; i++) {
		if (failures[i].times && !strcmp(failures[i].call, call)) {
			failures[i].times--;
			return failures[i].error;
		}
	}
	return knob("unplugged") ? ENODEV : 0;
}

static uint64_t transferred(void)
{
	return knob("protocol") >= STANDIN_PROTOCOL_WIDE ? copied : (uint32_t)copied;
}

/* As the core reckons it, with what that gives once the 32-bit counter has wrapped. */
static uint64_t core_avail(void)
{
	if (written == transferred())
		return ring_size;
	return ring_size - (written - transferred());
}

static const uint32_t codecs[] = {SND_AUDIOCODEC_MP3,  SND_AUDIOCODEC_FLAC, SND_AUDIOCODEC_AAC,
				  SND_AUDIOCODEC_WMA,  SND_AUDIOCODEC_ALAC, SND_AUDIOCODEC_APE,
				  SND_AUDIOCODEC_BESPOKE};

static bool plays(uint32_t codec)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(*codecs); i++)
		if (codecs[i] == codec)
			return true;
	return false;
}

/* ---- calls; each returns 0 or an errno, with the lock held ---- */
static int set_params(const struct snd_compr_params *wanted)
{
	if (state != OPEN && !next_track)
		return EPERM;
	if (!wanted->buffer.fragment_size || !wanted->buffer.fragments || !wanted->codec.id || !wanted->codec.ch_in ||
	    !wanted->codec.ch_out)
		return EINVAL;
	if (wanted->buffer.fragment_size < 8192 || wanted->buffer.fragment_size > 131072 ||
	    wanted->buffer.fragments < 4 || wanted->buffer.fragments > 64)
		return EINVAL;
	if (!plays(wanted->codec.id))
		return EINVAL;
	last_params = *wanted;
	if (state != OPEN)
		return 0;
	params = *wanted;
	ring_size = (uint64_t)params.buffer.fragment_size * params.buffer.fragments;
	ring = calloc(1, ring_size);
	written = copied = tapped = 0;
	played = credit = 0;
	metadata_set = next_track = partial = overwritten = false;
	state = SETUP;
	return 0;
}

static int get_caps(struct snd_compr_caps *caps)
{
	memset(caps, 0, sizeof(*caps));
	caps->num_codecs = sizeof(codecs) / sizeof(*codecs);
	memcpy(caps->codecs, codecs, sizeof(codecs));
	caps->direction = SND_COMPRESS_PLAYBACK;
	caps->min_fragment_size = 8192;
	caps->max_fragment_size = 131072;
	caps->min_fragments = 4;
	caps->max_fragments = 64;
	return 0;
}

static int stop(void)
{
	if (state == OPEN || state == SETUP || state == PREPARED)
		return EPERM;
	state = SETUP;
	partial = metadata_set = false;
	written = copied = 0;
	played = credit = 0;
	pthread_cond_broadcast(&changed);
	return 0;
}

static int wait_for_drain(void)
{
	int fd = device_fd;

	state = DRAINING;
	update();
	while (state == DRAINING && device_fd == fd) {
		int error = injected("draining");

		if (error)
			return error;
		sleep_for(written - played, real_now() + 3600 * NSEC);
		update();
	}
	return 0;
}

static int drain(bool until_next_track)
{
	if (state == XRUN)
		return EPIPE;
	if (state != RUNNING && state != DRAINING)
		return EPERM;
	if (until_next_track && !next_track)
		return EPERM;
	if (until_next_track) {
		partial = true;
		next_track = false;
	}
	return wait_for_drain();
}

static int set_metadata(const struct snd_compr_metadata *wanted)
{
	if (!knob("metadata"))
		return ENXIO;
	if (state == OPEN)
		return EBADFD;
	if (wanted->key < 3)
		metadata[wanted->key] = wanted->value[0];
	metadata_set = true;
	return 0;
}

static void fill_tstamp(struct standin_tstamp64 *stamp)
{
	memset(stamp, 0, sizeof(*stamp));
	stamp->copied_total = knob("pointer") ? copied : 0;
	if (ring_size)
		stamp->byte_offset = copied % ring_size;
	if (knob("timestamps")) {
		stamp->sampling_rate = params.codec.sample_rate;
		stamp->pcm_frames = stamp->pcm_io_frames = played / byte_rate() * params.codec.sample_rate;
	}
}

static void narrow(struct snd_compr_tstamp *narrow, const struct standin_tstamp64 *wide)
{
	narrow->byte_offset = wide->byte_offset;
	narrow->copied_total = wide->copied_total;
	narrow->pcm_frames = wide->pcm_frames;
	narrow->pcm_io_frames = wide->pcm_io_frames;
	narrow->sampling_rate = wide->sampling_rate;
}

static int tell_position(unsigned long request, void *argument)
{
	bool asks_avail = request == SNDRV_COMPRESS_AVAIL || request == STANDIN_AVAIL64;
	struct standin_avail64 told;

	if (asks_avail && (state == OPEN || state == XRUN))
		return state == OPEN ? EBADFD : EPIPE;
	if (!asks_avail && !knob("pointer"))
		return 524;
	told.avail = core_avail();
	fill_tstamp(&told.tstamp);
	if (request == STANDIN_AVAIL64) {
		memcpy(argument, &told, sizeof(told));
	} else if (request == STANDIN_TSTAMP64) {
		memcpy(argument, &told.tstamp, sizeof(told.tstamp));
	} else if (asks_avail) {
		((struct snd_compr_avail *)argument)->avail = told.avail;
		narrow(&((struct snd_compr_avail *)argument)->tstamp, &told.tstamp);
	} else {
		narrow(argument, &told.tstamp);
	}
	return 0;
}

static int move(enum state from, enum state to)
{
	if (state != from)
		return EPERM;
	state = to;
	pthread_cond_broadcast(&changed);
	return 0;
}

static int announce_next_track(void)
{
	if (state != RUNNING || !metadata_set)
		return EPERM;
	metadata_set = false;
	next_track = true;
	return 0;
}

static const char *name_of(unsigned long request)
{
	switch (request) {
	case SNDRV_COMPRESS_IOCTL_VERSION: return "version";
	case SNDRV_COMPRESS_GET_CAPS: return "caps";
	case SNDRV_COMPRESS_SET_PARAMS: return "set_params";
	case SNDRV_COMPRESS_SET_METADATA: return "set_metadata";
	case SNDRV_COMPRESS_TSTAMP:
	case STANDIN_TSTAMP64: return "tstamp";
	case SNDRV_COMPRESS_AVAIL:
	case STANDIN_AVAIL64: return "avail";
	case SNDRV_COMPRESS_START: return "start";
	case SNDRV_COMPRESS_PAUSE: return "pause";
	case SNDRV_COMPRESS_RESUME: return "resume";
	case SNDRV_COMPRESS_STOP: return "stop";
	case SNDRV_COMPRESS_DRAIN: return "drain";
	case SNDRV_COMPRESS_PARTIAL_DRAIN: return "partial_drain";
	case SNDRV_COMPRESS_NEXT_TRACK: return "next_track";
	default: return "unknown";
	}
}

static int dispatch(unsigned long request, void *argument)
{
	switch (request) {
	case SNDRV_COMPRESS_IOCTL_VERSION: *(int *)argument = knob("protocol"); return 0;
	case SNDRV_COMPRESS_GET_CAPS: return get_caps(argument);
	case SNDRV_COMPRESS_SET_PARAMS: return set_params(argument);
	case SNDRV_COMPRESS_SET_METADATA: return set_metadata(argument);
	case SNDRV_COMPRESS_TSTAMP:
	case SNDRV_COMPRESS_AVAIL: return tell_position(request, argument);
	case STANDIN_TSTAMP64:
	case STANDIN_AVAIL64:
		return knob("protocol") >= STANDIN_PROTOCOL_WIDE ? tell_position(request, argument) : ENOTTY;
	case SNDRV_COMPRESS_START: return move(PREPARED, RUNNING);
	case SNDRV_COMPRESS_PAUSE: return move(RUNNING, PAUSED);
	case SNDRV_COMPRESS_RESUME: return move(PAUSED, RUNNING);
	case SNDRV_COMPRESS_STOP: return stop();
	case SNDRV_COMPRESS_DRAIN: return drain(false);
	case SNDRV_COMPRESS_PARTIAL_DRAIN: return drain(true);
	case SNDRV_COMPRESS_NEXT_TRACK: return announce_next_track();
	default: return ENOTTY;
	}
}

static ssize_t queue(const char *data, size_t count)
{
	uint64_t avail = core_avail();

	if (state != SETUP && state != PREPARED && state != RUNNING)
		return -EBADFD;
	if (count > avail)
		count = avail;
	for (size_t i = 0; !knob("discard") && i < count; i++)
		ring[(written + i) % ring_size] = data[i];
	written += count;
	overwritten |= written - copied > ring_size;
	if (state == SETUP)
		state = PREPARED;
	return count;
}

/* ---- the five names ---- */
static int failed(int error)
{
	errno = error;
	return -1;
}

int standin_open(const char *path, int flags)
{
	const char *name = strrchr(path, '/');
	char real[512];
	int error = 0, card, device, fd = -1;

	name = name ? name + 1 : path;
	if (sscanf(name, "comprC%dD%d", &card, &device) != 2)
		return failed(ENOENT);
	snprintf(real, sizeof(real), "%s%s", strncmp(path, "/dev/snd/", 9) ? "" : root, path);
	pthread_mutex_lock(&lock);
	error = injected("open");
	if (!error && (flags & O_ACCMODE) != (device < 8 ? O_WRONLY : O_RDONLY))
		error = EINVAL;
	if (!error && device_fd >= 0)
		error = EBUSY;
	if (!error) {
		fd = syscall(SYS_openat, AT_FDCWD, real, flags, 0);
		error = fd < 0 ? errno : 0;
	}
	if (!error) {
		device_fd = fd;
		state = OPEN;
		updated = now();
	}
	pthread_mutex_unlock(&lock);
	return error ? failed(error) : fd;
}

int standin_ioctl(int fd, unsigned long request, void *argument)
{
	int error;

	pthread_mutex_lock(&lock);
	if (fd != device_fd || fd < 0) {
		error = EBADF;
	} else {
		update();
		error = injected(name_of(request));
		if (!error)
			error = dispatch(request, argument);
		update();
	}
	pthread_mutex_unlock(&lock);
	return error ? failed(error) : 0;
}

ssize_t standin_write(int fd, const void *data, size_t count)
{
	ssize_t taken;

	pthread_mutex_lock(&lock);
	if (fd != device_fd || fd < 0) {
		taken = -EBADF;
	} else {
		update();
		taken = -injected("write");
		if (!taken)
			taken = queue(data, count);
		update();
	}
	pthread_mutex_unlock(&lock);
	return taken < 0 ? failed(-taken) : taken;
}

static short ready(void)
{
	if (knob("unplugged"))
		return POLLERR | POLLHUP;
	update();
	switch (state) {
	case DRAINING: /* the core takes a poll for the end of the drain */
		state = partial ? RUNNING : SETUP;
		pthread_cond_broadcast(&changed);
		return POLLOUT;
	case RUNNING:
	case PREPARED:
	case PAUSED: return core_avail() >= params.buffer.fragment_size ? POLLOUT : 0;
	default: return POLLOUT | POLLERR;
	}
}

int standin_poll(struct pollfd *fds, unsigned long count, int milliseconds)
{
	long long deadline = real_now() + (milliseconds < 0 ? 3600 * NSEC : milliseconds * (NSEC / 1000));
	int error;

	if (count != 1 || fds->fd != device_fd)
		return failed(EINVAL);
	pthread_mutex_lock(&lock);
	error = injected("poll");
	if (error == ENODEV)
		error = 0;
	for (;;) {
		fds->revents = ready() & (fds->events | POLLERR | POLLHUP);
		if (error || fds->revents || real_now() >= deadline)
			break;
		sleep_for(copied - played, deadline);
	}
	pthread_mutex_unlock(&lock);
	return error ? failed(error) : fds->revents != 0;
}

int standin_close(int fd)
{
	pthread_mutex_lock(&lock);
	if (fd == device_fd) {
		device_fd = -1;
		state = OPEN;
		free(ring);
		ring = NULL;
		pthread_cond_broadcast(&changed);
	}
	pthread_mutex_unlock(&lock);
	return syscall(SYS_close, fd);
}

/* The C library's prototypes vary in their last argument; here it is always the third. */
int open(const char *path, int flags, ...)
{
	return standin_open(path, flags);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list rest;
	void *argument;

	va_start(rest, request);
	argument = va_arg(rest, void *);
	va_end(rest);
	return standin_ioctl(fd, request, argument);
}

ssize_t write(int fd, const void *data, size_t count)
{
	return standin_write(fd, data, count);
}

int poll(struct pollfd *fds, nfds_t count, int milliseconds)
{
	return standin_poll(fds, count, milliseconds);
}

int close(int fd)
{
	return standin_close(fd);
}

/* ---- for the tests ---- */
void standin_root(const char *path)
{
	snprintf(root, sizeof(root), "%s", path);
}

void standin_set(const char *name, long long value)
{
	pthread_mutex_lock(&lock);
	update();
	for (size_t i = 0; i < sizeof(knobs) / sizeof(*knobs); i++)
		if (!strcmp(knobs[i].name, name))
			knobs[i].value = value;
	updated = now();
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

void standin_fail(const char *call, int error, int times)
{
	pthread_mutex_lock(&lock);
	for (int i = 0; i < MAX_FAILURES; i++) {
		if (!failures[i].times) {
			snprintf(failures[i].call, sizeof(failures[i].call), "%s", call);
			failures[i].error = error;
			failures[i].times = times;
			break;
		}
	}
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

void standin_xrun(void)
{
	pthread_mutex_lock(&lock);
	update();
	state = XRUN;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

void standin_advance(double seconds)
{
	pthread_mutex_lock(&lock);
	skipped += (long long)(seconds * NSEC);
	update();
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

const struct snd_compr_params *standin_params(void)
{
	return &last_params;
}

const char *standin_tap(uint64_t *size)
{
	*size = tapped;
	return tap;
}

uint32_t standin_metadata(int key)
{
	return metadata[key];
}

int standin_overwritten(void)
{
	return overwritten;
}

int standin_draining(void)
{
	bool is_draining;

	pthread_mutex_lock(&lock);
	is_draining = state == DRAINING;
	pthread_mutex_unlock(&lock);
	return is_draining;
}
