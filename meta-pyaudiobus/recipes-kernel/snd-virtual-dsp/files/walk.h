/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walking an encoded stream frame by frame: how many bytes make how many PCM
 * frames. Nothing is decoded, and nothing here knows about ALSA or time.
 */
#ifndef VDSP_WALK_H
#define VDSP_WALK_H

#include <linux/types.h>

/* Bytes without a frame that cost no time: tags and padding between songs. */
#define VDSP_FREE_JUNK	4096

/* The longest layer III frame (1441 bytes) and the header behind it. */
#define VDSP_WALK_AHEAD	2048

/**
 * struct vdsp_walker - where in an encoded stream we are
 * @codec: SND_AUDIOCODEC_* of the stream
 * @rate: PCM frames per second of the frames credited last
 * @channels: as SET_PARAMS or the stream's own header said
 * @bit_rate: bits per second; paces bytes that belong to no known frame
 * @by_rate: true when no frames are looked for at all
 * @locked: true right behind a good frame: the next header is due here
 * @skip: bytes of a tag or metadata block still to be passed over
 * @body: bytes of the current frame still to come (MP3)
 * @credit: PCM frames due when the current frame ends
 * @junk: bytes since the last frame that belonged to none
 * @residue: remainder of the bit rate division, in bits times frames
 * @frames_seen: encoded frames found so far
 * @signature: header bits that all frames of this stream share (MP3)
 * @scanned: bytes passed since the current frame's header (FLAC)
 * @longest: bytes the current frame can have at most (FLAC)
 * @number: frame or sample number the next header must carry (FLAC)
 * @bits: bits per sample from STREAMINFO, 0 if unknown (FLAC)
 * @in_metadata: the next bytes are a metadata block header (FLAC)
 * @in_frame: a frame is open; only the next header can close it (FLAC)
 */
struct vdsp_walker {
	u32 codec;
	u32 rate;
	u32 channels;
	u32 bit_rate;
	bool by_rate;
	bool locked;
	u32 skip;
	u32 body;
	u32 credit;
	u32 junk;
	u64 residue;
	u64 frames_seen;
	u32 signature;
	u32 scanned;
	u32 longest;
	u64 number;
	u32 bits;
	bool in_metadata;
	bool in_frame;
};

void vdsp_walker_init(struct vdsp_walker *w, u32 codec, u32 rate, u32 channels,
		      u32 bit_rate);
size_t vdsp_walker_step(struct vdsp_walker *w, const u8 *data, size_t len,
			bool last, u32 *frames);
u32 vdsp_walker_finish(struct vdsp_walker *w);

/* Between the walkers of one codec each and the part they share. */
size_t vdsp_walk_mp3(struct vdsp_walker *w, const u8 *data, size_t len,
		     bool last, u32 *frames);
size_t vdsp_walk_flac(struct vdsp_walker *w, const u8 *data, size_t len,
		      bool last, u32 *frames);
u32 vdsp_walk_pace(struct vdsp_walker *w, size_t bytes);
size_t vdsp_walk_junk(struct vdsp_walker *w, size_t bytes, u32 *frames);
u32 vdsp_id3v2_bytes(const u8 *data, size_t len);

#endif /* VDSP_WALK_H */
