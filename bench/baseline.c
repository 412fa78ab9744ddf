/* SPDX-License-Identifier: MIT */
/*
 * The baselines. Each does what its model does per datagram, and is spared what
 * its model could do without: a small receive buffer, an allocation for each
 * sample, a language's run-time.
 */
#include "baseline.h"

#include "decode.h"
#include "listen.h"
#include "psample.h"
#include "socket.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define BUFFER_BYTES 65600 /* the largest message that there is, and more */
#define PEEK_BYTES   4096  /* with which mdlayher/netlink begins */
#define BATCH	     64
#define LOOK_US	     20000 /* silence after which it looks for the end */

struct baseline {
	struct mnl_socket *mnl;
	struct mmsghdr headers[BATCH];
	struct iovec vectors[BATCH];
	uint8_t buffers[BATCH][BUFFER_BYTES];
};

/* Decodes, and hands over to the consumer, which is the same thread. */
static int take(struct lane *lane, ssize_t len)
{
	const struct datagram datagram = {
		.bytes = lane->baseline->buffers[0],
		.len = (size_t)len,
		.capacity = BUFFER_BYTES,
	};
	struct psr_view view;
	size_t trailing;

	if (len < 0)
		return -errno;
	if (decode(&datagram, lane->family, &view, &trailing) !=
	    DECODE_SAMPLE) {
		lane->strays++;
		return 0;
	}
	lane_take(lane, &view, 1);
	return 1;
}

int baseline_recv(struct lane *lane)
{
	return take(lane, recv(lane->fd, lane->baseline->buffers[0],
			       BUFFER_BYTES, 0));
}

/*
 * The datagram is copied to learn its size, and once more to take it; a buffer
 * that it fills is doubled and the datagram copied again.
 */
int baseline_peek_recv(struct lane *lane)
{
	uint8_t *buffer = lane->baseline->buffers[0];
	size_t bytes = PEEK_BYTES;
	ssize_t len;

	while ((len = recv(lane->fd, buffer, bytes, MSG_PEEK)) ==
	       (ssize_t)bytes)
		bytes = 2 * bytes < BUFFER_BYTES ? 2 * bytes : BUFFER_BYTES;
	if (len < 0)
		return -errno;
	return take(lane, recv(lane->fd, buffer, bytes, 0));
}

static int keep_attribute(const struct nlattr *attribute, void *data)
{
	const struct nlattr **table = data;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type <= PSAMPLE_SAMPLE_PROBABILITY)
		table[type] = attribute;
	return MNL_CB_OK;
}

static uint32_t mnl_u32(const struct nlattr *attribute)
{
	return attribute ? mnl_attr_get_u32(attribute) : 0;
}

static uint16_t mnl_u16(const struct nlattr *attribute)
{
	return attribute ? mnl_attr_get_u16(attribute) : 0;
}

static int on_message(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *table[PSAMPLE_SAMPLE_PROBABILITY + 1] = { 0 };
	struct lane *lane = data;
	struct psr_view view = { 0 };

	mnl_attr_parse(message, sizeof(struct genlmsghdr), keep_attribute,
		       table);
	view.rate = mnl_u32(table[PSAMPLE_SAMPLE_RATE]);
	view.orig_size = mnl_u32(table[PSAMPLE_ORIGSIZE]);
	view.group = mnl_u32(table[PSAMPLE_SAMPLE_GROUP]);
	view.group_seq = mnl_u32(table[PSAMPLE_GROUP_SEQ]);
	view.iif = mnl_u16(table[PSAMPLE_IIFINDEX]);
	view.oif = mnl_u16(table[PSAMPLE_OIFINDEX]);
	view.proto = mnl_u16(table[PSAMPLE_PROTO]);
	if (table[PSAMPLE_TIMESTAMP])
		view.timestamp_ns = mnl_attr_get_u64(table[PSAMPLE_TIMESTAMP]);
	if (table[PSAMPLE_DATA]) {
		view.data = mnl_attr_get_payload(table[PSAMPLE_DATA]);
		view.data_len = mnl_attr_get_payload_len(table[PSAMPLE_DATA]);
	}
	lane_take(lane, &view, 1);
	return MNL_CB_OK;
}

/* Port and sequence 0: libmnl would refuse what user space sent. */
int baseline_mnl(struct lane *lane)
{
	struct baseline *baseline = lane->baseline;
	ssize_t len = mnl_socket_recvfrom(baseline->mnl, baseline->buffers[0],
					  BUFFER_BYTES);

	if (len < 0)
		return -errno;
	if (mnl_cb_run(baseline->buffers[0], (size_t)len, 0, 0, on_message,
		       lane) < 0)
		return -errno;
	return 1;
}

/*
 * The floor: no decoder, no hand-over, and no more wake-ups than psring makes;
 * when it found less than a batch it sleeps out the rest of wait_us.
 */
int baseline_bare(struct lane *lane)
{
	int64_t next_ns =
		lane->woken_ns + lane->receiver->config.wait_us * NS_PER_US;
	int count = recvmmsg(lane->fd, lane->baseline->headers, BATCH,
			     MSG_WAITFORONE, NULL);

	if (count < 0)
		return -errno;
	counter_add(&lane->received, (uint64_t)count);
	if (count == BATCH)
		return count;
	if (clock_now_ns() < next_ns)
		(void)clock_sleep_until(next_ns);
	lane->woken_ns = clock_now_ns();
	return count;
}

int baseline_open(struct lane *lane, uint32_t index, const char **reterr_cause)
{
	const struct timeval look = { .tv_usec = LOOK_US };
	struct baseline *baseline = calloc(1, sizeof(*baseline));
	int err;

	*reterr_cause = "memory for buffers";
	if (!baseline)
		return -ENOMEM;
	lane->baseline = baseline;
	for (uint32_t i = 0; i < BATCH; i++) {
		baseline->vectors[i].iov_base = baseline->buffers[i];
		baseline->vectors[i].iov_len = BUFFER_BYTES;
		baseline->headers[i].msg_hdr.msg_iov = &baseline->vectors[i];
		baseline->headers[i].msg_hdr.msg_iovlen = 1;
	}
	err = listen_open(&lane->receiver->config, index, &lane->fd,
			  &lane->family, reterr_cause);
	if (err)
		return err;
	*reterr_cause = "setting up a netlink socket";
	if (setsockopt(lane->fd, SOL_SOCKET, SO_RCVTIMEO, &look, sizeof(look)) <
	    0)
		return -errno;
	if (lane->receiver->reader->receive != baseline_mnl)
		return 0;
	baseline->mnl = mnl_socket_fdopen(lane->fd);
	return baseline->mnl ? 0 : -errno;
}

int baseline_run(struct lane *lane)
{
	int count;

	for (;;) {
		/* Before the turn: what is then not there never comes. */
		bool ending = atomic_load(&lane->receiver->ending);

		count = lane->receiver->reader->receive(lane);
		if (count == -EAGAIN && ending)
			return 0;
		if (count < 0 && count != -EAGAIN && count != -EINTR)
			return count;
	}
}

void baseline_close(struct lane *lane)
{
	/* libmnl closes what it was given. */
	if (lane->baseline && lane->baseline->mnl)
		mnl_socket_close(lane->baseline->mnl);
	else if (lane->fd >= 0)
		close(lane->fd);
	free(lane->baseline);
}
