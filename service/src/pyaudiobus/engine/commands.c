/* SPDX-License-Identifier: MIT
 *
 * What the control thread asks of a cycle, done between two of them.
 */
#include "cycle.h"

static void add_stream(struct driver *driver, uint32_t slot, struct playback *stream)
{
	driver->slots[slot] = stream;
	driver->has_groups |= stream->group != 0;
	if (slot >= driver->highest)
		driver->highest = slot + 1;
}

static void remove_stream(struct driver *driver, uint32_t slot)
{
	struct playback *stream = driver->slots[slot];

	if (!stream)
		return;
	driver->slots[slot] = NULL;
	while (driver->highest && !driver->slots[driver->highest - 1])
		driver->highest--;
	cycle_report(driver, DRIVER_REMOVED, slot, stream->serial, 0);
}

static void set_matrix(struct playback *stream, const struct driver_command *command)
{
	stream->ramp.goal = command->matrix;
	stream->ramp.frames_left = (uint32_t)command->number;
	if (stream->ramp.frames_left)
		return;
	stream->ramp.now = stream->ramp.goal;
	stream->ramp.shape = 0;
}

/* The device holds the quantum and its headroom. */
void commands_set_quantum(struct driver *driver, uint64_t frames)
{
	const struct sound_device *device = driver->device;
	uint32_t leap = device->leaps.allowed, part = device->room / 4;
	uint64_t taken = device->headroom + device->spare + (leap < part ? leap : part);
	uint64_t most = device->room > taken ? device->room - taken : 1;

	if (device->calls->read) /* what comes while a quantum is read has a place */
		most = device->room / 2;
	frames = frames < most ? frames : most;
	driver->quantum = frames ? (uint32_t)frames : 1;
	counter_set(&driver->counters.quantum, driver->quantum);
	driver->deadline = 0; /* the device says how long that can wait */
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
	case DRIVER_SET_MATRIX:
		set_matrix(stream, command);
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
		listeners_add(driver, command->slot, command->pointer);
		break;
	case DRIVER_UNLISTEN:
		listeners_remove(driver, command->slot, command->number);
		break;
	case DRIVER_CORK_LISTENER:
	case DRIVER_UNCORK_LISTENER:
		listeners_cork(driver, command->slot, command->number, command->kind == DRIVER_CORK_LISTENER);
		break;
	case DRIVER_SET_QUANTUM:
		commands_set_quantum(driver, command->number);
		break;
	case DRIVER_SET_DITHER:
		driver->is_dithered = command->number != 0;
		driver->dither = (uint32_t)command->number;
		break;
	case DRIVER_PING:
		cycle_report(driver, DRIVER_PONG, 0, 0, command->number);
		break;
	default:
		if (driver->slots[command->slot])
			obey_for_stream(driver->slots[command->slot], command);
	}
}

/* What is put meanwhile waits for the next time: a batch is never torn, and none keeps the cycle from its work. */
void commands_obey(struct driver *driver)
{
	uint32_t count = queue_fill(&driver->commands), place;

	for (; count && queue_peek(&driver->commands, &place); count--) {
		obey(driver, &driver->command_places[place]);
		queue_advance(&driver->commands);
	}
}
