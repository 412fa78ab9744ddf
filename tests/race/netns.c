/* SPDX-License-Identifier: MIT */
/*
 * Network namespaces, made for this program: the one that it moves to, two that
 * have an id there, and one that has none. Each has a sender, and all of them
 * number the same sample group from 0.
 *
 * The first netlink socket of a process in a namespace has the process's id for a
 * port, and the kernel hands a sender's datagrams to nobody of its own number, in
 * whatever namespace (do_one_broadcast): so each sender is opened before the
 * engines, whose numbers are then others.
 */
#include "synthetic_message.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/capability.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define SAMPLES 200u /* several batches of recvmmsg */
#define NOBODY	65534u
#define FIFO	"netns-test.fifo"

enum {
	HOME,
	NEAR,
	FAR,
	STRANGER,
	NAMESPACES
};

static const int32_t nsids[NAMESPACES] = { PSR_NSID_OWN, 3, 70000, 5 };

struct netns {
	int fd;
	struct test_sender sender;
};

static struct netns namespaces[NAMESPACES];

static void enter(uint32_t nth)
{
	CHECK(setns(namespaces[nth].fd, CLONE_NEWNET) == 0, "errno %d", errno);
}

static void make_namespaces(void)
{
	for (uint32_t i = 0; i < NAMESPACES; i++) {
		CHECK(unshare(CLONE_NEWNET) == 0, "errno %d: run as root",
		      errno);
		namespaces[i].fd =
			open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
		CHECK(namespaces[i].fd >= 0, "errno %d", errno);
		namespaces[i].sender = test_sender_open(MCGROUP_NETNS);
	}
	enter(HOME);
}

/* As "ip netns set" does. */
static void give_id(uint32_t nth)
{
	char buffer[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);
	ssize_t len;

	message->nlmsg_type = RTM_NEWNSID;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	mnl_nlmsg_put_extra_header(message, sizeof(struct rtgenmsg));
	mnl_attr_put_u32(message, NETNSA_NSID, (uint32_t)nsids[nth]);
	mnl_attr_put_u32(message, NETNSA_FD, (uint32_t)namespaces[nth].fd);
	CHECK(socket && mnl_socket_sendto(socket, message,
					  message->nlmsg_len) >= 0,
	      "errno %d", errno);
	len = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
	CHECK(len > 0 && mnl_cb_run(buffer, (size_t)len, 0, 0, NULL, NULL) >= 0,
	      "errno %d", errno);
	mnl_socket_close(socket);
}

/* From each namespace SAMPLES, in the second one twice as many, and so on. */
static void send_from_all(void)
{
	for (uint32_t i = 0; i < NAMESPACES; i++)
		namespaces[i].sender.sent = 0;
	for (uint32_t round = 0; round < SAMPLES; round++)
		for (uint32_t i = 0; i < NAMESPACES; i++)
			test_sender_send(&namespaces[i].sender, i + 1);
}

static struct psr *open_engine(const struct test_mode *mode, const char *netns,
			       int all_netns)
{
	struct psr_config config = test_config(MCGROUP_NETNS);

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.netns = netns;
	config.all_netns = all_netns;
	return test_open(&config);
}

/* The samples of each namespace, in order and to the last one that was sent. */
static void drain_told_apart(struct psr_queue *queue, uint32_t *ret_next)
{
	const struct psr_view *view;

	memset(ret_next, 0, NAMESPACES * sizeof(*ret_next));
	while (psr_queue_wait(queue, GIVE_UP_MS) == 1) {
		uint32_t nth = 0;

		CHECK(psr_queue_peek(queue, &view) >= 1, "nothing there");
		while (nth < NAMESPACES && nsids[nth] != view->nsid)
			nth++;
		CHECK(nth < NAMESPACES, "namespace %d", view->nsid);
		CHECK(view->group_seq == ret_next[nth],
		      "number %u of namespace %d, not %u", view->group_seq,
		      view->nsid, ret_next[nth]);
		ret_next[nth]++;
		test_check_views(view, 1);
		psr_queue_release(queue, 1);
	}
}

/* A fresh engine was sent to from all: @heard of them, each on its own. */
static void check_evidence(const struct psr *psr, uint32_t heard)
{
	struct psr_group_stats groups[NAMESPACES];
	uint32_t count = psr_group_stats(psr, groups, NAMESPACES);

	CHECK(count == heard, "%u groups, not %u", count, heard);
	for (uint32_t i = 0; i < count; i++)
		CHECK(groups[i].group == 1 && groups[i].nsid == nsids[i] &&
			      groups[i].received == SAMPLES * (i + 1) &&
			      groups[i].missing == 0 &&
			      groups[i].duplicate == 0 &&
			      groups[i].reordered == 0,
		      "group %u, namespace %d: %llu, %lld missing",
		      groups[i].group, groups[i].nsid,
		      (unsigned long long)groups[i].received,
		      (long long)groups[i].missing);
}

/* Hears the first @heard namespaces, to the end that psr_stop makes. */
static void check_hears(struct psr *psr, uint32_t heard)
{
	uint32_t counts[NAMESPACES];
	struct psr_stats stats;

	test_start(psr);
	send_from_all();
	test_stop(psr);
	send_from_all();
	drain_told_apart(psr_queue(psr, 0), counts);
	for (uint32_t i = 0; i < NAMESPACES; i++)
		CHECK(counts[i] == (i < heard ? SAMPLES * (i + 1) : 0),
		      "%u of namespace %u", counts[i], i);
	stats = test_stats(psr);
	CHECK(test_balances(&stats) && stats.lost_socket == 0 &&
		      stats.left_in_socket == 0,
	      "the books do not balance");
}

static void test_all(const struct test_mode *mode)
{
	struct psr *psr = open_engine(mode, NULL, 0);

	check_hears(psr, 1);
	psr_close(psr);
	psr = open_engine(mode, NULL, 1);
	check_hears(psr, STRANGER);
	check_evidence(psr, STRANGER);
	psr_close(psr);
}

/* The namespace that the calling thread is in. */
static ino_t here(void)
{
	struct stat status;

	CHECK(stat("/proc/thread-self/ns/net", &status) == 0, "errno %d",
	      errno);
	return status.st_ino;
}

/* Only the far namespace is heard, from here. */
static void test_in(const struct test_mode *mode)
{
	const ino_t before = here();
	struct psr *psr;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", namespaces[FAR].fd);
	psr = open_engine(mode, path, 0);
	CHECK(here() == before, "the thread has moved");
	path[0] = '\0';
	test_start(psr);
	send_from_all();
	test_stop(psr);
	CHECK(test_drain(psr_queue(psr, 0)) == SAMPLES * (FAR + 1), "not all");
	psr_close(psr);
}

static void expect_refusal(const struct psr_config *config, int expected,
			   const char *word)
{
	const char *cause = "";
	struct psr *psr;
	uint32_t fds = test_count_fds();
	int err = psr_open(config, &psr, &cause);

	CHECK(err == expected, "%d, not %d: %s", err, expected, cause);
	CHECK(strstr(cause, word), "%s", cause);
	CHECK(test_count_fds() == fds, "%s: a descriptor is left", cause);
}

/* Of this thread only; what is permitted can be taken back. */
static void set_effective(int capability, bool effective)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	uint32_t bit = 1u << capability;

	CHECK(syscall(SYS_capget, &header, data) == 0, "errno %d", errno);
	data[0].effective =
		effective ? data[0].effective | bit : data[0].effective & ~bit;
	CHECK(syscall(SYS_capset, &header, data) == 0, "errno %d", errno);
}

static void test_errors(void)
{
	struct psr_config config = test_config(MCGROUP_NETNS);

	config.netns = "/run/netns/there/is/none";
	expect_refusal(&config, -ENOENT, "/run/netns/NAME");
	config.netns = "";
	expect_refusal(&config, -ENOENT, "/run/netns/NAME");
	config.netns = "/dev/null";
	expect_refusal(&config, -EINVAL, "not a network namespace");
	config.netns = "/proc/self/ns/mnt";
	expect_refusal(&config, -EINVAL, "not a network namespace");
	/* Nobody writes into it, which is no reason to wait. */
	(void)unlink(FIFO);
	CHECK(mkfifo(FIFO, 0600) == 0, "errno %d", errno);
	config.netns = FIFO;
	expect_refusal(&config, -EINVAL, "not a network namespace");
	unlink(FIFO);

	config.netns = "/proc/self/ns/net";
	set_effective(CAP_SYS_ADMIN, false);
	expect_refusal(&config, -EPERM, "CAP_SYS_ADMIN");
	set_effective(CAP_SYS_ADMIN, true);
	config.all_netns = 1;
	set_effective(CAP_NET_BROADCAST, false);
	expect_refusal(&config, -EPERM, "CAP_NET_BROADCAST");
	set_effective(CAP_NET_BROADCAST, true);
}

/*
 * The stranger gets its id under a running engine, and privileges go: what may be
 * heard was settled by who opened the socket.
 */
static void test_later(void)
{
	struct psr *engines[TEST_MODES];

	for (uint32_t i = 0; i < TEST_MODES; i++)
		if (test_modes[i].transport != PSR_TRANSPORT_BPF)
			engines[i] = open_engine(&test_modes[i], NULL, 1);
	give_id(STRANGER);
	CHECK(setresuid(NOBODY, NOBODY, NOBODY) == 0, "errno %d", errno);
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		if (test_modes[i].transport == PSR_TRANSPORT_BPF)
			continue;
		check_hears(engines[i], NAMESPACES);
		psr_close(engines[i]);
	}
}

int main(void)
{
	test_watch("netns");
	make_namespaces();
	give_id(NEAR);
	give_id(FAR);
	test_errors();
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		test_in(&test_modes[i]);
		if (test_modes[i].transport != PSR_TRANSPORT_BPF)
			test_all(&test_modes[i]);
		printf("%s, %u ingest threads\n",
		       test_transport_name(test_modes[i].transport),
		       test_modes[i].ingest_threads);
	}
	test_later();
	for (uint32_t i = 0; i < NAMESPACES; i++)
		test_sender_close(&namespaces[i].sender);
	return 0;
}
