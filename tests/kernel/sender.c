/* SPDX-License-Identifier: MIT */
/*
 * sender.c - frames on their way out of an interface, at the pace asked for
 */
#include "sender.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The interface's queue is full: wait and try again, but not for ever. */
#define RETRY_NS  1000000
#define RETRY_MAX 2000

/* The frames of a burst, as sendmmsg wants them. */
struct batch {
	uint8_t *frames;
	struct iovec *iovecs;
	struct mmsghdr *messages;
};

int sender_open(const char *ifname, uint8_t ret_mac[ETH_ALEN], int *ret_fd)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET };
	struct ifreq ifreq = { 0 };
	int error;
	int fd;

	address.sll_ifindex = if_nametoindex(ifname);
	if (!address.sll_ifindex)
		return -errno;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* if_nametoindex found it, so it fits. */
	strncpy(ifreq.ifr_name, ifname, IFNAMSIZ - 1);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    ioctl(fd, SIOCGIFHWADDR, &ifreq)) {
		error = -errno;
		close(fd);
		return error;
	}
	memcpy(ret_mac, ifreq.ifr_hwaddr.sa_data, ETH_ALEN);
	*ret_fd = fd;
	return 0;
}

/* As sender_send. */
static int send_burst(int fd, struct mmsghdr *messages, uint32_t count,
		      uint32_t *ret_sent)
{
	static const struct timespec pause = { .tv_nsec = RETRY_NS };
	int retries = 0;

	for (*ret_sent = 0; *ret_sent < count;) {
		int n = sendmmsg(fd, messages + *ret_sent, count - *ret_sent,
				 0);

		if (n > 0) {
			*ret_sent += n;
			retries = 0;
			continue;
		}
		if ((errno != ENOBUFS && errno != EINTR) ||
		    retries++ == RETRY_MAX)
			return -errno;
		nanosleep(&pause, NULL);
	}
	return 0;
}

static void sleep_until(const struct timespec *start, uint64_t offset_ns)
{
	struct timespec deadline = *start;

	offset_ns += deadline.tv_nsec;
	deadline.tv_sec += offset_ns / 1000000000;
	deadline.tv_nsec = offset_ns % 1000000000;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline,
			       NULL) == EINTR)
		;
}

static void batch_fini(struct batch *batch)
{
	free(batch->messages);
	free(batch->iovecs);
	free(batch->frames);
}

static int batch_init(struct batch *batch, uint32_t count, size_t bytes)
{
	batch->frames = calloc(count, bytes);
	batch->iovecs = calloc(count, sizeof(*batch->iovecs));
	batch->messages = calloc(count, sizeof(*batch->messages));
	if (!batch->frames || !batch->iovecs || !batch->messages) {
		batch_fini(batch);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < count; i++) {
		batch->iovecs[i].iov_base = batch->frames + i * bytes;
		batch->iovecs[i].iov_len = bytes;
		batch->messages[i].msg_hdr.msg_iov = &batch->iovecs[i];
		batch->messages[i].msg_hdr.msg_iovlen = 1;
	}
	return 0;
}

int sender_send(int fd, const struct traffic *traffic, const struct pace *pace,
		uint32_t *ret_sent)
{
	struct timespec start;
	uint64_t offset_ns = 0;
	struct batch batch;
	int error;

	*ret_sent = 0;
	error = batch_init(&batch, pace->burst_frames, traffic->frame_bytes);
	if (error)
		return error;
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (*ret_sent < pace->frame_count && !error) {
		uint32_t count = pace->frame_count - *ret_sent;
		uint32_t sent;

		if (count > pace->burst_frames)
			count = pace->burst_frames;
		for (uint32_t i = 0; i < count; i++)
			frame_make(batch.iovecs[i].iov_base, traffic,
				   *ret_sent + i);
		if (pace->every_us)
			sleep_until(&start, offset_ns);
		offset_ns += pace->every_us * UINT64_C(1000);
		error = send_burst(fd, batch.messages, count, &sent);
		*ret_sent += sent;
	}
	batch_fini(&batch);
	return error;
}
