/* SPDX-License-Identifier: MIT */
/*
 * libuv.c - psring in the event loop of libuv, beside another handle
 *
 *	libuv [USERSOCK-GROUP]
 *
 * Prints a line a sample until SIGINT, then what was still queued.
 */
#include "example.h"

#include <signal.h>
#include <uv.h>

struct listener {
	struct psr *psr;
	struct psr_queue *queue;
	uv_poll_t poll;
	uv_signal_t interrupt;
	int verdict;
};

/* Once there is nothing more, the loop has no handle left, and ends. */
static void serve(struct listener *listener)
{
	listener->verdict = example_serve(listener->queue);
	if (listener->verdict == 0)
		return;
	uv_close((uv_handle_t *)&listener->poll, NULL);
	uv_close((uv_handle_t *)&listener->interrupt, NULL);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	serve(poll->data);
}

static void on_interrupt(uv_signal_t *interrupt, int number)
{
	struct listener *listener = interrupt->data;

	(void)number;
	example_check(psr_stop(listener->psr), "psr_stop");
}

int main(int argc, char **argv)
{
	struct psr_config config = example_config(argc > 1 ? argv[1] : NULL);
	struct listener listener = { .psr = example_start(&config) };
	uv_loop_t *loop = uv_default_loop();

	listener.queue = psr_queue(listener.psr, 0);
	uv_poll_init(loop, &listener.poll, psr_queue_fd(listener.queue));
	uv_signal_init(loop, &listener.interrupt);
	listener.poll.data = listener.interrupt.data = &listener;
	uv_poll_start(&listener.poll, UV_READABLE, on_readable);
	uv_signal_start(&listener.interrupt, on_interrupt, SIGINT);

	serve(&listener); /* arms the descriptor */
	uv_run(loop, UV_RUN_DEFAULT);
	uv_loop_close(loop);
	example_end(listener.psr, listener.verdict);
}
