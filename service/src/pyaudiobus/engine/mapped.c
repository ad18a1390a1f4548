/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "mapped.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

static _Thread_local sigjmp_buf *way_out; /* of this thread, while it reads */
static _Thread_local bool is_passed_on; /* the error this thread is in */
static struct sigaction before; /* what was done about SIGBUS before */

/*
 * What is not ours goes to whoever had it; nobody: the fault comes again, and ends the process as it would have. Two
 * libraries that have this code may each have taken it from the other.
 */
static void on_bus_error(int number, siginfo_t *info, void *context)
{
	if (way_out)
		siglongjmp(*way_out, 1);
	if (!is_passed_on && (before.sa_flags & SA_SIGINFO || (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN))) {
		is_passed_on = true;
		if (before.sa_flags & SA_SIGINFO)
			before.sa_sigaction(number, info, context);
		else
			before.sa_handler(number);
		is_passed_on = false;
		return;
	}
	signal(number, SIG_DFL);
	if (info->si_code <= 0) /* somebody sent it: it does not come again by itself */
		raise(number);
}

/* Once, and again where somebody else has taken it since. SA_NODEFER: the way out leaves no signal blocked. */
static void catch_bus_errors(void)
{
	struct sigaction ours = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK }, now;

	if (sigaction(SIGBUS, NULL, &now) || (now.sa_flags & SA_SIGINFO && now.sa_sigaction == on_bus_error))
		return;
	before = now;
	sigaction(SIGBUS, &ours, NULL);
}

int mapped_read(void (*read)(void *with), void *with)
{
	sigjmp_buf here;

	catch_bus_errors();
	if (sigsetjmp(here, 0)) {
		way_out = NULL;
		return -EFAULT;
	}
	way_out = &here;
	read(with);
	way_out = NULL;
	return 0;
}
