/* SPDX-License-Identifier: MIT
 *
 * A client that makes its sound when it is wanted, without Python: sleep until the bus wants more, have a function make
 * it in the ring itself, show it, sleep again. One sleep and one read for each time that the bus wakes it.
 */
#ifndef GENERATOR_H
#define GENERATOR_H

#include "ring.h"

/* Make `frames` frames at `to`; return how many. Fewer: that was the end. */
typedef size_t (*generator_fill)(void *self, void *to, size_t frames);

struct generator {
	struct ring *ring;
	int wake_fd; /* the ring's pipe, at the client */
	int other_fd; /* what else to look at: the connection, or -1 */
	uint64_t tlength; /* bytes, as granted */
	uint64_t minreq;
	generator_fill fill;
	void *self;
};

enum generator_reason {
	GENERATOR_ENDED, /* there is no more to come */
	GENERATOR_CALLED, /* other_fd has something */
	GENERATOR_HOSTILE, /* the bus shows a read index that cannot be true */
};

/* Returns why it stopped; it may be called again. Sleeps for as long as the bus wants nothing. */
enum generator_reason generator_run(struct generator *generator);

/* A sound to try it with: the same saw on both channels of s16 stereo. */
struct generator_saw {
	uint16_t phase;
	uint16_t step;
};
size_t generator_saw(void *saw, void *to, size_t frames);

#endif
