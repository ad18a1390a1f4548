"""Builds the extension `_engine` from the C of this room, by cffi; run by setuptools and by nothing at run time."""

from __future__ import annotations

from pathlib import Path

from cffi import FFI

HERE = Path(__file__).parent
SOURCES = (
    "ring",
    "ring_bytes",
    "mapped",
    "frame_runs",
    "frame_log",
    "dsp_feeder",
    "generator",
    "mix",
    "playback",
    "leaps",
    "null_device",
    "pcm_params",
    "pcm_device",
    "listeners",
    "commands",
    "render",
    "capture",
    "driver",
)

ffibuilder = FFI()
ffibuilder.cdef(
    """
    struct ring_timing {
        uint64_t read_index, taken_at, delay, playing_for, underrun_for, underruns, flags;
    };
    struct ring {
        uint64_t capacity, frame_size, written, taken;
        ...;
    };
    struct ring_fill { uint64_t stored, silence, end; };
    struct ring_descriptors { int page, data, daemon_event, client_pipe, daemon_pipe; };

    int ring_create(struct ring *ring, struct ring_descriptors *fds, uint64_t capacity, uint64_t usual,
                    uint32_t frame_size, bool is_record);
    int ring_attach(struct ring *ring, const struct ring_descriptors *fds);
    void ring_unmap(struct ring *ring);
    void ring_begin(struct ring *ring, uint64_t index);
    uint64_t ring_shown_taken(const struct ring *ring);

    unsigned char *ring_at(const struct ring *ring, uint64_t index);
    int64_t ring_space(struct ring *ring);
    unsigned char *ring_reserve(struct ring *ring, uint64_t index, uint64_t size);
    void ring_publish(struct ring *ring, uint64_t written, uint64_t silent_until);
    void ring_mark_end(struct ring *ring, uint64_t end);
    bool ring_want_space(struct ring *ring, uint64_t index);

    int ring_look(struct ring *ring, struct ring_fill *fill);
    int64_t ring_filled(struct ring *ring);
    uint64_t ring_end(const struct ring *ring);
    bool ring_take(struct ring *ring, uint64_t taken);
    bool ring_want_data(struct ring *ring, uint64_t index);
    bool ring_want_more(struct ring *ring, uint64_t index);

    int ring_store(struct ring *ring, uint64_t index, const void *from, size_t size);
    int64_t ring_send(struct ring *ring, const void *from, size_t size);
    int64_t ring_receive(struct ring *ring, void *to, size_t size);
    int64_t ring_await(struct ring *ring, int wake_fd, int other_fd, void *to, size_t size);
    int64_t ring_ask(struct ring *out, struct ring *in, int wake_fd, int other_fd, const void *from, size_t size,
                     void *to, size_t room);

    void ring_show_times(struct ring *ring, uint64_t read_index, uint64_t taken_at, uint64_t delay,
                         uint64_t playing_for, uint64_t underrun_for, uint64_t underruns, uint64_t flags);
    bool ring_read_timing(const struct ring *ring, struct ring_timing *timing);

    struct frame_log { uint32_t rate; double byte_rate; ...; };
    int frame_log_begin(struct frame_log *log, uint64_t byte);
    void frame_log_free(struct frame_log *log);
    int frame_log_add(struct frame_log *log, uint64_t size, uint64_t samples);
    int64_t frame_log_mp3(struct frame_log *log, const uint8_t *data, size_t length, const uint8_t *first,
                          uint32_t samples, bool *is_at_other);
    int64_t frame_log_flac(struct frame_log *log, const uint8_t *data, size_t length, uint32_t max_block,
                           uint32_t rate, uint32_t channels, uint32_t depth, uint32_t min_frame);
    int64_t frame_log_frames_at(const struct frame_log *log, int64_t byte);
    int64_t frame_log_byte_at(const struct frame_log *log, int64_t frame);
    int64_t frame_log_forget(struct frame_log *log, int64_t byte);

    struct dsp_feeder_frames {
        bool is_flac;
        uint8_t first[4];
        uint32_t samples, max_block, channels, depth, min_frame;
    };
    struct dsp_feeder {
        int fd;
        bool is_wide;
        int (*ioctl)(int fd, unsigned long request, ...);
        ssize_t (*write)(int fd, const void *data, size_t size);
        uint64_t fragment_size, ring_size;
        struct ring *ring;
        struct frame_log *log;
        struct dsp_feeder_frames frames;
        int wait_fd;
        uint64_t given, followed, stop, written, queued, copied, low_at, low, tell_at, longest;
        uint64_t sent, wakeups, looked_at, rendered;
        uint32_t rate;
    };
    enum dsp_feeder_reason { DSP_FEEDER_WOKEN, DSP_FEEDER_SENT, DSP_FEEDER_UNSURE, ... };
    enum dsp_feeder_reason dsp_feeder_rest(struct dsp_feeder *feeder);

    typedef size_t (*generator_fill)(void *self, void *to, size_t frames);
    struct generator {
        struct ring *ring;
        int wake_fd, other_fd;
        uint64_t tlength, minreq;
        generator_fill fill;
        void *self;
    };
    enum generator_reason { GENERATOR_ENDED, GENERATOR_CALLED, GENERATOR_HOSTILE, ... };
    enum generator_reason generator_run(struct generator *generator);
    struct generator_saw { uint16_t phase, step; };
    size_t generator_saw(void *saw, void *to, size_t frames);

    struct mix_matrix { float gain[8][8]; };
    struct mix_ramp { struct mix_matrix now, goal; uint32_t frames_left; ...; };
    size_t mix_width(int encoding);
    void mix_load(float *to, const void *from, int encoding, size_t samples);
    void mix_store(void *to, const float *from, int encoding, size_t samples, uint32_t *dither);
    void mix_add(float *sum, unsigned int to_channels, const float *stream, unsigned int from_channels, size_t frames,
                 struct mix_ramp *ramp);
    void mix_in(float *sum, unsigned int to_channels, const void *data, int encoding, unsigned int from_channels,
                size_t frames, struct mix_ramp *ramp, float *scratch);

    struct playback {
        struct ring ring;
        uint64_t serial;
        uint32_t encoding, channels;
        uint64_t prebuf;
        struct mix_ramp ramp;
        uint64_t group;
        bool is_corked, is_prebuffering, is_starved, is_draining, has_ended, is_hostile, is_held;
        uint64_t playing_for, underrun_for, underruns, last_sound;
        ...;
    };
    enum playback_event {
        PLAYBACK_STARTED, PLAYBACK_UNDERFLOW, PLAYBACK_DRAINED, PLAYBACK_ENDED, PLAYBACK_HOSTILE, ...
    };
    struct playback_ear {
        void (*hear)(void *self, const struct playback *stream, enum playback_event event, uint64_t index);
        void *self;
    };
    void playback_init(struct playback *stream);
    void playback_cork(struct playback *stream, bool is_corked);
    void playback_trigger(struct playback *stream);
    void playback_rearm(struct playback *stream);
    void playback_drain(struct playback *stream, uint64_t tag);
    bool playback_is_active(struct playback *stream);
    bool playback_is_ready(struct playback *stream);
    size_t playback_mix(struct playback *stream, float *sum, unsigned int channels, size_t frames, float *scratch,
                        uint64_t rendered, const struct playback_ear *ear);
    void playback_poke(struct playback *stream, uint64_t now, const struct playback_ear *ear);
    uint64_t playback_settle(struct playback *stream, uint64_t heard, const struct playback_ear *ear);

    struct leaps { ...; };
    void leaps_begin(struct leaps *leaps, uint32_t allowed);
    void leaps_start(struct leaps *leaps);
    void leaps_look(struct leaps *leaps, uint64_t time, uint64_t queued, uint32_t rate);
    void leaps_write(struct leaps *leaps, uint64_t written);
    void leaps_ran_dry(struct leaps *leaps, uint32_t rate);
    uint32_t leaps_kept(const struct leaps *leaps);

    struct sound_device;
    struct sound_device_calls {
        int (*prepare)(struct sound_device *device);
        int64_t (*queued)(struct sound_device *device, uint64_t now);
        int64_t (*write)(struct sound_device *device, const void *data, size_t frames, uint64_t now);
        int64_t (*read)(struct sound_device *device, void *data, size_t frames, uint64_t now);
        int (*start)(struct sound_device *device, uint64_t now);
        void (*stop)(struct sound_device *device);
        void (*close)(struct sound_device *device);
    };
    struct sound_device {
        const struct sound_device_calls *calls;
        uint32_t rate, channels, encoding, room, headroom, spare, beyond;
        struct leaps leaps;
        ...;
    };
    struct sound_device *null_device_open(uint32_t rate, uint32_t channels, uint32_t encoding, uint32_t room);
    struct sound_device *null_source_open(uint32_t rate, uint32_t channels, uint32_t encoding, uint32_t room,
                                          uint32_t frequency);
    struct pcm_wish { uint32_t rate, channels, encoding, room, period; bool has_no_wakeups, is_batch; };
    enum pcm_step {
        PCM_OPEN, PCM_VERSION, PCM_DIRECTION, PCM_SHAPE, PCM_BUFFER, PCM_HW_PARAMS, PCM_SW_PARAMS, ...
    };
    struct sound_device *pcm_device_open(const char *path, bool is_recording, struct pcm_wish *wish,
                                         enum pcm_step *step, int *reason);

    enum driver_command_kind {
        DRIVER_ADD, DRIVER_REMOVE, DRIVER_CORK, DRIVER_TRIGGER, DRIVER_REARM, DRIVER_DRAIN, DRIVER_SET_PREBUF,
        DRIVER_SET_MATRIX, DRIVER_LISTEN, DRIVER_UNLISTEN, DRIVER_CORK_LISTENER, DRIVER_UNCORK_LISTENER,
        DRIVER_SET_QUANTUM, DRIVER_SET_DITHER, DRIVER_PING, ...
    };
    enum driver_event_kind {
        DRIVER_REMOVED, DRIVER_PONG, DRIVER_XRUN, DRIVER_FAILED, DRIVER_IDLE, DRIVER_RUNNING, ...
    };
    #define DRIVER_SLOTS ...
    struct driver_command { uint32_t kind, slot; uint64_t number; void *pointer; struct mix_matrix matrix; };
    struct driver_event { uint32_t kind, slot; uint64_t serial, index, time; };
    struct driver_listener {
        struct ring ring; uint64_t serial, lost; uint32_t encoding, dither; bool is_passive; ...;
    };
    struct driver_counters {
        uint64_t wakeups, cycles, frames, quantum, wait, busy, longest_busy, total_busy, xruns, overruns, missed,
                 late_streams, lost_events, lost_record, is_realtime, is_locked;
    };
    struct driver_record { uint64_t due, awake, finished, frames, queued; };
    struct driver;

    struct driver *driver_create(struct sound_device *device, uint32_t quantum);
    void driver_destroy(struct driver *driver);
    int driver_run(struct driver *driver, int priority);
    void driver_stop(struct driver *driver);
    int driver_watch(struct driver *driver, int fd, uint32_t slot);
    void driver_unwatch(struct driver *driver, int fd);
    bool driver_command(struct driver *driver, const struct driver_command *command);
    void driver_commit(struct driver *driver);
    void driver_take_back(struct driver *driver);
    bool driver_next_event(struct driver *driver, struct driver_event *event);
    int driver_event_fd(const struct driver *driver);
    const struct driver_counters *driver_counters(const struct driver *driver);
    size_t driver_records(const struct driver *driver, struct driver_record *records, size_t room);
    """
)
ffibuilder.set_source(
    "pyaudiobus.engine._engine",
    '#include "driver.h"\n#include "dsp_feeder.h"\n#include "generator.h"\n#include "ring_bytes.h"',
    sources=[f"src/pyaudiobus/engine/{name}.c" for name in SOURCES],
    include_dirs=[str(HERE)],
    libraries=["m"],
    depends=[str(header) for header in HERE.glob("*.h")],
    # The mix must be the same on every machine: no fused multiply and add; traps and errno are nobody's business here.
    # Clearing a few hundred samples is a loop: memset() would spend as much on choosing its way.
    extra_compile_args=[
        "-O3",
        "-ffp-contract=off",
        "-fno-math-errno",
        "-fno-trapping-math",
        "-fno-tree-loop-distribute-patterns",
        "-funroll-loops",
        "-Wall",
        "-Wextra",
    ],
)
