/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tape: what was consumed and what happened. See record.c.
 */
#ifndef VDSP_RECORD_H
#define VDSP_RECORD_H

#include <linux/types.h>

#define VDSP_EVENT_CHARS	112

/**
 * struct vdsp_tape - every byte the DSP consumed, and a log of what happened
 * @chunks: the bytes, in pieces of VDSP_CHUNK
 * @chunk_count: pieces that fit in the limit given by capture_mb
 * @kept: bytes held in @chunks
 * @total: bytes consumed since the last reset
 * @crc: CRC-32 of all of them, before the final inversion
 * @events: ring of log lines
 * @event_count: events since the last reset, kept or not
 */
struct vdsp_tape {
	u8 **chunks;
	u32 chunk_count;
	u64 kept;
	u64 total;
	u32 crc;
	char (*events)[VDSP_EVENT_CHARS];
	u64 event_count;
};

/* All with vdsp.lock held, except new and free. */
int vdsp_tape_new(struct vdsp_tape *tape, u32 capture_mb);
void vdsp_tape_free(struct vdsp_tape *tape);
void vdsp_tape_reset(struct vdsp_tape *tape);
void vdsp_tape_add(struct vdsp_tape *tape, const u8 *data, size_t len);
ssize_t vdsp_tape_read(const struct vdsp_tape *tape, char __user *to,
		       size_t len, loff_t *at);
u32 vdsp_tape_crc(const struct vdsp_tape *tape);
u64 vdsp_event_first(const struct vdsp_tape *tape);
const char *vdsp_event_line(const struct vdsp_tape *tape, u64 number);

#endif /* VDSP_RECORD_H */
