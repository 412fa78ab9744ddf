/* SPDX-License-Identifier: MIT */
/*
 * Baseline: a blocking recv loop, one message a call, on the same socket
 * set-up, filter and decoder as psring. What a well-written simple reader does.
 */
#include "clocks.h"
#include "decode.h"
#include "reader.h"
#include "socket.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define RCVBUF_BYTES (32 << 20) /* psring's default */
#define LOOK_US	     20000	/* silence after which it looks for the end */

static uint64_t wakeups(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (uint64_t)usage.ru_nvcsw;
}

static int receive_one(int fd, struct reader_result *result)
{
	static uint8_t buffer[65600];
	struct datagram datagram = { .bytes = buffer,
				     .capacity = sizeof(buffer) };
	struct psr_view view;
	size_t trailing;
	ssize_t len = recv(fd, buffer, sizeof(buffer), 0);

	if (len < 0)
		return errno == EINTR ? 0 : -errno;
	datagram.len = (size_t)len;
	if (decode(&datagram, FAMILY_ANY, &view, &trailing) != DECODE_SAMPLE)
		return -EBADMSG;
	reader_touch(&view);
	result->received++;
	return 0;
}

static int receive_all(int fd, struct synthetic *synthetic,
		       struct reader_result *result)
{
	bool over = false;
	int err;

	for (;;) {
		err = receive_one(fd, result);
		if (err == 0) {
			result->elapsed_ns = clock_wall_ns();
			continue;
		}
		if (err != -EAGAIN)
			return err;
		/* Silence twice, and the sender had ended in between. */
		if (over)
			return 0;
		over = synthetic_wait(synthetic, 0) == 1;
	}
}

static int run(struct synthetic *synthetic, uint32_t usersock_group,
	       uint32_t queue_count, struct reader_result *ret_result,
	       const char **reterr_cause)
{
	const struct psr_config config = { .usersock_portid = synthetic_portid(
						   synthetic) };
	const struct timeval look = { .tv_usec = LOOK_US };
	struct reader_result result = { 0 };
	uint64_t cpu_ns, start_ns, switches;
	struct filter filter;
	int fd;
	int err;

	(void)queue_count;
	err = socket_open(NETLINK_USERSOCK, usersock_group, RCVBUF_BYTES, &fd,
			  reterr_cause);
	if (err)
		return err;
	*reterr_cause = "receiving by recv";
	filter_build(&filter, &config, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &look, sizeof(look));
	err = socket_accept(fd, &filter);

	cpu_ns = clock_cpu_ns();
	switches = wakeups();
	start_ns = clock_wall_ns();
	if (!err)
		err = synthetic_start(synthetic);
	if (!err)
		err = receive_all(fd, synthetic, &result);
	result.elapsed_ns -= start_ns;
	result.wakeups = wakeups() - switches;
	result.cpu_ns = clock_cpu_ns() - cpu_ns - synthetic_cpu_ns(synthetic);
	result.lost = socket_drops(fd);
	close(fd);
	if (!err)
		*ret_result = result;
	return err;
}

const struct reader reader_recv = {
	.name = "recv",
	.does = "blocking recv, one message a call; decodes in the same thread",
	.run = run,
};
