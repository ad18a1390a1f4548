// SPDX-License-Identifier: GPL-2.0-only
/*
 * Native FLAC (RFC 9639): the marker, metadata blocks, and frame headers. A
 * FLAC frame does not say how long it is, so it ends where the next header
 * with a good CRC-8 and the number that is due begins, or with the track.
 */
#include <linux/minmax.h>
#include <linux/string.h>

#include "walk.h"

#define HEADER_BYTES	16	/* the longest a frame header gets */
#define MARKER_BYTES	8	/* "fLaC" and the head of STREAMINFO */
#define BLOCK_HEAD	4
#define STREAMINFO	34
#define LAST_BLOCK	0x80

struct flac_header {
	u32 bytes;
	u32 block;	/* samples */
	u32 rate;	/* 0: as in STREAMINFO */
	u32 channels;
	u32 bits;	/* 0: as in STREAMINFO */
	u64 number;	/* of this frame, or of its first sample */
	u64 next;	/* number that the following header must carry */
};

static u32 be16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static u32 be24(const u8 *p)
{
	return p[0] << 16 | be16(p + 1);
}

static u8 flac_crc8(const u8 *p, size_t len)
{
	u8 crc = 0;
	int bit;

	while (len--) {
		crc ^= *p++;
		for (bit = 0; bit < 8; bit++)
			crc = crc & 0x80 ? crc << 1 ^ 0x07 : crc << 1;
	}
	return crc;
}

/* The number in UTF-8's manner, up to 36 bits. Returns its bytes, 0 if bad. */
static u32 flac_number(const u8 *p, size_t len, u64 *number)
{
	u32 more = 0;
	u32 i;

	if (!len)
		return 0;
	while (more < 8 && p[0] & 0x80 >> more)
		more++;
	if (more == 1 || more == 8)
		return 0;
	if (!more) {
		*number = p[0];
		return 1;
	}
	if (more > len)
		return 0;
	*number = p[0] & (0x7f >> more);
	for (i = 1; i < more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*number = *number << 6 | (p[i] & 0x3f);
	}
	return more;
}

/* Block size (RFC 9639 9.1.1); @at moves behind bytes that hold it. */
static u32 flac_block(u32 code, const u8 *p, u32 *at)
{
	u32 block;

	switch (code) {
	case 1:
		return 192;
	case 2 ... 5:
		return 144 << code;
	case 6:
		return p[(*at)++] + 1;
	case 7:
		block = be16(p + *at) + 1;
		*at += 2;
		return block;
	default:
		return 1 << code;
	}
}

/* Sample rate (RFC 9639 9.1.2); 0 means STREAMINFO's. */
static u32 flac_rate(u32 code, const u8 *p, u32 *at)
{
	static const u32 rates[] = {
		0, 88200, 176400, 192000, 8000, 16000, 22050, 24000,
		32000, 44100, 48000, 96000
	};
	u32 rate;

	if (code < ARRAY_SIZE(rates))
		return rates[code];
	if (code == 12)
		return p[(*at)++] * 1000;
	rate = be16(p + *at);
	*at += 2;
	return code == 13 ? rate : rate * 10;
}

static bool flac_parse(const u8 *data, size_t len, struct flac_header *h)
{
	static const u8 bits[] = { 0, 8, 12, 0, 16, 20, 24, 32 };
	u8 p[HEADER_BYTES + 2] = { 0 };
	u32 block_code, rate_code, channel_code, at;

	/* A copy with zeros behind it spares a bounds check at each byte. */
	len = min_t(size_t, len, HEADER_BYTES);
	memcpy(p, data, len);
	block_code = p[2] >> 4;
	rate_code = p[2] & 15;
	channel_code = p[3] >> 4;
	if (len < 6 || p[0] != 0xff || (p[1] & 0xfe) != 0xf8 || !block_code ||
	    rate_code == 15 || channel_code > 10 || (p[3] & 0x0f) == 0x06 ||
	    p[3] & 1)
		return false;
	at = flac_number(p + 4, len - 4, &h->number);
	if (!at)
		return false;
	at += 4;
	h->block = flac_block(block_code, p, &at);
	h->rate = flac_rate(rate_code, p, &at);
	h->channels = channel_code < 8 ? channel_code + 1 : 2;
	h->bits = bits[p[3] >> 1 & 7];
	h->next = h->number + (p[1] & 1 ? h->block : 1);
	h->bytes = at + 1;
	return h->bytes <= len && flac_crc8(p, at) == p[at];
}

/* "fLaC" and a STREAMINFO of the only length it can have. */
static bool flac_marker(const u8 *p, size_t len)
{
	return len >= MARKER_BYTES && !memcmp(p, "fLaC", 4) &&
	       !(p[4] & ~LAST_BLOCK) && !p[5] && !p[6] && p[7] == STREAMINFO;
}

static u32 flac_close_frame(struct vdsp_walker *w)
{
	u32 frames = w->in_frame ? w->credit : 0;

	w->in_frame = false;
	return frames;
}

static size_t flac_open_frame(struct vdsp_walker *w,
			      const struct flac_header *h, u32 *frames)
{
	*frames = flac_close_frame(w);
	if (h->rate)
		w->rate = h->rate;
	if (h->bits)
		w->bits = h->bits;
	w->channels = h->channels;
	w->credit = h->block;
	w->number = h->next;
	/* Verbatim subframes, one of them a bit wider, and their heads. */
	w->longest = h->block * h->channels * ((w->bits ? w->bits : 32) + 1) /
		     8 + 64;
	w->scanned = h->bytes;
	w->in_frame = true;
	w->locked = true;
	w->junk = 0;
	w->frames_seen++;
	return h->bytes;
}

static size_t flac_metadata(struct vdsp_walker *w, const u8 *p, size_t len,
			    bool last)
{
	u32 size;

	if (len < BLOCK_HEAD + STREAMINFO && !last)
		return 0;
	if (len < BLOCK_HEAD) {
		w->in_metadata = false;
		return len;
	}
	size = be24(p + 1);
	if (!(p[0] & ~LAST_BLOCK) && size == STREAMINFO &&
	    len >= BLOCK_HEAD + STREAMINFO) {
		u32 rate = be24(p + BLOCK_HEAD + 10) >> 4;

		if (rate)
			w->rate = rate;
		w->channels = (p[BLOCK_HEAD + 12] >> 1 & 7) + 1;
		w->bits = (be16(p + BLOCK_HEAD + 12) >> 4 & 0x1f) + 1;
	}
	w->in_metadata = !(p[0] & LAST_BLOCK);
	w->skip = size;
	return BLOCK_HEAD;
}

/* A header that is good, and that can stand here. */
static bool flac_due(const struct vdsp_walker *w, const struct flac_header *h)
{
	return !w->in_frame || h->number == w->number ||
	       w->scanned > w->longest;
}

/* Bytes up to the next that can begin a header or a marker. */
static size_t flac_hunt(const u8 *data, size_t len)
{
	size_t at = 0;

	while (at < len && data[at] != 0xff && data[at] != 'f')
		at++;
	return at;
}

static size_t flac_pass(struct vdsp_walker *w, size_t bytes, u32 *frames)
{
	if (!w->in_frame)
		return vdsp_walk_junk(w, bytes, frames);
	w->scanned += bytes;
	/* Twice the longest frame and no header: this is no FLAC any more. */
	if (w->scanned / 2 > w->longest)
		*frames = flac_close_frame(w);
	return bytes;
}

size_t vdsp_walk_flac(struct vdsp_walker *w, const u8 *data, size_t len,
		      bool last, u32 *frames)
{
	struct flac_header h;
	size_t at;

	if (w->in_metadata)
		return flac_metadata(w, data, len, last);
	if (!w->in_frame && data[0] == 'I') {
		if (len < HEADER_BYTES && !last)
			return 0;
		w->skip = vdsp_id3v2_bytes(data, len);
		if (w->skip)
			return vdsp_walker_step(w, data, len, last, frames);
	}
	at = flac_hunt(data, len);
	if (at)
		return flac_pass(w, at, frames);
	if (len < HEADER_BYTES && !last)
		return 0;
	if (flac_marker(data, len)) {
		*frames = flac_close_frame(w);
		w->in_metadata = true;
		w->junk = 0;
		return 4;
	}
	if (flac_parse(data, len, &h) && flac_due(w, &h))
		return flac_open_frame(w, &h, frames);
	return flac_pass(w, 1, frames);
}
