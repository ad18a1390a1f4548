/* SPDX-License-Identifier: MIT
 *
 * The longest leap of the present window and of the one before counts, so that what happened once is forgotten.
 */
#include "leaps.h"

#define SECOND 1000000000ull
#define WINDOW (10 * SECOND) /* looks may keep step with the ticks for seconds */
#define LOOKS 16u /* in a window, or more */
#define MOST 10u /* a part of a second */

void leaps_begin(struct leaps *leaps, uint32_t allowed)
{
	*leaps = (struct leaps){ .allowed = allowed, .former = allowed };
}

void leaps_start(struct leaps *leaps)
{
	leaps->time = 0;
}

static void note(struct leaps *leaps, uint64_t leap, uint32_t rate)
{
	uint32_t most = rate / MOST;

	leap = leap < most ? leap : most;
	if (leap > leaps->longest)
		leaps->longest = (uint32_t)leap;
}

static void turn_window(struct leaps *leaps)
{
	if (leaps->looks < LOOKS || leaps->passed < WINDOW)
		return;
	leaps->former = leaps->longest;
	leaps->longest = leaps->looks = 0;
	leaps->passed = 0;
}

void leaps_look(struct leaps *leaps, uint64_t time, uint64_t queued, uint32_t rate)
{
	uint64_t passed = time - leaps->time, left = queued + passed * rate / SECOND;

	if (leaps->time) {
		turn_window(leaps);
		leaps->looks++;
		leaps->passed += passed;
		note(leaps, leaps->queued > left ? leaps->queued - left : 0, rate);
	}
	leaps->time = time;
	leaps->queued = queued;
}

void leaps_write(struct leaps *leaps, uint64_t written)
{
	leaps->queued += written;
}

void leaps_ran_dry(struct leaps *leaps, uint32_t rate)
{
	note(leaps, 2ull * leaps_kept(leaps) + leaps->allowed, rate);
}

uint32_t leaps_kept(const struct leaps *leaps)
{
	if (!leaps->allowed)
		return 0;
	return leaps->longest > leaps->former ? leaps->longest : leaps->former;
}
