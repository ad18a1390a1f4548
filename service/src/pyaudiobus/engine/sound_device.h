/* SPDX-License-Identifier: MIT
 *
 * What the cycle asks of a device that plays or records. Every call returns at once. Frames are counted at the
 * device's rate. What only opens a device is at the end.
 */
#ifndef SOUND_DEVICE_H
#define SOUND_DEVICE_H

#include "leaps.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sound_device;

struct sound_device_calls {
	/* Make ready for the first frames after creation, stop() or a failure. 0 or a negative errno. */
	int (*prepare)(struct sound_device *device);
	/*
	 * Playing: frames written and not taken by the hardware at `now` (CLOCK_MONOTONIC, ns). Recording: frames that
	 * wait to be read. -EPIPE: it ran dry, or over; -ESTRPIPE: the machine slept. Both are mended by prepare().
	 */
	int64_t (*queued)(struct sound_device *device, uint64_t now);
	/* Playing: take up to `frames` frames; returns how many. NULL where the device records. */
	int64_t (*write)(struct sound_device *device, const void *data, size_t frames, uint64_t now);
	/* Recording: give up to `frames` frames; returns how many. NULL where the device plays. */
	int64_t (*read)(struct sound_device *device, void *data, size_t frames, uint64_t now);
	/* Begin to sound what was written, or to record. */
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
	/*
	 * Playing: frames that must stay queued for it not to run dry before it is looked at again. Recording: frames
	 * to wait beyond a quantum, so that the quantum is whole.
	 */
	uint32_t headroom;
	uint32_t spare; /* frames of headroom more that long quanta may cost: a quarter of the quantum up to this */
	struct leaps leaps; /* playing: how much headroom more its position wants */
	uint64_t looked_at; /* when what queued() said was so (CLOCK_MONOTONIC, ns); 0: when it was asked */
	uint32_t beyond; /* frames between the queue and the ear or the microphone, when queued() last looked */
	bool is_deaf; /* what is written is thrown away unseen: nothing need be converted for it */
};

/* A device that nobody hears, on the clock of the system. NULL without memory. */
struct sound_device *null_device_open(uint32_t rate, uint32_t channels, uint32_t encoding, uint32_t room);

/* A device that records silence, or with `frequency` (Hz) a sine at half of full scale. NULL without memory. */
struct sound_device *null_source_open(uint32_t rate, uint32_t channels, uint32_t encoding, uint32_t room,
				      uint32_t frequency);

/* What is wanted of a PCM, and then what was granted. */
struct pcm_wish {
	uint32_t rate;
	uint32_t channels;
	uint32_t encoding; /* enum mix_encoding */
	uint32_t room; /* frames: the buffer; as near as can be */
	uint32_t period; /* frames; granted only */
	bool has_no_wakeups; /* the hardware makes no interrupts; granted only */
	bool is_batch; /* its position moves a period at a time; granted only */
};

enum pcm_step { PCM_OPEN, PCM_VERSION, PCM_DIRECTION, PCM_SHAPE, PCM_BUFFER, PCM_HW_PARAMS, PCM_SW_PARAMS };

/*
 * A PCM of the kernel: /dev/snd/pcmC<card>D<number>{p,c}. NULL: `step` says what failed, `reason` the errno.
 */
struct sound_device *pcm_device_open(const char *path, bool is_recording, struct pcm_wish *wish, enum pcm_step *step,
				     int *reason);

#endif
