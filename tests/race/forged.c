/* SPDX-License-Identifier: MIT */
/*
 * A flood of forged datagrams beside good samples, on the same multicast
 * group: lengths that lie, attributes twice or cut short, messages of others,
 * too long, too short. Half of them name the good sender in nlmsg_pid, so that
 * the filter lets them pass: none is delivered, each is counted, as malformed
 * or as foreign. Those that do not name it are never seen. Every good sample
 * comes, in order, and no byte of it is another.
 */
#include "clocks.h"
#include "synthetic.h"
#include "synthetic_message.h"
#include "test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#define FORGERIES 100000u
#define BURST	  500u /* of them, every 2 ms */
#define PERIOD_NS (2 * NS_PER_MS)
#define UNDER_WAY 8192u /* at most: none shall be lost */
#define GOOD	  20000u
#define GOOD_RATE 50000u
#define QUEUES	  2u

#define PACKET_BYTES   128u
#define MESSAGE_BYTES  (offsetof(struct synthetic_message, data) + PACKET_BYTES)
#define OVERSIZE_BYTES 8192u /* a buffer has 2048 */
#define FORGED_GROUP   999u  /* a view of it was let through */
#define UNKNOWN	       100u  /* attribute */
#define NO_PORTID      1u    /* the kernel gives out others */

enum fate {
	FOREIGN,
	MALFORMED,
	REJECTED, /* by the filter: too short to name anybody */
	FATES
};

/* What makes a sample a forgery: a field, an attribute more, less of it. */
struct forgery {
	const char *name;
	enum fate fate;
	struct {
		size_t offset;
		size_t bytes; /* 0: no field */
		uint32_t value;
	} field;
	struct nlattr extra; /* nla_len 0: no attribute */
	uint32_t len;	     /* of the datagram; 0: all */
};

#define FIELD(member, value)                                   \
	.field = { offsetof(struct synthetic_message, member), \
		   sizeof(((struct synthetic_message *)0)->member), value }
#define EXTRA(payload_bytes, type) \
	.extra = { sizeof(struct nlattr) + (payload_bytes), type }
#define LENGTH(value) FIELD(header.netlink.nlmsg_len, value)
#define TYPE(value)   FIELD(header.netlink.nlmsg_type, value)

static const struct forgery forgeries[] = {
	{ "control message", FOREIGN, TYPE(NLMSG_DONE) },
	{ "another command", FOREIGN,
	  FIELD(header.generic.cmd, PSAMPLE_VERB_GET_GROUP) },
	{ "oversize and foreign", FOREIGN, TYPE(NLMSG_DONE),
	  EXTRA(OVERSIZE_BYTES, PSAMPLE_USER_COOKIE) },
	{ "message of 0 bytes", MALFORMED, LENGTH(0) },
	{ "message beyond", MALFORMED, LENGTH(MESSAGE_BYTES + 1) },
	{ "message far beyond", MALFORMED, LENGTH(UINT32_MAX) },
	{ "message ends in the packet", MALFORMED, LENGTH(MESSAGE_BYTES - 64) },
	{ "packet beyond", MALFORMED,
	  FIELD(data_attribute.nla_len, UINT16_MAX) },
	{ "attribute of 3 bytes", MALFORMED, .extra = { 3, UNKNOWN } },
	{ "attribute of 0 bytes", MALFORMED,
	  FIELD(proto.attribute.nla_len, 0) },
	{ "attribute too wide", MALFORMED, FIELD(proto.attribute.nla_len, 8) },
	{ "no group", MALFORMED, FIELD(group.attribute.nla_type, PSAMPLE_PAD) },
	{ "two groups", MALFORMED, EXTRA(4, PSAMPLE_SAMPLE_GROUP) },
	{ "two numbers", MALFORMED,
	  EXTRA(4, PSAMPLE_GROUP_SEQ | NLA_F_NESTED) },
	{ "two packets", MALFORMED, EXTRA(64, PSAMPLE_DATA) },
	{ "nest too short", MALFORMED, EXTRA(2, PSAMPLE_TUNNEL) },
	{ "nest beyond", MALFORMED, LENGTH(MESSAGE_BYTES + 8),
	  EXTRA(16, PSAMPLE_TUNNEL) },
	{ "oversize, no rate", MALFORMED,
	  FIELD(rate.attribute.nla_type, PSAMPLE_PAD),
	  EXTRA(OVERSIZE_BYTES, PSAMPLE_USER_COOKIE) },
	{ "oversize, and beyond", MALFORMED, LENGTH(UINT16_MAX),
	  EXTRA(OVERSIZE_BYTES, PSAMPLE_USER_COOKIE) },
	{ "no attributes", MALFORMED, LENGTH(20), .len = 20 },
	{ "17 bytes", MALFORMED, LENGTH(17), .len = 17 },
	{ "16 bytes", MALFORMED, LENGTH(16), .len = 16 },
	{ "15 bytes", REJECTED, .len = 15 },
	{ "3 bytes", REJECTED, .len = 3 },
	{ "2 bytes", REJECTED, .len = 2 },
	{ "1 byte", REJECTED, .len = 1 },
};

#define KINDS (sizeof(forgeries) / sizeof(forgeries[0]))

struct letter {
	alignas(struct synthetic_message) uint8_t
		bytes[MESSAGE_BYTES + OVERSIZE_BYTES + sizeof(struct nlattr)];
	uint32_t len;
};

struct forger {
	struct psr *psr;
	struct test_sender sender;
	struct letter letters[KINDS][2]; /* [1] names the good sender */
	uint32_t count;			 /* to send */
	uint64_t passed;		 /* through the filter */
	uint64_t fates[FATES];		 /* of these */
	uint64_t cpu_ns;
};

/* @letter: zeroed */
static void write_letter(struct letter *letter, const struct forgery *forgery,
			 uint32_t portid)
{
	const struct synthetic_stamp stamp = { .group = FORGED_GROUP };
	struct synthetic_message *message =
		(struct synthetic_message *)letter->bytes;

	synthetic_message_init(message, PACKET_BYTES, portid);
	synthetic_message_stamp(message, &stamp);
	letter->len = MESSAGE_BYTES;
	memcpy(letter->bytes + letter->len, &forgery->extra,
	       sizeof(forgery->extra));
	letter->len += (uint32_t)NLA_ALIGN(forgery->extra.nla_len);
	message->header.netlink.nlmsg_len = letter->len;
	memcpy(letter->bytes + forgery->field.offset, &forgery->field.value,
	       forgery->field.bytes);
	if (forgery->len)
		letter->len = forgery->len;
}

static void forger_open(struct forger *forger, uint32_t good_portid)
{
	forger->sender = test_sender_open(MCGROUP_FORGED);
	for (size_t kind = 0; kind < KINDS; kind++) {
		write_letter(&forger->letters[kind][0], &forgeries[kind],
			     NO_PORTID);
		write_letter(&forger->letters[kind][1], &forgeries[kind],
			     good_portid);
	}
}

static void forger_send(struct forger *forger, size_t kind, bool named)
{
	const struct letter *letter = &forger->letters[kind][named];

	test_sender_send_raw(&forger->sender, letter->bytes, letter->len);
	if (!named || forgeries[kind].fate == REJECTED)
		return;
	forger->fates[forgeries[kind].fate]++;
	forger->passed++;
}

static uint64_t counted(struct psr *psr)
{
	struct psr_stats stats = test_stats(psr);

	return stats.malformed + stats.foreign;
}

/* At a pace that the engine keeps, and no faster where it does not. */
static void *forger_run(void *arg)
{
	struct forger *forger = arg;
	int64_t next_ns = clock_now_ns();

	for (uint32_t i = 0; i < forger->count; i++) {
		forger_send(forger, i % KINDS, i / KINDS % 2);
		if (i % BURST != 0)
			continue;
		clock_sleep_until(next_ns += PERIOD_NS);
		AWAIT(forger->passed - counted(forger->psr) <= UNDER_WAY,
		      "%u sent", i);
		test_progress(i);
	}
	forger->cpu_ns = clock_ns_of(CLOCK_THREAD_CPUTIME_ID);
	return NULL;
}

/* One of each: where a kind has another fate, this tells which. */
static void check_kinds(struct forger *forger)
{
	struct psr_queue *queues[QUEUES] = { psr_queue(forger->psr, 0),
					     psr_queue(forger->psr, 1) };
	struct psr_stats stats;

	for (size_t kind = 0; kind < KINDS; kind++) {
		forger_send(forger, kind, false);
		forger_send(forger, kind, true);
		AWAIT(psr_wait_any(queues, QUEUES, 0) != 0 ||
			      test_stats(forger->psr).received >=
				      forger->passed,
		      "%s: not received", forgeries[kind].name);
		stats = test_stats(forger->psr);
		CHECK(stats.malformed == forger->fates[MALFORMED] &&
			      stats.foreign == forger->fates[FOREIGN] &&
			      stats.received == forger->passed,
		      "%s: received %" PRIu64 ", malformed %" PRIu64
		      ", foreign %" PRIu64,
		      forgeries[kind].name, stats.received, stats.malformed,
		      stats.foreign);
	}
}

/* Queue 0 has the even numbers, queue 1 the odd ones. */
static void take(struct psr_queue *queue, uint32_t *number)
{
	const struct psr_view *views;
	uint32_t count = psr_queue_peek(queue, &views);

	for (uint32_t i = 0; i < count; i++, *number += QUEUES)
		CHECK(views[i].group == 1 && views[i].group_seq == *number,
		      "group %u, number %u is not %u", views[i].group,
		      views[i].group_seq, *number);
	test_check_views(views, count);
	psr_queue_release(queue, count);
}

static void drain(struct psr *psr)
{
	struct psr_queue *queues[QUEUES] = { psr_queue(psr, 0),
					     psr_queue(psr, 1) };
	uint32_t numbers[QUEUES] = { 0, 1 };
	int verdict;

	while ((verdict = psr_wait_any(queues, QUEUES, GIVE_UP_MS)) == 1)
		for (uint32_t i = 0; i < QUEUES; i++)
			take(queues[i], &numbers[i]);
	CHECK(verdict == -ESHUTDOWN, "psr_wait_any: %d at %u and %u", verdict,
	      numbers[0], numbers[1]);
}

struct traffic {
	struct synthetic *synthetic;
	struct forger *forger;
};

/* Both senders at once, then the end. */
static void *send_all(void *arg)
{
	const struct traffic *traffic = arg;

	CHECK(synthetic_start(traffic->synthetic) == 0, "synthetic_start");
	forger_run(traffic->forger);
	CHECK(synthetic_wait(traffic->synthetic, -1) == 1, "it gave up");
	synthetic_stop(traffic->synthetic);
	test_stop(traffic->forger->psr);
	return NULL;
}

static void check_books(const struct forger *forger)
{
	struct psr_stats stats = test_stats(forger->psr);

	CHECK(stats.malformed == forger->fates[MALFORMED] &&
		      stats.foreign == forger->fates[FOREIGN],
	      "malformed %" PRIu64 " of %" PRIu64 ", foreign %" PRIu64
	      " of %" PRIu64,
	      stats.malformed, forger->fates[MALFORMED], stats.foreign,
	      forger->fates[FOREIGN]);
	CHECK(stats.delivered == GOOD && test_balances(&stats),
	      "delivered %" PRIu64 " of %u", stats.delivered, GOOD);
	CHECK(stats.received == GOOD + forger->passed &&
		      stats.lost_socket == 0 && stats.lost_ring == 0 &&
		      stats.left_in_socket == 0,
	      "received %" PRIu64, stats.received);
}

static struct synthetic *open_good(void)
{
	struct synthetic_config config;
	struct synthetic *synthetic;
	const char *cause = NULL;

	synthetic_config_init(&config);
	config.usersock_group = MCGROUP_FORGED;
	config.count = GOOD;
	config.rate = GOOD_RATE;
	CHECK(synthetic_open(&config, &synthetic, &cause) == 0, "%s", cause);
	return synthetic;
}

/* Returns what the engine and its consumer used of the CPU. */
static int64_t run(const struct test_mode *mode, struct forger *forger)
{
	struct traffic traffic = { open_good(), forger };
	struct psr_config config = test_config(MCGROUP_FORGED);
	uint64_t start_ns, used_ns;
	pthread_t thread;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.queue_count = QUEUES;
	config.usersock_portid = synthetic_portid(traffic.synthetic);
	forger->psr = test_open(&config);
	forger_open(forger, config.usersock_portid);
	test_start(forger->psr);
	check_kinds(forger);
	start_ns = clock_ns_of(CLOCK_PROCESS_CPUTIME_ID);
	CHECK(pthread_create(&thread, NULL, send_all, &traffic) == 0, "thread");
	drain(forger->psr);
	pthread_join(thread, NULL);
	used_ns = clock_ns_of(CLOCK_PROCESS_CPUTIME_ID) - start_ns -
		  forger->cpu_ns - synthetic_cpu_ns(traffic.synthetic);
	check_books(forger);
	psr_close(forger->psr);
	test_sender_close(&forger->sender);
	synthetic_close(traffic.synthetic);
	return (int64_t)used_ns;
}

int main(void)
{
	int64_t alone_ns, used_ns;

	test_watch("forged: sent");
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		static struct forger none, many;

		memset(&none, 0, sizeof(none));
		memset(&many, 0, sizeof(many));
		many.count = FORGERIES;
		alone_ns = run(&test_modes[i], &none);
		used_ns = run(&test_modes[i], &many);
		printf("%s, %u ingest threads: %" PRIu64 " of %u forgeries "
		       "passed the filter, %lld ns for each\n",
		       test_transport_name(test_modes[i].transport),
		       test_modes[i].ingest_threads, many.passed, FORGERIES,
		       (long long)(used_ns - alone_ns) /
			       (long long)many.passed);
	}
	return 0;
}
