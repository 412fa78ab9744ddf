/* SPDX-License-Identifier: MIT */
/*
 * A BPF ring, and what only its consumer can know.
 *
 * - The kernel wakes for the record that the consumer's position has reached,
 *   and for no other: two views peeked, one released, one sample more, and it
 *   stays silent. The wait looks for itself.
 * - A view that is kept is not written over, also when the ring overruns.
 * - What is no sample gives its room back, though there is no view to release;
 *   a sample that comes just then is told of.
 * - A full ring is emptied at once, not in pieces with wait_us between them; and
 *   a wait that is over before wait_us is, is over.
 * - A stop while no slot is free for a view forgets nothing.
 */
#include "test.h"

#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#define ROUNDS	 1000u
#define OVERRUNS 10u
#define SLOTS	 4u
#define RECORDS	 511u /* of 256 bytes, in 128 KiB that are never full */

struct fixture {
	struct test_sender sender;
	struct psr *psr;
	struct psr_queue *queue;
};

/* A ring of the least size, which is soon used again from its beginning. */
static struct fixture begin(uint32_t slots, uint32_t wait_us)
{
	struct fixture fixture = {
		.sender = test_sender_open(MCGROUP_BPF_RING),
	};
	struct psr_config config = test_config(MCGROUP_BPF_RING);

	config.transport = PSR_TRANSPORT_BPF;
	config.usersock_portid = fixture.sender.portid;
	config.buffer_count = slots;
	config.rcvbuf_bytes = 1;
	config.wait_us = wait_us;
	fixture.psr = test_open(&config);
	fixture.queue = psr_queue(fixture.psr, 0);
	test_start(fixture.psr);
	return fixture;
}

static void end(struct fixture *fixture, uint64_t left)
{
	struct psr_stats stats;

	test_stop(fixture->psr);
	CHECK(test_drain(fixture->queue) == left, "%llu were left",
	      (unsigned long long)left);
	stats = test_stats(fixture->psr);
	CHECK(stats.received + stats.lost_ring == fixture->sender.sent &&
		      stats.left_in_socket == 0 && test_balances(&stats),
	      "received %llu, lost %llu, of %u",
	      (unsigned long long)stats.received,
	      (unsigned long long)stats.lost_ring, fixture->sender.sent);
	psr_close(fixture->psr);
	test_sender_close(&fixture->sender);
}

/* One wait and one peek show @count views, the first of them number @first. */
static const struct psr_view *expect_views(struct psr_queue *queue,
					   uint32_t first, uint32_t count)
{
	const struct psr_view *views;
	int verdict = psr_queue_wait(queue, GIVE_UP_MS);
	uint32_t ready = psr_queue_peek(queue, &views);

	CHECK(verdict == 1 && ready == count, "%d, %u of %u views", verdict,
	      ready, count);
	for (uint32_t i = 0; i < count; i++)
		CHECK(views[i].group_seq == first + i, "%u is not %u",
		      views[i].group_seq, first + i);
	test_check_views(views, count);
	return views;
}

/* The ring of views begins anew after SLOTS: rounds are as long. */
static void keep_one(struct fixture *fixture)
{
	struct pollfd pollfd = { .fd = psr_queue_fd(fixture->queue),
				 .events = POLLIN };
	const uint32_t first = fixture->sender.sent;
	const struct psr_view *kept;

	test_sender_send(&fixture->sender, 2);
	kept = expect_views(fixture->queue, first, 2) + 1;
	psr_queue_release(fixture->queue, 1);
	test_sender_send(&fixture->sender, 1);
	expect_views(fixture->queue, first + 1, 2);
	test_check_views(kept, 1);
	psr_queue_release(fixture->queue, 2);
	CHECK(psr_queue_wait(fixture->queue, 0) == 0, "not empty");
	test_sender_send(&fixture->sender, 1);
	CHECK(poll(&pollfd, 1, GIVE_UP_MS) == 1, "sample %u", first + 3);
	test_expect(fixture->queue, first + 3);
}

/* All but the kept record are free for others. */
static void overrun(struct fixture *fixture)
{
	const uint64_t lost = test_queue_stats(fixture->queue).lost_ring;
	const uint32_t first = fixture->sender.sent;
	const struct psr_view *kept;

	test_sender_send(&fixture->sender, 2);
	kept = expect_views(fixture->queue, first, 2) + 1;
	psr_queue_release(fixture->queue, 1);
	test_sender_send(&fixture->sender, 2 * RECORDS);
	test_check_views(kept, 1);
	CHECK(test_queue_stats(fixture->queue).lost_ring - lost == RECORDS + 1,
	      "lost %llu before", (unsigned long long)lost);
	for (uint32_t number = first + 1; number <= first + RECORDS; number++)
		test_expect(fixture->queue, number);
}

static void test_kept_views(void)
{
	struct fixture fixture = begin(SLOTS, 0);

	for (uint32_t round = 0; round < ROUNDS; round++) {
		keep_one(&fixture);
		test_progress(round);
	}
	for (uint32_t round = 0; round < OVERRUNS; round++)
		overrun(&fixture);
	end(&fixture, 0);
}

static struct nlmsghdr noise_of(const struct fixture *fixture)
{
	return (struct nlmsghdr){
		.nlmsg_len = sizeof(struct nlmsghdr),
		.nlmsg_type = NLMSG_NOOP,
		.nlmsg_pid = fixture->sender.portid,
	};
}

static void test_noise(void)
{
	struct fixture fixture = begin(SLOTS, 0);
	const struct nlmsghdr noise = noise_of(&fixture);
	struct psr_stats stats;

	for (uint32_t i = 0; i < 2 * RECORDS; i++) {
		test_sender_send_raw(&fixture.sender, &noise, sizeof(noise));
		CHECK(psr_queue_wait(fixture.queue, 0) == 0, "a view of noise");
	}
	stats = test_queue_stats(fixture.queue);
	CHECK(stats.foreign == 2 * RECORDS && stats.lost_ring == 0,
	      "%llu foreign, lost %llu", (unsigned long long)stats.foreign,
	      (unsigned long long)stats.lost_ring);
	psr_close(fixture.psr);
	test_sender_close(&fixture.sender);
}

static struct test_sender *late_sender; /* NULL: nothing comes late */

void __real_queue_release_noise(struct psr_queue *queue);
void __wrap_queue_release_noise(struct psr_queue *queue);

/* After the look into the ring, before the position is stored. */
void __wrap_queue_release_noise(struct psr_queue *queue)
{
	if (late_sender)
		test_sender_send(late_sender, 1);
	late_sender = NULL;
	__real_queue_release_noise(queue);
}

/* The kernel finds another position, and does not wake. */
static void test_sample_behind_noise(void)
{
	struct fixture fixture = begin(SLOTS, 0);
	struct epoll_event event = { .events = EPOLLIN | (uint32_t)EPOLLET };
	const struct nlmsghdr noise = noise_of(&fixture);
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	int fd = psr_queue_fd(fixture.queue);

	CHECK(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0, "epoll");
	test_sender_send_raw(&fixture.sender, &noise, sizeof(noise));
	(void)epoll_wait(epoll_fd, &event, 1, 0);
	late_sender = &fixture.sender;
	CHECK(psr_queue_wait(fixture.queue, 0) == 0, "a view of noise");
	CHECK(!late_sender, "nothing came late");
	CHECK(epoll_wait(epoll_fd, &event, 1, GIVE_UP_MS) == 1, "asleep");
	test_expect(fixture.queue, 0);
	close(epoll_fd);
	psr_close(fixture.psr);
	test_sender_close(&fixture.sender);
}

/* Its own time ends the second wait, in the sleep that wait_us asks for. */
static void test_short_wait(void)
{
	struct fixture fixture = begin(SLOTS, 200000);
	uint64_t wakeups;

	CHECK(psr_queue_wait(fixture.queue, 1) == 0, "not empty");
	wakeups = test_queue_stats(fixture.queue).wakeups;
	CHECK(psr_queue_wait(fixture.queue, 10) == 0, "not empty");
	wakeups = test_queue_stats(fixture.queue).wakeups - wakeups;
	CHECK(wakeups == 1, "slept %llu times", (unsigned long long)wakeups);
	end(&fixture, 0);
}

/* More than a turn takes, after one sleep. */
static void test_backlog(void)
{
	struct fixture fixture = begin(1024, 200000);
	const struct psr_view *views;
	uint32_t count, taken = 0;
	uint64_t wakeups;

	/* wait_us begins with a wake-up, be it for nothing. */
	CHECK(psr_queue_wait(fixture.queue, 1) == 0, "not empty");
	wakeups = test_queue_stats(fixture.queue).wakeups;
	test_sender_send(&fixture.sender, RECORDS);
	while (taken < RECORDS) {
		CHECK(psr_queue_wait(fixture.queue, GIVE_UP_MS) == 1, "%u",
		      taken);
		count = psr_queue_peek(fixture.queue, &views);
		psr_queue_release(fixture.queue, count);
		taken += count;
	}
	wakeups = test_queue_stats(fixture.queue).wakeups - wakeups;
	CHECK(wakeups == 1, "woke up %llu times", (unsigned long long)wakeups);
	end(&fixture, 0);
}

static void test_stop_without_slots(void)
{
	struct fixture fixture = begin(SLOTS, 0);

	test_sender_send(&fixture.sender, 3 * SLOTS);
	expect_views(fixture.queue, 0, SLOTS);
	test_stop(fixture.psr);
	expect_views(fixture.queue, 0, SLOTS);
	psr_queue_release(fixture.queue, SLOTS);
	end(&fixture, 2 * SLOTS);
}

int main(void)
{
	test_watch("bpf_ring: round");
	test_kept_views();
	test_noise();
	test_sample_behind_noise();
	test_backlog();
	test_short_wait();
	test_stop_without_slots();
	puts("kept, told, given back");
	return 0;
}
