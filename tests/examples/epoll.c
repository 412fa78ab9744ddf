/* SPDX-License-Identifier: MIT */
/*
 * epoll.c - psring in a loop of epoll, beside another descriptor
 *
 *	epoll [USERSOCK-GROUP]
 *
 * Prints a line a sample until SIGINT, then what was still queued.
 */
#include "example.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void watch(int epoll_fd, int fd)
{
	/* Or EPOLLET: each return of 0 from psr_queue_wait arms an edge. */
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		example_check(-errno, "epoll_ctl");
}

int main(int argc, char **argv)
{
	struct psr_config config = example_config(argc > 1 ? argv[1] : NULL);
	int signal_fd = example_interrupt();
	struct psr *psr;
	struct psr_queue *queue;
	struct epoll_event event;
	int verdict;

	psr = example_start(&config);
	queue = psr_queue(psr, 0);
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	watch(epoll_fd, signal_fd);
	watch(epoll_fd, psr_queue_fd(queue));
	int watch_fd = psr_watch_fd(psr); /* of psample; -1: of usersock */
	if (watch_fd >= 0)
		watch(epoll_fd, watch_fd);

	/* The first call arms the descriptor. */
	while ((verdict = example_serve(queue)) == 0) {
		struct signalfd_siginfo signal_info;

		if (epoll_wait(epoll_fd, &event, 1, -1) < 1)
			continue;
		if (event.data.fd == signal_fd &&
		    read(signal_fd, &signal_info, sizeof(signal_info)) > 0)
			example_check(psr_stop(psr), "psr_stop");
		else if (event.data.fd == watch_fd)
			example_check(psr_watch(psr), "psr_watch");
	}
	example_end(psr, verdict);
}
