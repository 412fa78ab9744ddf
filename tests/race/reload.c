/* SPDX-License-Identifier: MIT */
/*
 * psample unloaded and loaded again under a running engine, in every mode. The
 * kernel's part is played here: who asks for the family gets what the test says,
 * joins a usersock group in its place, and loses its memberships as the kernel
 * would take them. What is sent and received is real. (tests/kernel does it
 * with the real module.)
 */
#include "decode.h"
#include "membership.h"
#include "socket.h"
#include "synthetic_message.h"
#include "test.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define QUEUES	     2
#define PACKET_BYTES 100
#define SAMPLES	     50

static struct family loaded; /* id 0: not */
static int members[QUEUES];
static int member_count;
static int joins_to_refuse;
static int refusal;

int __wrap_control_find_family(struct family *ret_family,
			       const char **reterr_cause);
int __real_socket_open(int netns_fd, int protocol, uint32_t rcvbuf_bytes,
		       int *ret_fd, const char **reterr_cause);
int __wrap_socket_open(int netns_fd, int protocol, uint32_t rcvbuf_bytes,
		       int *ret_fd, const char **reterr_cause);
int __real_socket_join(int fd, uint32_t mcgroup);
int __wrap_socket_join(int fd, uint32_t mcgroup);

int __wrap_control_find_family(struct family *ret_family,
			       const char **reterr_cause)
{
	*reterr_cause = "not loaded";
	if (!loaded.id)
		return -ENOENT;
	*ret_family = loaded;
	return 0;
}

int __wrap_socket_open(int netns_fd, int protocol, uint32_t rcvbuf_bytes,
		       int *ret_fd, const char **reterr_cause)
{
	CHECK(protocol == NETLINK_GENERIC, "protocol %d", protocol);
	return __real_socket_open(netns_fd, NETLINK_USERSOCK, rcvbuf_bytes,
				  ret_fd, reterr_cause);
}

int __wrap_socket_join(int fd, uint32_t mcgroup)
{
	if (mcgroup != loaded.mcgroup)
		return __real_socket_join(fd, 1); /* the watch */
	if (joins_to_refuse > 0) {
		joins_to_refuse--;
		return refusal;
	}
	CHECK(member_count < QUEUES, "joined more than once");
	members[member_count++] = fd;
	return __real_socket_join(fd, mcgroup);
}

static int join_elsewhere(void *context, int fd, uint32_t mcgroup)
{
	++*(uint32_t *)context;
	return __wrap_socket_join(fd, mcgroup);
}

static void load(uint16_t id, uint32_t mcgroup)
{
	loaded = (struct family){ .id = id, .mcgroup = mcgroup };
}

static void unload(void)
{
	for (; member_count > 0; member_count--)
		CHECK(setsockopt(members[member_count - 1], SOL_NETLINK,
				 NETLINK_DROP_MEMBERSHIP, &loaded.mcgroup,
				 sizeof(loaded.mcgroup)) == 0,
		      "errno %d", errno);
	loaded = (struct family){ 0 };
}

/* SAMPLES of type @type, which go to both queues. */
static void send_samples(const struct test_sender *sender, uint16_t type)
{
	const uint32_t len = synthetic_message_bytes(PACKET_BYTES);
	struct synthetic_message *message = calloc(1, len);

	CHECK(message, "no memory");
	synthetic_message_init(message, PACKET_BYTES, 0);
	message->header.netlink.nlmsg_type = type;
	for (uint32_t i = 0; i < SAMPLES; i++) {
		const struct synthetic_stamp stamp = { .group = 1,
						       .group_seq = i,
						       .iif = 1 };

		synthetic_message_stamp(message, &stamp);
		test_sender_send_raw(sender, message, len);
	}
	free(message);
}

/* Takes what is there, and looks whether that was all. */
static bool has_received(struct psr *psr, uint64_t delivered, uint64_t foreign)
{
	const struct psr_view *views;
	struct psr_stats stats;

	for (uint32_t i = 0; i < QUEUES; i++) {
		struct psr_queue *queue = psr_queue(psr, i);
		uint32_t count;

		CHECK(psr_queue_wait(queue, 1) >= 0, "queue %u", i);
		count = psr_queue_peek(queue, &views);
		test_check_views(views, count);
		psr_queue_release(queue, count);
	}
	stats = test_stats(psr);
	CHECK(stats.delivered <= delivered && stats.foreign <= foreign,
	      "delivered %llu, foreign %llu",
	      (unsigned long long)stats.delivered,
	      (unsigned long long)stats.foreign);
	return stats.delivered == delivered && stats.foreign == foreign;
}

static void expect(struct psr *psr, uint64_t delivered, uint64_t foreign)
{
	struct psr_stats stats;

	AWAIT(has_received(psr, delivered, foreign), "%llu and %llu foreign",
	      (unsigned long long)delivered, (unsigned long long)foreign);
	stats = test_stats(psr);
	CHECK(test_balances(&stats) && stats.malformed == 0, "the ledger");
}

static void expect_watch(struct psr *psr, int verdict, uint64_t interruptions)
{
	int got = psr_watch(psr);

	CHECK(got == verdict, "psr_watch: %d, not %d", got, verdict);
	CHECK(test_stats(psr).interruptions == interruptions, "%llu, not %llu",
	      (unsigned long long)test_stats(psr).interruptions,
	      (unsigned long long)interruptions);
}

static struct psr_config config_of(const struct test_mode *mode)
{
	struct psr_config config = test_config(0);

	config.source = PSR_SOURCE_PSAMPLE;
	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.queue_count = QUEUES;
	return config;
}

static void reload(const struct test_mode *mode,
		   const struct test_sender *senders)
{
	struct psr_config config = config_of(mode);
	struct psr *psr;

	load(26, senders[0].mcgroup);
	psr = test_open(&config);
	test_start(psr);
	send_samples(&senders[0], 26);
	expect(psr, SAMPLES, 0);
	expect_watch(psr, 1, 0);

	unload();
	expect_watch(psr, 0, 1);
	expect_watch(psr, 0, 1);
	load(29, senders[1].mcgroup);
	joins_to_refuse = 1;
	refusal = -EPERM;
	expect_watch(psr, -EPERM, 1);
	expect_watch(psr, 1, 1);
	send_samples(&senders[0], 29);
	send_samples(&senders[1], 29);
	/* Of the former load, as if it had waited in the socket. */
	send_samples(&senders[1], 26);
	expect(psr, 3 * SAMPLES, 0);

	/* Before anybody looked; and it goes once more while we join. */
	unload();
	load(31, senders[0].mcgroup);
	joins_to_refuse = 1;
	refusal = -EINVAL;
	expect_watch(psr, 1, 2);
	send_samples(&senders[0], 31);
	send_samples(&senders[0], 26);
	expect(psr, 4 * SAMPLES, SAMPLES);
	psr_close(psr);
	member_count = 0;
}

static void await(const struct test_mode *mode,
		  const struct test_sender *sender)
{
	const uint32_t sockets =
		mode->transport == PSR_TRANSPORT_BPF ? 1 : QUEUES;
	struct psr_config config = config_of(mode);
	struct psr *psr = NULL;
	uint32_t joins = 0;
	int err;

	unload();
	err = psr_open(&config, &psr, NULL);
	CHECK(err == -ENOENT && !psr, "psr_open: %d", err);
	config.await_family = 1;
	config.join = join_elsewhere;
	config.join_context = &joins;
	psr = test_open(&config);
	test_start(psr);
	expect_watch(psr, 0, 0);
	load(26, sender->mcgroup);
	expect_watch(psr, 1, 0);
	CHECK(joins == sockets, "%u joins", joins);
	send_samples(sender, 26);
	expect(psr, SAMPLES, 0);
	psr_close(psr);
	member_count = 0;
}

int main(void)
{
	struct test_sender senders[2];

	test_watch("reload");
	/* There is no port to tell our samples by, and others use the groups. */
	CHECK(unshare(CLONE_NEWNET) == 0, "errno %d", errno);
	senders[0] = test_sender_open(MCGROUP_RELOAD);
	senders[1] = test_sender_open(MCGROUP_RELOAD_AGAIN);
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		reload(&test_modes[i], senders);
		await(&test_modes[i], &senders[0]);
		test_progress(i + 1);
	}
	test_sender_close(&senders[0]);
	test_sender_close(&senders[1]);
	puts("samples flow again after each reload");
	return 0;
}
