/* SPDX-License-Identifier: MIT */
/*
 * Whether this kernel keeps to receive buffers: the ledger rests on it that
 * what does not fit is dropped and counted.
 *
 * A small socket is overfilled by multicast. It hears only messages that name
 * its own port, so that others on the group do no harm.
 */
#include "filter.h"
#include "psring.h"
#include "socket.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#define MCGROUP	 32   /* the last of NETLINK_USERSOCK, used by few */
#define RCVBUF	 2048 /* the kernel doubles it, and a datagram takes 768 */
#define MESSAGES 64

static uint32_t own_port(int fd)
{
	struct sockaddr_nl address = { 0 };
	socklen_t len = sizeof(address);

	(void)getsockname(fd, (struct sockaddr *)&address, &len);
	return address.nl_pid;
}

static int accept_named(int fd, uint32_t portid)
{
	const struct psr_config config = { .usersock_portid = portid };
	struct filter filter;

	filter_build(&filter, &config, 0);
	return socket_accept(fd, &filter);
}

/*
 * net/netlink/af_netlink.c: netlink_sendmsg broadcasts, then returns the result
 * of a unicast to port 0, where nobody is: ECONNREFUSED says that it was sent.
 */
static int send_messages(uint32_t portid)
{
	const struct nlmsghdr message = {
		.nlmsg_len = sizeof(message),
		.nlmsg_type = NLMSG_NOOP,
		.nlmsg_pid = portid,
	};
	const struct sockaddr_nl to = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1u << (MCGROUP - 1),
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
	int err = fd < 0 ? -errno : 0;

	for (uint32_t i = 0; i < MESSAGES && !err; i++)
		if (sendto(fd, &message, sizeof(message), 0,
			   (const struct sockaddr *)&to, sizeof(to)) < 0 &&
		    errno != ECONNREFUSED)
			err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

static uint32_t take_all(int fd)
{
	struct nlmsghdr message;
	uint32_t count = 0;

	while (recv(fd, &message, sizeof(message), MSG_DONTWAIT) >= 0)
		count++;
	return count;
}

static int overfill(int fd, const char **reterr_cause)
{
	uint32_t portid = own_port(fd);
	uint32_t queued;
	int err = accept_named(fd, portid);

	*reterr_cause = "sending to a socket of our own";
	if (!err)
		err = send_messages(portid);
	if (err)
		return err;

	queued = take_all(fd);
	*reterr_cause = "the kernel does not limit receive buffers: a slow "
			"consumer uses up all memory (a release candidate of "
			"Linux 6.16: take another kernel)";
	if (queued == MESSAGES)
		return -EOVERFLOW;
	*reterr_cause = "the kernel's count of what it dropped is wrong";
	return queued + socket_usage(fd).drops == MESSAGES ? 0 : -EPROTO;
}

int psr_check_rcvbuf(const char **reterr_cause)
{
	const char *cause = NULL;
	int fd;
	int err = socket_open(-1, NETLINK_USERSOCK, RCVBUF, &fd, &cause);

	if (!err) {
		cause = "joining a multicast group: it needs CAP_NET_ADMIN "
			"(run as root)";
		err = socket_join(fd, MCGROUP);
		if (!err)
			err = overfill(fd, &cause);
		close(fd);
	}
	if (err && reterr_cause)
		*reterr_cause = cause;
	return err;
}
