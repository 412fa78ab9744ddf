/* SPDX-License-Identifier: MIT */
/*
 * SIGINT and SIGTERM: a thread that waits for them. It lives as long as the
 * process, as signals do; so does its descriptor.
 */
#include "signals.h"

#include "subcommands.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static _Atomic(int) came;
/* Set by the main thread, called by signals_run: seq_cst, for it is rare. */
static void (*_Atomic before_kill)(void);
static int came_fd; /* set before the thread starts */

static sigset_t ending_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	return set;
}

/*
 * One that follows at once is the same one: timeout(1) sends its signal to the
 * process and then to the group.
 */
static void *signals_run(void *argument)
{
	const struct timespec at_once = { .tv_nsec = 100000000 };
	sigset_t set = ending_signals();
	void (*restore)(void);
	int signal_number;

	pthread_setname_np(pthread_self(), "signals");
	while (!sigwait(&set, &signal_number)) {
		if (atomic_exchange(&came, 1)) {
			restore = atomic_load(&before_kill);
			if (restore)
				restore();
			_exit(EXIT_KILLED);
		}
		eventfd_write(came_fd, 1);
		while (sigtimedwait(&set, NULL, &at_once) > 0)
			;
	}
	return argument;
}

int signals_open(void)
{
	sigset_t set = ending_signals();
	pthread_t thread;
	int error;

	came_fd = eventfd(0, EFD_CLOEXEC);
	if (came_fd < 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	error = pthread_create(&thread, NULL, signals_run, NULL);
	if (error) {
		close(came_fd);
		return -error;
	}
	pthread_detach(thread);
	return came_fd;
}

void signals_before_kill(void (*restore)(void))
{
	atomic_store(&before_kill, restore);
}

int signals_came(void)
{
	return atomic_load(&came);
}
