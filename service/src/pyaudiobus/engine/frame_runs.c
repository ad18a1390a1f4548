/* SPDX-License-Identifier: MIT
 *
 * Runs of encoded frames: from one frame to the next as long as they follow each other without a doubt.
 * Where a run ends, and what that means, is judged in Python (media/mp3.py, media/flac.py).
 *
 * Nothing here reads outside [data, data + length).
 */
#include "frame_runs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ---- MPEG audio layer III (ISO 11172-3 section 2.4.1.3) ---- */

static const uint16_t mp3_kilobits[2][15] = {
	{ 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160 },
	{ 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320 },
};

#define MP3_SIZED 0xfffefcc0u /* sync, version, layer, bit rate, sampling rate, mode: what a size and a kind depend on */

/* What is alike in all headers of a stream, and the size of a frame without padding for each bit rate code. */
struct mp3_kind {
	uint32_t mask, wanted;
	bool is_mono;
	uint32_t sizes[16]; /* 0 where no frame of this stream has that code */
};

static uint32_t mp3_word(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static struct mp3_kind mp3_kind_of(const uint8_t *first, uint32_t rate, uint32_t free_size)
{
	bool is_mpeg1 = (first[1] >> 3 & 3) == 3;
	struct mp3_kind kind = {
		.mask = 0xfffe0c00, /* sync, version, layer, and the rate's code */
		.wanted = 0xffe20000 | (first[1] & 0x18u) << 16 | (first[2] & 0x0cu) << 8,
		.is_mono = first[3] >> 6 == 3,
	};

	if (first[2] >> 4 == 0) {
		kind.sizes[0] = free_size;
		return kind;
	}
	for (unsigned int code = 1; code < 15; code++)
		kind.sizes[code] = (is_mpeg1 ? 144 : 72) * 1000u * mp3_kilobits[is_mpeg1][code] / rate;
	return kind;
}

/* Size of the frame that begins with a header, 0 if it is none of this stream. */
static uint32_t mp3_size_of(const struct mp3_kind *kind, uint32_t header)
{
	uint32_t size = kind->sizes[header >> 12 & 15] + (header >> 9 & 1);

	if ((header & kind->mask) != kind->wanted || ((header & 0xc0) == 0xc0) != kind->is_mono)
		return 0;
	return size < 4 || size > UINT16_MAX ? 0 : size;
}

uint32_t mp3_size(const uint8_t *data, const uint8_t *first, uint32_t rate)
{
	const struct mp3_kind kind = mp3_kind_of(first, rate, 0);

	return mp3_size_of(&kind, mp3_word(data));
}

/*
 * Take whole frames like the one whose header is `first`, from data[0] on, and store their sizes.
 * Returns how many; *end is where the last one ends, bit n of *rates is set for each bit rate code n met.
 */
size_t mp3_run(const uint8_t *data, size_t length, const uint8_t *first, uint32_t rate, uint32_t free_size,
	       uint16_t *sizes, size_t room, size_t *end, uint32_t *rates)
{
	const struct mp3_kind kind = mp3_kind_of(first, rate, free_size);
	size_t at = 0, count = 0;
	uint32_t met = 0, known = 0, plain = 0;

	while (count < room && length - at >= 4) {
		uint32_t header = mp3_word(data + at), size = plain + (header >> 9 & 1);
		bool is_other = (header & MP3_SIZED) != known; /* mostly a frame is like the one before it */

		if (is_other)
			size = mp3_size_of(&kind, header);
		if (!size || size > length - at)
			break;
		if (is_other) {
			known = header & MP3_SIZED;
			plain = size - (header >> 9 & 1);
			met |= 1u << (header >> 12 & 15);
		}
		sizes[count++] = (uint16_t)size;
		at += size;
	}
	*end = at;
	*rates = met;
	return count;
}

/* Store the sum of the values before every step-th of them, and the sum of all behind those. */
void running_sums(const uint16_t *values, size_t count, size_t step, uint64_t *sums)
{
	uint64_t sum = 0;
	size_t next = 0, stored = 0;

	for (size_t i = 0; i < count; i++) {
		if (i == next) {
			sums[stored++] = sum;
			next += step;
		}
		sum += values[i];
	}
	sums[stored] = sum;
}

/* ---- FLAC frame headers (RFC 9639 section 9.1) ---- */

static const uint32_t flac_rates[12] = {
	0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000,
};
static const int8_t flac_depths[8] = { 0, 8, 12, -1, 16, 20, 24, 32 };

struct flac_header {
	uint64_t number;
	uint32_t samples;
	uint32_t rate;
	uint32_t channels;
	uint32_t depth;
	uint32_t length;
};

static uint8_t flac_crc8(const uint8_t *p, size_t length)
{
	uint8_t crc = 0;

	while (length--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 0x80 ? (uint8_t)(crc << 1 ^ 0x07) : (uint8_t)(crc << 1);
	}
	return crc;
}

/* The coded number at p: UTF-8's scheme, stretched to 36 bits. Returns its length, 0 if it is none. */
static size_t flac_number(const uint8_t *p, size_t left, uint64_t *number)
{
	size_t more = 0;

	if (p[0] < 0x80) {
		*number = p[0];
		return 1;
	}
	while (more < 7 && p[0] & 0x40 >> more)
		more++;
	if (more < 1 || more > 6 || left < more + 1)
		return 0;
	*number = p[0] & 0x3f >> more;
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*number = *number << 6 | (p[i] & 0x3f);
	}
	return more + 1;
}

static uint32_t big_endian(const uint8_t *p, size_t length)
{
	uint32_t value = 0;

	while (length--)
		value = value << 8 | *p++;
	return value;
}

/* Bytes that follow the coded number: block size and rate, where the codes say so. */
static size_t flac_extra(unsigned int block_code, unsigned int rate_code)
{
	size_t block = block_code == 6 ? 1 : block_code == 7 ? 2 : 0;

	return block + (rate_code == 12 ? 1 : rate_code == 13 || rate_code == 14 ? 2 : 0);
}

static void flac_shape(const uint8_t *p, unsigned int block_code, unsigned int rate_code, struct flac_header *h)
{
	if (block_code == 6)
		h->samples = big_endian(p, 1) + 1, p += 1;
	else if (block_code == 7)
		h->samples = big_endian(p, 2) + 1, p += 2;
	else if (block_code == 1)
		h->samples = 192;
	else
		h->samples = block_code <= 5 ? 576u << (block_code - 2) : 256u << (block_code - 8);
	if (rate_code == 12)
		h->rate = big_endian(p, 1) * 1000;
	else if (rate_code == 13)
		h->rate = big_endian(p, 2);
	else if (rate_code == 14)
		h->rate = big_endian(p, 2) * 10;
	else
		h->rate = flac_rates[rate_code];
}

static bool flac_parse(const uint8_t *p, size_t left, struct flac_header *h)
{
	unsigned int block_code, rate_code, channel_code, depth_code;
	size_t number, extra;

	if (left < 6 || p[0] != 0xff || (p[1] & 0xfe) != 0xf8)
		return false;
	block_code = p[2] >> 4;
	rate_code = p[2] & 15;
	channel_code = p[3] >> 4;
	depth_code = p[3] >> 1 & 7;
	if (!block_code || rate_code > 14 || channel_code > 10 || flac_depths[depth_code] < 0 || p[3] & 1)
		return false;
	number = flac_number(p + 4, left - 4, &h->number);
	extra = flac_extra(block_code, rate_code);
	if (!number || left < 4 + number + extra + 1)
		return false;
	flac_shape(p + 4 + number, block_code, rate_code, h);
	h->length = (uint32_t)(4 + number + extra + 1);
	if (flac_crc8(p, h->length - 1) != p[h->length - 1])
		return false;
	h->channels = channel_code >= 8 ? 2 : channel_code + 1;
	h->depth = (uint32_t)flac_depths[depth_code];
	return true;
}

/* Bytes of a frame whose every sample is stored as it is: no frame is longer. */
static uint64_t flac_longest(const struct flac_header *h, uint32_t depth)
{
	uint64_t bits = (uint64_t)h->samples * ((h->depth ? h->depth : depth) + 1);

	return 18 + h->channels * (8 + (bits + 7) / 8);
}

/* Where the frame that must come after the one at `at` begins, at data[place] or later; 0 if it is not there. */
static size_t flac_search(const uint8_t *data, size_t length, size_t at, size_t place, const struct flac_header *now,
			  const struct flac_header *info, struct flac_header *next)
{
	bool is_variable = data[at + 1] & 1;
	uint64_t wanted = now->number + (is_variable ? now->samples : 1);
	uint64_t stop = at + flac_longest(now, info->depth);

	while (place < length && place <= stop) {
		const uint8_t *found = memchr(data + place, 0xff, length - place);

		if (!found || (uint64_t)(found - data) > stop)
			return 0;
		place = (size_t)(found - data);
		if (length - place >= 2 && data[place + 1] == data[at + 1] && flac_parse(found, length - place, next) &&
		    next->number == wanted && next->channels == info->channels && next->samples <= info->samples &&
		    (!next->rate || next->rate == info->rate) && (!next->depth || next->depth == info->depth))
			return place;
		place++;
	}
	return 0;
}

/*
 * The same, from the smallest frame that STREAMINFO promises on, which spares most of the search; and, as
 * STREAMINFO may be wrong, from the smallest possible one if that finds nothing.
 */
static size_t flac_successor(const uint8_t *data, size_t length, size_t at, const struct flac_header *now,
			     const struct flac_header *info, struct flac_header *next)
{
	size_t smallest = now->length + now->channels;
	size_t found = 0;

	if (info->length > smallest)
		found = flac_search(data, length, at, at + info->length, now, info, next);
	return found ? found : flac_search(data, length, at, at + smallest, now, info, next);
}

/*
 * Follow frames from the one at data[0]; store the size and duration of each that has its successor in the data.
 * Returns how many; *end is where the first frame begins that has none. max_block, rate, channels, depth
 * and min_frame (bytes, 0 if unknown) are STREAMINFO's.
 */
size_t flac_run(const uint8_t *data, size_t length, uint32_t max_block, uint32_t rate, uint32_t channels,
		uint32_t depth, uint32_t min_frame, uint32_t *sizes, uint32_t *durations, size_t room, size_t *end)
{
	struct flac_header info = {
		.samples = max_block, .rate = rate, .channels = channels, .depth = depth, .length = min_frame,
	};
	struct flac_header now, next;
	size_t at = 0, count = 0;

	*end = 0;
	if (!flac_parse(data, length, &now))
		return 0;
	while (count < room) {
		size_t following = flac_successor(data, length, at, &now, &info, &next);

		if (!following)
			break;
		sizes[count] = (uint32_t)(following - at);
		durations[count++] = now.samples;
		at = following;
		now = next;
	}
	*end = at;
	return count;
}
