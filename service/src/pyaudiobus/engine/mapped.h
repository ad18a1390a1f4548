/* SPDX-License-Identifier: MIT
 *
 * Reading memory of a mapped file whose pages may be gone: it was cut short, or its medium was pulled out. The kernel
 * answers that with SIGBUS, at any step; here it is an error. (PulseAudio guards its memory so too, pulsecore/memtrap.)
 */
#ifndef MAPPED_H
#define MAPPED_H

/* Have `read` called. 0, or -EFAULT where it was left in the middle because a page is gone; it must hold no lock. */
int mapped_read(void (*read)(void *with), void *with);

#endif
