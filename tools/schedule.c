/* SPDX-License-Identifier: MIT */
/* The schedule of psring stress --chaos. */
#include "schedule.h"

#include "random.h"

#include <stdio.h>

/* A shuffle by Fisher and Yates. */
static void draw_order(uint64_t *state, uint32_t count, uint32_t *ret_order)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t other = random_between(state, 0, i);

		ret_order[i] = ret_order[other];
		ret_order[other] = i;
	}
}

void schedule_draw(uint64_t *state, struct schedule_round *ret_round)
{
	static const enum psr_transport transports[] = {
		PSR_TRANSPORT_AUTO,
		PSR_TRANSPORT_RECVMMSG,
		PSR_TRANSPORT_BPF,
	};
	struct schedule_round round = { 0 };
	uint32_t shards;

	round.transport = transports[random_between(state, 0, 2)];
	shards = round.transport == PSR_TRANSPORT_BPF ? PSR_SHARD_FLOW
						      : PSR_SHARD_IIF;
	round.shard = (enum psr_shard)random_between(state, 0, shards);
	round.queue_count = random_between(state, 1, 4);
	round.ingest_threads = random_between(state, 0, round.queue_count);
	round.consumers = random_between(state, 1, round.queue_count);
	round.buffer_count = 64U << random_between(state, 0, 6);
	round.rcvbuf_bytes = 256U << (10 + random_between(state, 0, 7));
	round.wait_us = random_between(state, 0, 2000);
	round.duration_ms = random_between(state, 300, SCHEDULE_ROUND_MS_MAX);
	round.leg_count = random_between(state, 1, SCHEDULE_LEGS_MAX);
	for (uint32_t i = 0; i < round.leg_count; i++) {
		round.legs[i].fault =
			(enum schedule_fault)random_between(state, 0, 3);
		draw_order(state, round.consumers, round.legs[i].order);
	}
	*ret_round = round;
}

void schedule_print(const struct schedule_round *round, uint32_t number)
{
	static const char *const transports[] = {
		[PSR_TRANSPORT_AUTO] = "auto",
		[PSR_TRANSPORT_RECVMMSG] = "recvmmsg",
		[PSR_TRANSPORT_BPF] = "bpf",
	};
	static const char *const shards[] = {
		[PSR_SHARD_SEQ] = "seq",     [PSR_SHARD_CPU] = "cpu",
		[PSR_SHARD_GROUP] = "group", [PSR_SHARD_IIF] = "iif",
		[PSR_SHARD_FLOW] = "flow",
	};
	static const char *const faults[] = {
		[SCHEDULE_QUIET] = "quiet",
		[SCHEDULE_STALL] = "stall",
		[SCHEDULE_SWIZZLE] = "swizzle",
		[SCHEDULE_RESTART] = "restart",
	};

	fprintf(stderr,
		"+ round %u: --transport %s --shard %s --queues %u "
		"--ingest-threads %u --consumers %u --buffers %u "
		"--rcvbuf %uk --wait-us %u; %u ms:",
		number, transports[round->transport], shards[round->shard],
		round->queue_count, round->ingest_threads, round->consumers,
		round->buffer_count, round->rcvbuf_bytes >> 10, round->wait_us,
		round->duration_ms);
	for (uint32_t i = 0; i < round->leg_count; i++)
		fprintf(stderr, " %s", faults[round->legs[i].fault]);
	fputc('\n', stderr);
}
