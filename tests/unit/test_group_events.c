/* SPDX-License-Identifier: MIT */
/*
 * Events of groups that came faster than they were read.
 */
#include "group_events.h"
#include "multicast.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/psample.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct event {
	struct nlmsghdr message;
	struct genlmsghdr generic;
	struct nlattr attribute;
	uint32_t group;
};

static const struct event created = {
	.message = { .nlmsg_len = sizeof(created), .nlmsg_flags = NLM_F_MULTI },
	.generic.cmd = PSAMPLE_CMD_NEW_GROUP,
	.attribute = { .nla_len = sizeof(struct nlattr) + sizeof(uint32_t),
		       .nla_type = PSAMPLE_ATTR_SAMPLE_GROUP },
	.group = 7,
};

static int open_receiver(void)
{
	const struct sockaddr_nl self = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1u << (MULTICAST_GROUP - 1),
	};
	const int least = 1;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);

	cr_assert_geq(fd, 0);
	cr_assert_eq(bind(fd, (const struct sockaddr *)&self, sizeof(self)), 0);
	cr_assert_eq(
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)),
		0);
	return fd;
}

/* Prints once: what is there, for whoever stops it came before. */
static void print_what_is_there(int fd)
{
	int stop_fd = eventfd(1, EFD_CLOEXEC);

	cr_assert_geq(stop_fd, 0);
	cr_assert_eq(group_events_print(fd, NULL, stop_fd), 0);
	close(stop_fd);
}

Test(group_events, that_are_lost_are_told, .init = multicast_isolate)
{
	int receiver = open_receiver();
	int sender = multicast_open_sender();

	cr_redirect_stdout();
	cr_redirect_stderr();
	while (!multicast_proc_drops(receiver))
		multicast_send(sender, &created, sizeof(created));
	print_what_is_there(receiver);
	print_what_is_there(receiver);
	cr_assert_stderr_eq_str("psample: events of groups were lost\n");
	cr_assert_stdout_eq_str("created group 7 with current seq 0 \n");
	close(sender);
	close(receiver);
}
