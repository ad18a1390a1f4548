/* SPDX-License-Identifier: MIT
 *
 * How far a device's position leaps ahead of time. Some know it by the ticks of a timer or by whole bursts only, and do
 * not say so (SNDRV_PCM_INFO_BATCH): snd-aloop's moves once in a jiffy. What is queued must outlast such a leap.
 */
#ifndef LEAPS_H
#define LEAPS_H

#include <stdint.h>

struct leaps {
	uint32_t allowed; /* frames: what a device may leap that is not known yet; 0: it is known not to */
	uint32_t former; /* the longest of the last window */
	uint32_t longest; /* of this one */
	uint32_t looks; /* in this window */
	uint64_t passed; /* ns in this window while the device sounded */
	uint64_t time; /* of the last look; 0: there was none since the device was started */
	uint64_t queued; /* frames then, and what was written since */
};

/* Nothing is known of a device yet, but that it may leap so far. */
void leaps_begin(struct leaps *leaps, uint32_t allowed);

/* The device was started: how it does that says nothing of how it goes on. */
void leaps_start(struct leaps *leaps);

/* There were `queued` frames at `time` (ns), and then `written` more. */
void leaps_look(struct leaps *leaps, uint64_t time, uint64_t queued, uint32_t rate);
void leaps_write(struct leaps *leaps, uint64_t written);

/* It ran dry: what was kept for leaps was not enough. */
void leaps_ran_dry(struct leaps *leaps, uint32_t rate);

/* Frames to keep for the next leap. */
uint32_t leaps_kept(const struct leaps *leaps);

#endif
