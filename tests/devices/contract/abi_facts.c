/* Prints what the C headers say about the structs and requests that the binding declares itself. */
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include <sound/compress_offload.h>

#define SIZE(type) printf("sizeof struct %s %zu\n", #type, sizeof(struct type))
#define OFFSET(type, field) printf("offsetof struct %s %s %zu\n", #type, #field, offsetof(struct type, field))
#define REQUEST(name) printf("request %s %lu\n", #name, (unsigned long)SNDRV_COMPRESS_##name)
#define CODEC(name) printf("codec %s %u\n", #name, SND_AUDIOCODEC_##name)

int main(void)
{
	SIZE(snd_codec);
	SIZE(snd_compr_params);
	SIZE(snd_compr_caps);
	SIZE(snd_compr_metadata);
	SIZE(snd_compr_tstamp);
	SIZE(snd_compr_avail);
	SIZE(snd_dec_flac);
	SIZE(snd_dec_wma);
	SIZE(snd_dec_alac);
	SIZE(snd_dec_ape);
	OFFSET(snd_codec, id);
	OFFSET(snd_codec, ch_in);
	OFFSET(snd_codec, ch_out);
	OFFSET(snd_codec, sample_rate);
	OFFSET(snd_codec, bit_rate);
	OFFSET(snd_codec, rate_control);
	OFFSET(snd_codec, profile);
	OFFSET(snd_codec, level);
	OFFSET(snd_codec, ch_mode);
	OFFSET(snd_codec, format);
	OFFSET(snd_codec, align);
	OFFSET(snd_codec, options);
	OFFSET(snd_compr_params, codec);
	OFFSET(snd_compr_params, no_wake_mode);
	OFFSET(snd_compr_caps, direction);
	OFFSET(snd_compr_caps, max_fragments);
	OFFSET(snd_compr_caps, codecs);
	OFFSET(snd_compr_metadata, value);
	OFFSET(snd_compr_tstamp, copied_total);
	OFFSET(snd_compr_tstamp, pcm_io_frames);
	OFFSET(snd_compr_tstamp, sampling_rate);
	OFFSET(snd_compr_avail, tstamp);
	OFFSET(snd_dec_flac, max_frame_size);
	OFFSET(snd_dec_alac, kb);
	OFFSET(snd_dec_alac, max_run);
	OFFSET(snd_dec_alac, max_frame_bytes);
	OFFSET(snd_dec_ape, format_flags);
	OFFSET(snd_dec_ape, total_frames);
	REQUEST(IOCTL_VERSION);
	REQUEST(GET_CAPS);
	REQUEST(SET_PARAMS);
	REQUEST(SET_METADATA);
	REQUEST(TSTAMP);
	REQUEST(AVAIL);
	REQUEST(PAUSE);
	REQUEST(RESUME);
	REQUEST(START);
	REQUEST(STOP);
	REQUEST(DRAIN);
	REQUEST(NEXT_TRACK);
	REQUEST(PARTIAL_DRAIN);
	CODEC(PCM);
	CODEC(MP3);
	CODEC(AMR);
	CODEC(AAC);
	CODEC(WMA);
	CODEC(REAL);
	CODEC(VORBIS);
	CODEC(FLAC);
	CODEC(IEC61937);
	CODEC(ALAC);
	CODEC(APE);
	return 0;
}
