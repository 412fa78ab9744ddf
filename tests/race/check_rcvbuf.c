/* SPDX-License-Identifier: MIT */
/*
 * psr_check_rcvbuf finds this kernel in order, also where others flood the
 * group; and two that are not: setsockopt and getsockopt are wrapped. A kernel
 * without a limit is one that grants far more than was asked for.
 */
#include "test.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHECKS	200u
#define MCGROUP 32u /* the one that it uses */
#define NOBODY	65534u

static bool no_limit;
static uint32_t miscounted;

int __real_setsockopt(int fd, int level, int option, const void *value,
		      socklen_t len);
int __wrap_setsockopt(int fd, int level, int option, const void *value,
		      socklen_t len);
int __real_getsockopt(int fd, int level, int option, void *value,
		      socklen_t *len);
int __wrap_getsockopt(int fd, int level, int option, void *value,
		      socklen_t *len);

int __wrap_setsockopt(int fd, int level, int option, const void *value,
		      socklen_t len)
{
	const int plenty = 1 << 24;

	if (no_limit && level == SOL_SOCKET && option == SO_RCVBUFFORCE)
		value = &plenty;
	return __real_setsockopt(fd, level, option, value, len);
}

int __wrap_getsockopt(int fd, int level, int option, void *value,
		      socklen_t *len)
{
	int verdict = __real_getsockopt(fd, level, option, value, len);

	if (level == SOL_SOCKET && option == SO_MEMINFO)
		((uint32_t *)value)[SK_MEMINFO_DROPS] += miscounted;
	return verdict;
}

static void expect(int wanted, const char *wanted_cause)
{
	const char *cause = "";
	int err = psr_check_rcvbuf(&cause);

	CHECK(err == wanted && strstr(cause, wanted_cause), "%d, not %d: %s",
	      err, wanted, cause);
	printf("%d: %s\n", err, cause);
}

static _Atomic(bool) over;

/* From every port but the one that counts, and too short to be from any. */
static void *flood(void *arg)
{
	struct test_sender sender = test_sender_open(MCGROUP);
	const struct nlmsghdr message = {
		.nlmsg_len = sizeof(message),
		.nlmsg_pid = sender.portid,
	};

	(void)arg;
	while (!atomic_load(&over)) {
		test_sender_send_raw(&sender, &message, sizeof(message));
		test_sender_send_raw(&sender, &message, 1);
	}
	test_sender_close(&sender);
	return NULL;
}

static void check_beside_others(void)
{
	uint32_t fds = test_count_fds();
	const char *cause = "";
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, flood, NULL) == 0, "thread");
	for (uint32_t i = 0; i < CHECKS; i++) {
		int err = psr_check_rcvbuf(&cause);

		CHECK(err == 0, "%u: %d, %s", i, err, cause);
		test_progress(i);
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	CHECK(test_count_fds() == fds, "%u descriptors, not %u",
	      test_count_fds(), fds);
}

int main(void)
{
	test_watch("check_rcvbuf: check");
	expect(0, "");
	check_beside_others();
	no_limit = true;
	expect(-EOVERFLOW, "does not limit");
	no_limit = false;
	miscounted = 1;
	expect(-EPROTO, "count");
	miscounted = 0;
	CHECK(psr_check_rcvbuf(NULL) == 0, "without a cause");
	CHECK(setresuid(NOBODY, NOBODY, NOBODY) == 0, "errno %d", errno);
	expect(-EPERM, "CAP_NET_ADMIN");
	return 0;
}
