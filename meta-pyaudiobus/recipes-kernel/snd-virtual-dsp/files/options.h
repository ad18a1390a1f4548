/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether what SET_PARAMS brought makes sense, by itself and for the stream
 * that follows. See options.c.
 */
#ifndef VDSP_OPTIONS_H
#define VDSP_OPTIONS_H

#include <linux/types.h>

struct snd_codec;

/* Bytes in which a stream says what it is. */
#define VDSP_HEAD	256

/**
 * struct vdsp_fault - the first thing found wrong
 * @field: its name in struct snd_codec, or what is missing in the stream
 * @told: what SET_PARAMS said
 * @found: what the stream says; 0 if it was not looked at
 */
struct vdsp_fault {
	const char *field;
	u32 told;
	u32 found;
};

bool vdsp_options_wrong(const struct snd_codec *codec,
			struct vdsp_fault *fault);
bool vdsp_stream_differs(const struct snd_codec *codec, const u8 *head,
			 size_t len, struct vdsp_fault *fault);

#endif /* VDSP_OPTIONS_H */
