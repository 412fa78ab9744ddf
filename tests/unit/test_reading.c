/* SPDX-License-Identifier: MIT */
/* What a reading makes of counters, and of the threads of this process. */
#include "leaks.h"
#include "reading.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECOND_NS 1000000000ULL

TestSuite(reading, .fini = leaks_assert_none);

/* Each test is a process of its own. */
static struct reading reading;
static struct psr_stats queues[2];

static const struct psr_info info = { .transport = PSR_TRANSPORT_RECVMMSG,
				      .queue_count = 2 };

static void open_reading(void)
{
	cr_assert_eq(meter_open(2, &reading.meter), 0);
}

static void take(uint64_t elapsed_s)
{
	reading_take(&reading, &info, queues, elapsed_s * SECOND_NS);
}

/* @samples: of 100 bytes, 1 packet in 10 */
static void count(uint32_t queue, uint32_t samples)
{
	const struct psr_view view = { .group = 1 + queue,
				       .rate = 10,
				       .orig_size = 100 };

	for (uint32_t i = 0; i < samples; i++)
		meter_add(reading.meter, queue, &view, 1);
	queues[queue].received += samples;
	queues[queue].delivered += samples;
}

static double bytes_of(uint32_t group)
{
	for (uint32_t i = 0; i < METER_ROWS; i++) {
		const struct meter_line *line =
			&reading.lines.of[METER_GROUP][i];

		if (line->is_used && line->key == group)
			return line->total[ESTIMATE_BYTES];
	}
	return 0;
}

Test(reading, tells_what_came_since)
{
	open_reading();
	count(0, 500);
	queues[0].batches[3] = 50;
	take(1);
	count(0, 100);
	queues[0].batches[3] += 25;
	queues[0].lost_socket = 6;
	queues[0].lost_ring = 4;
	count(1, 40);
	take(3);
	cr_expect_eq(reading.queues[0].in_per_s, 50);
	cr_expect_eq(reading.queues[0].out_per_s, 50);
	cr_expect_eq(reading.queues[0].lost_per_s, 5);
	cr_expect_eq(reading.queues[0].batch, 4);
	cr_expect_eq(reading.queues[1].batch, 0, "none were counted");
	cr_expect_eq(reading.total.in_per_s, 70);
	cr_expect_eq(reading.total.stats.received, 640);
	meter_close(reading.meter);
}

/* Of two queues, one lost as much as it got. */
Test(reading, corrects_by_a_queues_own_loss)
{
	open_reading();
	count(0, 10);
	queues[0].lost_socket = 10;
	count(1, 10);
	take(1);
	cr_expect_eq(bytes_of(1), 20000);
	cr_expect_eq(bytes_of(2), 10000);
	count(0, 10);
	take(2);
	cr_expect_eq(bytes_of(1), 30000, "nothing more was lost");
	meter_close(reading.meter);
}

/* What was lost while nothing came is made up for by what comes next. */
Test(reading, forgets_no_loss)
{
	open_reading();
	queues[0].lost_socket = 30;
	take(1);
	cr_expect_eq(bytes_of(1), 0);
	count(0, 10);
	take(2);
	cr_expect_eq(bytes_of(1), 40000);
	meter_close(reading.meter);
}

/* Likewise, where some came and the consumer was held up. */
Test(reading, corrects_what_was_delivered)
{
	open_reading();
	queues[0].received = 10;
	queues[0].lost_socket = 30;
	take(1);
	count(0, 10);
	queues[0].received = 10;
	take(2);
	cr_expect_eq(bytes_of(1), 40000);
	meter_close(reading.meter);
}

/* The kernel is asked once a second at most, and not for another namespace's. */
Test(reading, knows_interfaces_by_name)
{
	static struct interfaces interfaces;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char name[IF_NAMESIZE];

	open_reading();
	cr_expect_str_eq(reading_interface(&reading, PSR_NSID_OWN, 1, name),
			 "#1");
	interfaces_init(&interfaces, fd);
	reading.interfaces = &interfaces;
	cr_expect_str_eq(reading_interface(&reading, PSR_NSID_OWN, 1, name),
			 "lo");
	cr_expect_str_eq(reading_interface(&reading, 7, 1, name), "#1");
	close(fd);
	cr_expect_str_eq(reading_interface(&reading, PSR_NSID_OWN, 1, name),
			 "lo", "not asked again");
	interfaces.second = interfaces.known[1].second = 1;
	take(1);
	cr_expect_str_eq(reading_interface(&reading, PSR_NSID_OWN, 1, name),
			 "#1", "asked in vain");
	cr_expect_str_eq(
		reading_interface(&reading, PSR_NSID_OWN, UINT32_MAX, name),
		"#4294967295");
	meter_close(reading.meter);
}

static _Atomic(bool) named, over;

static void *work(void *arg)
{
	pthread_setname_np(pthread_self(), "a) (b 1 2");
	atomic_store(&named, true);
	while (!atomic_load(&over))
		;
	return arg;
}

/* Whatever its name; it works until it is seen to. */
Test(reading, knows_threads_by_name)
{
	static struct threads threads;
	const struct thread *found = NULL;
	pthread_t thread;

	cr_assert_eq(pthread_create(&thread, NULL, work, NULL), 0);
	while (!atomic_load(&named))
		;
	while (!found || found->cpu_s == 0) {
		threads_read(&threads, 1);
		cr_assert(threads.count >= 2 && threads.count < 10);
		for (uint32_t i = 0; i < threads.count; i++)
			if (!strcmp(threads.of[i].name, "a) (b 1 2"))
				found = &threads.of[i];
	}
	cr_expect_eq(found->share, found->cpu_s, "first seen a second ago");
	atomic_store(&over, true);
	pthread_join(thread, NULL);
}
