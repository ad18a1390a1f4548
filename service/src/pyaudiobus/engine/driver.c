/* SPDX-License-Identifier: MIT
 *
 * A driver's thread: when it sleeps, when it wakes, what it does then. And what the control thread calls, at the end.
 */
#define _GNU_SOURCE
#include "cycle.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>

/* Places in the queue of events for what must arrive: the rest tells of a moment that is gone when nobody looks. */
#define KEPT_PLACES (DRIVER_QUEUE / 2)

/* ---- events ---- */

static bool may_be_lost(uint32_t kind)
{
	return kind == PLAYBACK_STARTED || kind == PLAYBACK_UNDERFLOW || kind == DRIVER_XRUN;
}

void cycle_report(struct driver *driver, uint32_t kind, uint32_t slot, uint64_t serial, uint64_t index)
{
	uint32_t place;

	if ((may_be_lost(kind) && queue_room(&driver->events) <= KEPT_PLACES) || !queue_put(&driver->events, &place)) {
		counter_add(&driver->counters.lost_events, 1);
		return;
	}
	driver->event_places[place] = (struct driver_event){ kind, slot, serial, index, cycle_now() };
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

void cycle_hear(void *self, const struct playback *stream, enum playback_event event, uint64_t index)
{
	struct cycle_ear *ear = self;

	if (event == PLAYBACK_UNDERFLOW)
		counter_add(&ear->driver->counters.late_streams, 1);
	cycle_report(ear->driver, event, ear->slot, stream->serial, index);
}

/* ---- what both kinds of cycle need ---- */

int cycle_recover(struct driver *driver, int reason, uint64_t time)
{
	int result = reason == -EPIPE || reason == -ESTRPIPE ? 0 : reason;

	if (result)
		return result;
	if (!driver->is_playing_out) {
		uint64_t late = driver->deadline && time > driver->deadline ? time - driver->deadline : 0;

		counter_add(&driver->counters.xruns, 1);
		cycle_report(driver, DRIVER_XRUN, 0, 0, cycle_frames(driver, late));
	}
	driver->is_running = false;
	driver->queued = 0;
	return driver->device->calls->prepare(driver->device);
}

static void note_record(struct driver *driver, uint64_t due, uint64_t awake, uint64_t finished, size_t frames)
{
	uint64_t cycle = counter_get(&driver->counters.cycles);
	struct cycle_record *record = &driver->records[cycle % DRIVER_RECORDS];

	counter_set(&record->due, due);
	counter_set(&record->awake, awake);
	counter_set(&record->finished, finished);
	counter_set(&record->frames, frames);
	counter_set(&record->queued, driver->queued);
	atomic_store_explicit(&driver->counters.cycles, cycle + 1, memory_order_release);
}

void cycle_note(struct driver *driver, uint64_t awake, size_t frames)
{
	struct driver_counters *counters = &driver->counters;
	uint64_t finished = cycle_now(), busy = finished - awake, quantum = cycle_duration(driver, driver->quantum);
	uint64_t late = driver->deadline && awake > driver->deadline ? awake - driver->deadline : 0;

	counter_set(&counters->wait, late);
	counter_set(&counters->busy, busy);
	counter_add(&counters->total_busy, busy);
	if (busy > counter_get(&counters->longest_busy))
		counter_set(&counters->longest_busy, busy);
	if (busy > quantum)
		counter_add(&counters->overruns, 1);
	counter_add(&counters->missed, late / quantum);
	note_record(driver, awake - late, awake, finished, frames);
}

/* ---- the thread ---- */

/* Sleep until `deadline` (RING_NONE: for ever), a command, or, when idle, a client's data. */
static void sleep_until(struct driver *driver, uint64_t deadline, bool is_idle)
{
	struct pollfd fds[2] = { { driver->command_fd, POLLIN, 0 }, { driver->data_fd, POLLIN, 0 } };
	uint64_t time = cycle_now(), left = deadline > time ? deadline - time : 0;
	struct timespec span = { (time_t)(left / SECOND), (long)(left % SECOND) };

	send_events(driver);
	if (ppoll(fds, is_idle ? 2 : 1, deadline == RING_NONE ? NULL : &span, NULL) > 0 && fds[0].revents) {
		eventfd_t count;

		eventfd_read(driver->command_fd, &count);
	}
	counter_add(&driver->counters.wakeups, 1);
}

/* Note which clients woke us. A flooded one is taken out of the set, else it would keep the thread awake for ever. */
static void take_pokes(struct driver *driver)
{
	struct epoll_event events[16];
	int count = epoll_wait(driver->data_fd, events, 16, 0);
	uint64_t time = cycle_now();

	for (int i = 0; i < count; i++) {
		struct cycle_ear who = { driver, (uint32_t)events[i].data.u64 };
		struct playback_ear ear = { cycle_hear, &who };
		struct playback *stream = driver->slots[who.slot];

		if (!stream)
			continue;
		playback_poke(stream, time, &ear);
		if (stream->is_hostile)
			driver_unwatch(driver, (int)(events[i].data.u64 >> 32));
	}
}

static bool plays(const struct driver *driver)
{
	return driver->device->calls->write;
}

static void settle(struct driver *driver, uint64_t time, uint64_t queued)
{
	if (!plays(driver))
		return;
	render_settle(driver, time, queued);
	render_show_timing(driver, time, queued);
}

static void go_idle(struct driver *driver, uint64_t time)
{
	bool was_running = driver->is_running;

	driver->is_running = driver->is_playing_out = false;
	driver->deadline = 0;
	if (was_running)
		driver->device->calls->stop(driver->device);
	settle(driver, time, 0); /* a thread that wakes late tells first what was heard to its end */
	if (was_running)
		cycle_report(driver, DRIVER_IDLE, 0, 0, driver->rendered);
	sleep_until(driver, RING_NONE, true);
	take_pokes(driver);
}

/* Let the device sound what it holds before it is stopped: nobody has more, but somebody may soon. */
static bool is_playing_out(struct driver *driver, uint64_t time)
{
	struct sound_device *device = driver->device;
	int64_t queued = driver->is_running && plays(driver) ? device->calls->queued(device, time) : 0;
	uint64_t empty = time + cycle_duration(driver, (uint64_t)queued + 1);

	if (queued <= 0)
		return false;
	driver->is_playing_out = true;
	settle(driver, time, (uint64_t)queued + device->beyond);
	sleep_until(driver, driver->settle_at < empty ? driver->settle_at : empty, true);
	take_pokes(driver);
	return true;
}

static bool is_wanted(struct driver *driver)
{
	bool has_sound = plays(driver) && render_is_wanted(driver);

	return has_sound || listeners_want(driver); /* who listens to a sink hears its silence too */
}

static int run_cycle(struct driver *driver, uint64_t time)
{
	if (!driver->is_running)
		cycle_report(driver, DRIVER_RUNNING, 0, 0, driver->rendered);
	return plays(driver) ? render_cycle(driver, time) : capture_cycle(driver, time);
}

/* Between two cycles: a drain is over, or only a command came. */
static void settle_early(struct driver *driver, uint64_t time)
{
	int64_t queued;

	if (time < driver->settle_at)
		return;
	queued = driver->device->calls->queued(driver->device, time);
	settle(driver, time, queued > 0 ? (uint64_t)queued + driver->device->beyond : 0);
}

static void wake(struct driver *driver)
{
	uint64_t time = cycle_now();

	if (!is_wanted(driver)) {
		if (!is_playing_out(driver, time))
			go_idle(driver, time);
		return;
	}
	if (time >= driver->deadline)
		driver->failure = run_cycle(driver, time);
	else
		settle_early(driver, time);
	if (!driver->failure)
		sleep_until(driver, driver->settle_at < driver->deadline ? driver->settle_at : driver->deadline, false);
}

/* A device that failed is not touched again; its streams wait to be removed. */
static void rest(struct driver *driver)
{
	if (!driver->has_told)
		cycle_report(driver, DRIVER_FAILED, 0, 0, (uint64_t)-driver->failure);
	driver->has_told = true;
	sleep_until(driver, RING_NONE, false);
}

static void live(struct driver *driver)
{
	while (!atomic_load_explicit(&driver->is_stopping, memory_order_acquire)) {
		commands_obey(driver);
		if (!driver->failure)
			wake(driver);
		if (driver->failure)
			rest(driver);
	}
}

/* Numbers too small to be heard take a processor a hundred times as long: they are zero in this thread. */
static void flush_denormals(void)
{
#if defined(__SSE__)
	__builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#elif defined(__aarch64__)
	uint64_t control;

	__asm__ volatile("mrs %0, fpcr" : "=r"(control));
	__asm__ volatile("msr fpcr, %0" : : "r"(control | 1ull << 24));
#endif
}

static void become_realtime(struct driver *driver, int priority)
{
	struct sched_param parameters = { .sched_priority = priority };

	flush_denormals();
	prctl(PR_SET_TIMERSLACK, 1);
	counter_set(&driver->counters.is_locked, mlock(driver, sizeof(*driver)) == 0);
	if (priority > 0)
		counter_set(&driver->counters.is_realtime, sched_setscheduler(0, SCHED_FIFO, &parameters) == 0);
}

int driver_run(struct driver *driver, int priority)
{
	become_realtime(driver, priority);
	driver->failure = driver->device->calls->prepare(driver->device);
	live(driver);
	if (!driver->failure)
		driver->device->calls->stop(driver->device);
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
	driver->settle_at = RING_NONE;
	driver->commands.size = driver->events.size = DRIVER_QUEUE;
	commands_set_quantum(driver, quantum);
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

void driver_stop(struct driver *driver)
{
	atomic_store_explicit(&driver->is_stopping, true, memory_order_release);
	eventfd_write(driver->command_fd, 1);
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

	if (command->slot > DRIVER_SLOTS || !queue_put(&driver->commands, &place))
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

static struct driver_record copy_of(const struct cycle_record *record)
{
	return (struct driver_record){ counter_get(&record->due), counter_get(&record->awake),
				       counter_get(&record->finished), counter_get(&record->frames),
				       counter_get(&record->queued) };
}

/* What was written over while it was copied is left out. */
size_t driver_records(const struct driver *driver, struct driver_record *records, size_t room)
{
	uint64_t cycles = atomic_load_explicit(&driver->counters.cycles, memory_order_acquire), first;
	size_t count = cycles < DRIVER_RECORDS ? cycles : DRIVER_RECORDS, spoiled;

	count = count < room ? count : room;
	first = cycles - count;
	for (size_t i = 0; i < count; i++)
		records[i] = copy_of(&driver->records[(first + i) % DRIVER_RECORDS]);
	atomic_thread_fence(memory_order_acquire);
	cycles = counter_get(&driver->counters.cycles);
	spoiled = cycles + 1 > first + DRIVER_RECORDS ? cycles + 1 - first - DRIVER_RECORDS : 0;
	spoiled = spoiled < count ? spoiled : count;
	memmove(records, records + spoiled, (count - spoiled) * sizeof(*records));
	return count - spoiled;
}
