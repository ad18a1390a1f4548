/* SPDX-License-Identifier: MIT
 *
 * Samples: from any encoding to float and back, and the sum of streams through their matrices. No state, no memory
 * of its own, nothing that waits.
 *
 * Full scale is 1.0: an integer of n bits is divided by 2^(n-1), and multiplied by it on the way back, so that what
 * passes alone and at unity comes out bit for bit (up to 24 bits, which is what a float holds).
 */
#ifndef MIX_H
#define MIX_H

#include <stddef.h>
#include <stdint.h>

#define MIX_MAX_CHANNELS 8

/* Native byte order. The numbers are part of the interface to Python (engine/driver.py). */
enum mix_encoding {
	MIX_U8,
	MIX_S16,
	MIX_S24, /* three bytes */
	MIX_S24_32, /* in the low three bytes of four */
	MIX_S32,
	MIX_F32,
	MIX_ENCODINGS,
};

/* What of each of a stream's channels goes to each of the sink's: gain[to][from]. Volume is part of it. */
struct mix_matrix {
	float gain[MIX_MAX_CHANNELS][MIX_MAX_CHANNELS];
};

/* A matrix on its way to another, linearly, frame by frame. */
struct mix_ramp {
	struct mix_matrix now;
	struct mix_matrix goal;
	uint32_t frames_left;
	uint32_t shape; /* what `now` was found to be; to be 0 when it is changed from outside */
};

size_t mix_width(enum mix_encoding encoding);

/* Samples to floats. A float input is copied, NaN and infinities as silence. */
void mix_load(float *to, const void *from, enum mix_encoding encoding, size_t samples);

/*
 * Floats to samples: clipped, rounded to the nearest. With `dither`, its state, triangular noise of one step of the
 * output either way is added before rounding to 16 bits or fewer.
 */
void mix_store(void *to, const float *from, enum mix_encoding encoding, size_t samples, uint32_t *dither);

void mix_clear(float *sum, size_t samples);
void mix_sum(float *sum, const float *other, size_t samples);

/* Add `frames` of a stream to the sum. Advances the ramp. */
void mix_add(float *sum, unsigned int to_channels, const float *stream, unsigned int from_channels, size_t frames,
	     struct mix_ramp *ramp);

/* The same of samples as they come; `scratch` holds frames * from_channels floats. */
void mix_in(float *sum, unsigned int to_channels, const void *data, enum mix_encoding encoding,
	    unsigned int from_channels, size_t frames, struct mix_ramp *ramp, float *scratch);

#endif
