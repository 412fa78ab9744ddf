/* SPDX-License-Identifier: MIT */
/*
 * uring.c with a completion queue much smaller than what the socket holds:
 * nothing is lost, the order is kept, and the receive is armed again after
 * each completion that says it has ended. So where the sender is verified, too.
 */
#include "decode.h"
#include "envelope.h"
#include "socket.h"
#include "test.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <sys/eventfd.h>

#define COMPLETIONS  64u
#define BUFFERS	     1024u
#define BUFFER_BYTES 512u
#define DATAGRAMS    500u
#define RCVBUF	     (4u << 20)

struct receiver {
	struct uring uring;
	struct buffers buffers;
	int fds[2]; /* socket and bell */
	uint32_t received;
	uint32_t arms;
};

static void set_up(struct receiver *receiver, const struct sender *from)
{
	struct psr_config config = test_config(MCGROUP_COMPLETIONS);
	const char *cause = NULL;
	struct filter filter;
	int err;

	config.usersock_portid = from->portid;
	filter_build(&filter, &config, 0);
	err = socket_open(-1, NETLINK_USERSOCK, RCVBUF, &receiver->fds[0],
			  &cause);
	CHECK(err == 0, "%s: %d", cause, err);
	CHECK(socket_join(receiver->fds[0], MCGROUP_COMPLETIONS) == 0, "join");
	CHECK(socket_accept(receiver->fds[0], &filter) == 0, "filter");
	receiver->fds[1] = eventfd(0, EFD_CLOEXEC);
	CHECK(buffers_init(&receiver->buffers, BUFFERS, BUFFER_BYTES,
			   from->verified ? sizeof(struct envelope) : 0) == 0,
	      "no memory");
	err = uring_open(&receiver->uring, COMPLETIONS, from, &cause);
	CHECK(err == 0, "%s: %d", cause, err);
	CHECK(uring_register_buffers(&receiver->uring, 0, &receiver->buffers) ==
		      0,
	      "buffers");
	CHECK(uring_register_files(&receiver->uring, receiver->fds, 2) == 0,
	      "files");
	CHECK(uring_enable(&receiver->uring) == 0, "enable");
}

static void arm(struct receiver *receiver)
{
	int err = uring_arm(&receiver->uring, 0);

	CHECK(err == 0, "uring_arm: %d", err);
	receiver->arms++;
}

static void check(struct receiver *receiver, const struct completion *done)
{
	const uint8_t *message;
	struct psr_view view = { 0 };
	struct datagram datagram;
	size_t trailing;

	if (done->buffer_id != NO_BUFFER) {
		message = buffers_at(&receiver->buffers, done->buffer_id);
		datagram = (struct datagram){ .bytes = message,
					      .len = (size_t)done->result,
					      .capacity = BUFFER_BYTES };
		CHECK(decode(&datagram, FAMILY_ANY, &view, &trailing) ==
			      DECODE_SAMPLE,
		      "datagram %u is no sample", receiver->received);
		CHECK(view.group_seq == receiver->received,
		      "%u is not %u, armed %u times", view.group_seq,
		      receiver->received, receiver->arms);
		test_check_views(&view, 1);
		receiver->received++;
	}
	if (done->disarmed)
		arm(receiver);
}

static void receive(struct receiver *receiver)
{
	const struct uring_wait wait = { .count = 1,
					 .timeout_ns = GIVE_UP_MS * NS_PER_MS };
	struct completion done[7];
	uint32_t count;
	int ready = uring_wait(&receiver->uring, &wait);

	CHECK(ready > 0, "uring_wait: %d, %u of %u received, armed %u times",
	      ready, receiver->received, DATAGRAMS, receiver->arms);
	do {
		count = uring_reap(&receiver->uring, done,
				   sizeof(done) / sizeof(done[0]));
		for (uint32_t i = 0; i < count; i++)
			check(receiver, &done[i]);
	} while (count > 0);
}

static void run(bool verified)
{
	struct test_sender sender = test_sender_open(MCGROUP_COMPLETIONS);
	const struct sender from = { .verified = verified,
				     .portid = sender.portid };
	struct receiver receiver = { 0 };

	set_up(&receiver, &from);
	test_sender_send(&sender, DATAGRAMS);
	arm(&receiver);
	while (receiver.received < DATAGRAMS) {
		receive(&receiver);
		test_progress(receiver.received);
	}
	CHECK(receiver.arms > 1, "the completion queue was never full");
	CHECK(socket_usage(receiver.fds[0]).drops == 0, "the socket lost some");
	printf("%u datagrams, %u completions, armed %u times\n",
	       receiver.received, COMPLETIONS, receiver.arms);
	uring_close(&receiver.uring);
	buffers_fini(&receiver.buffers);
	close(receiver.fds[0]);
	close(receiver.fds[1]);
	test_sender_close(&sender);
}

int main(void)
{
	test_watch("completion_queue_full: datagrams");
	run(false);
	run(true);
	return 0;
}
