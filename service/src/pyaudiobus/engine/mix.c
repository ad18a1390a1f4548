/* SPDX-License-Identifier: MIT
 *
 * Loops are written so that a compiler makes vectors of them: one array in, one out, no branch inside.
 */
#include "mix.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* A second copy of a loop for processors with vectors twice as long; the loader chooses. The sum is the same. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

#define STEPS_U8 128.0f
#define STEPS_S16 32768.0f
#define STEPS_S24 8388608.0f
#define STEPS_S32 2147483648.0f

size_t mix_width(enum mix_encoding encoding)
{
	static const size_t widths[MIX_ENCODINGS] = { 1, 2, 3, 4, 4, 4 };

	return widths[encoding];
}

/* ---- in ---- */

static int32_t load_s24(const uint8_t *p)
{
	return (int32_t)((uint32_t)p[0] << 8 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 24) >> 8;
}

/* What is no number, or has no bounds, is silence. */
static inline float numeric(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	bits = (bits & 0x7f800000u) == 0x7f800000u ? 0 : bits;
	memcpy(&value, &bits, sizeof(bits));
	return value;
}

WIDE static void load_f32(float *restrict to, const float *restrict from, size_t samples)
{
	for (size_t i = 0; i < samples; i++)
		to[i] = numeric(from[i]);
}

WIDE void mix_load(float *restrict to, const void *restrict from, enum mix_encoding encoding, size_t samples)
{
	const uint8_t *u8 = from;
	const int16_t *s16 = from;
	const int32_t *s32 = from;

	switch (encoding) {
	case MIX_U8:
		for (size_t i = 0; i < samples; i++)
			to[i] = (float)(u8[i] - 128) / STEPS_U8;
		break;
	case MIX_S16:
		for (size_t i = 0; i < samples; i++)
			to[i] = (float)s16[i] / STEPS_S16;
		break;
	case MIX_S24:
		for (size_t i = 0; i < samples; i++)
			to[i] = (float)load_s24(u8 + 3 * i) / STEPS_S24;
		break;
	case MIX_S24_32:
		for (size_t i = 0; i < samples; i++)
			to[i] = (float)((int32_t)((uint32_t)s32[i] << 8) >> 8) / STEPS_S24;
		break;
	case MIX_S32:
		for (size_t i = 0; i < samples; i++)
			to[i] = (float)s32[i] / STEPS_S32;
		break;
	default:
		load_f32(to, from, samples);
	}
}

/* ---- out ---- */

/* Numerical Recipes' ranqd1; one float in [-0.5, 0.5) of its upper bits. */
static float noise(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return (float)(int32_t)*state / 4294967296.0f;
}

/* What is no number is `least`. */
static float bounded(float value, float least, float most)
{
	value = value > least ? value : least;
	return value > most ? most : value;
}

/* To the nearest integer, ties to even, for values up to 2^22; unlike rintf() it needs no SSE4 to be a vector. */
static float nearest(float value)
{
	return value + 12582912.0f - 12582912.0f;
}

WIDE static void store_s16(int16_t *restrict to, const float *restrict from, size_t samples)
{
	for (size_t i = 0; i < samples; i++)
		to[i] = (int16_t)nearest(bounded(from[i] * STEPS_S16, -STEPS_S16, STEPS_S16 - 1));
}

static void store_s16_dithered(int16_t *restrict to, const float *restrict from, size_t samples, uint32_t *state)
{
	for (size_t i = 0; i < samples; i++) {
		float value = from[i] * STEPS_S16 + noise(state) + noise(state);

		to[i] = (int16_t)nearest(bounded(value, -STEPS_S16, STEPS_S16 - 1));
	}
}

static void store_u8(uint8_t *restrict to, const float *restrict from, size_t samples, uint32_t *state)
{
	for (size_t i = 0; i < samples; i++) {
		float value = from[i] * STEPS_U8 + (state ? noise(state) + noise(state) : 0);

		to[i] = (uint8_t)(nearest(bounded(value, -STEPS_U8, STEPS_U8 - 1)) + 128);
	}
}

static void store_s24(uint8_t *restrict to, const float *restrict from, size_t samples)
{
	for (size_t i = 0; i < samples; i++) {
		int32_t value = (int32_t)rintf(bounded(from[i] * STEPS_S24, -STEPS_S24, STEPS_S24 - 1));

		to[3 * i] = (uint8_t)value;
		to[3 * i + 1] = (uint8_t)(value >> 8);
		to[3 * i + 2] = (uint8_t)(value >> 16);
	}
}

WIDE static void store_s24_32(int32_t *restrict to, const float *restrict from, size_t samples)
{
	for (size_t i = 0; i < samples; i++)
		to[i] = (int32_t)rintf(bounded(from[i] * STEPS_S24, -STEPS_S24, STEPS_S24 - 1));
}

/* The largest float below 2^31 is 2^31 - 128. */
WIDE static void store_s32(int32_t *restrict to, const float *restrict from, size_t samples)
{
	for (size_t i = 0; i < samples; i++)
		to[i] = (int32_t)rintf(bounded(from[i] * STEPS_S32, -STEPS_S32, STEPS_S32 - 128));
}

void mix_store(void *to, const float *from, enum mix_encoding encoding, size_t samples, uint32_t *dither)
{
	switch (encoding) {
	case MIX_U8:
		store_u8(to, from, samples, dither);
		break;
	case MIX_S16:
		if (dither)
			store_s16_dithered(to, from, samples, dither);
		else
			store_s16(to, from, samples);
		break;
	case MIX_S24:
		store_s24(to, from, samples);
		break;
	case MIX_S24_32:
		store_s24_32(to, from, samples);
		break;
	case MIX_S32:
		store_s32(to, from, samples);
		break;
	default:
		memcpy(to, from, samples * sizeof(float));
	}
}

/* ---- the sum ---- */

WIDE void mix_clear(float *sum, size_t samples)
{
	for (size_t i = 0; i < samples; i++)
		sum[i] = 0;
}

WIDE void mix_sum(float *restrict sum, const float *restrict other, size_t samples)
{
	for (size_t i = 0; i < samples; i++)
		sum[i] += other[i];
}

enum shape { UNKNOWN, PLAIN, CROSSED };

/* Whether a matrix passes each channel to itself, all with one gain. */
static bool has_one_gain(const struct mix_matrix *matrix, unsigned int to_channels, unsigned int from_channels)
{
	if (to_channels != from_channels)
		return false;
	for (unsigned int to = 0; to < to_channels; to++)
		for (unsigned int from = 0; from < from_channels; from++)
			if (matrix->gain[to][from] != (to == from ? matrix->gain[0][0] : 0))
				return false;
	return true;
}

static bool is_plain(struct mix_ramp *ramp, unsigned int to_channels, unsigned int from_channels)
{
	if (ramp->shape == UNKNOWN)
		ramp->shape = has_one_gain(&ramp->now, to_channels, from_channels) ? PLAIN : CROSSED;
	return ramp->shape == PLAIN;
}

WIDE static void add_plain(float *restrict sum, const float *restrict stream, size_t samples, float gain)
{
	for (size_t i = 0; i < samples; i++)
		sum[i] += stream[i] * gain;
}

WIDE static void add_matrix(float *restrict sum, unsigned int to_channels, const float *restrict stream,
		       unsigned int from_channels, size_t frames, const struct mix_matrix *matrix)
{
	for (unsigned int to = 0; to < to_channels; to++) {
		for (unsigned int from = 0; from < from_channels; from++) {
			float gain = matrix->gain[to][from];

			if (gain == 0)
				continue;
			for (size_t i = 0; i < frames; i++)
				sum[i * to_channels + to] += stream[i * from_channels + from] * gain;
		}
	}
}

/* One step of a ramp: the last one arrives at the goal exactly. */
static void step(struct mix_ramp *ramp, unsigned int to_channels, unsigned int from_channels)
{
	float share = 1.0f / (float)ramp->frames_left;

	ramp->shape = UNKNOWN;
	for (unsigned int to = 0; to < to_channels; to++)
		for (unsigned int from = 0; from < from_channels; from++)
			ramp->now.gain[to][from] +=
				(ramp->goal.gain[to][from] - ramp->now.gain[to][from]) * share;
	if (!--ramp->frames_left)
		ramp->now = ramp->goal;
}

void mix_add(float *sum, unsigned int to_channels, const float *stream, unsigned int from_channels, size_t frames,
	     struct mix_ramp *ramp)
{
	for (; ramp->frames_left && frames; frames--) {
		step(ramp, to_channels, from_channels);
		add_matrix(sum, to_channels, stream, from_channels, 1, &ramp->now);
		sum += to_channels;
		stream += from_channels;
	}
	if (is_plain(ramp, to_channels, from_channels))
		add_plain(sum, stream, frames * to_channels, ramp->now.gain[0][0]);
	else
		add_matrix(sum, to_channels, stream, from_channels, frames, &ramp->now);
}

/*
 * Loading and adding in one go, which is most of the work of a busy cycle. A power of two moves from one factor to the
 * other without rounding.
 */
WIDE static void add_plain_s16(float *restrict sum, const int16_t *restrict stream, size_t samples, float gain)
{
	gain /= STEPS_S16;
	for (size_t i = 0; i < samples; i++)
		sum[i] += (float)stream[i] * gain;
}

WIDE static void add_plain_f32(float *restrict sum, const float *restrict stream, size_t samples, float gain)
{
	for (size_t i = 0; i < samples; i++)
		sum[i] += numeric(stream[i]) * gain;
}

void mix_in(float *sum, unsigned int to_channels, const void *data, enum mix_encoding encoding,
	    unsigned int from_channels, size_t frames, struct mix_ramp *ramp, float *scratch)
{
	bool is_simple = !ramp->frames_left && is_plain(ramp, to_channels, from_channels);

	if (is_simple && encoding == MIX_S16) {
		add_plain_s16(sum, data, frames * to_channels, ramp->now.gain[0][0]);
	} else if (is_simple && encoding == MIX_F32) {
		add_plain_f32(sum, data, frames * to_channels, ramp->now.gain[0][0]);
	} else {
		mix_load(scratch, data, encoding, frames * from_channels);
		mix_add(sum, to_channels, scratch, from_channels, frames, ramp);
	}
}
