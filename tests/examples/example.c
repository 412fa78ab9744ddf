/* SPDX-License-Identifier: MIT */
#include "example.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

void example_check(int err, const char *what)
{
	if (err >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-err));
	exit(1);
}

int example_interrupt(void)
{
	sigset_t interrupt;

	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(SIG_BLOCK, &interrupt, NULL);
	return signalfd(-1, &interrupt, SFD_CLOEXEC);
}

struct psr_config example_config(const char *usersock_group)
{
	struct psr_config config;

	psr_config_init(&config);
	if (usersock_group) {
		config.source = PSR_SOURCE_USERSOCK;
		config.usersock_group =
			(uint32_t)strtoul(usersock_group, NULL, 10);
	}
	return config;
}

struct psr *example_start(const struct psr_config *config)
{
	const char *cause = "";
	struct psr *psr;
	int err = psr_open(config, &psr, &cause);

	example_check(err, cause);
	example_check(psr_start(psr), "psr_start");
	fprintf(stderr, "listening\n");
	return psr;
}

int example_serve(struct psr_queue *queue)
{
	const struct psr_view *views;
	int verdict;

	while ((verdict = psr_queue_wait(queue, 0)) > 0) {
		uint32_t count = psr_queue_peek(queue, &views);

		for (uint32_t i = 0; i < count; i++)
			printf("group %u: %u bytes\n", views[i].group,
			       views[i].orig_size);
		psr_queue_release(queue, count);
		fflush(stdout);
	}
	return verdict;
}

void example_end(struct psr *psr, int err)
{
	struct psr_stats stats;

	psr_stats(psr, &stats);
	fprintf(stderr, "%" PRIu64 " delivered, %" PRIu64 " lost\n",
		stats.delivered, stats.lost_socket + stats.lost_ring);
	psr_close(psr);
	exit(err == -ESHUTDOWN && stats.received == stats.delivered ? 0 : 1);
}
