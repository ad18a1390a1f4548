/* SPDX-License-Identifier: MIT
 *
 * The cycle: one thread for one device. Of a device that plays it wakes when that is about to need frames, mixes what
 * the streams have, writes it, and sleeps; of one that records, when a quantum is there, and hands it to the listeners.
 * Python enters driver_run() once and is not met again until it returns.
 *
 * Everything crosses between the control thread and the cycle in two bounded queues. The cycle allocates nothing,
 * takes no lock, and makes no system call but: one sleep a cycle, the device's own, and a wakeup for each client that
 * sleeps and has room again, or for the control thread when something happened.
 */
#ifndef DRIVER_H
#define DRIVER_H

#include "playback.h"
#include "queue.h"
#include "sound_device.h"

#define DRIVER_SLOTS 256u
#define DRIVER_CHUNK 2048u /* frames that are mixed at a time */
#define DRIVER_QUEUE 1024u
#define DRIVER_RECORDS 256u

enum driver_command_kind {
	DRIVER_ADD, /* pointer: a struct playback, the cycle's until DRIVER_REMOVED */
	DRIVER_REMOVE,
	DRIVER_CORK, /* number: 1 or 0 */
	DRIVER_TRIGGER,
	DRIVER_REARM,
	DRIVER_DRAIN, /* number: a tag that comes back */
	DRIVER_SET_PREBUF, /* number: bytes */
	DRIVER_SET_MATRIX, /* number: frames until the stream's matrix is `matrix` */
	DRIVER_LISTEN, /* slot, or DRIVER_SLOTS for all that is heard; pointer: a struct driver_listener */
	DRIVER_UNLISTEN, /* slot; number: the listener's serial */
	DRIVER_CORK_LISTENER, /* as DRIVER_UNLISTEN; it stays and hears nothing */
	DRIVER_UNCORK_LISTENER,
	DRIVER_SET_QUANTUM, /* number: frames; bounded by what the device can hold */
	DRIVER_SET_DITHER, /* number: a seed, 0: none */
	DRIVER_PING, /* number: a tag that comes back; all before it was done */
};

struct driver_command {
	uint32_t kind;
	uint32_t slot;
	uint64_t number;
	void *pointer;
	struct mix_matrix matrix;
};

/* Besides enum playback_event. */
enum driver_event_kind {
	DRIVER_REMOVED = 16, /* the stream or listener of a slot is the control thread's again */
	DRIVER_PONG,
	DRIVER_XRUN, /* index: about how many frames long the gap is */
	DRIVER_FAILED, /* index: errno; the device is not used any more, commands still are obeyed */
	DRIVER_IDLE, /* nothing to do; the thread sleeps until a client or a command wakes it */
	DRIVER_RUNNING,
};

struct driver_event {
	uint32_t kind;
	uint32_t slot;
	uint64_t serial;
	uint64_t index;
	uint64_t time; /* CLOCK_MONOTONIC, ns */
};

/* A record stream that hears what a source records, what a sink plays, or what one of a sink's streams does. */
struct driver_listener {
	struct ring ring;
	uint64_t serial;
	uint64_t heard; /* serial of the stream that it listens to: not of the next one in that slot */
	uint64_t lost; /* bytes that found no room: a full ring drops the newest */
	uint32_t encoding;
	uint32_t dither; /* state of the noise that it hears; 0: none */
	bool is_corked;
	bool is_passive; /* it hears what sounds, and does not keep the device awake for silence */
	struct driver_listener *next;
};

/* Counted by the cycle, read by anybody at any time. */
struct driver_counters {
	_Atomic uint64_t wakeups;
	_Atomic uint64_t cycles;
	_Atomic uint64_t frames; /* rendered, or recorded, since the beginning */
	_Atomic uint64_t quantum; /* frames */
	_Atomic uint64_t wait; /* ns from when it should have woken until it did, last cycle */
	_Atomic uint64_t busy; /* ns of the last cycle */
	_Atomic uint64_t longest_busy;
	_Atomic uint64_t total_busy;
	_Atomic uint64_t xruns; /* the device ran dry, or over */
	_Atomic uint64_t overruns; /* a cycle took longer than a quantum */
	_Atomic uint64_t missed; /* quanta that passed asleep */
	_Atomic uint64_t late_streams; /* a stream had nothing to play when it should have */
	_Atomic uint64_t lost_events; /* not fetched in time: only such as tell of one moment are ever lost */
	_Atomic uint64_t lost_record; /* bytes of listeners whose rings were full */
	_Atomic uint64_t is_realtime;
	_Atomic uint64_t is_locked;
};

/* One cycle, for pictures of where time goes. Times are CLOCK_MONOTONIC, ns. */
struct driver_record {
	uint64_t due;
	uint64_t awake;
	uint64_t finished;
	uint64_t frames;
	uint64_t queued;
};

struct driver;

/* NULL without memory or descriptors. The device, which plays or records, belongs to the driver from now on. */
struct driver *driver_create(struct sound_device *device, uint32_t quantum);
void driver_destroy(struct driver *driver);

/*
 * The thread's life, up to driver_stop(): 0, or the negative errno of a device that failed. `priority` of SCHED_FIFO,
 * 0: none.
 */
int driver_run(struct driver *driver, int priority);
void driver_stop(struct driver *driver);

/* Let a client's eventfd wake the idle cycle, for the stream in `slot`; to be undone before the eventfd is closed. */
int driver_watch(struct driver *driver, int fd, uint32_t slot);
void driver_unwatch(struct driver *driver, int fd);

/* Put one command; nothing is done before driver_commit(), then all at once. False: the queue is full, nothing is put. */
bool driver_command(struct driver *driver, const struct driver_command *command);
void driver_commit(struct driver *driver);
void driver_take_back(struct driver *driver);

/* Next event; false: none. */
bool driver_next_event(struct driver *driver, struct driver_event *event);
int driver_event_fd(const struct driver *driver);

const struct driver_counters *driver_counters(const struct driver *driver);

/* Copy up to `room` of the last cycles, oldest first. */
size_t driver_records(const struct driver *driver, struct driver_record *records, size_t room);

#endif
