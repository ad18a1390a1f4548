/* SPDX-License-Identifier: MIT
 *
 * Agreeing on a configuration with a PCM of the kernel: what it can do, what it is told to do. No sound passes here.
 */
#ifndef PCM_PARAMS_H
#define PCM_PARAMS_H

#include "sound_device.h"

/* Each returns 0 or a negative errno; `step` is where it happened. `wish` becomes what was granted. */
int pcm_agree(int fd, struct pcm_wish *wish, enum pcm_step *step);

#endif
