/* What the stand-ins and the tests share: the emulated kernel's calls, and the knobs to turn while it runs. */
#ifndef STANDIN_H
#define STANDIN_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/types.h>

#include <sound/compress_offload.h>

/* Protocol 0.4.0's calls, which the headers of older kernels lack. */
struct standin_tstamp64 {
	uint32_t byte_offset;
	uint64_t copied_total;
	uint64_t pcm_frames;
	uint64_t pcm_io_frames;
	uint32_t sampling_rate;
} __attribute__((packed, aligned(4)));

struct standin_avail64 {
	uint64_t avail;
	struct standin_tstamp64 tstamp;
} __attribute__((packed, aligned(4)));

#define STANDIN_TSTAMP64 _IOR('C', 0x22, struct standin_tstamp64)
#define STANDIN_AVAIL64 _IOR('C', 0x23, struct standin_avail64)
#define STANDIN_PROTOCOL_WIDE SNDRV_PROTOCOL_VERSION(0, 4, 0)

int standin_open(const char *path, int flags);
int standin_ioctl(int fd, unsigned long request, void *argument);
ssize_t standin_write(int fd, const void *data, size_t count);
int standin_poll(struct pollfd *fds, unsigned long count, int milliseconds);
int standin_close(int fd);

#endif
