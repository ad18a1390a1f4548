/* SPDX-License-Identifier: MIT
 *
 * The thread is in live(); what it does when awake is in cycle(); what the control thread calls is at the end.
 */
#define _GNU_SOURCE
#include "driver.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#define SECOND 1000000000ull
#define SAMPLES ((size_t)DRIVER_CHUNK * MIX_MAX_CHANNELS)

struct driver {
	struct sound_device *device;
	uint32_t quantum; /* frames */
	int command_fd;
	int event_fd;
	int data_fd; /* epoll: wakeups of clients whose streams wait for data */
	bool is_stopping;
	bool is_running; /* the device sounds */
	bool has_events;
	int failure;
	uint64_t rendered; /* frames since the beginning */
	uint64_t deadline; /* when the next cycle is due; CLOCK_MONOTONIC, ns */
	uint32_t highest; /* slots in use are below it */
	uint32_t dither;

	struct driver_counters counters;
	struct queue commands;
	struct queue events;
	struct playback *slots[DRIVER_SLOTS];
	struct driver_listener *listeners[DRIVER_SLOTS + 1];
	struct driver_command command_places[DRIVER_QUEUE];
	struct driver_event event_places[DRIVER_QUEUE];
	struct driver_record records[DRIVER_RECORDS];
	float sum[SAMPLES];
	float alone[SAMPLES];
	float scratch[SAMPLES];
	uint8_t out[SAMPLES * sizeof(float)];
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static uint64_t duration(const struct driver *driver, uint64_t frames)
{
	return frames * SECOND / driver->device->rate;
}

/* Counters have one writer. */
static void add(_Atomic uint64_t *counter, uint64_t amount)
{
	uint64_t value = atomic_load_explicit(counter, memory_order_relaxed) + amount;

	atomic_store_explicit(counter, value, memory_order_relaxed);
}

static void set(_Atomic uint64_t *counter, uint64_t value)
{
	atomic_store_explicit(counter, value, memory_order_relaxed);
}

/* ---- events ---- */

static void report(struct driver *driver, uint32_t kind, uint32_t slot, uint64_t serial, uint64_t index)
{
	uint32_t place;

	if (!queue_put(&driver->events, &place)) {
		add(&driver->counters.lost_events, 1);
		return;
	}
	driver->event_places[place] = (struct driver_event){ kind, slot, serial, index, now() };
	driver->has_events = true;
}

static void send_events(struct driver *driver)
{
	if (!driver->has_events)
		return;
	driver->has_events = false;
	if (queue_publish(&driver->events))
		eventfd_write(driver->event_fd, 1);
}

struct ear {
	struct driver *driver;
	uint32_t slot;
};

static void hear(void *self, const struct playback *stream, enum playback_event event, uint64_t index)
{
	struct ear *ear = self;

	if (event == PLAYBACK_UNDERFLOW)
		add(&ear->driver->counters.late_streams, 1);
	report(ear->driver, event, ear->slot, stream->serial, index);
}

/* ---- commands ---- */

static void add_stream(struct driver *driver, uint32_t slot, struct playback *stream)
{
	driver->slots[slot] = stream;
	if (slot >= driver->highest)
		driver->highest = slot + 1;
}

static void remove_stream(struct driver *driver, uint32_t slot)
{
	struct playback *stream = driver->slots[slot];

	driver->slots[slot] = NULL;
	while (driver->highest && !driver->slots[driver->highest - 1])
		driver->highest--;
	if (stream)
		report(driver, DRIVER_REMOVED, slot, stream->serial, 0);
}

static void remove_listener(struct driver *driver, uint32_t slot, uint64_t serial)
{
	struct driver_listener **place = &driver->listeners[slot];

	while (*place && (*place)->serial != serial)
		place = &(*place)->next;
	if (!*place)
		return;
	*place = (*place)->next;
	report(driver, DRIVER_REMOVED, slot, serial, 0);
}

static void add_listener(struct driver *driver, uint32_t slot, struct driver_listener *listener)
{
	listener->next = driver->listeners[slot];
	driver->listeners[slot] = listener;
}

static void obey_for_stream(struct playback *stream, const struct driver_command *command)
{
	switch (command->kind) {
	case DRIVER_CORK:
		playback_cork(stream, command->number);
		break;
	case DRIVER_TRIGGER:
		playback_trigger(stream);
		break;
	case DRIVER_REARM:
		playback_rearm(stream);
		break;
	case DRIVER_DRAIN:
		playback_drain(stream, command->number);
		break;
	case DRIVER_SET_PREBUF:
		stream->prebuf = command->number;
		break;
	case DRIVER_SET_RAMP:
		stream->ramp.goal = command->ramp.goal;
		stream->ramp.frames_left = command->ramp.frames_left;
		if (!stream->ramp.frames_left)
			stream->ramp.now = stream->ramp.goal;
		break;
	default:
		break;
	}
}

static void obey(struct driver *driver, const struct driver_command *command)
{
	switch (command->kind) {
	case DRIVER_ADD:
		add_stream(driver, command->slot, command->pointer);
		break;
	case DRIVER_REMOVE:
		remove_stream(driver, command->slot);
		break;
	case DRIVER_LISTEN:
		add_listener(driver, command->slot, command->pointer);
		break;
	case DRIVER_UNLISTEN:
		remove_listener(driver, command->slot, command->number);
		break;
	case DRIVER_SET_QUANTUM:
		driver->quantum = (uint32_t)command->number;
		set(&driver->counters.quantum, driver->quantum);
		driver->deadline = 0; /* the device says how long that can wait */
		break;
	case DRIVER_PING:
		report(driver, DRIVER_PONG, 0, 0, command->number);
		break;
	case DRIVER_STOP:
		driver->is_stopping = true;
		break;
	default:
		if (command->slot < DRIVER_SLOTS && driver->slots[command->slot])
			obey_for_stream(driver->slots[command->slot], command);
	}
}

static void obey_all(struct driver *driver)
{
	uint32_t place;

	while (queue_peek(&driver->commands, &place)) {
		obey(driver, &driver->command_places[place]);
		queue_advance(&driver->commands);
	}
}

/* ---- rendering ---- */

static void feed_listeners(struct driver *driver, uint32_t slot, const float *samples, size_t frames)
{
	size_t count = frames * driver->device->channels;

	for (struct driver_listener *listener = driver->listeners[slot]; listener; listener = listener->next) {
		struct ring *ring = &listener->ring;
		uint64_t bytes = count * mix_width(listener->encoding);
		int64_t room = ring_space(ring);

		if (room < (int64_t)bytes) { /* no room, or a hostile client: it loses the newest */
			listener->lost += bytes;
			continue;
		}
		mix_store(ring_at(ring, ring->written), samples, listener->encoding, count, NULL);
		ring_publish(ring, ring->written + bytes, 0);
	}
}

static void mix_stream(struct driver *driver, uint32_t slot, size_t frames)
{
	struct playback *stream = driver->slots[slot];
	unsigned int channels = driver->device->channels;
	size_t samples = frames * channels;
	struct ear who = { driver, slot };
	struct playback_ear ear = { hear, &who };

	if (!driver->listeners[slot]) {
		playback_mix(stream, driver->sum, channels, frames, driver->scratch, driver->rendered, &ear);
		return;
	}
	memset(driver->alone, 0, samples * sizeof(float));
	playback_mix(stream, driver->alone, channels, frames, driver->scratch, driver->rendered, &ear);
	feed_listeners(driver, slot, driver->alone, frames);
	for (size_t i = 0; i < samples; i++)
		driver->sum[i] += driver->alone[i];
}

static int render(struct driver *driver, size_t frames, uint64_t time)
{
	struct sound_device *device = driver->device;
	size_t samples = frames * device->channels;
	int64_t written;

	memset(driver->sum, 0, samples * sizeof(float));
	for (uint32_t slot = 0; slot < driver->highest; slot++)
		if (driver->slots[slot])
			mix_stream(driver, slot, frames);
	feed_listeners(driver, DRIVER_SLOTS, driver->sum, frames);
	mix_store(driver->out, driver->sum, device->encoding, samples, driver->dither ? &driver->dither : NULL);
	written = device->calls->write(device, driver->out, frames, time);
	if (written < 0)
		return (int)written;
	driver->rendered += frames;
	set(&driver->counters.frames, driver->rendered);
	return (size_t)written == frames ? 0 : -EAGAIN;
}

static void show_timing(struct driver *driver, uint64_t time, uint64_t queued)
{
	uint64_t delay = duration(driver, queued);

	for (uint32_t slot = 0; slot < driver->highest; slot++) {
		struct playback *stream = driver->slots[slot];

		if (!stream)
			continue;
		ring_show_timing(&stream->ring, &(struct ring_timing){
			.read_index = stream->ring.taken,
			.taken_at = time,
			.delay = delay,
			.playing_for = stream->playing_for,
			.underrun_for = stream->underrun_for,
			.underruns = stream->underruns,
			.flags = (stream->is_starved ? 0 : RING_PLAYING) | (stream->is_corked ? RING_CORKED : 0),
		});
	}
}

static void settle(struct driver *driver, uint64_t queued)
{
	for (uint32_t slot = 0; slot < driver->highest; slot++) {
		struct ear who = { driver, slot };
		struct playback_ear ear = { hear, &who };

		if (driver->slots[slot])
			playback_settle(driver->slots[slot], driver->rendered - queued, &ear);
	}
}

/* ---- the cycle ---- */

/* Frames not heard yet; a device that ran dry is made ready again and counted. Negative errno: it cannot be. */
static int64_t look_at_device(struct driver *driver, uint64_t time)
{
	struct sound_device *device = driver->device;
	int64_t queued = driver->is_running ? device->calls->queued(device, time) : 0;
	int result;

	if (queued >= 0)
		return queued;
	if (queued != -EPIPE)
		return queued;
	add(&driver->counters.xruns, 1);
	report(driver, DRIVER_XRUN, 0, 0, 0);
	driver->is_running = false;
	result = device->calls->prepare(device);
	return result < 0 ? result : 0;
}

static int start_device(struct driver *driver, uint64_t time)
{
	int result = driver->is_running ? 0 : driver->device->calls->start(driver->device, time);

	driver->is_running = true;
	return result;
}

static void note_cycle(struct driver *driver, uint64_t awake, size_t frames, uint64_t queued)
{
	struct driver_counters *counters = &driver->counters;
	uint64_t finished = now(), busy = finished - awake, quantum = duration(driver, driver->quantum);
	uint64_t cycle = atomic_load_explicit(&counters->cycles, memory_order_relaxed);
	uint64_t late = driver->deadline && awake > driver->deadline ? awake - driver->deadline : 0;

	driver->records[cycle % DRIVER_RECORDS] =
		(struct driver_record){ awake - late, awake, finished, frames, queued };
	set(&counters->wait, late);
	set(&counters->busy, busy);
	add(&counters->total_busy, busy);
	if (busy > atomic_load_explicit(&counters->longest_busy, memory_order_relaxed))
		set(&counters->longest_busy, busy);
	if (busy > quantum)
		add(&counters->overruns, 1);
	add(&counters->missed, late / quantum);
	atomic_store_explicit(&counters->cycles, cycle + 1, memory_order_release);
}

/* Fill the device up to a quantum above its headroom, and decide when that has to be done again. */
static int cycle(struct driver *driver, uint64_t awake)
{
	struct sound_device *device = driver->device;
	uint64_t target = driver->quantum + device->headroom, frames = 0, time = awake;
	int64_t queued = look_at_device(driver, awake);

	if (queued < 0)
		return (int)queued;
	while ((uint64_t)queued + frames < target) {
		uint64_t room = target - (uint64_t)queued - frames;
		uint64_t chunk = room < DRIVER_CHUNK ? room : DRIVER_CHUNK;
		int result = render(driver, chunk, time);

		if (result)
			return result;
		frames += chunk;
	}
	if (start_device(driver, time))
		return -EIO;
	queued += (int64_t)frames;
	show_timing(driver, time, (uint64_t)queued);
	settle(driver, (uint64_t)queued);
	note_cycle(driver, awake, frames, (uint64_t)queued);
	driver->deadline = time + duration(driver, (uint64_t)queued - device->headroom);
	return 0;
}

static bool is_active(struct driver *driver)
{
	bool active = false;

	for (uint32_t slot = 0; slot < driver->highest; slot++)
		if (driver->slots[slot] && playback_is_active(driver->slots[slot]))
			active = true;
	return active;
}

/* Sleep until `deadline` (0: for ever), a command, or, when idle, a client's data. */
static void sleep_until(struct driver *driver, uint64_t deadline, bool is_idle)
{
	struct pollfd fds[2] = { { driver->command_fd, POLLIN, 0 }, { driver->data_fd, POLLIN, 0 } };
	uint64_t time = now(), left = deadline > time ? deadline - time : 0;
	struct timespec span = { (time_t)(left / SECOND), (long)(left % SECOND) };

	send_events(driver);
	if (ppoll(fds, is_idle ? 2 : 1, deadline ? &span : NULL, NULL) > 0 && fds[0].revents) {
		eventfd_t count;

		eventfd_read(driver->command_fd, &count);
	}
	add(&driver->counters.wakeups, 1);
}

/* Note which clients woke us. A flooded one is taken out of the set, else it would keep the thread awake for ever. */
static void take_pokes(struct driver *driver)
{
	struct epoll_event events[16];
	int count = epoll_wait(driver->data_fd, events, 16, 0);
	uint64_t time = now();

	for (int i = 0; i < count; i++) {
		struct ear who = { driver, (uint32_t)events[i].data.u64 };
		struct playback_ear ear = { hear, &who };
		struct playback *stream = driver->slots[who.slot];

		if (!stream)
			continue;
		playback_poke(stream, time, &ear);
		if (stream->is_hostile)
			driver_unwatch(driver, (int)(events[i].data.u64 >> 32));
	}
}

static void go_idle(struct driver *driver)
{
	if (driver->is_running) {
		driver->device->calls->stop(driver->device);
		driver->is_running = false;
		driver->deadline = 0;
		report(driver, DRIVER_IDLE, 0, 0, driver->rendered);
	}
	sleep_until(driver, 0, true);
	take_pokes(driver);
}

/* Let the device sound what it holds before it is stopped: nobody has more, but somebody may soon. */
static bool is_playing_out(struct driver *driver, uint64_t time)
{
	struct sound_device *device = driver->device;
	int64_t queued = driver->is_running ? device->calls->queued(device, time) : 0;

	if (queued <= 0)
		return false;
	settle(driver, (uint64_t)queued);
	sleep_until(driver, time + duration(driver, (uint64_t)queued), true);
	take_pokes(driver);
	return true;
}

static void live(struct driver *driver)
{
	while (!driver->is_stopping && !driver->failure) {
		uint64_t time;

		obey_all(driver);
		time = now();
		if (driver->is_stopping)
			break;
		if (!is_active(driver)) {
			if (!is_playing_out(driver, time)) {
				settle(driver, 0);
				go_idle(driver);
			}
			continue;
		}
		if (time >= driver->deadline) {
			if (!driver->is_running)
				report(driver, DRIVER_RUNNING, 0, 0, driver->rendered);
			driver->failure = cycle(driver, time);
		}
		if (!driver->failure)
			sleep_until(driver, driver->deadline, false);
	}
}

static void become_realtime(struct driver *driver, int priority)
{
	struct sched_param parameters = { .sched_priority = priority };

	prctl(PR_SET_TIMERSLACK, 1);
	set(&driver->counters.is_locked, mlock(driver, sizeof(*driver)) == 0);
	if (priority > 0)
		set(&driver->counters.is_realtime, sched_setscheduler(0, SCHED_FIFO, &parameters) == 0);
}

int driver_run(struct driver *driver, int priority)
{
	become_realtime(driver, priority);
	driver->failure = driver->device->calls->prepare(driver->device);
	live(driver);
	driver->device->calls->stop(driver->device);
	if (driver->failure)
		report(driver, DRIVER_FAILED, 0, 0, (uint64_t)-driver->failure);
	send_events(driver);
	return driver->failure;
}

/* ---- the control thread's side ---- */

struct driver *driver_create(struct sound_device *device, uint32_t quantum)
{
	struct driver *driver = aligned_alloc(64, (sizeof(*driver) + 63) / 64 * 64);

	if (!driver)
		return NULL;
	memset(driver, 0, sizeof(*driver));
	driver->device = device;
	driver->quantum = quantum;
	set(&driver->counters.quantum, quantum);
	driver->commands.size = driver->events.size = DRIVER_QUEUE;
	driver->command_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	driver->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	driver->data_fd = epoll_create1(EPOLL_CLOEXEC);
	if (driver->command_fd >= 0 && driver->event_fd >= 0 && driver->data_fd >= 0)
		return driver;
	driver->device = NULL;
	driver_destroy(driver);
	return NULL;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void driver_destroy(struct driver *driver)
{
	close_fd(driver->command_fd);
	close_fd(driver->event_fd);
	close_fd(driver->data_fd);
	if (driver->device)
		driver->device->calls->close(driver->device);
	free(driver);
}

int driver_watch(struct driver *driver, int fd, uint32_t slot)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u64 = (uint64_t)fd << 32 | slot };

	return epoll_ctl(driver->data_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

void driver_unwatch(struct driver *driver, int fd)
{
	epoll_ctl(driver->data_fd, EPOLL_CTL_DEL, fd, NULL);
}

bool driver_command(struct driver *driver, const struct driver_command *command)
{
	uint32_t place;

	if (!queue_put(&driver->commands, &place))
		return false;
	driver->command_places[place] = *command;
	return true;
}

void driver_commit(struct driver *driver)
{
	if (queue_publish(&driver->commands))
		eventfd_write(driver->command_fd, 1);
}

void driver_take_back(struct driver *driver)
{
	queue_take_back(&driver->commands);
}

bool driver_next_event(struct driver *driver, struct driver_event *event)
{
	uint32_t place;

	if (!queue_peek(&driver->events, &place))
		return false;
	*event = driver->event_places[place];
	queue_advance(&driver->events);
	return true;
}

int driver_event_fd(const struct driver *driver)
{
	return driver->event_fd;
}

const struct driver_counters *driver_counters(const struct driver *driver)
{
	return &driver->counters;
}

size_t driver_records(const struct driver *driver, struct driver_record *records, size_t room)
{
	uint64_t cycles = atomic_load_explicit(&driver->counters.cycles, memory_order_acquire);
	size_t count = cycles < DRIVER_RECORDS ? cycles : DRIVER_RECORDS;

	count = count < room ? count : room;
	for (size_t i = 0; i < count; i++)
		records[i] = driver->records[(cycles - count + i) % DRIVER_RECORDS];
	return count;
}
