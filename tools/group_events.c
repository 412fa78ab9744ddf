/* SPDX-License-Identifier: MIT */
/*
 * psample's multicast group "config". Its messages say that more of them follow
 * (NLM_F_MULTI), and none does: each stands for itself.
 */
#include "group_events.h"

#include "control.h"
#include "output.h"
#include "psample.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENT_BYTES  8192
#define LINE_BYTES   128
#define RCVBUF_BYTES (4 << 20) /* some 5000 events, as of a script of tc's */

struct event {
	uint32_t group;
	uint32_t group_seq;
};

int group_events_open(int *ret_fd, const char **reterr_cause)
{
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };
	const int rcvbuf_bytes = RCVBUF_BYTES;
	struct family family;
	int err = control_find_family(&family, reterr_cause);
	int fd;

	if (err)
		return err;
	*reterr_cause = "joining psample's multicast group \"config\"";
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&self, sizeof(self)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
		       &family.config_mcgroup, sizeof(family.config_mcgroup))) {
		err = -errno;
		close(fd);
		return err;
	}
	/* What root may take; else what there is, where losses are told. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf_bytes,
			 sizeof(rcvbuf_bytes));
	*ret_fd = fd;
	return 0;
}

static int parse_event(const struct nlattr *attr, void *data)
{
	struct event *event = data;

	if (mnl_attr_validate(attr, MNL_TYPE_U32) < 0)
		return MNL_CB_OK;
	if (mnl_attr_get_type(attr) == PSAMPLE_SAMPLE_GROUP)
		event->group = mnl_attr_get_u32(attr);
	if (mnl_attr_get_type(attr) == PSAMPLE_GROUP_SEQ)
		event->group_seq = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int print_event(const struct nlmsghdr *message, const uint32_t *group)
{
	const struct genlmsghdr *generic = mnl_nlmsg_get_payload(message);
	const char *verb = "deleted";
	struct event event = { 0 };
	char line[LINE_BYTES];
	int len;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*generic))
		return 0;
	if (generic->cmd == PSAMPLE_VERB_NEW_GROUP)
		verb = "created";
	else if (generic->cmd != PSAMPLE_VERB_DEL_GROUP)
		return 0;
	mnl_attr_parse(message, sizeof(*generic), parse_event, &event);
	if (group && event.group != *group)
		return 0;
	len = snprintf(line, sizeof(line), "%s group %u with current seq %u \n",
		       verb, event.group, event.group_seq);
	return output_write(line, (size_t)len);
}

/* One datagram. */
static int print_next(int fd, const uint32_t *group)
{
	_Alignas(struct nlmsghdr) char bytes[EVENT_BYTES];
	const struct nlmsghdr *message = (const struct nlmsghdr *)bytes;
	ssize_t received = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	int len = (int)received;
	int err = received < 0 ? -errno : 0;

	/* The next ones come all the same. */
	if (err == -ENOBUFS)
		fputs("psample: events of groups were lost\n", stderr);
	if (err == -ENOBUFS || err == -EAGAIN || err == -EINTR)
		return 0;
	while (!err && mnl_nlmsg_ok(message, len)) {
		err = print_event(message, group);
		message = mnl_nlmsg_next(message, &len);
	}
	return err;
}

int group_events_print(int fd, const uint32_t *group, int stop_fd)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = stop_fd, .events = POLLIN },
	};
	int err = 0;

	while (!err && !fds[1].revents) {
		poll(fds, 2, -1);
		if (fds[0].revents)
			err = print_next(fd, group);
	}
	return err;
}
