// SPDX-License-Identifier: GPL-2.0-only
/*
 * MPEG-1, 2 and 2.5 layer III frames (ISO/IEC 11172-3 2.4.1.3, 13818-3, and
 * the customary 2.5 extension): headers only, no side information.
 */
#include <linux/minmax.h>

#include "walk.h"

#define HEADER_BYTES	4
#define TAG_BYTES	10	/* enough of an ID3v2 tag to know its length */
#define LAYER_III	1
#define MPEG_1		3
#define MPEG_2		2
#define MPEG_2_5	0

struct mp3_header {
	u32 rate;
	u32 samples;
	u32 bytes;	/* 0: free format, the header does not say */
	u32 signature;	/* version, layer and rate: constant in a stream */
};

static const u16 kbps_v1[] = {
	0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320
};

static const u16 kbps_v2[] = {
	0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160
};

static const u32 rates_v1[] = { 44100, 48000, 32000 };

static bool mp3_parse(const u8 *p, struct mp3_header *h)
{
	u32 version = p[1] >> 3 & 3;
	u32 layer = p[1] >> 1 & 3;
	u32 kbps_index = p[2] >> 4;
	u32 rate_index = p[2] >> 2 & 3;
	u32 kbps;

	if (p[0] != 0xff || (p[1] & 0xe0) != 0xe0 || version == 1 ||
	    layer != LAYER_III || kbps_index == 15 || rate_index == 3 ||
	    (p[3] & 3) == 2)
		return false;
	h->rate = rates_v1[rate_index];
	if (version == MPEG_2)
		h->rate /= 2;
	else if (version == MPEG_2_5)
		h->rate /= 4;
	kbps = version == MPEG_1 ? kbps_v1[kbps_index] : kbps_v2[kbps_index];
	h->samples = version == MPEG_1 ? 1152 : 576;
	h->bytes = kbps ? h->samples / 8 * kbps * 1000 / h->rate +
			  (p[2] >> 1 & 1) : 0;
	h->signature = version << 4 | rate_index;
	return true;
}

/*
 * Away from a known frame a sync word proves little: two headers a frame apart
 * must agree. Returns 1 for a frame, 0 for none, -1 when bytes are missing.
 */
static int mp3_confirm(const struct mp3_header *h, const u8 *data, size_t len,
		       bool last)
{
	struct mp3_header next;

	if (len < h->bytes + HEADER_BYTES)
		return last ? len >= h->bytes : -1;
	return mp3_parse(data + h->bytes, &next) &&
	       next.signature == h->signature;
}

static size_t mp3_body(struct vdsp_walker *w, size_t len, u32 *frames)
{
	size_t bytes = min_t(size_t, len, w->body);

	w->body -= bytes;
	if (!w->body)
		*frames = w->credit;
	return bytes;
}

static size_t mp3_open_frame(struct vdsp_walker *w, const struct mp3_header *h,
			     size_t len, u32 *frames)
{
	w->rate = h->rate;
	w->signature = h->signature;
	w->body = h->bytes;
	w->credit = h->samples;
	w->locked = true;
	w->junk = 0;
	w->frames_seen++;
	return mp3_body(w, len, frames);
}

/* Up to the next byte that can begin a frame or a tag, at least one byte. */
static size_t mp3_hunt(const u8 *data, size_t len)
{
	size_t at = 1;

	while (at < len && data[at] != 0xff && data[at] != 'I')
		at++;
	return at;
}

size_t vdsp_walk_mp3(struct vdsp_walker *w, const u8 *data, size_t len,
		     bool last, u32 *frames)
{
	struct mp3_header h;
	int found;

	if (w->body)
		return mp3_body(w, len, frames);
	if (len < TAG_BYTES && !last)
		return 0;
	w->skip = vdsp_id3v2_bytes(data, len);
	if (w->skip)
		return vdsp_walker_step(w, data, len, last, frames);
	if (len < HEADER_BYTES || !mp3_parse(data, &h))
		return vdsp_walk_junk(w, mp3_hunt(data, len), frames);
	if (!h.bytes) {
		/* Free format: only the bit rate of SET_PARAMS tells. */
		w->by_rate = !w->frames_seen && !w->junk;
		return vdsp_walk_junk(w, 1, frames);
	}
	if (w->locked && h.signature == w->signature)
		return mp3_open_frame(w, &h, len, frames);
	found = mp3_confirm(&h, data, len, last);
	if (found < 0)
		return 0;
	if (!found)
		return vdsp_walk_junk(w, mp3_hunt(data, len), frames);
	return mp3_open_frame(w, &h, len, frames);
}
