/* SPDX-License-Identifier: MIT */
/*
 * Two senders on one group, and the second writes the first one's port into
 * its messages. Where the sender is verified, every datagram of the first is
 * delivered, just as without it, and none of the second, but each is counted.
 * So over all transports, and recvmmsg in the place of a refused uring, which
 * has the buffers of the other.
 */
#include "lesser.h"
#include "synthetic_message.h"
#include "test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_BYTES 212 /* test_sender's */
#define SAMPLES	      500u
#define BUFFERS	      64u /* go round many times, and run out */
#define LARGEST	      65552u
#define BEHIND	      8u /* room for bytes behind a message */
#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define DATA_BYTES(n) ((n) - (uint32_t)offsetof(struct synthetic_message, data))

struct senders {
	struct test_sender good;
	struct test_sender bad;
};

static struct senders senders_open(void)
{
	struct senders senders = {
		.good = test_sender_open(MCGROUP_VERIFY_SENDER),
		.bad = test_sender_open(MCGROUP_VERIFY_SENDER),
	};

	senders.bad.message->header.netlink.nlmsg_pid = senders.good.portid;
	return senders;
}

static void senders_close(struct senders *senders)
{
	test_sender_close(&senders->good);
	test_sender_close(&senders->bad);
}

static struct psr *open_started(const struct test_mode *mode,
				const struct senders *senders, int verify,
				uint32_t buffer_bytes)
{
	struct psr_config config = test_config(MCGROUP_VERIFY_SENDER);
	struct psr_info info;
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = senders->good.portid;
	config.buffer_count = BUFFERS;
	config.buffer_bytes = buffer_bytes;
	config.verify_sender = verify;
	psr = test_open(&config);
	psr_info(psr, &info);
	CHECK(mode->transport != PSR_TRANSPORT_AUTO ||
		      info.transport == PSR_TRANSPORT_RECVMMSG,
	      "uring is refused");
	test_start(psr);
	return psr;
}

/* One of each by turns: those of the bad one are numbered from SAMPLES. */
static void test_told_apart(const struct test_mode *mode, int verify)
{
	const uint32_t forged = verify ? SAMPLES : 0;
	struct senders senders = senders_open();
	struct psr *psr = open_started(mode, &senders, verify, 2048);
	struct psr_group_stats group;
	struct psr_stats stats;

	senders.bad.sent = SAMPLES;
	for (uint32_t i = 0; i < SAMPLES; i++) {
		test_sender_send(&senders.good, 1);
		test_sender_send(&senders.bad, 1);
	}
	/* There are not buffers for all. */
	if (mode->ingest_threads > 0)
		AWAIT(test_stats(psr).stalls > 0, "no stall");
	test_stop(psr);
	CHECK(test_drain(psr_queue(psr, 0)) == 2 * SAMPLES - forged,
	      "delivered");
	stats = test_stats(psr);
	CHECK(test_balances(&stats) && stats.received == 2 * SAMPLES,
	      "received %" PRIu64, stats.received);
	CHECK(stats.foreign == forged && stats.forged == forged,
	      "foreign %" PRIu64 ", forged %" PRIu64, stats.foreign,
	      stats.forged);
	CHECK(stats.userspace == stats.delivered, "userspace");
	/* The good one's, and no others: two would be no sequence. */
	CHECK(psr_group_stats(psr, &group, 1) == 1, "group");
	CHECK(!verify || (group.first_seq == 0 && group.missing == 0 &&
			  group.duplicate == 0 &&
			  group.highest_seq == SAMPLES - 1),
	      "numbers %u to %u", group.first_seq, group.highest_seq);
	CHECK(stats.bytes == stats.received * MESSAGE_BYTES, "bytes %" PRIu64,
	      stats.bytes);
	psr_close(psr);
	senders_close(&senders);
}

/* A message, and what is wrong with its datagram. */
struct shape {
	uint32_t message_bytes;
	int32_t more_bytes; /* the datagram has, or has less */
	uint16_t type;	    /* 0: a sample's */
	bool cookie;
};

static const struct shape shapes[] = {
	{ .message_bytes = 128 },
	{ .message_bytes = 252 },
	{ .message_bytes = 256 }, /* the buffer's edge, of a small one */
	{ .message_bytes = 260 },
	{ .message_bytes = 312 }, /* and an envelope beyond */
	{ .message_bytes = 316 },
	{ .message_bytes = 128, .cookie = true },
	{ .message_bytes = 256, .cookie = true },
	{ .message_bytes = 260, .cookie = true },
	{ .message_bytes = LARGEST - BEHIND, .cookie = true },
	{ .message_bytes = LARGEST },
	{ .message_bytes = LARGEST, .more_bytes = BEHIND },
	{ .message_bytes = LARGEST, .more_bytes = -1 },
	{ .message_bytes = 252, .more_bytes = 3 },
	{ .message_bytes = 252, .more_bytes = 5 },
	{ .message_bytes = 256, .more_bytes = 1 },
	{ .message_bytes = 256, .more_bytes = -1 },
	{ .message_bytes = 260, .more_bytes = -4 },
	{ .message_bytes = 128, .more_bytes = -111 },
	{ .message_bytes = 128, .more_bytes = -112 }, /* a header alone */
	{ .message_bytes = 128, .type = NLMSG_DONE },
};

static const uint8_t cookie[4] = { 0xde, 0xad, 0xbe, 0xef };

static void add_cookie(uint8_t *bytes, uint32_t *len)
{
	const struct nlattr attribute = { .nla_len = BEHIND,
					  .nla_type = PSAMPLE_USER_COOKIE };

	memcpy(bytes + *len, &attribute, sizeof(attribute));
	memcpy(bytes + *len + sizeof(attribute), cookie, sizeof(cookie));
	*len += BEHIND;
	memcpy(bytes, len, sizeof(*len)); /* nlmsg_len */
}

static void send_shape(const struct test_sender *sender, uint32_t portid,
		       const struct shape *shape, uint32_t group_seq)
{
	static alignas(8) uint8_t bytes[LARGEST + BEHIND];
	struct synthetic_message *message = (void *)bytes;
	const struct synthetic_stamp stamp = { .group = 1,
					       .group_seq = group_seq,
					       .iif = 1 };
	uint32_t len = shape->message_bytes;

	synthetic_message_init(message, DATA_BYTES(len), portid);
	synthetic_message_stamp(message, &stamp);
	if (shape->type)
		message->header.netlink.nlmsg_type = shape->type;
	if (shape->cookie)
		add_cookie(bytes, &len);
	len += (uint32_t)shape->more_bytes;
	test_sender_send_raw(sender, bytes, len);
}

static void send_shapes(const struct test_sender *sender, uint32_t portid)
{
	for (uint32_t i = 0; i < COUNT(shapes); i++)
		send_shape(sender, portid, &shapes[i], i);
}

static void check_same(const struct psr_queue *const *queues,
		       const struct psr_view *one, const struct psr_view *other)
{
	const uint8_t *cookies[2] = { NULL, NULL };

	CHECK(one->group_seq == other->group_seq &&
		      one->orig_size == other->orig_size &&
		      one->timestamp_ns == other->timestamp_ns,
	      "%u, %u", one->group_seq, other->group_seq);
	CHECK(one->data_len == other->data_len && one->fields == other->fields,
	      "shape %u: %u bytes, fields %x; %u, %x", one->group_seq,
	      one->data_len, one->fields, other->data_len, other->fields);
	CHECK(memcmp(one->data, other->data, one->data_len) == 0, "shape %u",
	      one->group_seq);
	CHECK(psr_view_cookie(queues[0], one, &cookies[0]) ==
		      psr_view_cookie(queues[1], other, &cookies[1]),
	      "shape %u: the cookies", one->group_seq);
	CHECK(!cookies[0] || memcmp(cookies[1], cookie, sizeof(cookie)) == 0,
	      "shape %u", one->group_seq);
}

/* Drains two queues, which have the same views. Returns their number. */
static uint32_t drain_same(struct psr_queue *one, struct psr_queue *other)
{
	const struct psr_queue *const queues[2] = { one, other };
	const struct psr_view *views[2];
	uint32_t sum = 0;
	int verdicts[2];

	for (;;) {
		verdicts[0] = psr_queue_wait(one, GIVE_UP_MS);
		verdicts[1] = psr_queue_wait(other, GIVE_UP_MS);
		CHECK(verdicts[0] == verdicts[1], "%d, %d after %u",
		      verdicts[0], verdicts[1], sum);
		if (verdicts[0] != 1)
			break;
		CHECK(psr_queue_peek(one, &views[0]) > 0 &&
			      psr_queue_peek(other, &views[1]) > 0,
		      "a queue that waited for nothing");
		check_same(queues, &views[0][0], &views[1][0]);
		test_check_views(views[1], 1);
		psr_queue_release(one, 1);
		psr_queue_release(other, 1);
		sum++;
	}
	CHECK(verdicts[0] == -ESHUTDOWN, "psr_queue_wait: %d", verdicts[0]);
	return sum;
}

/* What lies between the messages of two buffers is nobody's to write. */
static void check_gaps(const struct buffers *buffers)
{
	static const uint8_t untouched[PSR_BUFFER_BYTES_MIN];
	const size_t gap =
		buffers->stride - buffers->bytes - buffers->envelope_bytes;

	CHECK(gap > 0 && gap < sizeof(untouched), "%zu bytes", gap);
	for (uint32_t id = 0; id < buffers->count; id++)
		CHECK(memcmp(buffers_at(buffers, id) + buffers->bytes,
			     untouched, gap) == 0,
		      "buffer %u was filled beyond its end", id);
}

/* Two engines hear the same datagrams: those of the good one as one. */
static void test_like_plain(const struct test_mode *mode, uint32_t buffer_bytes)
{
	struct senders senders = senders_open();
	struct psr *plain = open_started(mode, &senders, 0, buffer_bytes);
	struct psr *verified = open_started(mode, &senders, 1, buffer_bytes);
	struct psr_stats one, other;
	uint64_t sum;

	send_shapes(&senders.good, senders.good.portid);
	test_stop(plain);
	test_stop(verified);
	sum = drain_same(psr_queue(plain, 0), psr_queue(verified, 0));
	one = test_stats(plain);
	other = test_stats(verified);
	CHECK(sum > 0 && one.malformed > 0 && one.foreign > 0 &&
		      one.trailing > 0 &&
		      (one.truncated > 0) == (buffer_bytes < LARGEST),
	      "%" PRIu64 " delivered: the shapes lost their meaning", sum);
	CHECK(one.received == other.received &&
		      one.delivered == other.delivered &&
		      one.malformed == other.malformed &&
		      one.foreign == other.foreign && other.forged == 0 &&
		      one.truncated == other.truncated &&
		      one.trailing == other.trailing,
	      "the counters differ, %u bytes", buffer_bytes);

	test_start(verified);
	send_shapes(&senders.bad, senders.good.portid);
	test_stop(verified);
	CHECK(test_drain(psr_queue(verified, 0)) == 0, "a forged one came");
	other = test_stats(verified);
	CHECK(test_balances(&other) && other.forged == COUNT(shapes) &&
		      other.foreign == one.foreign + COUNT(shapes) &&
		      other.malformed == one.malformed,
	      "forged %" PRIu64, other.forged);
	check_gaps(&psr_queue(verified, 0)->buffers);
	psr_close(plain);
	psr_close(verified);
	senders_close(&senders);
}

static void run(const struct test_mode *mode)
{
	lesser_pretend(0, mode->transport == PSR_TRANSPORT_AUTO ? -EPERM : 0,
		       0);
	test_told_apart(mode, 1);
	test_told_apart(mode, 0);
	test_like_plain(mode, PSR_BUFFER_BYTES_MIN);
	test_like_plain(mode, LARGEST);
	printf("%s, %u ingest threads\n", test_transport_name(mode->transport),
	       mode->ingest_threads);
}

int main(void)
{
	const struct test_mode fallen_back = { PSR_TRANSPORT_AUTO, 1 };

	test_watch("verify_sender");
	for (uint32_t i = 0; i < TEST_MODES; i++)
		if (test_modes[i].transport != PSR_TRANSPORT_BPF)
			run(&test_modes[i]);
	run(&fallen_back);
	return 0;
}
