/* SPDX-License-Identifier: MIT */
/* Real netlink multicast without psample. */
#include "multicast.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

void multicast_isolate(void)
{
	cr_assert_eq(unshare(CLONE_NEWNET), 0,
		     "no network namespace: %s (run as root)",
		     strerrordesc_np(errno));
}

int multicast_open_sender(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);

	cr_assert_geq(fd, 0);
	return fd;
}

/*
 * net/netlink/af_netlink.c: netlink_sendmsg broadcasts and then also unicasts
 * to port 0, where nobody is: ECONNREFUSED says that the broadcast was done.
 */
int multicast_try_send(int fd, const void *bytes, size_t len)
{
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1u << (MULTICAST_GROUP - 1),
	};

	if (sendto(fd, bytes, len, 0, (const struct sockaddr *)&address,
		   sizeof(address)) < 0 &&
	    errno != ECONNREFUSED)
		return -errno;
	return 0;
}

void multicast_send(int fd, const void *bytes, size_t len)
{
	int err = multicast_try_send(fd, bytes, len);

	cr_assert_eq(err, 0, "%zu bytes: %s", len, strerrordesc_np(-err));
}

/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
static bool parse_row(const char *row, uint32_t portid, uint64_t *ret_drops)
{
	unsigned int protocol, pid;
	unsigned long drops;

	/* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers */
	if (sscanf(row, "%*s %u %u %*s %*s %*s %*s %*s %lu", &protocol, &pid,
		   &drops) != 3 ||
	    protocol != NETLINK_USERSOCK || pid != portid)
		return false;
	*ret_drops = drops;
	return true;
}

uint64_t multicast_proc_drops(int fd)
{
	struct sockaddr_nl address = { 0 };
	socklen_t len = sizeof(address);
	uint64_t drops = 0;
	char row[256];
	bool found = false;
	FILE *table;

	cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	/* Of this thread's namespace, whose process may have stayed behind. */
	table = fopen("/proc/thread-self/net/netlink", "re");
	cr_assert_not_null(table);
	while (!found && fgets(row, sizeof(row), table))
		found = parse_row(row, address.nl_pid, &drops);
	(void)fclose(table);
	cr_assert(found, "the socket is not in /proc/net/netlink");
	return drops;
}
