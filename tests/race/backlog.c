/* SPDX-License-Identifier: MIT */
/*
 * How full the receive buffer, or BPF ring, is and was, in every mode; and that
 * what charge.c says of a sample is what the kernel charges for it, to the last
 * sample that fits.
 */
#include "charge.h"
#include "synthetic_message.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#define HELD   16u
#define RCVBUF (2 << 20)

static const uint32_t sizes[] = { 60,	128,  300,  1000,  1900,
				  3600, 4000, 9000, 30000, 65400 };

/* Samples of @size bytes of packet. */
static void send_sized(struct test_sender *sender, uint32_t size,
		       uint32_t count)
{
	const uint32_t len = synthetic_message_bytes(size);
	struct synthetic_message *message = calloc(1, len);

	CHECK(message, "no memory");
	synthetic_message_init(message, size, sender->portid);
	for (uint32_t i = 0; i < count; i++) {
		const struct synthetic_stamp stamp = {
			.group = 1,
			.group_seq = sender->sent++,
			.iif = 1,
		};

		synthetic_message_stamp(message, &stamp);
		test_sender_send_raw(sender, message, len);
	}
	free(message);
}

/* Fills all buffers with samples that nobody gives back. */
static void hold(struct psr_queue *queue, struct test_sender *sender,
		 uint32_t size)
{
	const struct psr_view *views;

	send_sized(sender, size, HELD);
	AWAIT(psr_queue_wait(queue, 1) >= 0 &&
		      psr_queue_peek(queue, &views) == HELD,
	      "%u views", HELD);
}

/* Gives all back, and takes @count more. */
static void take(struct psr_queue *queue, uint32_t count)
{
	const struct psr_view *views;

	psr_queue_release(queue, HELD);
	while (count > 0) {
		uint32_t ready;

		CHECK(psr_queue_wait(queue, GIVE_UP_MS) == 1, "%u left", count);
		ready = psr_queue_peek(queue, &views);
		CHECK(ready <= count, "%u, of %u", ready, count);
		test_check_views(views, ready);
		psr_queue_release(queue, ready);
		count -= ready;
	}
}

static struct psr *open_held(const struct test_mode *mode,
			     struct test_sender *sender, uint32_t size)
{
	struct psr_config config = test_config(MCGROUP_BACKLOG);
	struct psr *psr;

	config.transport = mode->transport;
	config.ingest_threads = mode->ingest_threads;
	config.usersock_portid = sender->portid;
	config.buffer_count = HELD;
	config.rcvbuf_bytes = RCVBUF;
	config.buffer_bytes = 65552;
	psr = test_open(&config);
	test_start(psr);
	hold(psr_queue(psr, 0), sender, size);
	return psr;
}

/* Exactly so many as the charge says fit, and not one more. */
static void fill(const struct test_mode *mode, struct test_sender *sender,
		 uint32_t size)
{
	struct psr *psr = open_held(mode, sender, size);
	struct psr_queue *queue = psr_queue(psr, 0);
	struct psr_stats stats = test_queue_stats(queue);
	struct psr_info info;
	uint64_t charge, used;
	uint32_t room;

	psr_info(psr, &info);
	charge = (uint64_t)charge_of_sample(&info, &stats);
	CHECK(charge > size, "%llu", (unsigned long long)charge);
	used = stats.backlog_bytes;
	CHECK(used == (mode->transport == PSR_TRANSPORT_BPF ? HELD * charge
							    : 0),
	      "%llu", (unsigned long long)used);
	/* kernel/bpf/ringbuf.c keeps one byte free. */
	room = (uint32_t)((info.rcvbuf_bytes - used -
			   (mode->transport == PSR_TRANSPORT_BPF)) /
			  charge);

	send_sized(sender, size, room);
	stats = test_queue_stats(queue);
	CHECK(stats.lost_socket + stats.lost_ring == 0, "size %u: %llu of %u",
	      size, (unsigned long long)(stats.lost_socket + stats.lost_ring),
	      room);
	CHECK(stats.backlog_bytes == used + room * charge, "%llu of %llu",
	      (unsigned long long)stats.backlog_bytes,
	      (unsigned long long)(used + room * charge));
	send_sized(sender, size, 1);
	stats = test_queue_stats(queue);
	CHECK(stats.lost_socket + stats.lost_ring == 1, "size %u", size);

	used = stats.backlog_bytes;
	take(queue, room);
	stats = test_queue_stats(queue);
	CHECK(stats.backlog_bytes == 0 && stats.backlog_peak_bytes == used,
	      "%llu, %llu", (unsigned long long)stats.backlog_bytes,
	      (unsigned long long)stats.backlog_peak_bytes);
	psr_close(psr);
}

/* Nobody looked at the statistics, but the engine did when the stall ended. */
static void remember(const struct test_mode *mode, struct test_sender *sender)
{
	struct psr *psr = open_held(mode, sender, sizes[0]);
	struct psr_queue *queue = psr_queue(psr, 0);
	struct psr_stats stats;

	send_sized(sender, sizes[0], 50);
	if (mode->ingest_threads > 0)
		AWAIT(bell_is_armed(&queue->stalled), "the stall");
	take(queue, 50);
	stats = test_queue_stats(queue);
	CHECK(stats.backlog_bytes == 0 && stats.backlog_peak_bytes >= 50 * 256,
	      "%llu", (unsigned long long)stats.backlog_peak_bytes);
	psr_close(psr);
}

int main(void)
{
	struct test_sender sender = test_sender_open(MCGROUP_BACKLOG);

	test_watch("backlog");
	for (uint32_t i = 0; i < TEST_MODES; i++) {
		const struct test_mode *mode = &test_modes[i];

		for (uint32_t size = 0; size < sizeof(sizes) / sizeof(sizes[0]);
		     size++)
			fill(mode, &sender, sizes[size]);
		/* Who drives its queue has no stall while it holds views. */
		if (mode->ingest_threads > 0 ||
		    mode->transport == PSR_TRANSPORT_BPF)
			remember(mode, &sender);
		test_progress(i + 1);
	}
	test_sender_close(&sender);
	puts("as full as the kernel says, to the last sample");
	return 0;
}
