/* SPDX-License-Identifier: MIT */
/*
 * What psr_open refuses, with which cause, and that it leaves nothing behind.
 */
#include "config.h"
#include "control.h"
#include "leaks.h"
#include "multicast.h"

#include <assert.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint32_t groups[PSR_WANTED_MAX + 1];
static const int cpus[PSR_QUEUES_MAX];

/* One that opens without psample; small, for there are many. */
static struct psr_config config_small(void)
{
	struct psr_config config;

	psr_config_init(&config);
	config.source = PSR_SOURCE_USERSOCK;
	config.usersock_group = MULTICAST_GROUP;
	config.buffer_count = 8;
	config.buffer_bytes = 256;
	config.rcvbuf_bytes = 4096;
	return config;
}

TestSuite(config, .init = multicast_isolate, .fini = leaks_assert_none);

Test(config, defaults)
{
	struct psr_config config;

	memset(&config, 0xa5, sizeof(config));
	psr_config_init(&config);
	cr_expect_eq(config.source, PSR_SOURCE_PSAMPLE);
	cr_expect_eq(config.transport, PSR_TRANSPORT_AUTO);
	cr_expect_eq(config.shard, PSR_SHARD_SEQ);
	cr_expect_eq(config.usersock_group, 0);
	cr_expect_eq(config.usersock_portid, 0);
	cr_expect_eq(config.queue_count, 1);
	cr_expect_eq(config.ingest_threads, 1);
	cr_expect_eq(config.buffer_count, 2048);
	cr_expect_eq(config.buffer_bytes, 65552);
	cr_expect_eq(config.rcvbuf_bytes, 32 << 20);
	cr_expect_eq(config.wait_us, 1000);
	cr_expect_eq(config.busy_poll, 0);
	cr_expect_eq(config.verify_sender, 0);
	cr_expect_eq(config.group_count, 0);
	cr_expect_null(config.groups);
	cr_expect_null(config.cpus);
	cr_expect_null(config.netns);
	cr_expect_eq(config.all_netns, 0);
}

/* A change to config_small(), and the word that the cause must have; or NULL. */
struct limit {
	const char *field;
	size_t offset;
	uint32_t value;
	const char *cause;
};

#define IS(field, value)                                                \
	{                                                               \
#field, offsetof(struct psr_config, field), value, NULL \
	}
#define NOT(field, value)                                                 \
	{                                                                 \
#field, offsetof(struct psr_config, field), value, #field \
	}

static const struct limit limits[] = {
	IS(source, PSR_SOURCE_USERSOCK),
	NOT(source, PSR_SOURCE_USERSOCK + 1),
	NOT(source, UINT32_MAX),
	IS(transport, PSR_TRANSPORT_AUTO),
	IS(transport, PSR_TRANSPORT_RECVMMSG),
	NOT(transport, PSR_TRANSPORT_BPF + 1),
	NOT(transport, UINT32_MAX),
	IS(shard, PSR_SHARD_SEQ),
	IS(shard, PSR_SHARD_IIF),
	NOT(shard, PSR_SHARD_FLOW + 1),
	NOT(shard, UINT32_MAX),
	NOT(usersock_group, 0),
	IS(usersock_group, 1),
	IS(usersock_group, 32),
	NOT(usersock_group, 33),
	IS(usersock_portid, UINT32_MAX),
	NOT(queue_count, 0),
	IS(queue_count, 1),
	IS(queue_count, PSR_QUEUES_MAX),
	NOT(queue_count, PSR_QUEUES_MAX + 1),
	NOT(queue_count, UINT32_MAX),
	IS(ingest_threads, 0),
	IS(ingest_threads, 1),
	NOT(ingest_threads, 2), /* of one queue */
	NOT(ingest_threads, UINT32_MAX),
	NOT(buffer_count, 0),
	IS(buffer_count, 1),
	IS(buffer_count, 2),
	NOT(buffer_count, 3),
	NOT(buffer_count, PSR_BUFFERS_MAX - 1),
	IS(buffer_count, PSR_BUFFERS_MAX),
	NOT(buffer_count, PSR_BUFFERS_MAX + 1),
	NOT(buffer_count, 2 * PSR_BUFFERS_MAX),
	NOT(buffer_count, 1u << 31),
	NOT(buffer_bytes, 0),
	NOT(buffer_bytes, PSR_BUFFER_BYTES_MIN - 1),
	IS(buffer_bytes, PSR_BUFFER_BYTES_MIN),
	IS(buffer_bytes, PSR_BUFFER_BYTES_MAX),
	NOT(buffer_bytes, PSR_BUFFER_BYTES_MAX + 1),
	NOT(buffer_bytes, UINT32_MAX),
	NOT(rcvbuf_bytes, 0),
	IS(rcvbuf_bytes, 1),
	IS(rcvbuf_bytes, PSR_RCVBUF_MAX),
	NOT(rcvbuf_bytes, PSR_RCVBUF_MAX + 1),
	NOT(rcvbuf_bytes, UINT32_MAX),
	IS(wait_us, 0),
	IS(wait_us, PSR_WAIT_US_MAX),
	NOT(wait_us, PSR_WAIT_US_MAX + 1),
	NOT(wait_us, UINT32_MAX),
	IS(group_count, PSR_WANTED_MAX),
	NOT(group_count, PSR_WANTED_MAX + 1),
	NOT(group_count, UINT32_MAX),
	IS(thin, 1),
	IS(thin, UINT32_MAX),
};

/* Opens @config: an engine or a negative errno with a cause, never both. */
static int open_and_close(const struct psr_config *config,
			  const char **ret_cause)
{
	struct psr *const untouched = (struct psr *)ret_cause;
	struct psr *psr = untouched;
	int err = psr_open(config, &psr, ret_cause);

	if (err)
		cr_expect_eq(psr, untouched, "written on failure");
	else
		psr_close(psr);
	return err;
}

/* @err: what it is refused with, for a cause that has @word; 0: it opens */
static void expect_opening(const struct psr_config *config, int err,
			   const char *word)
{
	const char *cause = "";

	cr_expect_eq(open_and_close(config, &cause), err, "%s: %s", word,
		     cause);
	cr_expect_not_null(strstr(cause, word), "%s: %s", word, cause);
}

static void expect_limit(const struct limit *limit)
{
	struct psr_config config = config_small();
	const char *cause = "";
	int err;

	config.groups = groups;
	memcpy((uint8_t *)&config + limit->offset, &limit->value,
	       sizeof(limit->value));
	err = open_and_close(&config, &cause);
	cr_expect_eq(err, limit->cause ? -EINVAL : 0, "%s = %u: %d, %s",
		     limit->field, limit->value, err, cause);
	if (limit->cause)
		cr_expect_not_null(strstr(cause, limit->cause), "%s = %u: %s",
				   limit->field, limit->value, cause);
	else
		cr_expect_str_empty(cause);
}

Test(config, limits)
{
	for (size_t i = 0; i < COUNT(limits); i++)
		expect_limit(&limits[i]);
}

/* As a program would that was compiled with the header of a later library. */
Test(config, reserved_space)
{
	struct psr_config config = config_small();

	for (size_t i = 0; i < COUNT(config.reserved); i++) {
		config.reserved[i] = 1u << i;
		expect_opening(&config, -EINVAL, "reserved");
		config.reserved[i] = 0;
	}
}

/* Every one of an enum's ints; the compiler may hold them for unsigned. */
static_assert(sizeof(enum psr_source) == sizeof(uint32_t) &&
		      sizeof(enum psr_transport) == sizeof(uint32_t) &&
		      sizeof(enum psr_shard) == sizeof(uint32_t),
	      "expect_limit writes them");

Test(config, cause_may_be_null)
{
	struct psr_config config = config_small();
	struct psr *psr = NULL;

	config.queue_count = 0;
	cr_expect_eq(psr_open(&config, &psr, NULL), -EINVAL);
	cr_expect_null(psr);
	config.queue_count = 1;
	cr_assert_eq(psr_open(&config, &psr, NULL), 0);
	psr_close(psr);
}

Test(config, fields_that_contradict_each_other)
{
	struct psr_config config = config_small();

	config.group_count = 1;
	expect_opening(&config, -EINVAL, "groups");

	config = config_small();
	config.ingest_threads = 0;
	config.cpus = cpus;
	expect_opening(&config, -EINVAL, "cpus");

	config.ingest_threads = 1;
	config.transport = PSR_TRANSPORT_BPF;
	expect_opening(&config, -EINVAL, "cpus");

	config = config_small();
	config.source = PSR_SOURCE_PSAMPLE;
	expect_opening(&config, -EINVAL, "usersock_group");

	config.usersock_group = 0;
	config.usersock_portid = 1;
	expect_opening(&config, -EINVAL, "usersock_portid");
}

/* A usersock group is always there. */
Test(config, await_of_usersock)
{
	struct psr_config config = config_small();

	config.await_family = 1;
	expect_opening(&config, -EINVAL, "await_family");
}

Test(config, cpus_that_are_not_there)
{
	static const int far[] = { 1023, 1024, INT_MAX };

	for (size_t i = 0; i < COUNT(far); i++) {
		struct psr_config config = config_small();

		config.cpus = &far[i];
		expect_opening(&config, -EINVAL, "CPU");
	}
}

Test(config, any_cpu)
{
	static const int any[] = { -1, INT_MIN };
	struct psr_config config = config_small();

	config.queue_count = config.ingest_threads = 2;
	config.cpus = any;
	expect_opening(&config, 0, "");
}

Test(config, flow_is_for_another_transport)
{
	struct psr_config config = config_small();

	config.shard = PSR_SHARD_FLOW;
	expect_opening(&config, -EOPNOTSUPP,
		       "transport bpf, or seq, cpu, group or iif");
}

Test(config, verify_sender_names_a_sender)
{
	struct psr_config config = config_small();

	config.verify_sender = 1;
	expect_opening(&config, -EINVAL, "usersock_portid");

	config.usersock_portid = 1;
	expect_opening(&config, 0, "");
}

Test(config, verify_sender_is_not_for_bpf)
{
	struct psr_config config = config_small();

	config.verify_sender = 1;
	config.usersock_portid = 1;
	config.transport = PSR_TRANSPORT_BPF;
	expect_opening(&config, -EOPNOTSUPP, "verify_sender");
}

Test(config, all_netns_is_not_for_bpf)
{
	struct psr_config config = config_small();

	config.all_netns = 1;
	expect_opening(&config, 0, "");
	config.transport = PSR_TRANSPORT_BPF;
	expect_opening(&config, -EOPNOTSUPP, "all_netns");
}

/* Port numbers of other namespaces may be the same. */
Test(config, all_netns_has_no_one_sender)
{
	struct psr_config config = config_small();

	config.all_netns = 1;
	config.verify_sender = 1;
	config.usersock_portid = 1;
	expect_opening(&config, -EINVAL, "all_netns");
}

/* A power of two, not above what is asked for, but for one largest record. */
Test(config, ring_of_transport_bpf)
{
	static const uint32_t rows[][2] = {
		{ 1, 131072 },	    { 131072, 131072 },
		{ 262143, 131072 }, { 262144, 262144 },
		{ 262145, 262144 }, { PSR_RCVBUF_MAX, PSR_RCVBUF_MAX },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct psr_config config = config_small();

		config.rcvbuf_bytes = rows[i][0];
		cr_expect_eq(config_ringbuf_bytes(&config), rows[i][1], "%u",
			     rows[i][0]);
	}
}

#if PSRING_HAS_BPF
Test(config, info_tells_the_rings_of_transport_bpf)
{
	struct psr_config config = config_small();
	struct psr_info info;
	struct psr *psr;

	config.queue_count = 3;
	config.rcvbuf_bytes = 300000;
	config.transport = PSR_TRANSPORT_BPF;
	cr_assert_eq(psr_open(&config, &psr, NULL), 0);
	psr_info(psr, &info);
	cr_expect_eq(info.transport, PSR_TRANSPORT_BPF);
	cr_expect_null(info.fallback);
	cr_expect_eq(info.queue_count, 3);
	cr_expect_eq(info.rcvbuf_bytes, 262144);
	cr_expect_eq(info.buffer_memory_bytes, 3 * 262144);
	psr_close(psr);
}
#else
Test(config, transport_bpf_is_not_built_in)
{
	struct psr_config config = config_small();

	config.transport = PSR_TRANSPORT_BPF;
	expect_opening(&config, -EOPNOTSUPP, "libbpf-dev");
}
#endif

/* A completion ring holds 65536: what one ingest thread can have buffers. */
Test(config, completions_of_an_ingest_thread)
{
	static const struct {
		uint32_t queue_count, ingest_threads, buffer_count;
		int expected;
	} rows[] = {
		{ 2, 1, 32768, 0 },	  { 3, 1, 32768, -EINVAL },
		{ 3, 2, 32768, 0 },	  { 4, 2, 32768, 0 },
		{ 5, 2, 32768, -EINVAL }, { 5, 3, 32768, 0 },
		{ 3, 0, 32768, 0 },	  { 64, 1, 1024, 0 },
		{ 64, 1, 2048, -EINVAL }, { 33, 1, 2048, -EINVAL },
		{ 64, 64, 32768, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct psr_config config = config_small();
		const char *cause = "";

		config.queue_count = rows[i].queue_count;
		config.ingest_threads = rows[i].ingest_threads;
		config.buffer_count = rows[i].buffer_count;
		cr_expect_eq(config_check(&config, &cause), rows[i].expected,
			     "%u queues, %u threads", config.queue_count,
			     config.ingest_threads);
		if (rows[i].expected == 0)
			continue;
		cr_expect_not_null(strstr(cause, "65536"), "%s", cause);
		cr_expect_not_null(strstr(cause, "fewer buffer_count or more "
						 "ingest_threads"),
				   "%s", cause);
	}
}

/* The most that the check lets pass must open. */
Test(config, most_buffers_of_an_ingest_thread_open)
{
	struct psr_config config = config_small();

	config.queue_count = 2;
	config.buffer_count = PSR_BUFFERS_MAX;
	config.transport = PSR_TRANSPORT_RECVMMSG;
	expect_opening(&config, 0, "");
	config.transport = PSR_TRANSPORT_AUTO;
	expect_opening(&config, 0, "");
}

Test(config, info_tells_what_was_obtained)
{
	struct psr_config config = config_small();
	struct psr_info info;
	struct psr *psr;

	config.queue_count = 3;
	config.ingest_threads = 2;
	config.rcvbuf_bytes = 100000;
	config.transport = PSR_TRANSPORT_RECVMMSG;
	cr_assert_eq(psr_open(&config, &psr, NULL), 0);
	psr_info(psr, &info);
	cr_expect_eq(info.transport, PSR_TRANSPORT_RECVMMSG);
	cr_expect_null(info.fallback);
	cr_expect_eq(info.queue_count, 3);
	/* net/core/sock.c: the kernel doubles it. */
	cr_expect_eq(info.rcvbuf_bytes, 200000);
	cr_expect_geq(info.buffer_memory_bytes, 3u * 8 * 256);
	for (uint32_t i = 0; i < 3; i++)
		cr_expect_not_null(psr_queue(psr, i));
	cr_expect_null(psr_queue(psr, 3));
	cr_expect_null(psr_queue(psr, UINT32_MAX));
	psr_close(psr);
}

Test(config, close_nothing)
{
	psr_close(NULL);
}

/*
 * The kernel decides: with a psample module the engine opens, without one the
 * cause says how to get it. Family lookup is a reply of the kernel either way.
 */
Test(config, psample_source)
{
	struct psr_config config;
	struct family family;
	const char *cause = "";
	int expected = control_find_family(&family, &cause);

	cr_assert(expected == 0 || expected == -ENOENT, "%s", cause);
	psr_config_init(&config);
	cause = "";
	cr_expect_eq(open_and_close(&config, &cause), expected, "%s", cause);
	if (expected)
		cr_expect_not_null(strstr(cause, "modprobe psample"), "%s",
				   cause);
}

/* A namespace that was just made has no sample group. */
Test(config, psample_groups)
{
	struct psr_group group = { .group = 4711 };
	struct family family;
	const char *cause = "";
	int expected = control_find_family(&family, &cause);

	cr_assert(expected == 0 || expected == -ENOENT, "%s", cause);
	cause = "";
	cr_expect_eq(psr_groups(&group, 1, &cause), expected, "%s", cause);
	cr_expect_eq(psr_groups(&group, 0, NULL), expected);
	cr_expect_eq(group.group, 4711);
	if (expected)
		cr_expect_not_null(strstr(cause, "modprobe psample"), "%s",
				   cause);
}

/* Runs @attempt as nobody, in a process of its own; returns its status. */
static int as_nobody(int (*attempt)(void))
{
	const struct passwd *nobody;
	int status = -1;
	pid_t pid;

	/* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
	nobody = getpwnam("nobody");
	cr_assert_not_null(nobody);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0) {
		if (setresgid(nobody->pw_gid, nobody->pw_gid, nobody->pw_gid) ||
		    setresuid(nobody->pw_uid, nobody->pw_uid, nobody->pw_uid))
			_exit(99);
		_exit(attempt());
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int open_unprivileged(void)
{
	struct psr_config config = config_small();
	const char *cause = "";
	struct psr *psr = NULL;

	config.transport = PSR_TRANSPORT_RECVMMSG;
	if (psr_open(&config, &psr, &cause) != -EPERM || psr)
		return 1;
	return strstr(cause, "CAP_NET_ADMIN") ? 0 : 2;
}

Test(config, joining_needs_a_privilege)
{
	cr_expect_eq(as_nobody(open_unprivileged), 0);
}

/* What as_nobody's process inherits. */
static struct psr *opened;

static int use_unprivileged(void)
{
	struct psr_stats stats;

	if (psr_start(opened) != 0 || psr_stop(opened) != 0 ||
	    psr_start(opened) != 0)
		return 1;
	psr_stats(opened, &stats);
	return 0;
}

/* All that needs a privilege is done in psr_open. */
Test(config, privileges_may_be_dropped_once_open)
{
	struct psr_config config = config_small();

	config.ingest_threads = 0;
	config.transport = PSR_TRANSPORT_RECVMMSG;
	cr_assert_eq(psr_open(&config, &opened, NULL), 0);
	cr_expect_eq(as_nobody(use_unprivileged), 0);
	psr_close(opened);
}

#if PSRING_HAS_BPF
/* What root may still do; a bit more than 31 is in the second word. */
static void keep_capabilities(uint64_t kept)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)kept, .permitted = (uint32_t)kept },
		{ .effective = (uint32_t)(kept >> 32),
		  .permitted = (uint32_t)(kept >> 32) },
	};

	if (syscall(SYS_capset, &header, data))
		_exit(99);
}

/*
 * With these capabilities: 0 if it opens, else the sum of what was named: 1 for
 * CAP_BPF, 2 for CAP_NET_ADMIN.
 */
static int open_bpf_with(uint64_t kept)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct psr_config config = config_small();
		const char *cause = "";
		struct psr *psr = NULL;
		int err;

		config.transport = PSR_TRANSPORT_BPF;
		config.shard = PSR_SHARD_FLOW;
		config.queue_count = 4;
		config.groups = (const uint32_t[]){ 5 };
		config.group_count = 1;
		keep_capabilities(kept);
		err = psr_open(&config, &psr, &cause);
		if (err == 0)
			_exit(0);
		if (err != -EPERM || psr)
			_exit(98);
		_exit((strstr(cause, "CAP_BPF") ? 1 : 0) +
		      (strstr(cause, "CAP_NET_ADMIN") ? 2 : 0));
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define CAP(name) (1ULL << (name))

/* CAP_BPF and CAP_NET_ADMIN are enough, and what lacks is named. */
Test(config, capabilities_of_transport_bpf)
{
	cr_expect_eq(open_bpf_with(CAP(CAP_BPF) | CAP(CAP_NET_ADMIN)), 0);
	cr_expect_eq(open_bpf_with(CAP(CAP_NET_ADMIN)), 1);
	cr_expect_eq(open_bpf_with(CAP(CAP_BPF)), 2);
	cr_expect_eq(open_bpf_with(0), 1);
}
#endif
