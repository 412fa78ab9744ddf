/* SPDX-License-Identifier: MIT */
/*
 * Overload, again and again: ten times what a small receive buffer, or a BPF
 * ring, holds while the consumer keeps its views. What fits is kept, what does
 * not is counted, the books are exact at each pause, and delivery goes on by
 * itself. Also a sample that comes while the rest of the flood still waits
 * finds the room that was made: without NETLINK_NO_ENOBUFS the kernel drops
 * everything until the socket is empty.
 */
#include "socket.h"
#include "test.h"

#include <inttypes.h>
#include <stdio.h>

#define ROUNDS	   20u
#define BUFFERS	   32u
#define RCVBUF	   (128u << 10) /* doubled: 341 samples; a BPF ring of 511 */
#define FLOOD	   6016u	/* more than ten times that */
#define LOOK_EVERY 64u

struct overload {
	struct test_sender sender;
	struct psr *psr;
	struct psr_queue *queue;
	struct psr_stats seen; /* at the last look */
	uint32_t number;       /* the least that may come */
};

static uint64_t lost(const struct psr_stats *stats)
{
	return stats->lost_socket + stats->lost_ring;
}

/* At any time: no more pending than there are slots, and nothing goes back. */
static void look(struct overload *overload)
{
	struct psr_stats stats = test_stats(overload->psr);
	const struct psr_stats *seen = &overload->seen;

	CHECK(stats.pending <= BUFFERS, "pending %" PRIu64, stats.pending);
	CHECK(stats.received >= seen->received && lost(&stats) >= lost(seen),
	      "received %" PRIu64 " after %" PRIu64 ", lost %" PRIu64
	      " after %" PRIu64,
	      stats.received, seen->received, lost(&stats), lost(seen));
	CHECK(stats.received + lost(&stats) <= overload->sender.sent,
	      "received %" PRIu64 ", lost %" PRIu64 ", sent %u", stats.received,
	      lost(&stats), overload->sender.sent);
	overload->seen = stats;
}

/* Takes @count samples or more. Some are missing, none comes twice or late. */
static void take(struct overload *overload, uint32_t count)
{
	const struct psr_view *views;
	uint32_t ready;
	int verdict;

	for (uint32_t taken = 0; taken < count; taken += ready) {
		verdict = psr_queue_wait(overload->queue, GIVE_UP_MS);
		CHECK(verdict == 1, "psr_queue_wait: %d, %u of %u", verdict,
		      taken, count);
		ready = psr_queue_peek(overload->queue, &views);
		for (uint32_t i = 0; i < ready; i++) {
			CHECK(views[i].group_seq >= overload->number,
			      "%u, not %u or more", views[i].group_seq,
			      overload->number);
			overload->number = views[i].group_seq + 1;
		}
		test_check_views(views, ready);
		psr_queue_release(overload->queue, ready);
		look(overload);
	}
}

/* An ingest thread is at rest once every slot is taken. */
static bool is_at_rest(struct overload *overload)
{
	return overload->queue->ingest->consumer_drives ||
	       test_stats(overload->psr).pending == BUFFERS;
}

/* The consumer keeps its views, and they stay what they are. */
static void flood(struct overload *overload)
{
	uint64_t lost_before = lost(&overload->seen);
	const struct psr_view *kept;
	uint32_t count;

	test_sender_send(&overload->sender, BUFFERS);
	CHECK(psr_queue_wait(overload->queue, GIVE_UP_MS) == 1, "no views");
	count = psr_queue_peek(overload->queue, &kept);
	for (uint32_t sent = 0; sent < FLOOD; sent += LOOK_EVERY) {
		test_sender_send(&overload->sender, LOOK_EVERY);
		look(overload);
	}
	AWAIT(is_at_rest(overload), "pending %" PRIu64,
	      test_stats(overload->psr).pending);
	look(overload);
	CHECK(test_balances(&overload->seen) && overload->seen.pending >= count,
	      "received %" PRIu64 ", pending %" PRIu64, overload->seen.received,
	      overload->seen.pending);
	CHECK(lost(&overload->seen) - lost_before > FLOOD * 9 / 10,
	      "lost %" PRIu64 " of %u", lost(&overload->seen) - lost_before,
	      FLOOD);
	test_check_views(kept, count);
}

/*
 * Twice as many as the ring holds: the second half came out of the socket after
 * the flood, where more of it still waits.
 */
static void send_late(struct overload *overload)
{
	uint64_t lost_before;

	take(overload, 2 * BUFFERS);
	CHECK(overload->queue->ringbuf.data ||
		      socket_usage(overload->queue->fd).used_bytes > 0,
	      "nothing waits any more");
	lost_before = lost(&overload->seen);
	test_sender_send(&overload->sender, 1);
	look(overload);
	CHECK(lost(&overload->seen) == lost_before, "there was room for it");
}

/* Returns how long after the flood the first sample comes that is not of it. */
static int64_t run_round(struct overload *overload)
{
	int64_t since_ns, took_ns;

	flood(overload);
	since_ns = clock_now_ns();
	send_late(overload);
	while (overload->number < overload->sender.sent)
		take(overload, 1);
	took_ns = clock_now_ns() - since_ns;
	CHECK(test_balances(&overload->seen) && overload->seen.pending == 0,
	      "received %" PRIu64 ", pending %" PRIu64, overload->seen.received,
	      overload->seen.pending);
	CHECK(overload->seen.received + lost(&overload->seen) ==
		      overload->sender.sent,
	      "received %" PRIu64 ", lost %" PRIu64 ", sent %u",
	      overload->seen.received, lost(&overload->seen),
	      overload->sender.sent);
	return took_ns;
}

static void run(const struct test_mode *mode)
{
	struct overload overload = {
		.sender = test_sender_open(MCGROUP_OVERLOAD),
	};
	struct psr_config config = test_config(MCGROUP_OVERLOAD);
	int64_t took_ns, slowest_ns = 0;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = overload.sender.portid;
	config.buffer_count = BUFFERS;
	config.rcvbuf_bytes = RCVBUF;
	overload.psr = test_open(&config);
	overload.queue = psr_queue(overload.psr, 0);
	test_start(overload.psr);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		took_ns = run_round(&overload);
		slowest_ns = took_ns > slowest_ns ? took_ns : slowest_ns;
		test_progress(round);
	}
	test_stop(overload.psr);
	CHECK(test_drain(overload.queue) == 0, "more than was sent");
	look(&overload);
	CHECK(overload.seen.left_in_socket == 0, "%" PRId64,
	      overload.seen.left_in_socket);
	printf("%s, %u ingest threads: %u overloads, %" PRIu64
	       " of %u lost, new samples after at most %lld us\n",
	       test_transport_name(mode->transport), mode->ingest_threads,
	       ROUNDS, lost(&overload.seen), overload.sender.sent,
	       (long long)(slowest_ns / NS_PER_US));
	psr_close(overload.psr);
	test_sender_close(&overload.sender);
}

int main(void)
{
	test_watch("overload: round");
	for (uint32_t i = 0; i < TEST_MODES; i++)
		run(&test_modes[i]);
	return 0;
}
