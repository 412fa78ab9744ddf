/* SPDX-License-Identifier: MIT */
/*
 * The synthetic source, as far as the other programs do not see it: a punctual
 * sample says when it was due and never comes before; stopped, it goes on where
 * it was; with an interface the packets of the samples are on it, byte for byte.
 */
#include "synthetic.h"
#include "clocks.h"
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SAMPLES	 600u
#define RATE	 3000u /* no whole number of nanoseconds apart */
#define PACKETS	 200u  /* fit into the receive buffer that there is */
#define LONGER	 100000u
#define SIZE	 128u
#define MTU	 1500
#define TOO_LONG (ETH_HLEN + MTU + 1)

/* Of a punctual source, before its first sample (synthetic.c). */
#define HEAD_START_NS 10000000u

static struct synthetic *open_source(const struct synthetic_config *config)
{
	struct synthetic *synthetic;
	const char *cause = NULL;

	CHECK(synthetic_open(config, &synthetic, &cause) == 0, "%s", cause);
	return synthetic;
}

static void check_refused(const struct synthetic_config *config)
{
	struct synthetic *synthetic;
	const char *cause = NULL;

	CHECK(synthetic_open(config, &synthetic, &cause) == -EINVAL, "opened");
	CHECK(cause, "no cause");
	printf("refused: %s\n", cause);
}

static void check_refusals(void)
{
	struct synthetic_config config;

	synthetic_config_init(&config);
	config.punctual = 1;
	check_refused(&config);
	synthetic_config_init(&config);
	config.interface = 1;
	config.group_count = 2;
	check_refused(&config);
}

/* The views of one peek; *@start_ns is 0 before the first. */
static void check_due(const struct psr_view *views, uint32_t count,
		      uint64_t *start_ns)
{
	uint64_t now_ns = clock_real_ns();

	for (uint32_t i = 0; i < count; i++) {
		uint64_t stamp_ns = views[i].timestamp_ns;
		uint32_t number = views[i].group_seq;
		uint64_t due_ns = (uint64_t)number * NS_PER_S / RATE;

		if (*start_ns == 0)
			*start_ns = stamp_ns - due_ns;
		CHECK(stamp_ns == *start_ns + due_ns, "sample %u: off by %lld",
		      number, (long long)(stamp_ns - *start_ns - due_ns));
		CHECK(stamp_ns <= now_ns, "sample %u: %llu ns too early",
		      number, (unsigned long long)(stamp_ns - now_ns));
	}
}

static void drain_due(struct psr_queue *queue)
{
	const struct psr_view *views;
	uint64_t start_ns = 0;
	uint32_t count;

	for (uint32_t taken = 0; taken < SAMPLES; taken += count) {
		CHECK(psr_queue_wait(queue, GIVE_UP_MS) == 1, "after %u",
		      taken);
		count = psr_queue_peek(queue, &views);
		check_due(views, count, &start_ns);
		test_check_views(views, count);
		psr_queue_release(queue, count);
	}
}

static void check_punctual(uint32_t senders)
{
	struct psr_config config = test_config(MCGROUP_SYNTHETIC);
	struct synthetic_config source;
	struct synthetic *synthetic;
	struct psr *psr;

	synthetic_config_init(&source);
	source.usersock_group = MCGROUP_SYNTHETIC;
	source.count = SAMPLES;
	source.rate = RATE;
	source.punctual = 1;
	source.senders = senders;
	synthetic = open_source(&source);

	/* Whatever comes is looked at at once: early ones would show. */
	config.wait_us = 0;
	config.usersock_portid = synthetic_portid(synthetic);
	psr = test_open(&config);
	test_start(psr);
	CHECK(synthetic_start(synthetic) == 0, "synthetic_start");
	drain_due(psr_queue(psr, 0));
	CHECK(synthetic_wait(synthetic, -1) == 1, "it gave up");
	CHECK(synthetic_sent(synthetic) == SAMPLES, "too many");
	psr_close(psr);
	synthetic_close(synthetic);
	printf("punctual: %u samples by %u\n", SAMPLES, senders);
}

/*
 * Three times started and stopped: what it says that it sent was sent, all of
 * it by the stop, and its descriptor tells of the present end only.
 */
static void check_restarts(void)
{
	struct psr_config config = test_config(MCGROUP_SYNTHETIC);
	struct synthetic_config source;
	struct synthetic *synthetic;
	uint64_t sent = 0, cpu_ns = 0;
	struct psr *psr;

	synthetic_config_init(&source);
	source.usersock_group = MCGROUP_SYNTHETIC;
	source.senders = 3;
	synthetic = open_source(&source);
	config.usersock_portid = synthetic_portid(synthetic);
	psr = test_open(&config);
	test_start(psr);
	for (uint32_t i = 0; i < 3; i++) {
		CHECK(synthetic_start(synthetic) == 0, "start %u", i);
		CHECK(synthetic_wait(synthetic, 0) == 0, "over at start %u", i);
		/* The first takes the most, so that its CPU time is missed. */
		AWAIT(synthetic_sent(synthetic) > sent + LONGER / (i + 1),
		      "start %u", i);
		synthetic_stop(synthetic);
		CHECK(synthetic_wait(synthetic, -1) == 1, "stop %u", i);
		CHECK(synthetic_cpu_ns(synthetic) > cpu_ns, "stop %u", i);
		cpu_ns = synthetic_cpu_ns(synthetic);
		sent = synthetic_sent(synthetic);
	}
	test_stop(psr);
	(void)test_drain(psr_queue(psr, 0));
	CHECK(test_stats(psr).received + test_stats(psr).lost_socket == sent,
	      "sent %llu", (unsigned long long)sent);
	psr_close(psr);
	synthetic_close(synthetic);
	printf("restarts: %llu samples\n", (unsigned long long)sent);
}

static void skip(struct psr_queue *queue, uint64_t count)
{
	const struct psr_view *views;
	uint32_t taken;

	for (; count; count -= taken) {
		CHECK(psr_queue_wait(queue, GIVE_UP_MS) == 1, "%llu missing",
		      (unsigned long long)count);
		taken = psr_queue_peek(queue, &views);
		psr_queue_release(queue, taken);
	}
}

/* After a stop its rate goes on from then, not from the first start. */
static void check_restarted_pace(void)
{
	struct psr_config config = test_config(MCGROUP_SYNTHETIC);
	const struct psr_view *views;
	struct synthetic_config source;
	struct synthetic *synthetic;
	uint64_t begin_ns;
	struct psr *psr;

	synthetic_config_init(&source);
	source.usersock_group = MCGROUP_SYNTHETIC;
	source.rate = RATE;
	source.punctual = 1;
	synthetic = open_source(&source);
	config.usersock_portid = synthetic_portid(synthetic);
	psr = test_open(&config);
	test_start(psr);
	CHECK(synthetic_start(synthetic) == 0, "synthetic_start");
	AWAIT(synthetic_sent(synthetic) > SAMPLES, "the first samples");
	synthetic_stop(synthetic);
	skip(psr_queue(psr, 0), synthetic_sent(synthetic));

	CHECK(synthetic_start(synthetic) == 0, "synthetic_start");
	begin_ns = clock_real_ns();
	CHECK(psr_queue_wait(psr_queue(psr, 0), GIVE_UP_MS) == 1, "nothing");
	CHECK(psr_queue_peek(psr_queue(psr, 0), &views) > 0, "nothing");
	CHECK(views->timestamp_ns <= begin_ns + 2 * HEAD_START_NS,
	      "due %llu ns after the start",
	      (unsigned long long)(views->timestamp_ns - begin_ns));
	psr_close(psr);
	synthetic_close(synthetic);
}

/* A loopback of our own, up. */
static unsigned int private_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd;

	CHECK(unshare(CLONE_NEWNET) == 0, "a network: errno %d", errno);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0, "socket: errno %d", errno);
	request.ifr_mtu = MTU;
	CHECK(ioctl(fd, SIOCSIFMTU, &request) == 0, "MTU: errno %d", errno);
	request.ifr_flags = IFF_UP;
	CHECK(ioctl(fd, SIOCSIFFLAGS, &request) == 0, "up: errno %d", errno);
	close(fd);
	return if_nametoindex("lo");
}

/* The loopback shows a packet twice: that it goes out is of no interest. */
static int open_receiver(unsigned int interface)
{
	const struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)interface,
	};
	const struct timeval patience = { .tv_sec = GIVE_UP_MS / 1000 };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	int one = 1;

	CHECK(fd >= 0, "socket: errno %d", errno);
	CHECK(setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
			 sizeof(one)) == 0,
	      "PACKET_IGNORE_OUTGOING: errno %d", errno);
	CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			 sizeof(patience)) == 0,
	      "SO_RCVTIMEO: errno %d", errno);
	CHECK(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0,
	      "bind: errno %d", errno);
	return fd;
}

static void check_packets(const struct synthetic_config *config)
{
	struct synthetic *synthetic = open_source(config);
	int fd = open_receiver(config->interface);
	uint8_t packet[2 * SIZE];

	CHECK(synthetic_portid(synthetic) == 0, "a port");
	CHECK(synthetic_start(synthetic) == 0, "synthetic_start");
	for (uint32_t i = 0; i < PACKETS; i++) {
		ssize_t len = recv(fd, packet, sizeof(packet), 0);

		CHECK(len == SIZE, "packet %u: %zd bytes, errno %d", i, len,
		      errno);
		CHECK(synthetic_check(packet, SIZE, SIZE, 1, i) == 0,
		      "packet %u", i);
	}
	CHECK(synthetic_wait(synthetic, -1) == 1, "it gave up");
	CHECK(synthetic_sent(synthetic) == PACKETS, "sent");
	CHECK(recv(fd, packet, sizeof(packet), MSG_DONTWAIT) < 0, "too many");
	close(fd);
	synthetic_close(synthetic);
	printf("interface: %u packets\n", PACKETS);
}

static void check_too_long(struct synthetic_config config)
{
	struct synthetic *synthetic;

	config.size = TOO_LONG;
	synthetic = open_source(&config);
	CHECK(synthetic_start(synthetic) == 0, "synthetic_start");
	CHECK(synthetic_wait(synthetic, -1) == -EMSGSIZE, "no EMSGSIZE");
	CHECK(synthetic_sent(synthetic) == 0, "sent");
	synthetic_close(synthetic);
}

int main(void)
{
	struct synthetic_config config;

	synthetic_config_init(&config);
	config.count = PACKETS;
	config.size = SIZE;
	config.interface = private_loopback();
	test_watch("synthetic");

	check_refusals();
	check_punctual(1);
	check_punctual(2);
	check_restarts();
	check_restarted_pace();
	check_packets(&config);
	check_too_long(config);
	return 0;
}
