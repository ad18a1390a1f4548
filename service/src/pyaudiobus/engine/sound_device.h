/* SPDX-License-Identifier: MIT
 *
 * What the cycle asks of a playback device. Every call returns at once. Frames are counted at the device's rate.
 */
#ifndef SOUND_DEVICE_H
#define SOUND_DEVICE_H

#include <stddef.h>
#include <stdint.h>

struct sound_device;

struct sound_device_calls {
	/* Make ready for the first frames after creation, stop() or a failure. 0 or a negative errno. */
	int (*prepare)(struct sound_device *device);
	/* Frames written and not heard at `now` (CLOCK_MONOTONIC, ns). -EPIPE: it ran dry. */
	int64_t (*queued)(struct sound_device *device, uint64_t now);
	/* Take up to `frames` frames; returns how many. */
	int64_t (*write)(struct sound_device *device, const void *data, size_t frames, uint64_t now);
	/* Begin to sound what was written. */
	int (*start)(struct sound_device *device, uint64_t now);
	/* Fall silent at once; what is queued is lost. */
	void (*stop)(struct sound_device *device);
	void (*close)(struct sound_device *device);
};

struct sound_device {
	const struct sound_device_calls *calls;
	uint32_t rate;
	uint32_t channels;
	uint32_t encoding; /* enum mix_encoding */
	uint32_t room; /* frames that the device can hold */
	uint32_t headroom; /* frames that must stay queued for it not to run dry before it is looked at again */
	uint32_t reserved;
};

/* A device that hears nothing, on the clock of the system. NULL without memory. */
struct sound_device *null_device_open(uint32_t rate, uint32_t channels, uint32_t encoding, uint32_t room);

#endif
