/* SPDX-License-Identifier: MIT */
/*
 * The filters, generated for sockets and written for BPF: whatever is multicast,
 * exactly one queue gets it, and of a sample it is the queue that the shard
 * names. Each test runs with both.
 */
#include "corpus.h"
#include "decode.h"
#include "leaks.h"
#include "message.h"
#include "multicast.h"
#include "share.h"
#include "socket.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <linux/netlink.h>
#include <sched.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
static const uint32_t queue_counts[] = { 1, 2, 3, 4, 7 };

static enum psr_transport transports[] = {
	PSR_TRANSPORT_RECVMMSG, /* what is on sockets */
#if PSRING_HAS_BPF
	PSR_TRANSPORT_BPF,
#endif
};

static enum psr_transport transport;

#define FILTER_TEST(name)                                                  \
	static void filter_##name(void);                                   \
	ParameterizedTestParameters(filter, name)                          \
	{                                                                  \
		return cr_make_param_array(enum psr_transport, transports, \
					   COUNT(transports));             \
	}                                                                  \
	ParameterizedTest(const enum psr_transport *chosen, filter, name)  \
	{                                                                  \
		transport = *chosen;                                       \
		filter_##name();                                           \
	}                                                                  \
	static void filter_##name(void)

static struct message message;

static int send_message(struct share *share)
{
	return share_send(share, message.bytes, message.len);
}

/* The queue that the shard names: of a sample without the attribute, 0. */
static int queue_of(const struct psr_config *config,
		    const struct psr_view *view)
{
	uint32_t value = 0;

	if (config->shard == PSR_SHARD_SEQ)
		value = view->group_seq;
	else if (config->shard == PSR_SHARD_GROUP)
		value = view->group;
	else if (config->shard == PSR_SHARD_IIF)
		value = view->iif;
	else
		value = (uint32_t)sched_getcpu();
	return (int)(value % config->queue_count);
}

static void pin(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET((size_t)cpu, &cpus);
	cr_assert_eq(sched_setaffinity(0, sizeof(cpus), &cpus), 0);
	cr_assert_eq(sched_getcpu(), cpu);
}

static struct psr_config config_shard(enum psr_shard shard,
				      uint32_t queue_count)
{
	struct psr_config config;

	psr_config_init(&config);
	config.transport = transport;
	config.shard = shard;
	config.queue_count = queue_count;
	return config;
}

static struct share share_by(enum psr_shard shard, uint32_t queue_count)
{
	const struct psr_config config = config_shard(shard, queue_count);
	struct share share;

	share_open(&share, &config);
	return share;
}

/* Each shard with each number of queues. */
static void for_each_share(void (*check)(struct share *,
					 const struct psr_config *))
{
	for (size_t i = 0; i < COUNT(queue_counts); i++) {
		for (int shard = PSR_SHARD_SEQ; shard <= PSR_SHARD_IIF;
		     shard++) {
			const struct psr_config config = config_shard(
				(enum psr_shard)shard, queue_counts[i]);
			struct share share;

			share_open(&share, &config);
			check(&share, &config);
			share_close(&share);
		}
	}
}

/* On one CPU from the start: PSR_SHARD_CPU asks it of a sender. */
static void filter_init(void)
{
	multicast_isolate();
	pin(sched_getcpu());
}

TestSuite(filter, .init = filter_init, .fini = leaks_assert_none);

static void check_corpus(struct share *share, const struct psr_config *config)
{
	const struct corpus_record *record = corpus_load();

	for (uint32_t i = 0; i < CORPUS_RECORDS; i++, record++) {
		const struct datagram datagram = { record->bytes, record->len,
						   record->len };
		struct psr_view view;
		size_t trailing;
		int winner = share_send(share, record->bytes, record->len);

		cr_assert_geq(winner, 0, "%s[%u]: shard %d of %u: %d",
			      record->file, record->index, config->shard,
			      share->count, winner);
		if (decode(&datagram, FAMILY_ANY, &view, &trailing) ==
		    DECODE_SAMPLE)
			cr_assert_eq(winner, queue_of(config, &view));
	}
}

FILTER_TEST(corpus)
{
	for_each_share(check_corpus);
}

/* Numbers whose remainder by 3 and 7 a wrong order of bytes would change. */
static const uint32_t values[] = {
	0,	    1,		2,	    3,		255,
	256,	    257,	65535,	    65536,	0x01020304,
	0x7fffffff, 0x80000000, 0xfffffffd, 0xfffffffe, 0xffffffff,
};

static void check_values(struct share *share, const struct psr_config *config)
{
	for (size_t i = 0; i < COUNT(values); i++) {
		const struct psr_view view = { .group_seq = values[i],
					       .group = values[i],
					       .iif = values[i] };

		message_begin(&message);
		message_put(&message, PSAMPLE_GROUP_SEQ, &values[i], 4);
		message_put(&message, PSAMPLE_DATA, "packet", 6);
		message_put(&message, PSAMPLE_SAMPLE_GROUP, &values[i], 4);
		message_put(&message, PSAMPLE_IIFINDEX, &values[i], 4);
		cr_expect_eq(send_message(share), queue_of(config, &view),
			     "%#x by shard %d of %u", values[i], config->shard,
			     share->count);
	}
}

FILTER_TEST(values_of_32_bits)
{
	for_each_share(check_values);
}

/* Four billion and then none: the queues take turns across the wrap. */
FILTER_TEST(sequence_wraps)
{
	struct share share = share_by(PSR_SHARD_SEQ, 4);

	for (uint32_t i = 0; i < 16; i++) {
		const uint32_t seq = UINT32_MAX - 7 + i;

		message_begin(&message);
		message_put(&message, PSAMPLE_GROUP_SEQ, &seq, 4);
		cr_expect_eq(send_message(&share), (int)(i % 4), "seq %u", seq);
	}
	share_close(&share);
}

static uint16_t attribute_of(enum psr_shard shard)
{
	if (shard == PSR_SHARD_GROUP)
		return PSAMPLE_SAMPLE_GROUP;
	return shard == PSR_SHARD_IIF ? PSAMPLE_IIFINDEX : PSAMPLE_GROUP_SEQ;
}

/*
 * 2 bytes and 4 count, and any other length goes to queue 0: the value has
 * other bytes behind those that count, and is no multiple of any queue_count.
 */
static void check_lengths(struct share *share, const struct psr_config *config)
{
	static const uint8_t value[12] = { 0x05, 0x01, 0x02, 0x04, 0xff, 0xee,
					   0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88 };

	for (size_t len = 0; len <= sizeof(value); len++) {
		uint32_t number = 0;
		int expected;

		if (len == 2)
			number = 0x0105;
		else if (len == 4)
			number = 0x04020105;
		expected = config->shard == PSR_SHARD_CPU
				   ? sched_getcpu() % (int)share->count
				   : (int)(number % share->count);
		message_begin(&message);
		message_put(&message, PSAMPLE_DATA, value, 5);
		message_put(&message, attribute_of(config->shard), value, len);
		cr_expect_eq(send_message(share), expected,
			     "%zu bytes by shard %d of %u", len, config->shard,
			     share->count);
	}
}

FILTER_TEST(attribute_of_each_length)
{
	for_each_share(check_lengths);
}

/* The flags of a type are no part of it, here as in the decoder. */
FILTER_TEST(flags_of_a_type)
{
	const uint32_t group = 5;
	struct share share = share_by(PSR_SHARD_GROUP, 3);

	message_begin(&message);
	message_put(&message, NLA_F_NET_BYTEORDER | PSAMPLE_SAMPLE_GROUP,
		    &group, 4);
	cr_expect_eq(send_message(&share), 2);
	share_close(&share);
}

/* A message of all attributes, for damage to be done to. */
static void make_sample(void)
{
	static const struct part parts[] = { U16(PSAMPLE_IIFINDEX, 5), REQUIRED,
					     BYTES(PSAMPLE_DATA, "packet"),
					     END };

	message_make(&message, parts);
}

static void expect_one(struct share *share, const char *name, size_t n)
{
	int winner = send_message(share);

	cr_expect_geq(winner, 0, "%s %zu of %u queues: %d", name, n,
		      share->count, winner);
}

static void check_short(struct share *share, const struct psr_config *config)
{
	size_t whole;

	(void)config;
	make_sample();
	whole = message.len;
	for (size_t len = 1; len < whole; len++) {
		message.len = len;
		expect_one(share, "cut to", len);
	}
	/* Zeros, and all bits. */
	for (size_t i = 0; i < 128; i++) {
		message.len = i / 2 + 1;
		memset(message.bytes, i % 2 ? 0xff : 0, message.len);
		expect_one(share, "filled", i);
	}
}

FILTER_TEST(short_datagrams)
{
	for_each_share(check_short);
}

static void check_lies(struct share *share, const struct psr_config *config)
{
	static const uint32_t message_lens[] = { 0,  1,	 15,   16,	  19,
						 20, 21, 4096, UINT32_MAX };
	static const uint16_t attribute_lens[] = { 0, 1, 2,  3,	   4,	  5,
						   7, 9, 16, 1000, 0xffff };

	(void)config;
	make_sample();
	for (size_t i = 0; i < COUNT(message_lens); i++) {
		message_header(&message)->netlink.nlmsg_len = message_lens[i];
		expect_one(share, "nlmsg_len lies", i);
	}
	make_sample();
	/* Every attribute of the message begins at a multiple of 8 from 20. */
	for (size_t at = 20; at + 2 <= message.len; at += 8) {
		for (size_t i = 0; i < COUNT(attribute_lens); i++) {
			make_sample();
			memcpy(message.bytes + at, &attribute_lens[i], 2);
			expect_one(share, "nla_len lies", at * 100 + i);
		}
	}
}

FILTER_TEST(lengths_that_lie)
{
	for_each_share(check_lies);
}

/* An attribute within an attribute is not one of the message. */
static void check_nested(struct share *share, const struct psr_config *config)
{
	static const struct part inner[] = { U32(PSAMPLE_GROUP_SEQ, 5),
					     U32(PSAMPLE_SAMPLE_GROUP, 5),
					     U32(PSAMPLE_IIFINDEX, 5), END };
	const uint16_t liar = 0xfff0;

	message_begin(&message);
	message_put_nest(&message, PSAMPLE_TUNNEL, inner);
	if (config->shard != PSR_SHARD_CPU)
		cr_expect_eq(send_message(share), 0);
	/* The nest's own lie, and that of its first member. */
	memcpy(message.bytes + 24, &liar, sizeof(liar));
	expect_one(share, "member lies", 0);
	memcpy(message.bytes + 20, &liar, sizeof(liar));
	expect_one(share, "nest lies", 0);
}

FILTER_TEST(nests)
{
	for_each_share(check_nested);
}

FILTER_TEST(largest_message)
{
	static const uint8_t packet[65400];
	const uint32_t seq = 5;
	struct share share = share_by(PSR_SHARD_SEQ, 3);

	message_begin(&message);
	message_put(&message, PSAMPLE_DATA, packet, sizeof(packet));
	message_put(&message, PSAMPLE_GROUP_SEQ, &seq, 4);
	cr_expect_eq(send_message(&share), 2);
	share_close(&share);
}

/* From each CPU that this process may use. */
FILTER_TEST(cpu_of_the_sender)
{
	struct share share = share_by(PSR_SHARD_CPU, 2);
	cpu_set_t cpus;

	/* filter_init has pinned the thread: all that are there again. */
	memset(&cpus, 0xff, sizeof(cpus));
	cr_assert_eq(sched_setaffinity(0, sizeof(cpus), &cpus), 0);
	cr_assert_eq(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	make_sample();
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET((size_t)cpu, &cpus))
			continue;
		pin(cpu);
		cr_expect_eq(send_message(&share), cpu % 2, "CPU %d", cpu);
		cr_expect_eq(share_send(&share, "abc", 3), cpu % 2);
	}
	share_close(&share);
}

static int send_group(struct share *share, uint32_t group)
{
	const uint32_t seq = 4;

	message_begin(&message);
	message_put(&message, PSAMPLE_GROUP_SEQ, &seq, 4);
	message_put(&message, PSAMPLE_SAMPLE_GROUP, &group, 4);
	return send_message(share);
}

FILTER_TEST(wanted_groups)
{
	static const uint32_t wanted[] = { 0, 5, 0x01020304, UINT32_MAX };
	static const struct {
		uint32_t group;
		int winner; /* of 3 queues, by group */
	} rows[] = {
		{ 0, 0 },
		{ 5, 2 },
		{ 0x01020304, 1 },
		{ UINT32_MAX, 0 },
		{ 1, NOBODY },
		{ 4, NOBODY },
		{ 6, NOBODY },
		{ 0x04030201, NOBODY },
		{ 0x05000000, NOBODY },
		{ UINT32_MAX - 1, NOBODY },
	};
	struct psr_config config = config_shard(PSR_SHARD_GROUP, 3);
	struct share share;

	config.groups = wanted;
	config.group_count = COUNT(wanted);
	share_open(&share, &config);
	for (size_t i = 0; i < COUNT(rows); i++)
		cr_expect_eq(send_group(&share, rows[i].group), rows[i].winner,
			     "group %#x", rows[i].group);
	share_close(&share);
}

/* What names no group cannot be unwanted: it is for the ledger to count. */
FILTER_TEST(wanted_groups_let_the_rest_pass)
{
	static const uint32_t wanted[] = { 5 };
	static const uint8_t five[12] = { 5 };
	struct psr_config config = config_shard(PSR_SHARD_GROUP, 3);
	struct share share;

	config.groups = wanted;
	config.group_count = COUNT(wanted);
	share_open(&share, &config);
	for (size_t len = 1; len <= 23; len++) {
		message_begin(&message);
		message_append(&message, "\0\0\0", 3);
		cr_expect_eq(share_send(&share, message.bytes, len), 0,
			     "%zu bytes", len);
	}
	for (size_t len = 0; len <= sizeof(five); len++) {
		message_begin(&message);
		message_put(&message, PSAMPLE_SAMPLE_GROUP, five, len);
		if (len != 2 && len != 4)
			cr_expect_eq(send_message(&share), 0, "group of %zu",
				     len);
	}
	share_close(&share);
}

/* As many groups as there may be, over every shard: the longest program. */
FILTER_TEST(most_wanted_groups)
{
	uint32_t wanted[PSR_WANTED_MAX];
	struct psr_config config;
	struct share share;

	for (uint32_t i = 0; i < PSR_WANTED_MAX; i++)
		wanted[i] = 2 * i + 1;
	for (int shard = PSR_SHARD_SEQ; shard <= PSR_SHARD_IIF; shard++) {
		config = config_shard((enum psr_shard)shard, 2);
		config.groups = wanted;
		config.group_count = PSR_WANTED_MAX;
		share_open(&share, &config);
		for (uint32_t group = 0; group <= 2 * PSR_WANTED_MAX + 1;
		     group++)
			cr_expect_eq(send_group(&share, group) >= 0,
				     group % 2 == 1 &&
					     group < 2 * PSR_WANTED_MAX,
				     "group %u by shard %d", group, shard);
		share_close(&share);
	}
}

FILTER_TEST(one_sender_only)
{
	static const struct {
		uint32_t portid;
		int winner;
	} rows[] = {
		{ 0x01020304, 2 },	{ 0, NOBODY },
		{ 0x04030201, NOBODY }, { 0x01020305, NOBODY },
		{ 0x81020304, NOBODY }, { UINT32_MAX, NOBODY },
	};
	struct psr_config config = config_shard(PSR_SHARD_IIF, 3);
	struct share share;

	config.usersock_portid = 0x01020304;
	share_open(&share, &config);
	for (size_t i = 0; i < COUNT(rows); i++) {
		make_sample();
		message_header(&message)->netlink.nlmsg_pid = rows[i].portid;
		cr_expect_eq(send_message(&share), rows[i].winner, "port %#x",
			     rows[i].portid);
	}
	/* Of that sender up to the last byte of its name; less is nobody's. */
	message_header(&message)->netlink.nlmsg_pid = 0x01020304;
	for (size_t len = 1; len < 24; len++)
		cr_expect_eq(share_send(&share, message.bytes, len),
			     len < 16 ? NOBODY : 0, "%zu bytes", len);
	share_close(&share);
}

/* All conditions at once, but for chance. */
FILTER_TEST(sender_and_wanted_and_share)
{
	uint32_t wanted[PSR_WANTED_MAX];
	struct psr_config config = config_shard(PSR_SHARD_IIF, 3);
	struct share share;

	for (uint32_t i = 0; i < PSR_WANTED_MAX; i++)
		wanted[i] = 1000 + i;
	config.usersock_portid = 77;
	config.groups = wanted;
	config.group_count = PSR_WANTED_MAX;
	share_open(&share, &config);
	make_sample();
	message_header(&message)->netlink.nlmsg_pid = 77;
	cr_expect_eq(send_message(&share), NOBODY);
	/* Its value in make_sample: IIFINDEX, rate, size, and then the group. */
	memcpy(message.bytes + 20 + 8 + 8 + 8 + 4, &wanted[127], 4);
	cr_expect_eq(send_message(&share), 2);
	message_header(&message)->netlink.nlmsg_pid = 78;
	cr_expect_eq(send_message(&share), NOBODY);
	share_close(&share);
}

/* Until psr_start everything is rejected, and after psr_stop again. */
FILTER_TEST(reject_all)
{
	struct share share = share_by(PSR_SHARD_SEQ, 1);

	make_sample();
	cr_expect_eq(send_message(&share), 0);
	share_reject_all(&share);
	cr_expect_eq(send_message(&share), NOBODY);
	cr_expect_eq(share_send(&share, "a", 1), NOBODY);
	cr_expect_eq(socket_usage(share.fds[0]).drops, 0);
	share_close(&share);
}

#define THIN_SENT  20000
#define THIN_SIGMA 62u /* sqrt(THIN_SENT * 1/4 * 3/4), rounded up */

/* Of what is sent again and again, @queue gets a quarter. */
static void expect_quarter(struct share *share, int queue)
{
	uint32_t passed = 0;

	for (uint32_t i = 0; i < THIN_SENT; i++) {
		int winner = send_message(share);

		cr_assert(winner == queue || winner == NOBODY, "%d", winner);
		passed += winner != NOBODY;
	}
	cr_expect(passed > THIN_SENT / 4 - 6 * THIN_SIGMA &&
			  passed < THIN_SENT / 4 + 6 * THIN_SIGMA,
		  "%u", passed);
}

/* With all that there is to ask beside: the longest program of all. */
FILTER_TEST(thinned)
{
	const uint32_t iif = 4;
	uint32_t wanted[PSR_WANTED_MAX];
	struct psr_config config = config_shard(PSR_SHARD_IIF, 3);
	struct share share;

	for (uint32_t i = 0; i < PSR_WANTED_MAX; i++)
		wanted[i] = i;
	config.usersock_portid = 77;
	config.groups = wanted;
	config.group_count = PSR_WANTED_MAX;
	config.thin = 4;
	share_open(&share, &config);
	message_begin(&message);
	message_put(&message, PSAMPLE_IIFINDEX, &iif, 4);
	message_put(&message, PSAMPLE_SAMPLE_GROUP, &wanted[5], 4);
	message_header(&message)->netlink.nlmsg_pid = 77;
	expect_quarter(&share, 1);
	share_close(&share);
}

FILTER_TEST(what_is_no_sample_is_thinned_as_well)
{
	struct psr_config config = config_shard(PSR_SHARD_SEQ, 3);
	struct share share;

	config.thin = 4;
	share_open(&share, &config);
	message_begin(&message);
	message.len = 3;
	expect_quarter(&share, 0);
	share_close(&share);
}

FILTER_TEST(thin_of_1_passes_all)
{
	struct psr_config config = config_shard(PSR_SHARD_SEQ, 1);
	struct share share;

	config.thin = 1;
	share_open(&share, &config);
	make_sample();
	for (uint32_t i = 0; i < 1000; i++)
		cr_assert_eq(send_message(&share), 0);
	share_close(&share);
}

#if PSRING_HAS_BPF
/* Bytes of ring that a datagram of @len takes; its bytes share_send checks. */
static uint64_t ring_bytes_of(struct share *share, size_t len)
{
	const uint64_t before = share->ringbufs[0].next;

	memset(message.bytes, (int)len, len);
	cr_expect_eq(share_send(share, message.bytes, len), 0, "%zu", len);
	return share->ringbufs[0].next - before;
}

/* Each size class up to its last byte, and the next from the byte after it. */
Test(filter, size_classes)
{
	static const uint32_t classes[] = { 256,  512,	 1024,	2048, 4096,
					    8192, 16384, 32768, 65616 };
	struct psr_config config = config_shard(PSR_SHARD_SEQ, 1);
	struct share share;

	config.transport = PSR_TRANSPORT_BPF;
	config.buffer_bytes = PSR_BUFFER_BYTES_MAX;
	share_open(&share, &config);
	for (size_t i = 0; i < COUNT(classes); i++) {
		const uint32_t capacity = RECORD_CAPACITY(classes[i]);

		cr_expect_eq(ring_bytes_of(&share, capacity), classes[i]);
		if (i > 0)
			cr_expect_eq(
				ring_bytes_of(&share,
					      RECORD_CAPACITY(classes[i - 1]) +
						      1),
				classes[i]);
	}
	/* A sample of 128 bytes with all that the kernel knows of an interface. */
	cr_expect_eq(ring_bytes_of(&share, 220), 256);
	share_close(&share);
}
#endif
