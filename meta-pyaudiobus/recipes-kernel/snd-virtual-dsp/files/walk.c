// SPDX-License-Identifier: GPL-2.0-only
/*
 * The part that all walkers share: tags, bytes paced by the bit rate, and the
 * choice of the walker. The frames themselves are in walk_mp3.c and
 * walk_flac.c.
 */
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <sound/compress_params.h>

#include "walk.h"

#define ID3V2_HEADER	10
#define ID3V2_FOOTER	0x10

/**
 * vdsp_walker_init - start at the first byte of a track
 * @w: the walker
 * @codec: SND_AUDIOCODEC_*
 * @rate: PCM frames per second, not 0
 * @channels: channels of the decoded sound
 * @bit_rate: bits per second, not 0
 */
void vdsp_walker_init(struct vdsp_walker *w, u32 codec, u32 rate, u32 channels,
		      u32 bit_rate)
{
	*w = (struct vdsp_walker) {
		.codec = codec,
		.rate = rate,
		.channels = channels,
		.bit_rate = bit_rate,
		.by_rate = codec != SND_AUDIOCODEC_MP3 &&
			   codec != SND_AUDIOCODEC_FLAC,
	};
}

/* PCM frames that @bytes last at the nominal bit rate, without drift. */
u32 vdsp_walk_pace(struct vdsp_walker *w, size_t bytes)
{
	w->residue += (u64)bytes * 8 * w->rate;
	return div64_u64_rem(w->residue, w->bit_rate, &w->residue);
}

/*
 * Pass over bytes that belong to no frame. A few cost nothing, as a decoder
 * hunts for its sync word faster than sound; past that they are paced, so that
 * a stream that is not what SET_PARAMS promised still takes its time.
 */
size_t vdsp_walk_junk(struct vdsp_walker *w, size_t bytes, u32 *frames)
{
	u32 free = w->junk < VDSP_FREE_JUNK ? VDSP_FREE_JUNK - w->junk : 0;

	/* In short steps: the caller stops once it has frames enough. */
	bytes = min_t(size_t, bytes, VDSP_FREE_JUNK);
	w->junk = min_t(u64, (u64)w->junk + bytes, U32_MAX);
	w->locked = false;
	if (bytes > free)
		*frames = vdsp_walk_pace(w, bytes - free);
	return bytes;
}

/* Length of the ID3v2 tag that starts here, 0 if none does. */
u32 vdsp_id3v2_bytes(const u8 *data, size_t len)
{
	u32 size;

	if (len < ID3V2_HEADER || data[0] != 'I' || data[1] != 'D' ||
	    data[2] != '3' || data[3] == 0xff || data[4] == 0xff ||
	    ((data[6] | data[7] | data[8] | data[9]) & 0x80))
		return 0;
	size = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9];
	return ID3V2_HEADER + size + (data[5] & ID3V2_FOOTER ? 10 : 0);
}

static size_t walk_by_rate(struct vdsp_walker *w, size_t len, u32 *frames)
{
	/* A hundredth of a second a step keeps the clock's grain fine. */
	size_t bytes = min_t(size_t, len, max(1U, w->bit_rate / 800));

	*frames = vdsp_walk_pace(w, bytes);
	return bytes;
}

/**
 * vdsp_walker_step - walk to the end of one frame at most
 * @w: the walker
 * @data: the next bytes of the track
 * @len: how many there are
 * @last: the track ends behind them
 * @frames: PCM frames that became complete, at @w->rate
 *
 * Return: bytes walked over; 0 when more bytes are needed first, which never
 * happens when @last is set and @len is not 0.
 */
size_t vdsp_walker_step(struct vdsp_walker *w, const u8 *data, size_t len,
			bool last, u32 *frames)
{
	size_t bytes;

	*frames = 0;
	if (!len)
		return 0;
	if (w->by_rate)
		return walk_by_rate(w, len, frames);
	if (w->skip) {
		bytes = min_t(size_t, len, w->skip);
		w->skip -= bytes;
		return bytes;
	}
	if (w->codec == SND_AUDIOCODEC_MP3)
		return vdsp_walk_mp3(w, data, len, last, frames);
	return vdsp_walk_flac(w, data, len, last, frames);
}

/**
 * vdsp_walker_finish - end a track
 * @w: the walker
 *
 * Return: PCM frames of a frame that only the end of the track closes. An MP3
 * frame that lacks bytes yields none, as no decoder plays it.
 */
u32 vdsp_walker_finish(struct vdsp_walker *w)
{
	u32 frames = w->in_frame ? w->credit : 0;

	w->in_frame = false;
	return frames;
}
