/* SPDX-License-Identifier: MIT */
/*
 * psring at its defaults: an ingest thread and a consumer thread, both on the
 * receiver's CPU.
 */
#include "bench.h"
#include "clocks.h"
#include "psring.h"
#include "reader.h"

#include <errno.h>
#include <stdbool.h>

static int open_engine(struct synthetic *synthetic, uint32_t usersock_group,
		       uint32_t queue_count, struct psr **ret_psr,
		       const char **reterr_cause)
{
	const int cpu = RECEIVER_CPU;
	struct psr_config config;

	psr_config_init(&config);
	config.source = PSR_SOURCE_USERSOCK;
	config.transport = PSR_TRANSPORT_URING;
	config.usersock_group = usersock_group;
	config.usersock_portid = synthetic_portid(synthetic);
	config.queue_count = queue_count;
	config.cpus = &cpu;
	return psr_open(&config, ret_psr, reterr_cause);
}

static void consume(struct psr_queue *queue, struct reader_result *result)
{
	const struct psr_view *views;
	uint32_t count = psr_queue_peek(queue, &views);

	for (uint32_t i = 0; i < count; i++)
		reader_touch(&views[i]);
	if (count == 0)
		return;
	psr_queue_release(queue, count);
	result->received += count;
	result->elapsed_ns = clock_wall_ns();
}

/* Stops the engine once the sender has ended; what is queued still comes. */
static int consume_all(struct psr *psr, struct synthetic *synthetic,
		       uint32_t queue_count, struct reader_result *result)
{
	struct psr_queue *queues[PSR_QUEUES_MAX];
	bool stopped = false;
	int err;

	for (uint32_t i = 0; i < queue_count; i++)
		queues[i] = psr_queue(psr, i);
	while ((err = psr_wait_any(queues, queue_count, 20)) >= 0) {
		for (uint32_t i = 0; i < queue_count; i++)
			consume(queues[i], result);
		if (err == 0 && !stopped && synthetic_wait(synthetic, 0) == 1)
			stopped = psr_stop(psr) == 0;
	}
	return err == -ESHUTDOWN ? 0 : err;
}

static int run(struct synthetic *synthetic, uint32_t usersock_group,
	       uint32_t queue_count, struct reader_result *ret_result,
	       const char **reterr_cause)
{
	struct reader_result result = { 0 };
	struct psr_stats stats;
	uint64_t cpu_ns, start_ns;
	struct psr *psr;
	int err = open_engine(synthetic, usersock_group, queue_count, &psr,
			      reterr_cause);

	if (err)
		return err;
	*reterr_cause = "receiving by psring";
	cpu_ns = clock_cpu_ns();
	start_ns = clock_wall_ns();
	err = psr_start(psr);
	if (!err)
		err = synthetic_start(synthetic);
	if (!err)
		err = consume_all(psr, synthetic, queue_count, &result);
	result.cpu_ns = clock_cpu_ns() - cpu_ns - synthetic_cpu_ns(synthetic);
	result.elapsed_ns -= start_ns;
	psr_stats(psr, &stats);
	result.lost = stats.lost_socket;
	result.wakeups = stats.wakeups;
	psr_close(psr);
	if (!err)
		*ret_result = result;
	return err;
}

const struct reader reader_uring = {
	.name = "uring",
	.does = "psring: io_uring into a view ring; decoded in the ingest "
		"thread, read in a consumer thread",
	.run = run,
};
