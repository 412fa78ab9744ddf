/* SPDX-License-Identifier: MIT */
/*
 * uring.c - psring in the io_uring of its caller, beside another descriptor
 *
 *	uring [USERSOCK-GROUP]
 *
 * Prints a line a sample until SIGINT, then what was still queued. The engine
 * has rings of its own, of which this one knows nothing.
 */
#include "example.h"

#include <liburing.h>
#include <poll.h>
#include <unistd.h>

/* One completion, once @fd is readable: also if it is so already. */
static void watch(struct io_uring *ring, int fd)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	io_uring_prep_poll_add(sqe, fd, POLLIN);
	io_uring_sqe_set_data64(sqe, (unsigned int)fd);
	example_check(io_uring_submit(ring), "io_uring_submit");
}

int main(int argc, char **argv)
{
	struct psr_config config = example_config(argc > 1 ? argv[1] : NULL);
	int signal_fd = example_interrupt();
	struct psr *psr;
	struct psr_queue *queue;
	struct io_uring ring;
	struct io_uring_cqe *cqe;
	int verdict, watched = 0;

	psr = example_start(&config);
	queue = psr_queue(psr, 0);
	example_check(io_uring_queue_init(8, &ring, 0), "io_uring_queue_init");
	watch(&ring, signal_fd);
	while ((verdict = example_serve(queue)) == 0) {
		/* Not before: psr_queue_wait has cleared and armed it now. */
		if (!watched)
			watch(&ring, psr_queue_fd(queue));
		watched = 1;
		if (io_uring_wait_cqe(&ring, &cqe) < 0)
			continue;
		int fd = (int)io_uring_cqe_get_data64(cqe);
		io_uring_cqe_seen(&ring, cqe);
		if (fd == signal_fd)
			example_check(psr_stop(psr), "psr_stop");
		else
			watched = 0;
	}
	io_uring_queue_exit(&ring);
	close(signal_fd);
	example_end(psr, verdict);
}
