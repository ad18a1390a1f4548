// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a careful driver would refuse: decoder options that make no sense, and
 * options that the first bytes of the stream contradict. A number of 0 says
 * nothing, so it contradicts nothing. Bytes that are recognised as nothing are
 * let through where a codec has sync words: a DSP looks for them further on.
 *
 * The virtual DSP in user space has the same rules
 * (pyaudiobus/devices/virtual/option_checks.py).
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <sound/compress_params.h>

#include "options.h"

#define FLAC_HEAD	42	/* "fLaC", a block header, STREAMINFO */
#define OPUS_LONGEST	61440

static u32 be(const u8 *p, unsigned int bytes)
{
	u32 number = 0;

	while (bytes--)
		number = number << 8 | *p++;
	return number;
}

static u32 le(const u8 *p, unsigned int bytes)
{
	u32 number = 0;

	while (bytes--)
		number = number << 8 | p[bytes];
	return number;
}

static bool fault_is(struct vdsp_fault *fault, const char *field, u32 told,
		     u32 found)
{
	*fault = (struct vdsp_fault) {
		.field = field,
		.told = told,
		.found = found,
	};
	return true;
}

/* 0 says nothing. */
static bool differs(struct vdsp_fault *fault, const char *field, u32 told,
		    u32 found)
{
	return told && told != found && fault_is(fault, field, told, found);
}

static bool flac_wrong(const struct snd_codec *codec, struct vdsp_fault *f)
{
	const struct snd_dec_flac *d = &codec->options.flac_d;

	if (d->min_blk_size > d->max_blk_size)
		return fault_is(f, "flac_d.min_blk_size", d->min_blk_size, 0);
	if (d->max_blk_size && d->max_blk_size < 16)
		return fault_is(f, "flac_d.max_blk_size", d->max_blk_size, 0);
	return d->sample_size > 32 &&
	       fault_is(f, "flac_d.sample_size", d->sample_size, 0);
}

/* Sizes are bounds: a decoder that has room for more plays it too. */
static bool flac_differs(const struct snd_codec *codec, const u8 *head,
			 size_t len, struct vdsp_fault *f)
{
	const struct snd_dec_flac *d = &codec->options.flac_d;
	const u8 *info = head + 8;
	u32 longest;

	if (len < FLAC_HEAD || memcmp(head, "fLaC", 4))
		return false;
	longest = min_t(u32, be(info + 7, 3), 65535);
	if (d->min_blk_size > be(info, 2))
		return fault_is(f, "flac_d.min_blk_size", d->min_blk_size,
				be(info, 2));
	if (d->max_blk_size && d->max_blk_size < be(info + 2, 2))
		return fault_is(f, "flac_d.max_blk_size", d->max_blk_size,
				be(info + 2, 2));
	if (d->max_frame_size && d->max_frame_size < longest)
		return fault_is(f, "flac_d.max_frame_size", d->max_frame_size,
				longest);
	return differs(f, "flac_d.sample_size", d->sample_size,
		       (be(info + 12, 2) >> 4 & 31) + 1) ||
	       differs(f, "sample_rate", codec->sample_rate,
		       be(info + 10, 3) >> 4) ||
	       differs(f, "ch_in", codec->ch_in, (info[12] >> 1 & 7) + 1);
}

static bool aac_wrong(const struct snd_codec *codec, struct vdsp_fault *f)
{
	u32 format = codec->format;

	return (format & (format - 1) ||
		format > SND_AUDIOSTREAMFORMAT_RAW) &&
	       fault_is(f, "format", format, 0);
}

static bool adts_differs(const struct snd_codec *codec, const u8 *head,
			 size_t len, struct vdsp_fault *f)
{
	static const u32 rates[] = {
		96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000,
		12000, 11025, 8000, 7350
	};
	bool mpeg2 = codec->format == SND_AUDIOSTREAMFORMAT_MP2ADTS;
	u32 index, rate, channels;

	if (len < 4 || head[0] != 0xff || (head[1] & 0xf6) != 0xf0)
		return fault_is(f, "format", codec->format, be(head, 2));
	index = head[2] >> 2 & 15;
	rate = index < ARRAY_SIZE(rates) ? rates[index] : 0;
	channels = (head[2] & 1) << 2 | head[3] >> 6;
	channels = channels == 7 ? 8 : channels;
	/* With SBR it comes out twice as fast. */
	if (codec->sample_rate != rate && codec->sample_rate != 2 * rate)
		return fault_is(f, "sample_rate", codec->sample_rate, rate);
	/* Parametric stereo makes two channels of one. */
	if (channels && codec->ch_in != channels &&
	    !(channels == 1 && codec->ch_in == 2))
		return fault_is(f, "ch_in", codec->ch_in, channels);
	return mpeg2 != !!(head[1] & 8) &&
	       fault_is(f, "format", codec->format, head[1]);
}

static bool aac_differs(const struct snd_codec *codec, const u8 *head,
			size_t len, struct vdsp_fault *f)
{
	switch (codec->format) {
	case SND_AUDIOSTREAMFORMAT_MP2ADTS:
	case SND_AUDIOSTREAMFORMAT_MP4ADTS:
		return adts_differs(codec, head, len, f);
	case SND_AUDIOSTREAMFORMAT_MP4LOAS:
		return (be(head, 2) & 0xffe0) != 0x56e0 &&
		       fault_is(f, "format", codec->format, be(head, 2));
	case SND_AUDIOSTREAMFORMAT_ADIF:
		return memcmp(head, "ADIF", 4) &&
		       fault_is(f, "format", codec->format, be(head, 4));
	default:
		return false;
	}
}

static bool alac_wrong(const struct snd_codec *codec, struct vdsp_fault *f)
{
	const struct snd_dec_alac *d = &codec->options.alac_d;

	if (!d->frame_length)
		return fault_is(f, "alac_d.frame_length", 0, 0);
	if (!d->mb)
		return fault_is(f, "alac_d.mb", 0, 0);
	if (!d->kb)
		return fault_is(f, "alac_d.kb", 0, 0);
	return d->compatible_version &&
	       fault_is(f, "alac_d.compatible_version",
			d->compatible_version, 0);
}

/* One channel or a pair begins, and may say how many samples it has. */
static bool alac_differs(const struct snd_codec *codec, const u8 *head,
			 size_t len, struct vdsp_fault *f)
{
	const struct snd_dec_alac *d = &codec->options.alac_d;
	u32 element = head[0] >> 5;
	u32 samples;

	if (len < 7 || element > 1 || (codec->ch_in <= 2 && head[0] & 0x1f))
		return fault_is(f, "element", codec->ch_in, head[0]);
	/* More channels are several elements. */
	if (codec->ch_in <= 2 && element + 1 != codec->ch_in)
		return fault_is(f, "ch_in", codec->ch_in, element + 1);
	if (!(head[2] & 0x10))
		return false;
	samples = be(head + 2, 4) << 7 | head[6] >> 1;
	return samples > d->frame_length &&
	       fault_is(f, "alac_d.frame_length", d->frame_length, samples);
}

static bool ape_wrong(const struct snd_codec *codec, struct vdsp_fault *f)
{
	const struct snd_dec_ape *d = &codec->options.ape_d;

	if (d->compatible_version < 3800 || d->compatible_version > 3999)
		return fault_is(f, "ape_d.compatible_version",
				d->compatible_version, 0);
	if (d->compression_level < 1000 || d->compression_level > 5000 ||
	    d->compression_level % 1000)
		return fault_is(f, "ape_d.compression_level",
				d->compression_level, 0);
	if (!d->total_frames)
		return fault_is(f, "ape_d.total_frames", 0, 0);
	return (!d->final_frame_blocks ||
		d->final_frame_blocks > d->blocks_per_frame) &&
	       fault_is(f, "ape_d.final_frame_blocks",
			d->final_frame_blocks, 0);
}

static bool ape_differs(const struct snd_codec *codec, const u8 *head,
			size_t len, struct vdsp_fault *f)
{
	const struct snd_dec_ape *d = &codec->options.ape_d;
	u32 version, at;

	if (len < 12 || memcmp(head, "MAC ", 4))
		return d->seek_table_present &&
		       fault_is(f, "ape_d.seek_table_present",
				d->seek_table_present, 0);
	version = le(head + 4, 2);
	if (differs(f, "ape_d.compatible_version", d->compatible_version,
		    version))
		return true;
	at = le(head + 8, 4);
	/* Before 3.98 there is no descriptor. */
	if (version < 3980 || at > len || len - at < 16)
		return false;
	head += at;
	return differs(f, "ape_d.compression_level", d->compression_level,
		       le(head, 2)) ||
	       differs(f, "ape_d.format_flags", d->format_flags,
		       le(head + 2, 2)) ||
	       differs(f, "ape_d.blocks_per_frame", d->blocks_per_frame,
		       le(head + 4, 4)) ||
	       differs(f, "ape_d.final_frame_blocks", d->final_frame_blocks,
		       le(head + 8, 4)) ||
	       differs(f, "ape_d.total_frames", d->total_frames,
		       le(head + 12, 4));
}

static bool wma_wrong(const struct snd_codec *codec, struct vdsp_fault *f)
{
	u32 profile = codec->profile;

	if (!profile || profile & (profile - 1) ||
	    profile > SND_AUDIOPROFILE_WMA10_LOSSLESS)
		return fault_is(f, "profile", profile, 0);
	return !codec->align && fault_is(f, "align", 0, 0);
}

#ifdef SND_AUDIOCODEC_OPUS_RAW
static bool opus_wrong(const struct snd_codec *codec, struct vdsp_fault *f)
{
	const struct snd_dec_opus *d = &codec->options.opus_d;

	if (!d->version || d->version >> 4)
		return fault_is(f, "opus_d.version", d->version, 0);
	if (!d->num_channels || d->num_channels > 8 ||
	    d->num_channels != codec->ch_in)
		return fault_is(f, "opus_d.num_channels", d->num_channels,
				codec->ch_in);
	if (!d->mapping_family)
		return d->num_channels > 2 &&
		       fault_is(f, "opus_d.mapping_family", 0, 0);
	return (!d->chan_map.stream_count ||
		d->chan_map.coupled_count > d->chan_map.stream_count) &&
	       fault_is(f, "opus_d.stream_count", d->chan_map.stream_count, 0);
}

static bool opus_differs(const struct snd_codec *codec, const u8 *head,
			 size_t len, struct vdsp_fault *f)
{
	u32 length = len < 4 ? 0 : le(head, 4);

	return (!length || length > OPUS_LONGEST) &&
	       fault_is(f, "packet_length", 0, length);
}
#endif

static bool vorbis_differs(const struct snd_codec *codec, const u8 *head,
			   size_t len, struct vdsp_fault *f)
{
	/* In the first page of Ogg, or behind its own length. */
	size_t at = len >= 4 && !memcmp(head, "OggS", 4) ? 28 : 4;

	if (len < at + 16 || memcmp(head + at, "\x01vorbis", 7))
		return fault_is(f, "first_header", 0, 0);
	return differs(f, "ch_in", codec->ch_in, head[at + 11]) ||
	       differs(f, "sample_rate", codec->sample_rate,
		       le(head + at + 12, 4));
}

static bool amr_wrong(const struct snd_codec *codec, struct vdsp_fault *f)
{
	u32 rate = codec->id == SND_AUDIOCODEC_AMR ? 8000 : 16000;

	if (codec->sample_rate != rate)
		return fault_is(f, "sample_rate", codec->sample_rate, 0);
	if (codec->ch_in != 1)
		return fault_is(f, "ch_in", codec->ch_in, 0);
	return !codec->format && fault_is(f, "format", 0, 0);
}

static bool amr_differs(const struct snd_codec *codec, const u8 *head,
			size_t len, struct vdsp_fault *f)
{
	static const u32 narrow[] = {
		4750, 5150, 5900, 6700, 7400, 7950, 10200, 12200
	};
	static const u32 wide[] = {
		6600, 8850, 12650, 14250, 15850, 18250, 19850, 23050, 23850
	};
	bool is_wide = codec->id == SND_AUDIOCODEC_AMRWB;
	const char *magic = is_wide ? "#!AMR-WB\n" : "#!AMR\n";
	u32 rates = is_wide ? ARRAY_SIZE(wide) : ARRAY_SIZE(narrow);
	size_t at = strlen(magic);
	u32 mode;

	if (codec->format != SND_AUDIOSTREAMFORMAT_FSF || len < 10 ||
	    memcmp(head, "#!AMR", 5))
		return false;
	if (memcmp(head, magic, at))
		return fault_is(f, "id", codec->id, head[5]);
	mode = head[at] >> 3 & 15;
	return mode < rates &&
	       differs(f, "bit_rate", codec->bit_rate,
		       is_wide ? wide[mode] : narrow[mode]);
}

static bool burst_fits(u32 mode, u32 type)
{
	switch (mode) {
	case SND_AUDIOMODE_IEC_AC3:
		return type == 0x01;
	case SND_AUDIOMODE_IEC_EAC3:
		return type == 0x15;
	case SND_AUDIOMODE_IEC_DTS:
		return type >= 0x0b && type <= 0x0d;
	default:
		return true;
	}
}

static bool burst_differs(const struct snd_codec *codec, const u8 *head,
			  size_t len, struct vdsp_fault *f)
{
	if (len < 8 || memcmp(head, "\x72\xf8\x1f\x4e", 4))
		return fault_is(f, "preamble", 0x4e1ff872,
				len < 4 ? 0 : le(head, 4));
	return !burst_fits(codec->level, head[4] & 0x1f) &&
	       fault_is(f, "level", codec->level, head[4] & 0x1f);
}

/**
 * vdsp_options_wrong - do the options make no sense by themselves
 * @codec: from SET_PARAMS
 * @fault: what is wrong
 */
bool vdsp_options_wrong(const struct snd_codec *codec, struct vdsp_fault *fault)
{
	switch (codec->id) {
	case SND_AUDIOCODEC_FLAC:
		return flac_wrong(codec, fault);
	case SND_AUDIOCODEC_AAC:
		return aac_wrong(codec, fault);
	case SND_AUDIOCODEC_ALAC:
		return alac_wrong(codec, fault);
	case SND_AUDIOCODEC_APE:
		return ape_wrong(codec, fault);
	case SND_AUDIOCODEC_WMA:
		return wma_wrong(codec, fault);
	case SND_AUDIOCODEC_AMR:
	case SND_AUDIOCODEC_AMRWB:
		return amr_wrong(codec, fault);
	case SND_AUDIOCODEC_IEC61937:
		return codec->ch_in != 2 &&
		       fault_is(fault, "ch_in", codec->ch_in, 0);
#ifdef SND_AUDIOCODEC_OPUS_RAW
	case SND_AUDIOCODEC_OPUS_RAW:
		return opus_wrong(codec, fault);
#endif
	default:
		return false;
	}
}

/**
 * vdsp_stream_differs - do the first bytes contradict the options
 * @codec: from SET_PARAMS
 * @head: the stream's first bytes, with zeros up to VDSP_HEAD
 * @len: how many of them are the stream's
 * @fault: what differs
 */
bool vdsp_stream_differs(const struct snd_codec *codec, const u8 *head,
			 size_t len, struct vdsp_fault *fault)
{
	switch (codec->id) {
	case SND_AUDIOCODEC_FLAC:
		return flac_differs(codec, head, len, fault);
	case SND_AUDIOCODEC_AAC:
		return aac_differs(codec, head, len, fault);
	case SND_AUDIOCODEC_ALAC:
		return alac_differs(codec, head, len, fault);
	case SND_AUDIOCODEC_APE:
		return ape_differs(codec, head, len, fault);
	case SND_AUDIOCODEC_VORBIS:
		return vorbis_differs(codec, head, len, fault);
	case SND_AUDIOCODEC_AMR:
	case SND_AUDIOCODEC_AMRWB:
		return amr_differs(codec, head, len, fault);
	case SND_AUDIOCODEC_IEC61937:
		return burst_differs(codec, head, len, fault);
#ifdef SND_AUDIOCODEC_OPUS_RAW
	case SND_AUDIOCODEC_OPUS_RAW:
		return opus_differs(codec, head, len, fault);
#endif
	default:
		return false;
	}
}
