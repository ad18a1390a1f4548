"""Generates _abi.py from the C declarations below; run it by hand after changing them. Nothing imports it at run time.

    python -m pyaudiobus.devices.abi_build [OUTPUT]

The declarations are the layouts of `<sound/compress_offload.h>`, `<sound/compress_params.h>` (protocol 0.4.1; older
kernels have the same sizes and know fewer fields) and `<tinycompress/tinycompress.h>`. The kernel packs to 4 bytes;
every field lies on its natural boundary within that, so the packing to 1 byte that cffi offers gives the same offsets,
once the tail of snd_compr_params is written out. A test compares sizes, offsets and numbers with the C headers.
"""

from __future__ import annotations

import os
import sys

import cffi

KERNEL_TYPES = """
struct snd_compressed_buffer { uint32_t fragment_size; uint32_t fragments; };
struct snd_enc_generic { uint32_t bw; int32_t reserved[15]; };
struct snd_dec_flac {
    uint16_t sample_size; uint16_t min_blk_size; uint16_t max_blk_size;
    uint16_t min_frame_size; uint16_t max_frame_size; uint16_t reserved;
};
struct snd_dec_wma {
    uint32_t encoder_option; uint32_t adv_encoder_option; uint32_t adv_encoder_option2; uint32_t reserved;
};
struct snd_dec_alac {
    uint32_t frame_length;
    uint8_t compatible_version; uint8_t pb; uint8_t mb; uint8_t kb;
    uint32_t max_run; uint32_t max_frame_bytes;
};
struct snd_dec_ape {
    uint16_t compatible_version; uint16_t compression_level;
    uint32_t format_flags; uint32_t blocks_per_frame; uint32_t final_frame_blocks; uint32_t total_frames;
    uint32_t seek_table_present;
};
struct snd_dec_opus {
    uint8_t version; uint8_t num_channels; uint16_t pre_skip; uint32_t sample_rate; uint16_t output_gain;
    uint8_t mapping_family; uint8_t stream_count; uint8_t coupled_count; uint8_t channel_map[8]; uint8_t tail[3];
};
union snd_codec_options {
    struct snd_enc_generic generic;
    struct snd_dec_flac flac_d;
    struct snd_dec_wma wma_d;
    struct snd_dec_alac alac_d;
    struct snd_dec_ape ape_d;
    struct snd_dec_opus opus_d;
};
struct snd_codec {
    uint32_t id; uint32_t ch_in; uint32_t ch_out; uint32_t sample_rate; uint32_t bit_rate; uint32_t rate_control;
    uint32_t profile; uint32_t level; uint32_t ch_mode; uint32_t format; uint32_t align;
    union snd_codec_options options;
    uint32_t pcm_format; uint32_t reserved[2];
};
struct snd_compr_params {
    struct snd_compressed_buffer buffer; struct snd_codec codec; uint8_t no_wake_mode; uint8_t tail[3];
};
struct snd_compr_caps {
    uint32_t num_codecs; uint32_t direction; uint32_t min_fragment_size; uint32_t max_fragment_size;
    uint32_t min_fragments; uint32_t max_fragments; uint32_t codecs[32]; uint32_t reserved[11];
};
struct snd_compr_metadata { uint32_t key; uint32_t value[8]; };
struct snd_compr_tstamp {
    uint32_t byte_offset; uint32_t copied_total; uint32_t pcm_frames; uint32_t pcm_io_frames; uint32_t sampling_rate;
};
struct snd_compr_tstamp64 {
    uint32_t byte_offset; uint64_t copied_total; uint64_t pcm_frames; uint64_t pcm_io_frames; uint32_t sampling_rate;
};
struct snd_compr_avail { uint64_t avail; struct snd_compr_tstamp tstamp; };
struct snd_compr_avail64 { uint64_t avail; struct snd_compr_tstamp64 tstamp; };
"""

LIBC = """
struct pollfd { int fd; short events; short revents; };
int open(const char *path, int flags, ...);
int ioctl(int fd, unsigned long request, ...);
ssize_t write(int fd, const void *data, size_t count);
int poll(struct pollfd *fds, unsigned long count, int timeout);
int close(int fd);
"""

TINYCOMPRESS = """
struct compress;
struct compr_config { uint32_t fragment_size; uint32_t fragments; struct snd_codec *codec; };
struct compr_gapless_mdata { uint32_t encoder_delay; uint32_t encoder_padding; };
struct timespec { long tv_sec; long tv_nsec; };
struct compress *compress_open(unsigned int card, unsigned int device, unsigned int flags, struct compr_config *config);
void compress_close(struct compress *compress);
int is_compress_ready(struct compress *compress);
const char *compress_get_error(struct compress *compress);
void compress_nonblock(struct compress *compress, int nonblock);
int compress_write(struct compress *compress, const void *data, unsigned int size);
int compress_wait(struct compress *compress, int timeout);
int compress_start(struct compress *compress);
int compress_stop(struct compress *compress);
int compress_pause(struct compress *compress);
int compress_resume(struct compress *compress);
int compress_drain(struct compress *compress);
int compress_partial_drain(struct compress *compress);
int compress_next_track(struct compress *compress);
int compress_set_gapless_metadata(struct compress *compress, struct compr_gapless_mdata *metadata);
int compress_get_hpointer(struct compress *compress, unsigned int *avail, struct timespec *tstamp);
int compress_get_hpointer64(struct compress *compress, unsigned long long *avail, struct timespec *tstamp);
int compress_get_tstamp(struct compress *compress, unsigned int *samples, unsigned int *rate);
int compress_get_tstamp64(struct compress *compress, unsigned long long *samples, unsigned int *rate);
"""


def generate(path: str) -> None:
    """Write the out-of-line ABI-mode module to `path`."""
    builder = cffi.FFI()
    builder.cdef(KERNEL_TYPES, packed=True)
    builder.cdef(LIBC + TINYCOMPRESS)
    builder.set_source("pyaudiobus.devices._abi", None)
    builder.emit_python_code(path)


if __name__ == "__main__":
    generate(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "_abi.py"))
