/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * snd-virtual-dsp: what its rooms know of each other.
 *
 *	card.c		the module, the ALSA card, unplug and plug
 *	config.c	the module's parameters
 *	stream.c	the compress core's operations: open, write, position
 *	params.c	those about parameters and capabilities
 *	trigger.c	START to PARTIAL_DRAIN, xrun, unplug
 *	clock.c		the DSP's time: rendering, draining, waking
 *	decode.c	the DSP's work: fetching, decoding ahead, tracks
 *	options.c	whether decoder options are right for the stream
 *	walk*.c		how many bytes of a stream are how many PCM frames
 *	mixer.c		the routing switches
 *	record.c	the bytes consumed and the event log
 *	report.c	debugfs files that are read
 *	control.c	the debugfs file that is written, and planned failures
 *
 * Locks, outermost first:
 *
 *	vdsp.plug_lock	a card comes or goes
 *	snd_compr.lock	the core's: held around every operation except free(),
 *			and the STOP that release() sends. Whoever touches
 *			runtime->state takes it.
 *	vdsp.lock	everything else in struct vdsp and struct vdsp_stream
 *
 * The worker takes the last two in this order. So no operation may wait for
 * the worker, except free(), which runs with none of them held. The planned
 * failures have a spinlock of their own, innermost.
 */
#ifndef VDSP_H
#define VDSP_H

#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/version.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <sound/core.h>
#include <sound/compress_params.h>
#include <sound/compress_offload.h>
#include <sound/compress_driver.h>

#include "options.h"
#include "record.h"
#include "walk.h"

#define VDSP_NAME		"snd-virtual-dsp"
#define VDSP_MAX_TRACKS		8
#define VDSP_ROUTES		2
#define VDSP_MAX_SPEED		1000000

/* Linux 6.18 made the pointer operation's totals 64 bits wide. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define vdsp_tstamp		snd_compr_tstamp64
#else
#define vdsp_tstamp		snd_compr_tstamp
#endif

/* Operations that can be told to fail. The order is that of vdsp_op_names. */
enum vdsp_op {
	VDSP_OP_OPEN,
	VDSP_OP_GET_CAPS,
	VDSP_OP_SET_PARAMS,
	VDSP_OP_SET_METADATA,
	VDSP_OP_WRITE,
	VDSP_OP_START,
	VDSP_OP_PAUSE,
	VDSP_OP_RESUME,
	VDSP_OP_STOP,
	VDSP_OP_DRAIN,
	VDSP_OP_NEXT_TRACK,
	VDSP_OP_PARTIAL_DRAIN,
	VDSP_OPS
};

/**
 * struct vdsp_config - the module's parameters, checked
 * @index: number of the card, or -1
 * @id: id of the card
 * @device: number of the compress device on its card
 * @min_fragment_size: bytes
 * @max_fragment_size: bytes
 * @min_fragments: least fragments in the ring
 * @max_fragments: most fragments in the ring
 * @codecs: bit n set: SND_AUDIOCODEC_* n is accepted
 * @q6asm: imitate the quirks of Qualcomm's driver
 * @timestamps: report PCM frames and the sampling rate
 * @route_required: SET_PARAMS needs a routing switch that is on
 * @check_options: refuse decoder options that are wrong for the stream
 * @fifo_frags: fragments of encoded data the DSP holds itself
 * @ahead_ms: sound the DSP decodes ahead, in milliseconds
 * @speed: at first, in thousandths of real time
 * @capture_mb: MiB of bytes to keep
 */
struct vdsp_config {
	int index;
	const char *id;
	u32 device;
	u32 min_fragment_size;
	u32 max_fragment_size;
	u32 min_fragments;
	u32 max_fragments;
	u32 codecs;
	bool q6asm;
	bool timestamps;
	bool route_required;
	bool check_options;
	u32 fifo_frags;
	u32 ahead_ms;
	u32 speed;
	u32 capture_mb;
};

struct vdsp_failure {
	int error;
	u32 count;
};

/**
 * struct vdsp_counters - what is counted from one reset to the next
 * @opens: streams opened
 * @writes: write() calls that brought bytes
 * @starvations: times the sound ended before the bytes came
 * @boundaries: tracks joined without a gap
 * @drains: full drains that ended
 * @partial_drains: partial drains that ended
 * @overruns: writes the core let overwrite bytes that were not fetched yet
 * @failures: planned failures that were delivered
 */
struct vdsp_counters {
	u64 opens;
	u64 writes;
	u64 starvations;
	u64 boundaries;
	u64 drains;
	u64 partial_drains;
	u64 overruns;
	u64 failures;
};

/**
 * struct vdsp_track - a track that begins further on in the stream
 * @at: byte of the stream where it begins
 * @codec: its parameters, if SET_PARAMS brought any
 * @has_codec: @codec is set
 */
struct vdsp_track {
	u64 at;
	struct snd_codec codec;
	bool has_codec;
};

struct vdsp;

/**
 * struct vdsp_card - one ALSA card, from plug to the last user's close
 * @dsp: the DSP behind it
 * @card: NULL once the card is gone
 * @compr: its compress device; open files point into it
 * @ref: held by the card and by an open stream
 * @gone: unplugged: every operation answers ENODEV
 */
struct vdsp_card {
	struct vdsp *dsp;
	struct snd_card *card;
	struct snd_compr compr;
	struct kref ref;
	bool gone;
};

/**
 * struct vdsp_stream - one open stream
 * @owner: the card it was opened on
 * @core: the core's side of it
 * @work: the DSP's own time
 * @params: the last SET_PARAMS
 * @ring: bytes written and not yet fetched, at their number modulo @ring_size
 * @ring_size: bytes
 * @fifo: bytes fetched and not yet walked over
 * @fifo_size: capacity in bytes
 * @fifo_head: where the next byte to walk over is
 * @fifo_fill: bytes in use from there on
 * @written: bytes the user wrote
 * @fetched: bytes the DSP took out of the ring
 * @copied: @fetched as the driver tells it
 * @walked: bytes walked over
 * @track_start: byte at which the track that is being walked over began
 * @decoded: PCM frames those bytes made
 * @fragment_frames: PCM frames in a fragment, going by the latest ones
 * @encoded_frames: encoded frames found in the tracks before this one
 * @held: PCM frames of another rate, waiting for the sound before them to end
 * @rate: PCM frames per second now
 * @anchor: a time at which @anchor_frames had been rendered
 * @anchor_frames: PCM frames
 * @walker: where decoding is
 * @tracks: tracks announced by NEXT_TRACK
 * @track_count: how many
 * @boundary_at: PCM frame where the track decoded last begins
 * @boundary_due: it is not rendered yet
 * @partial_until: byte that PARTIAL_DRAIN waits for
 * @running: time passes
 * @draining: DRAIN was asked for: everything is to be fetched and rendered
 * @partial: PARTIAL_DRAIN was asked for
 * @ended: draining, and all there was has been decoded
 * @hungry: decoding waits for bytes
 * @starved: and the sound has ended meanwhile
 * @stuck: a drain that will never end (q6asm)
 * @delay: encoder delay from SET_METADATA, in PCM frames
 * @padding: encoder padding
 * @checked: the first bytes do not contradict the options
 */
struct vdsp_stream {
	struct vdsp_card *owner;
	struct snd_compr_stream *core;
	struct delayed_work work;
	struct snd_compr_params params;
	u8 *ring;
	u32 ring_size;
	u8 *fifo;
	u32 fifo_size;
	u32 fifo_head;
	u32 fifo_fill;
	u64 written;
	u64 fetched;
	u64 copied;
	u64 walked;
	u64 track_start;
	u64 decoded;
	u64 fragment_frames;
	u64 encoded_frames;
	u32 held;
	u32 rate;
	ktime_t anchor;
	u64 anchor_frames;
	struct vdsp_walker walker;
	struct vdsp_track tracks[VDSP_MAX_TRACKS];
	u32 track_count;
	u64 boundary_at;
	bool boundary_due;
	u64 partial_until;
	bool running;
	bool draining;
	bool partial;
	bool ended;
	bool hungry;
	bool starved;
	bool stuck;
	u32 delay;
	u32 padding;
	bool checked;
};

/**
 * struct vdsp_report - the current or last stream, in plain numbers
 *
 * Copied when a stream closes, so that a test can look afterwards.
 */
struct vdsp_report {
	const char *state;
	u32 codec;
	u32 rate;
	u32 channels;
	u32 bit_rate;
	u32 fragment_size;
	u32 fragments;
	u64 written;
	u64 fetched;
	u64 copied;
	u64 walked;
	u64 decoded;
	u64 rendered;
	u64 encoded_frames;
	u32 delay;
	u32 padding;
};

/**
 * struct vdsp - the DSP: one, as long as the module is loaded
 * @config: the module's parameters
 * @plug_lock: see the top of this file
 * @lock: see the top of this file
 * @plugged: the card that is there now, or NULL
 * @cards: cards whose memory still lives
 * @cards_wait: woken when @cards falls
 * @stream: the one stream that may be open on @plugged
 * @last: what the last closed stream came to
 * @last_params: the last SET_PARAMS
 * @params_count: SET_PARAMS since the last reset
 * @tape: bytes and events
 * @counters: since the last reset
 * @speed: in thousandths of real time
 * @stalled: the DSP hangs
 * @routes: the mixer's switches
 * @fail_lock: guards @failures
 * @failures: planned, by operation
 * @parent: the card's parent in the device tree
 * @queue: the DSP's own time
 * @debugfs: snd_virtual_dsp/
 */
struct vdsp {
	struct vdsp_config config;
	struct mutex plug_lock;
	struct mutex lock;
	struct vdsp_card *plugged;
	atomic_t cards;
	wait_queue_head_t cards_wait;
	struct vdsp_stream *stream;
	struct vdsp_report last;
	struct snd_compr_params last_params;
	u32 params_count;
	struct vdsp_tape tape;
	struct vdsp_counters counters;
	u32 speed;
	bool stalled;
	bool routes[VDSP_ROUTES];
	spinlock_t fail_lock;
	struct vdsp_failure failures[VDSP_OPS];
	struct platform_device *parent;
	struct workqueue_struct *queue;
	struct dentry *debugfs;
};

/* card.c */
int vdsp_plug(struct vdsp *dsp);
int vdsp_unplug(struct vdsp *dsp);
void vdsp_card_put(struct vdsp_card *owner);

/* config.c */
int vdsp_config_read(struct vdsp_config *c);
const char *vdsp_codec_name(u32 codec);

/* stream.c */
void vdsp_bad_options(struct vdsp *dsp, const struct snd_codec *codec,
		      const struct vdsp_fault *fault);
extern struct snd_compr_ops vdsp_compr_ops;
struct vdsp_stream *vdsp_stream_of(struct snd_compr_stream *core);
struct vdsp *vdsp_of(struct snd_compr_stream *core);
int vdsp_refusal(struct snd_compr_stream *core, enum vdsp_op op);
void vdsp_stream_report(struct vdsp_stream *s, struct vdsp_report *to);

/* params.c */
int vdsp_set_params(struct snd_compr_stream *core,
		    struct snd_compr_params *params);
int vdsp_get_params(struct snd_compr_stream *core, struct snd_codec *codec);
int vdsp_get_caps(struct snd_compr_stream *core, struct snd_compr_caps *caps);
int vdsp_get_codec_caps(struct snd_compr_stream *core,
			struct snd_compr_codec_caps *caps);

/* trigger.c: the last two with snd_compr.lock and vdsp.lock held */
int vdsp_trigger(struct snd_compr_stream *core, int command);
int vdsp_stream_xrun(struct vdsp_stream *s);
void vdsp_stream_orphan(struct vdsp_stream *s);

/* clock.c: all with vdsp.lock held, except the worker itself */
u64 vdsp_rendered(const struct vdsp_stream *s);
void vdsp_clock_work(struct work_struct *work);
void vdsp_clock_kick(struct vdsp_stream *s);
void vdsp_clock_anchor(struct vdsp_stream *s);
void vdsp_clock_start(struct vdsp_stream *s);
void vdsp_clock_hold(struct vdsp_stream *s);

/* decode.c: all with vdsp.lock held */
u32 vdsp_ring_offset(const struct vdsp_stream *s, u64 byte);
bool vdsp_fetch(struct vdsp_stream *s);
void vdsp_decode(struct vdsp_stream *s, u64 goal);
void vdsp_decode_codec(struct vdsp_stream *s);
void vdsp_decode_rewind(struct vdsp_stream *s);
void vdsp_boundary_heard(struct vdsp_stream *s);

/* mixer.c */
int vdsp_mixer_new(struct vdsp *dsp, struct snd_card *card);
bool vdsp_mixer_routed(const struct vdsp *dsp);
const char *vdsp_mixer_name(unsigned int route);

/* record.c: with vdsp.lock held */
__printf(2, 3)
void vdsp_event(struct vdsp *dsp, const char *format, ...);

/* report.c */
void vdsp_report_new(struct vdsp *dsp);

/* control.c */
void vdsp_control_new(struct vdsp *dsp);
int vdsp_planned_failure(struct vdsp *dsp, enum vdsp_op op);

#endif /* VDSP_H */
