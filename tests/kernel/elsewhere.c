/* SPDX-License-Identifier: MIT */
/*
 * elsewhere NETNS COUNT - hear COUNT samples of another network namespace from
 * this one, also where psample is unloaded and loaded meanwhile. Then stop, in
 * the middle of what is sent, and see that the books balance.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <psring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void fail(const char *what, int err)
{
	fprintf(stderr, "elsewhere: %s: %s\n", what, strerrordesc_np(-err));
	_exit(1);
}

/* Takes what is there. Returns 0, or -ESHUTDOWN at the end. */
static int take(struct psr_queue *queue, int timeout_ms, uint64_t *taken)
{
	const struct psr_view *views;
	int verdict;

	while ((verdict = psr_queue_wait(queue, timeout_ms)) > 0) {
		uint32_t count = psr_queue_peek(queue, &views);

		psr_queue_release(queue, count);
		*taken += count;
	}
	return verdict;
}

/* Tells what is heard of psample as psring does. */
static void watch(struct psr *psr)
{
	int is_listening = psr_watch(psr);

	if (is_listening < 0)
		fail("psr_watch", is_listening);
	fprintf(stderr, "%s\n", is_listening ? "listening" : "interrupted");
}

static void hear(struct psr *psr, uint64_t wanted)
{
	struct psr_queue *queue = psr_queue(psr, 0);
	struct pollfd fds[] = {
		{ .fd = psr_queue_fd(queue), .events = POLLIN },
		{ .fd = psr_watch_fd(psr), .events = POLLIN },
	};
	uint64_t taken = 0;
	int err = 0;

	watch(psr);
	while (!err && (err = take(queue, 0, &taken)) == 0 && taken < wanted) {
		err = poll(fds, 2, -1) < 0 ? -errno : 0;
		if (fds[1].revents)
			watch(psr);
	}
	if (!err)
		err = psr_stop(psr);
	if (!err)
		err = take(queue, -1, &taken);
	if (err != -ESHUTDOWN)
		fail("not the end that was asked for", err);
}

int main(int argc, char **argv)
{
	struct psr_group_stats group;
	struct psr_config config;
	struct psr_stats stats;
	const char *cause = "";
	struct psr *psr;
	int err;

	if (argc != 3)
		fail("NETNS COUNT", -EINVAL);
	psr_config_init(&config);
	config.netns = argv[1];
	err = psr_open(&config, &psr, &cause);
	if (err < 0)
		fail(cause, err);
	err = psr_start(psr);
	if (err < 0)
		fail("psr_start", err);
	hear(psr, strtoull(argv[2], NULL, 10));
	psr_stats(psr, &stats);
	if (psr_group_stats(psr, &group, 1) != 1)
		fail("sample groups", -EINVAL);
	printf("%" PRIu64 " interruptions, %" PRIu64 " lost, %" PRId64
	       " left, %" PRId64 " missing\n",
	       stats.interruptions, stats.lost_socket, stats.left_in_socket,
	       group.missing);
	psr_close(psr);
	return stats.received != stats.delivered;
}
