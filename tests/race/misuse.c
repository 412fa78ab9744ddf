/* SPDX-License-Identifier: MIT */
/*
 * Calls that should not be made end with an error, or with the program, never
 * with a view that is wrong: NULL, calls in another order than psring.h has,
 * views asked about in another queue, more released than was borrowed. Each
 * transport, with an ingest thread and without.
 */
#include "synthetic_message.h"
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS 4u /* of each queue */

struct fixture {
	struct test_sender sender;
	struct psr_config config;
};

static struct fixture begin(const struct test_mode *mode)
{
	struct fixture fixture = {
		.sender = test_sender_open(MCGROUP_MISUSE),
		.config = test_config(MCGROUP_MISUSE),
	};

	fixture.config.usersock_portid = fixture.sender.portid;
	fixture.config.transport = mode->transport;
	fixture.config.ingest_threads = mode->ingest_threads;
	fixture.config.buffer_count = SLOTS;
	return fixture;
}

static void check_null(void)
{
	struct psr_config config = test_config(MCGROUP_MISUSE);
	const char *causes[2] = { NULL };
	struct psr *psr = NULL;

	CHECK(psr_open(NULL, &psr, &causes[0]) == -EINVAL && causes[0] && !psr,
	      "no config");
	CHECK(psr_open(&config, NULL, &causes[1]) == -EINVAL && causes[1],
	      "nowhere to put it");
	CHECK(psr_open(NULL, NULL, NULL) == -EINVAL, "nothing");
	CHECK(psr_wait_any(NULL, 1, 0) == -EINVAL, "no queues");
	CHECK(psr_wait_any(NULL, 0, 0) == -EINVAL, "no queues");
	psr_close(NULL);
}

/* As psr_queue returns it for an index that is not there. */
static void check_null_queues(struct fixture *fixture)
{
	struct psr *psr = test_open(&fixture->config);
	struct psr_queue *queues[PSR_QUEUES_MAX + 1] = {
		psr_queue(psr, 0),
		psr_queue(psr, 1),
	};

	CHECK(!queues[1], "there is one");
	CHECK(psr_wait_any(queues, 0, 0) == -EINVAL, "none");
	CHECK(psr_wait_any(queues + 1, 1, 0) == -EINVAL, "NULL alone");
	CHECK(psr_wait_any(queues, 2, 0) == -EINVAL, "NULL among them");
	CHECK(psr_wait_any(queues, 1, 0) == 0, "nothing was sent");
	for (uint32_t i = 0; i <= PSR_QUEUES_MAX; i++)
		queues[i] = queues[0];
	CHECK(psr_wait_any(queues, PSR_QUEUES_MAX, 0) == 0, "the most");
	CHECK(psr_wait_any(queues, PSR_QUEUES_MAX + 1, 0) == -EINVAL,
	      "more than the most");
	psr_close(psr);
}

/* Nothing comes before the start, and all comes once after two. */
static void check_start(struct fixture *fixture)
{
	struct psr *psr = test_open(&fixture->config);
	struct psr_queue *queue = psr_queue(psr, 0);
	const struct psr_view *views;

	test_sender_send(&fixture->sender, 1);
	CHECK(psr_queue_wait(queue, 1) == 0, "before the start");
	CHECK(psr_queue_wait(queue, 0) == 0, "before the start");
	CHECK(psr_queue_peek(queue, &views) == 0, "before the start");
	CHECK(psr_watch(psr) == 1 && psr_watch_fd(psr) == -1,
	      "usersock takes no watching");
	CHECK(psr_group_stats(psr, NULL, 0) == 0, "no room, no group");
	test_start(psr);
	test_start(psr);
	test_sender_send(&fixture->sender, 2);
	test_stop(psr);
	test_stop(psr);
	CHECK(test_drain(queue) == 2, "two starts, two stops");
	test_stop(psr);
	CHECK(psr_queue_wait(queue, GIVE_UP_MS) == -ESHUTDOWN, "a third stop");
	psr_close(psr);
}

/* Whoever goes on after the end finds nothing, and hears of the end again. */
static void check_end(struct psr_queue *queue)
{
	const struct psr_view *views;

	CHECK(psr_queue_peek(queue, &views) == 0, "after the end");
	psr_queue_release(queue, 0);
	CHECK(psr_queue_wait(queue, 0) == -ESHUTDOWN, "after the end");
	CHECK(psr_queue_wait(queue, -1) == -ESHUTDOWN, "after the end");
}

/* An engine that was never started ends as one that was, and starts. */
static void check_stop(struct fixture *fixture)
{
	struct psr *psr = test_open(&fixture->config);
	struct psr_queue *queue = psr_queue(psr, 0);

	test_stop(psr);
	CHECK(psr_queue_wait(queue, GIVE_UP_MS) == -ESHUTDOWN, "never started");
	test_start(psr);
	test_sender_send(&fixture->sender, 1);
	test_stop(psr);
	CHECK(test_drain(queue) == 1, "started after a stop");
	check_end(queue);
	test_start(psr);
	test_sender_send(&fixture->sender, 1);
	test_expect(queue, fixture->sender.sent - 1);
	psr_close(psr);
}

static const struct psr_view *borrow(struct psr_queue *queue, uint32_t count)
{
	const struct psr_view *views;

	CHECK(psr_queue_wait(queue, GIVE_UP_MS) == 1, "no view");
	CHECK(psr_queue_peek(queue, &views) == count, "not %u", count);
	return views;
}

/* Of a view it is what was sent, byte for byte. */
static void check_message(const struct fixture *fixture,
			  const struct psr_queue *queue,
			  const struct psr_view *view)
{
	struct synthetic_message *sent = fixture->sender.message;
	uint32_t len = sent->header.netlink.nlmsg_len;
	const uint8_t *message;

	CHECK(psr_view_message(queue, view, &message) == (int)len,
	      "not %u bytes", len);
	/* The sender has sent another since: its number, time and packet. */
	CHECK(!memcmp(message, sent,
		      offsetof(struct synthetic_message, group_seq.value)),
	      "another message");
	CHECK(view->data == message + offsetof(struct synthetic_message, data),
	      "the packet is elsewhere");
}

/*
 * What the message alone holds is asked of a view, its copy, a stranger, and
 * once it was released.
 */
static void check_views(struct fixture *fixture)
{
	struct psr *psr;
	struct psr_queue *queues[2];
	const struct psr_view *views[2];
	const uint8_t *message = NULL;
	struct psr_view copy;
	uint64_t bytes = 0;

	fixture->config.queue_count = 2;
	fixture->config.ingest_threads *= 2;
	psr = test_open(&fixture->config);
	test_start(psr);
	/* The attribute of 8 bytes that the sender has, under another name. */
	fixture->sender.message->timestamp_attribute.nla_type =
		PSAMPLE_OUT_TC_OCC;
	test_sender_send(&fixture->sender, 2);
	for (uint32_t i = 0; i < 2; i++) {
		queues[i] = psr_queue(psr, i);
		views[i] = borrow(queues[i], 1);
		CHECK(psr_view_out_tc_occ(queues[i], views[i], &bytes) == 0,
		      "a view of queue %u", i);
		check_message(fixture, queues[i], views[i]);
	}
	CHECK(psr_view_out_tc_occ(queues[1], views[0], &bytes) == -EINVAL,
	      "a stranger");
	CHECK(psr_view_message(queues[1], views[0], &message) == -EINVAL,
	      "a stranger");
	(void)psr_view_copy(views[0], NULL, 0, &copy);
	CHECK(psr_view_out_tc_occ(queues[0], &copy, &bytes) == -EINVAL,
	      "a copy");
	CHECK(psr_view_message(queues[0], &copy, &message) == -EINVAL &&
		      !message,
	      "a copy");
	psr_queue_release(queues[0], 1);
	CHECK(psr_view_message(queues[0], views[0], &message) == -EINVAL,
	      "released");
	psr_close(psr);
}

/* As many as were borrowed, in parts: the last that is allowed. */
static struct psr_queue *release_all(struct fixture *fixture)
{
	struct psr *psr = test_open(&fixture->config);
	struct psr_queue *queue = psr_queue(psr, 0);

	test_start(psr);
	for (uint32_t i = 0; i < SLOTS - 1; i++) {
		test_sender_send(&fixture->sender, 1);
		(void)borrow(queue, 1);
		psr_queue_release(queue, 0);
		psr_queue_release(queue, 1);
	}
	return queue;
}

static void release_twice(struct fixture *fixture)
{
	psr_queue_release(release_all(fixture), 1);
}

/* There are two, but one peek ends at the ring's last slot. */
static void release_unseen(struct fixture *fixture)
{
	struct psr_queue *queue = release_all(fixture);

	test_sender_send(&fixture->sender, 2);
	(void)borrow(queue, 1);
	if (!queue->ingest->consumer_drives)
		AWAIT(test_queue_stats(queue).pending == 2, "the second");
	CHECK(psr_queue_wait(queue, 0) == 1, "borrowed views count");
	psr_queue_release(queue, 2);
}

/* It waits, but was not borrowed. */
static void release_unborrowed(struct fixture *fixture)
{
	struct psr_queue *queue = release_all(fixture);

	test_sender_send(&fixture->sender, 1);
	CHECK(psr_queue_wait(queue, GIVE_UP_MS) == 1, "no view");
	psr_queue_release(queue, 1);
}

static void release_huge(struct fixture *fixture)
{
	psr_queue_release(release_all(fixture), UINT32_MAX);
}

static void release_right(struct fixture *fixture)
{
	(void)release_all(fixture);
}

static const struct {
	const char *name;
	void (*call)(struct fixture *fixture);
	int signal;
} releases[] = {
	{ "what was borrowed", release_right, 0 },
	{ "twice", release_twice, SIGABRT },
	{ "more than was seen", release_unseen, SIGABRT },
	{ "without a peek", release_unborrowed, SIGABRT },
	{ "2^32 - 1", release_huge, SIGABRT },
};

#define RELEASES (sizeof(releases) / sizeof(releases[0]))

/* In a process of its own, which it may end. */
static void check_release(const struct test_mode *mode, size_t release)
{
	static const struct rlimit no_core = { 0, 0 };
	struct fixture fixture;
	int status = -1;
	pid_t pid = fork();

	CHECK(pid >= 0, "fork: errno %d", errno);
	if (pid == 0) {
		alarm(GIVE_UP_MS / 1000);
		CHECK(setrlimit(RLIMIT_CORE, &no_core) == 0, "errno %d", errno);
		fixture = begin(mode);
		releases[release].call(&fixture);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid, "errno %d", errno);
	CHECK(releases[release].signal
		      ? WIFSIGNALED(status) &&
				WTERMSIG(status) == releases[release].signal
		      : status == 0,
	      "%s, %s: %#x", test_transport_name(mode->transport),
	      releases[release].name, (unsigned int)status);
}

static void (*const checks[])(struct fixture *fixture) = {
	check_null_queues,
	check_start,
	check_stop,
	check_views,
};

#define CHECKS (sizeof(checks) / sizeof(checks[0]))

/* Either engine wakes a consumer of both, in whatever order. */
static void check_engines(const struct test_mode *one,
			  const struct test_mode *other)
{
	struct fixture fixtures[2] = { begin(one), begin(other) };
	struct psr_queue *queues[2];
	struct psr *psrs[2];

	for (uint32_t i = 0; i < 2; i++) {
		psrs[i] = test_open(&fixtures[i].config);
		queues[i] = psr_queue(psrs[i], 0);
		test_start(psrs[i]);
	}
	CHECK(psr_wait_any(queues, 2, 1) == 0, "nothing was sent");
	for (uint32_t i = 0; i < 2; i++) {
		test_sender_send(&fixtures[i].sender, 1);
		CHECK(psr_wait_any(queues, 2, GIVE_UP_MS) == 1, "engine %u", i);
		test_expect(queues[i], 0);
	}
	for (uint32_t i = 0; i < 2; i++)
		test_stop(psrs[i]);
	CHECK(psr_wait_any(queues, 2, GIVE_UP_MS) == -ESHUTDOWN, "the end");
	for (uint32_t i = 0; i < 2; i++) {
		psr_close(psrs[i]);
		test_sender_close(&fixtures[i].sender);
	}
}

static void run(const struct test_mode *mode)
{
	struct fixture fixture;

	for (size_t release = 0; release < RELEASES; release++)
		check_release(mode, release);
	for (size_t check = 0; check < CHECKS; check++) {
		fixture = begin(mode);
		checks[check](&fixture);
		test_sender_close(&fixture.sender);
	}
	for (uint32_t i = 0; i < TEST_MODES; i++)
		check_engines(mode, &test_modes[i]);
}

int main(void)
{
	check_null();
	for (uint32_t i = 0; i < TEST_MODES; i++)
		run(&test_modes[i]);
	return 0;
}
