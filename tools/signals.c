/* SPDX-License-Identifier: MIT */
/*
 * SIGINT, SIGTERM, SIGHUP and SIGTSTP: a thread that waits for them. It lives as long as
 * the process, as signals do; so do its descriptors.
 */
#include "signals.h"

#include "subcommands.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static _Atomic(int) came;
/* Set by the main thread, called by signals_run: seq_cst, for it is rare. */
static void (*_Atomic restore_screen)(void);
/* Set before the thread starts. */
static int came_fd, stop_fd;
static pthread_t main_thread;

/* As by nohup(1): who waits for it would hear it nevertheless. */
static bool is_ignored(int signal_number)
{
	struct sigaction action;

	return !sigaction(signal_number, NULL, &action) &&
	       action.sa_handler == SIG_IGN;
}

static sigset_t ending_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (!is_ignored(SIGHUP))
		sigaddset(&set, SIGHUP);
	return set;
}

static sigset_t all_signals(void)
{
	sigset_t set = ending_signals();

	sigaddset(&set, SIGTSTP);
	return set;
}

/*
 * One that follows at once is the same one: timeout(1) sends its signal to the
 * process and then to the group.
 */
static void signals_end(void)
{
	const struct timespec at_once = { .tv_nsec = 100000000 };
	void (*restore)(void) = atomic_load(&restore_screen);
	sigset_t set = ending_signals();

	if (atomic_exchange(&came, 1)) {
		if (restore)
			restore();
		_exit(EXIT_KILLED);
	}
	eventfd_write(came_fd, 1);
	while (sigtimedwait(&set, NULL, &at_once) > 0)
		;
}

/*
 * By the signal itself, in a thread that lets it through: so the kernel heeds who
 * ignores it, and a group of processes that nobody could continue.
 */
void signals_stop(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/*
 * It waits for the main thread to put the screen away. A shell may have taken the
 * terminal by then, which stops whoever gives it back; being continued from that
 * is the end of this signal, too.
 */
static void signals_take_stop(void)
{
	if (atomic_load(&restore_screen)) {
		pthread_kill(main_thread, SIGTSTP);
		eventfd_write(stop_fd, 1);
	} else {
		raise(SIGTSTP);
		signals_stop();
	}
}

static void *signals_run(void *argument)
{
	sigset_t set = all_signals();
	int signal_number;

	pthread_setname_np(pthread_self(), "signals");
	while (!sigwait(&set, &signal_number)) {
		if (signal_number == SIGTSTP)
			signals_take_stop();
		else
			signals_end();
	}
	return argument;
}

int signals_open(void)
{
	sigset_t set = all_signals();
	pthread_t thread;
	int error;

	came_fd = eventfd(0, EFD_CLOEXEC);
	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (came_fd < 0 || stop_fd < 0)
		return -errno;
	main_thread = pthread_self();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	error = pthread_create(&thread, NULL, signals_run, NULL);
	if (error)
		return -error;
	pthread_detach(thread);
	return came_fd;
}

void signals_have_screen(void (*restore)(void))
{
	atomic_store(&restore_screen, restore);
}

int signals_stop_fd(void)
{
	return stop_fd;
}

int signals_came(void)
{
	return atomic_load(&came);
}
