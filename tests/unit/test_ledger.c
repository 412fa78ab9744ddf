/* SPDX-License-Identifier: MIT */
/*
 * The ledger: engines on a real multicast group, fed datagrams of every kind,
 * whose counters must come out exact. Each test runs over all transports,
 * with an ingest thread and without.
 */
#include "clock.h"
#include "leaks.h"
#include "message.h"
#include "multicast.h"
#include "queue.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A test that waits so long has failed; no test waits to see nothing. */
#define GIVE_UP_MS 20000

struct variant {
	enum psr_transport transport;
	uint32_t ingest_threads;
};

static struct variant variants[] = {
	{ PSR_TRANSPORT_URING, 1 },    { PSR_TRANSPORT_URING, 0 },
	{ PSR_TRANSPORT_RECVMMSG, 1 }, { PSR_TRANSPORT_RECVMMSG, 0 },
#if PSRING_HAS_BPF
	{ PSR_TRANSPORT_BPF, 0 },
#endif
};

#define VARIANTS(test)                                               \
	ParameterizedTestParameters(ledger, test)                    \
	{                                                            \
		return cr_make_param_array(struct variant, variants, \
					   COUNT(variants));         \
	}

static struct message message;
static int sender;

static void ledger_init(void)
{
	multicast_isolate();
	sender = multicast_open_sender();
}

static void ledger_fini(void)
{
	close(sender);
	leaks_assert_none();
}

TestSuite(ledger, .init = ledger_init, .fini = ledger_fini);

static struct psr_config config_of(const struct variant *variant)
{
	struct psr_config config;

	psr_config_init(&config);
	config.source = PSR_SOURCE_USERSOCK;
	config.usersock_group = MULTICAST_GROUP;
	config.transport = variant->transport;
	config.ingest_threads = variant->ingest_threads;
	config.buffer_count = 64;
	config.buffer_bytes = 256;
	config.wait_us = 0;
	return config;
}

static struct psr *open_started(const struct psr_config *config)
{
	const char *cause = NULL;
	struct psr *psr;

	cr_assert_eq(psr_open(config, &psr, &cause), 0, "%s", cause);
	cr_assert_eq(psr_start(psr), 0);
	return psr;
}

static void make_sample(uint32_t group, uint32_t seq)
{
	message_begin(&message);
	message_put(&message, PSAMPLE_SAMPLE_RATE, &(uint32_t){ 100 }, 4);
	message_put(&message, PSAMPLE_ORIGSIZE, &(uint32_t){ 60 }, 4);
	message_put(&message, PSAMPLE_SAMPLE_GROUP, &group, 4);
	message_put(&message, PSAMPLE_GROUP_SEQ, &seq, 4);
}

static void send_message(void)
{
	multicast_send(sender, message.bytes, message.len);
}

static void send_sample(uint32_t group, uint32_t seq)
{
	make_sample(group, seq);
	message_put(&message, PSAMPLE_DATA, "packet", 6);
	send_message();
}

/* Takes all views that are there; returns their number. */
static uint32_t take_views(struct psr_queue *queue)
{
	const struct psr_view *views;
	uint32_t count = psr_queue_peek(queue, &views);

	psr_queue_release(queue, count);
	return count;
}

static bool is_late(int64_t since_ns)
{
	return clock_now_ns() - since_ns > GIVE_UP_MS * NS_PER_MS;
}

/*
 * Consumes until @queue has received @count datagrams. Not all of them bring
 * a view, so a wait may end without one.
 */
static struct psr_stats consume(struct psr_queue *queue, uint64_t count)
{
	int64_t since_ns = clock_now_ns();
	struct psr_stats stats;

	do {
		cr_assert_geq(psr_queue_wait(queue, 10), 0);
		while (take_views(queue))
			;
		psr_queue_stats(queue, &stats);
		cr_assert_not(is_late(since_ns), "%llu received",
			      (unsigned long long)stats.received);
	} while (stats.received < count || stats.pending > 0);
	return stats;
}

/* Consumes until the queue ends. */
static struct psr_stats drain(struct psr_queue *queue)
{
	int64_t since_ns = clock_now_ns();
	struct psr_stats stats;
	int verdict;

	do {
		while (take_views(queue))
			;
		verdict = psr_queue_wait(queue, 100);
		cr_assert_not(is_late(since_ns), "the queue does not end");
	} while (verdict >= 0);
	cr_assert_eq(verdict, -ESHUTDOWN);
	psr_queue_stats(queue, &stats);
	return stats;
}

static void expect_sum(const struct psr_stats *stats)
{
	cr_expect_eq(stats->received, stats->delivered + stats->pending +
					      stats->malformed +
					      stats->foreign);
}

/* Where a transport loses what nobody reads; elsewhere it loses nothing. */
static uint64_t lost(const struct variant *variant,
		     const struct psr_stats *stats)
{
	bool bpf = variant->transport == PSR_TRANSPORT_BPF;

	cr_expect_eq(bpf ? stats->lost_socket : stats->lost_ring, 0);
	return bpf ? stats->lost_ring : stats->lost_socket;
}

VARIANTS(every_kind_of_datagram)

ParameterizedTest(struct variant *variant, ledger, every_kind_of_datagram)
{
	static const uint8_t packet[1000];
	struct psr_config config = config_of(variant);
	struct psr *psr = open_started(&config);
	struct psr_stats stats;

	/* malformed: 3 bytes, and a length that lies */
	multicast_send(sender, "abc", 3);
	send_sample(5, 0);
	message_header(&message)->netlink.nlmsg_len = 4096;
	send_message();
	/* foreign: a control message, another command */
	message_header(&message)->netlink.nlmsg_len = (uint32_t)message.len;
	message_header(&message)->netlink.nlmsg_type = NLMSG_DONE;
	send_message();
	message_header(&message)->netlink.nlmsg_type = MESSAGE_FAMILY;
	message_header(&message)->generic.cmd = PSAMPLE_VERB_GET_GROUP;
	send_message();
	message_header(&message)->generic.cmd = PSAMPLE_VERB_SAMPLE;
	/* from user space, with 5 bytes behind it */
	message_header(&message)->netlink.nlmsg_pid = 1;
	message_append(&message, "extra", 5);
	send_message();
	/* longer than a buffer */
	make_sample(5, 1);
	message_put(&message, PSAMPLE_DATA, packet, sizeof(packet));
	send_message();

	stats = consume(psr_queue(psr, 0), 7);
	cr_expect_eq(stats.received, 7);
	cr_expect_eq(stats.delivered, 3);
	cr_expect_eq(stats.pending, 0);
	cr_expect_eq(stats.malformed, 2);
	cr_expect_eq(stats.foreign, 2);
	cr_expect_eq(stats.truncated, 1);
	cr_expect_eq(stats.trailing, 5);
	cr_expect_eq(stats.userspace, 1);
	cr_expect_eq(stats.evicted, 0);
	cr_expect_eq(stats.lost_socket, 0);
	expect_sum(&stats);
	psr_close(psr);
}

/* What comes out is what went in, as far as the buffer reaches. */
VARIANTS(view_holds_what_was_sent)

ParameterizedTest(struct variant *variant, ledger, view_holds_what_was_sent)
{
	uint8_t packet[1000];
	struct psr_config config = config_of(variant);
	struct psr *psr = open_started(&config);
	struct psr_queue *queue = psr_queue(psr, 0);
	const struct psr_view *view;
	int64_t since_ns = clock_now_ns();

	for (size_t i = 0; i < sizeof(packet); i++)
		packet[i] = (uint8_t)(i * 7);
	make_sample(5, 9);
	message_put(&message, PSAMPLE_DATA, packet, sizeof(packet));
	send_message();
	while (psr_queue_peek(queue, &view) < 1) {
		cr_assert_geq(psr_queue_wait(queue, 10), 0);
		cr_assert_not(is_late(since_ns));
	}
	cr_expect_eq(view->group_seq, 9);
	cr_expect_eq(view->fields, PSR_FIELD_TRUNCATED | PSR_FIELD_DATA);
	/* Headers, four attributes, and the header of the packet. */
	cr_assert_eq(view->data_len, 256 - 20 - 32 - 4);
	cr_expect(memcmp(view->data, packet, view->data_len) == 0);
	psr_close(psr);
}

/*
 * net/netlink/af_netlink.c: since 5.17 netlink_sendmsg answers -ENODATA; a
 * kernel that lets it pass gives one malformed datagram.
 */
VARIANTS(empty_datagram)

ParameterizedTest(struct variant *variant, ledger, empty_datagram)
{
	struct psr_config config = config_of(variant);
	struct psr *psr = open_started(&config);
	int err = multicast_try_send(sender, "", 0);
	uint32_t empty = err ? 0 : 1;
	struct psr_stats stats;

	cr_assert(err == 0 || err == -ENODATA);
	send_sample(5, 0);
	stats = consume(psr_queue(psr, 0), 1 + empty);
	cr_expect_eq(stats.received, 1 + empty);
	cr_expect_eq(stats.malformed, empty);
	cr_expect_eq(stats.delivered, 1);
	psr_close(psr);
}

/* Many more than there are buffers, and every hand-over in a bucket. */
VARIANTS(batches_add_up)

ParameterizedTest(struct variant *variant, ledger, batches_add_up)
{
	struct psr_config config = config_of(variant);
	struct psr *psr = open_started(&config);
	uint64_t least = 0, most = 0;
	struct psr_stats stats;

	for (uint32_t seq = 0; seq < 1000; seq++)
		send_sample(5, seq);
	stats = consume(psr_queue(psr, 0), 1000);
	for (uint32_t n = 0; n < PSR_BATCH_BUCKETS; n++) {
		least += stats.batches[n] << n;
		most += stats.batches[n] * ((2u << n) - 1);
	}
	cr_expect(least <= 1000 && 1000 <= most);
	cr_expect_eq(stats.delivered, 1000);
	cr_expect_leq(stats.arms, stats.stalls + 1);
	/* Nobody had to sleep for what is in a BPF ring. */
	cr_expect(stats.syscalls > 0 ||
		  variant->transport == PSR_TRANSPORT_BPF);
	psr_close(psr);
}

/* Before psr_start and after psr_stop: no datagram is let in, none is lost. */
VARIANTS(start_and_stop)

ParameterizedTest(struct variant *variant, ledger, start_and_stop)
{
	struct psr_config config = config_of(variant);
	struct psr_stats stats;
	struct psr *psr;

	cr_assert_eq(psr_open(&config, &psr, NULL), 0);
	send_sample(5, 0);
	for (uint32_t round = 1; round <= 2; round++) {
		cr_assert_eq(psr_start(psr), 0);
		cr_assert_eq(psr_start(psr), 0);
		for (uint32_t seq = 0; seq < 10; seq++)
			send_sample(5, seq);
		psr_queue_stats(psr_queue(psr, 0), &stats);
		cr_expect_eq(stats.left_in_socket,
			     variant->transport == PSR_TRANSPORT_BPF ? 10 : -1);
		cr_assert_eq(psr_stop(psr), 0);
		cr_assert_eq(psr_stop(psr), 0);
		send_sample(5, 10);
		stats = drain(psr_queue(psr, 0));
		cr_expect_eq(stats.received, 10 * round);
		cr_expect_eq(stats.delivered, 10 * round);
		cr_expect_eq(stats.left_in_socket, 0);
		cr_expect_eq(stats.lost_socket, 0);
		/* Ended is ended, until the next start. */
		cr_expect_eq(psr_queue_wait(psr_queue(psr, 0), 0), -ESHUTDOWN);
		cr_expect_eq(psr_queue_wait(psr_queue(psr, 0), -1), -ESHUTDOWN);
	}
	psr_close(psr);
}

VARIANTS(stop_without_start)

ParameterizedTest(struct variant *variant, ledger, stop_without_start)
{
	struct psr_config config = config_of(variant);
	struct psr_stats stats;
	struct psr *psr;

	cr_assert_eq(psr_open(&config, &psr, NULL), 0);
	send_sample(5, 0);
	cr_assert_eq(psr_stop(psr), 0);
	stats = drain(psr_queue(psr, 0));
	cr_expect_eq(stats.received, 0);
	psr_close(psr);
}

/* Views that nobody gave back are pending, and die with the engine. */
VARIANTS(close_with_views_pending)

ParameterizedTest(struct variant *variant, ledger, close_with_views_pending)
{
	struct psr_config config = config_of(variant);
	struct psr *psr = open_started(&config);
	int64_t since_ns = clock_now_ns();
	struct psr_stats stats;

	for (uint32_t seq = 0; seq < 10; seq++)
		send_sample(5, seq);
	do {
		cr_assert_geq(psr_queue_wait(psr_queue(psr, 0), 10), 0);
		psr_queue_stats(psr_queue(psr, 0), &stats);
		cr_assert_not(is_late(since_ns));
	} while (stats.received == 0);
	cr_expect_eq(stats.delivered, 0);
	cr_expect_eq(stats.pending, stats.received);
	expect_sum(&stats);
	psr_close(psr);
}

/* An ingest thread that has run out of buffers notices and says so. */
static void await_stall(struct psr_queue *queue, uint64_t stalls)
{
	int64_t since_ns = clock_now_ns();
	struct psr_stats stats;

	do {
		psr_queue_stats(queue, &stats);
		cr_assert_not(is_late(since_ns), "no stall");
	} while (stats.stalls < stalls);
	cr_expect_eq(stats.delivered + stats.pending, stats.received);
}

#define FLOOD 2000

/*
 * A consumer that reads nothing and a small receive buffer: what is lost is
 * lost in the socket, where the kernel counts it, or in the ring, where the
 * program does, and nothing else is missing.
 */
VARIANTS(loss_is_counted)

ParameterizedTest(struct variant *variant, ledger, loss_is_counted)
{
	struct psr_config config = config_of(variant);
	struct psr_queue *queue;
	struct psr_stats stats;
	struct psr *psr;

	config.buffer_count = 8;
	config.rcvbuf_bytes = 32768;
	psr = open_started(&config);
	queue = psr_queue(psr, 0);
	for (uint32_t round = 1; round <= 2; round++) {
		for (uint32_t seq = 0; seq < FLOOD; seq++)
			send_sample(5, seq);
		if (variant->ingest_threads)
			await_stall(queue, round);
		psr_queue_stats(queue, &stats);
		cr_expect_gt(lost(variant, &stats), 0);
		cr_expect_eq(stats.lost_socket,
			     multicast_proc_drops(queue->fd));
		cr_assert_eq(psr_stop(psr), 0);
		stats = drain(queue);
		cr_expect_eq(stats.received + lost(variant, &stats),
			     (uint64_t)FLOOD * round);
		cr_expect_eq(stats.delivered, stats.received);
		cr_expect_eq(stats.lost_socket,
			     multicast_proc_drops(queue->fd));
		cr_expect_eq(stats.left_in_socket, 0);
		expect_sum(&stats);
		cr_assert_eq(psr_start(psr), 0);
	}
	psr_close(psr);
}

/* Three queues by group: each its own ledger, and psr_stats is their sum. */
VARIANTS(queues_add_up)

ParameterizedTest(struct variant *variant, ledger, queues_add_up)
{
	struct psr_config config = config_of(variant);
	struct psr_stats stats, sum;
	struct psr *psr;

	config.queue_count = 3;
	config.shard = PSR_SHARD_GROUP;
	psr = open_started(&config);
	for (uint32_t seq = 0; seq < 60; seq++)
		send_sample(seq % 6, seq / 6);
	multicast_send(sender, "abc", 3);
	cr_assert_eq(psr_stop(psr), 0);
	for (uint32_t i = 0; i < 3; i++) {
		stats = drain(psr_queue(psr, i));
		cr_expect_eq(stats.delivered, 20);
		/* What no group can be read of goes to queue 0. */
		cr_expect_eq(stats.malformed, i == 0);
		expect_sum(&stats);
	}
	psr_stats(psr, &sum);
	cr_expect_eq(sum.received, 61);
	cr_expect_eq(sum.delivered, 60);
	cr_expect_eq(sum.malformed, 1);
	cr_expect_eq(sum.left_in_socket, 0);
	expect_sum(&sum);
	psr_close(psr);
}

/* Shared by sequence number, a group's evidence is merged again. */
VARIANTS(group_stats)

ParameterizedTest(struct variant *variant, ledger, group_stats)
{
	struct psr_config config = config_of(variant);
	struct psr_group_stats groups[3] = { 0 };
	struct psr *psr;

	config.queue_count = 2;
	psr = open_started(&config);
	for (uint32_t seq = 0; seq < 10; seq++)
		if (seq != 4) /* "lost" */
			send_sample(77, 0xfffffffb + seq);
	for (uint32_t i = 0; i < 5; i++)
		send_sample(88, 0);
	cr_assert_eq(psr_stop(psr), 0);
	(void)drain(psr_queue(psr, 0));
	(void)drain(psr_queue(psr, 1));

	cr_assert_eq(psr_group_stats(psr, groups, 3), 2);
	cr_expect_eq(groups[0].group, 77);
	cr_expect_eq(groups[0].received, 9);
	cr_expect_eq(groups[0].first_seq, 0xfffffffb);
	cr_expect_eq(groups[0].highest_seq, 4);
	cr_expect_eq(groups[0].span, 10);
	cr_expect_eq(groups[0].missing, 1);
	cr_expect_eq(groups[0].net_missing, 1);
	cr_expect_eq(groups[0].sequenced, 1);
	cr_expect_eq(groups[1].group, 88);
	cr_expect_eq(groups[1].received, 5);
	cr_expect_eq(groups[1].sequenced, 0);
	cr_expect_eq(groups[2].received, 0);
	cr_expect_eq(psr_group_stats(psr, groups, 1), 1);
	psr_close(psr);
}

/* Groups beyond those that are tracked at a time are delivered all the same. */
VARIANTS(evicted_groups)

ParameterizedTest(struct variant *variant, ledger, evicted_groups)
{
	struct psr_config config = config_of(variant);
	static struct psr_group_stats groups[PSR_TRACKED_MAX + 3];
	struct psr *psr = open_started(&config);
	struct psr_stats stats;

	for (uint32_t group = 0; group < PSR_TRACKED_MAX + 3; group++)
		send_sample(group, 0);
	stats = consume(psr_queue(psr, 0), PSR_TRACKED_MAX + 3);
	cr_expect_eq(stats.delivered, PSR_TRACKED_MAX + 3);
	cr_expect_eq(stats.evicted, 3);
	cr_expect_eq(psr_group_stats(psr, groups, PSR_TRACKED_MAX + 3),
		     PSR_TRACKED_MAX);
	psr_close(psr);
}

/*
 * No sample of psample's is so long, but any process may send one to a usersock
 * group. A record of a BPF ring holds the beginning, as a buffer would.
 */
VARIANTS(longer_than_any_record)

ParameterizedTest(struct variant *variant, ledger, longer_than_any_record)
{
	static const uint8_t packet[65000];
	const bool bpf = variant->transport == PSR_TRANSPORT_BPF;
	struct psr_config config = config_of(variant);
	const struct psr_view *views;
	struct psr_stats stats;
	struct psr *psr;

	config.buffer_bytes = PSR_BUFFER_BYTES_MAX;
	psr = open_started(&config);
	make_sample(5, 0);
	message_put(&message, 100, packet, 1000);
	message_put(&message, PSAMPLE_DATA, packet, sizeof(packet));
	send_message();
	cr_assert_eq(psr_queue_wait(psr_queue(psr, 0), GIVE_UP_MS), 1);
	cr_assert_eq(psr_queue_peek(psr_queue(psr, 0), &views), 1);
	cr_expect_eq(!!(views->fields & PSR_FIELD_TRUNCATED), bpf);
	cr_expect_eq(views->data_len,
		     bpf ? RECORD_CAPACITY(RECORD_BYTES_MAX) -
				     (message.len - sizeof(packet))
			 : sizeof(packet));
	cr_expect_eq(memcmp(views->data, packet, views->data_len), 0);
	psr_queue_release(psr_queue(psr, 0), 1);
	stats = consume(psr_queue(psr, 0), 1);
	cr_expect_eq(stats.truncated, bpf ? 1 : 0);
	expect_sum(&stats);
	psr_close(psr);
}
