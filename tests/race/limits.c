/* SPDX-License-Identifier: MIT */
/*
 * Under the limits that a process may have, really set: few descriptors, little
 * address space, no locked memory and no capability but the one that it takes;
 * and on a machine with little memory, where that is only told.
 * An engine works, or is refused with an errno and a cause that says what to
 * raise; nothing is left behind, and the next one, under a higher limit, works.
 */
#include "test.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STANDARD	3u /* input, output, error */
#define DESCRIPTORS_MAX 64u
#define SPARE_BYTES	(16u << 20) /* buffers take eight times as much */
#define MEMLOCK_BYTES	(1u << 20)
#define REOPENED	50u
#define MACHINE_BYTES	(64 << 20) /* twice the default BPF ring */
#define SAMPLES		100u
#define NOBODY		65534u

struct fixture {
	struct test_sender sender;
	struct psr_config config;
	const char *mode;
};

static struct fixture begin(const struct test_mode *mode)
{
	struct fixture fixture = {
		.sender = test_sender_open(MCGROUP_LIMITS),
		.mode = test_transport_name(mode->transport),
	};

	psr_config_init(&fixture.config);
	fixture.config.source = PSR_SOURCE_USERSOCK;
	fixture.config.usersock_group = MCGROUP_LIMITS;
	fixture.config.usersock_portid = fixture.sender.portid;
	fixture.config.transport = mode->transport;
	fixture.config.ingest_threads = mode->ingest_threads;
	return fixture;
}

static rlim_t set_limit(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit limit;
	rlim_t old;

	CHECK(getrlimit(resource, &limit) == 0, "errno %d", errno);
	old = limit.rlim_cur;
	limit.rlim_cur = value;
	CHECK(setrlimit(resource, &limit) == 0, "errno %d", errno);
	return old;
}

/*
 * Twice: the first stop uses what was opened for it before. What is not what
 * was asked for says why.
 */
static void check_works(struct fixture *fixture, struct psr *psr)
{
	struct psr_info info;

	psr_info(psr, &info);
	CHECK(info.transport == fixture->config.transport ||
		      (fixture->config.transport == PSR_TRANSPORT_AUTO &&
		       (info.transport == PSR_TRANSPORT_URING ||
			info.fallback)),
	      "%s: %s", fixture->mode, test_transport_name(info.transport));
	for (uint32_t flight = 0; flight < 2; flight++) {
		test_start(psr);
		test_sender_send(&fixture->sender, SAMPLES);
		test_stop(psr);
		CHECK(test_drain(psr_queue(psr, 0)) == SAMPLES, "%s, flight %u",
		      fixture->mode, flight);
	}
}

/* Under a limit of a moment; returns what psr_open did. */
static int open_limited(struct fixture *fixture, __rlimit_resource_t resource,
			rlim_t value, const char **reterr_cause)
{
	struct psr *psr = NULL;
	uint32_t fds = test_count_fds();
	rlim_t old = set_limit(resource, value);
	int err = psr_open(&fixture->config, &psr, reterr_cause);

	if (!err)
		check_works(fixture, psr);
	psr_close(psr);
	(void)set_limit(resource, old);
	CHECK(test_count_fds() == fds, "%s: %u descriptors, not %u",
	      fixture->mode, test_count_fds(), fds);
	return err;
}

/* Each number, from none at all to some more than it takes. */
static void test_descriptors(struct fixture *fixture)
{
	const uint32_t open = STANDARD + 1; /* and the sender's */
	const char *cause = NULL;
	uint32_t limit;
	int err;

	for (limit = STANDARD; limit < DESCRIPTORS_MAX; limit++) {
		err = open_limited(fixture, RLIMIT_NOFILE, limit, &cause);
		if (!err)
			break;
		CHECK(err == -EMFILE && strstr(cause, "ulimit -n"),
		      "%s, %u descriptors: %d, %s", fixture->mode, limit, err,
		      cause);
	}
	CHECK(limit < DESCRIPTORS_MAX, "%s: none is enough", fixture->mode);
	printf("%s: %u descriptors\n", fixture->mode, limit - open);
	for (uint32_t more = 1; more < 4; more++) {
		err = open_limited(fixture, RLIMIT_NOFILE, limit + more,
				   &cause);
		CHECK(!err, "%s, %u descriptors: %d, %s", fixture->mode,
		      limit + more, err, cause);
	}
}

/* The buffers, or the BPF ring, do not fit; anything else does. */
static void test_address_space(struct fixture *fixture)
{
	uint64_t used = test_thread_status(getpid(), "VmSize", 10) << 10;
	const char *cause = NULL;
	int err = open_limited(fixture, RLIMIT_AS, used + SPARE_BYTES, &cause);

	CHECK(err == -ENOMEM && cause, "%s: %d", fixture->mode, err);
	printf("%s: %s\n", fixture->mode, cause);
	err = open_limited(fixture, RLIMIT_AS, RLIM_INFINITY, &cause);
	CHECK(err == 0, "%s: %d, %s", fixture->mode, err, cause);
}

static long machine_pages; /* 0: the truth */

long __real_sysconf(int name);
long __wrap_sysconf(int name);

long __wrap_sysconf(int name)
{
	return name == _SC_PHYS_PAGES && machine_pages ? machine_pages
						       : __real_sysconf(name);
}

/* More than half of the memory is refused, before anything takes it. */
static void test_machine(struct fixture *fixture)
{
	const char *cause = NULL;
	int err;

	machine_pages = MACHINE_BYTES / __real_sysconf(_SC_PAGESIZE);
	err = open_limited(fixture, RLIMIT_AS, RLIM_INFINITY, &cause);
	CHECK(err == 0, "%s: %d, %s", fixture->mode, err, cause);
	fixture->config.buffer_count = PSR_BUFFERS_MAX;
	fixture->config.rcvbuf_bytes = MACHINE_BYTES;
	err = open_limited(fixture, RLIMIT_AS, RLIM_INFINITY, &cause);
	CHECK(err == -ENOMEM && strstr(cause, "half of this machine"),
	      "%s: %d, %s", fixture->mode, err, cause);
}

/* Nobody, with what psr_open asks for and no more. */
static void become_nobody(enum psr_transport transport)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	data[0].effective = CAP_TO_MASK(CAP_NET_ADMIN);
	if (transport == PSR_TRANSPORT_BPF) {
		data[CAP_TO_INDEX(CAP_BPF)].effective |= CAP_TO_MASK(CAP_BPF);
		data[CAP_TO_INDEX(CAP_PERFMON)].effective |=
			CAP_TO_MASK(CAP_PERFMON);
	}
	for (uint32_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		data[i].permitted = data[i].effective;
	CHECK(prctl(PR_SET_KEEPCAPS, 1L) == 0, "errno %d", errno);
	CHECK(setresgid(NOBODY, NOBODY, NOBODY) == 0, "errno %d", errno);
	CHECK(setresuid(NOBODY, NOBODY, NOBODY) == 0, "errno %d", errno);
	CHECK(syscall(SYS_capset, &header, data) == 0, "errno %d", errno);
	/* Or /proc/self is root's. */
	CHECK(prctl(PR_SET_DUMPABLE, 1L) == 0, "errno %d", errno);
}

/*
 * In a while: what is refused has taken something, too, which the kernel gives
 * back after a grace period of RCU (io_uring.c: io_ring_exit_work). Who asks
 * without a pause may be refused for ever.
 */
static bool opens_in_a_while(struct fixture *fixture, struct psr **ret_psr)
{
	clock_sleep_until(clock_now_ns() + 10 * NS_PER_MS);
	return psr_open(&fixture->config, ret_psr, NULL) == 0;
}

/*
 * A ring that was closed holds its memory a moment longer (psr_close): what is
 * refused for it is told, and works when the moment is over.
 */
static void reopen(struct fixture *fixture)
{
	uint32_t refused = 0;

	for (uint32_t i = 0; i < REOPENED; i++) {
		const char *cause = NULL;
		struct psr *psr = NULL;
		int err = psr_open(&fixture->config, &psr, &cause);

		CHECK(err == 0 ||
			      (err == -ENOMEM && strstr(cause, "ulimit -l")),
		      "%s, %u: %d, %s", fixture->mode, i, err, cause);
		if (err) {
			refused++;
			AWAIT(opens_in_a_while(fixture, &psr),
			      "%s: refused for good", fixture->mode);
		}
		psr_close(psr);
	}
	printf("%s: refused %u times of %u\n", fixture->mode, refused,
	       REOPENED);
}

/*
 * io_uring locks the memory of its rings, and newer kernels count it
 * (io_uring/memmap.c: io_create_region; seen on 6.18). Nothing else does.
 */
static void test_locked_memory(struct fixture *fixture)
{
	const char *cause = NULL;
	int err;

	become_nobody(fixture->config.transport);
	err = open_limited(fixture, RLIMIT_MEMLOCK, 0, &cause);
	CHECK(err == 0 || (fixture->config.transport == PSR_TRANSPORT_URING &&
			   err == -ENOMEM && strstr(cause, "ulimit -l")),
	      "%s: %d, %s", fixture->mode, err, cause);
	if (err)
		printf("%s: %s\n", fixture->mode, cause);
	err = open_limited(fixture, RLIMIT_MEMLOCK, MEMLOCK_BYTES, &cause);
	CHECK(err == 0, "%s: %d, %s", fixture->mode, err, cause);
	(void)set_limit(RLIMIT_MEMLOCK, MEMLOCK_BYTES / 4);
	reopen(fixture);
}

static void (*const tests[])(struct fixture *fixture) = {
	test_descriptors,
	test_address_space,
	test_machine,
	test_locked_memory,
};

#define TESTS (sizeof(tests) / sizeof(tests[0]))

/* A process for each: limits and capabilities do not come back. */
static void run(const struct test_mode *mode, size_t test)
{
	struct fixture fixture;
	int status = -1;
	pid_t pid = fork();

	CHECK(pid >= 0, "fork: errno %d", errno);
	if (pid == 0) {
		/* Nothing hangs. */
		alarm(GIVE_UP_MS / 1000);
		fixture = begin(mode);
		tests[test](&fixture);
		test_sender_close(&fixture.sender);
		fflush(NULL);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0, "%s, %zu: %#x",
	      test_transport_name(mode->transport), test, (unsigned int)status);
}

/* Without an engine: no descriptor; and one, where it takes two. */
static void check_calls(void)
{
	const char *causes[3] = { NULL };
	rlim_t old = set_limit(RLIMIT_NOFILE, STANDARD);
	int errs[3];

	errs[0] = psr_groups(NULL, 0, &causes[0]);
	errs[1] = psr_check_rcvbuf(&causes[1]);
	(void)set_limit(RLIMIT_NOFILE, STANDARD + 1);
	errs[2] = psr_check_rcvbuf(&causes[2]);
	(void)set_limit(RLIMIT_NOFILE, old);
	for (uint32_t i = 0; i < 3; i++)
		CHECK(errs[i] == -EMFILE && causes[i], "call %u: %d", i,
		      errs[i]);
	CHECK(psr_check_rcvbuf(NULL) == 0, "it left something behind");
}

int main(void)
{
	static const struct test_mode fallback = { PSR_TRANSPORT_AUTO, 1 };

	/* What whoever started this left open is none of our business. */
	CHECK(close_range(STANDARD, ~0u, 0) == 0, "errno %d", errno);
	check_calls();
	for (size_t test = 0; test < TESTS; test++) {
		run(&fallback, test);
		for (uint32_t i = 0; i < TEST_MODES; i++)
			run(&test_modes[i], test);
	}
	return 0;
}
