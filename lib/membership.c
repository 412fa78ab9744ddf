/* SPDX-License-Identifier: MIT */
/*
 * Membership in the multicast group of samples.
 *
 * When psample is unloaded its multicast groups go, and with them every
 * membership, without an error on the socket; when it is loaded again, family
 * and groups have other ids (net/netlink/genetlink.c: genl_unregister_family,
 * genl_unregister_mc_groups). The controller of generic netlink tells both to
 * its own group "notify", which anybody may join.
 *
 * Families and groups have the same ids in all network namespaces, and the
 * controller tells each of them (genl_ctrl_event): so the caller's own is as good
 * a place to ask and to listen as psr_config.netns.
 *
 * What it tells is only a reason to look: the family is asked for anew, so that
 * a notification that was lost or is late does no harm.
 */
#include "membership.h"
#include "decode.h"
#include "socket.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <sys/socket.h>
#include <unistd.h>

/* net/netlink/genetlink.c: the first group of GENL_ID_CTRL has its number. */
#define MCGROUP_NOTIFY GENL_ID_CTRL

#define WATCH_RCVBUF_BYTES 65536

#define CLEARED_MAX 1000 /* notifications; a reload has six */

/* A module that comes and goes meanwhile is looked for again, so often. */
#define TRIES_MAX 8

static int watch_open(struct psr *psr, const char **reterr_cause)
{
	int err;

	err = socket_open(-1, NETLINK_GENERIC, WATCH_RCVBUF_BYTES,
			  &psr->watch_fd, reterr_cause);
	if (err)
		return err;
	*reterr_cause = "watching generic netlink's families";
	err = socket_accept_all(psr->watch_fd);
	return err ? err : socket_join(psr->watch_fd, MCGROUP_NOTIFY);
}

int membership_find(struct psr *psr, const char **reterr_cause)
{
	int err;

	psr->family = (struct family){ .id = FAMILY_ANY,
				       .mcgroup = psr->config.usersock_group };
	if (psr->config.source != PSR_SOURCE_PSAMPLE)
		return 0;
	err = watch_open(psr, reterr_cause);
	if (!err)
		err = control_find_family(&psr->family, reterr_cause);
	if (err != -ENOENT || !psr->config.await_family)
		return err;
	psr->family = (struct family){ .id = FAMILY_NONE };
	return 0;
}

static int join(const struct psr *psr, int fd)
{
	if (psr->config.join)
		return psr->config.join(psr->config.join_context, fd,
					psr->family.mcgroup);
	return socket_join(fd, psr->family.mcgroup);
}

int membership_gain(struct psr *psr, const char **reterr_cause)
{
	int err = 0;

	*reterr_cause = "joining the multicast group of samples: it needs "
			"CAP_NET_ADMIN (run as root)";
	for (uint32_t i = 0; i < psr->config.queue_count; i++)
		queue_set_family(&psr->queues[i], psr->family.id);
	if (psr->family.id == FAMILY_NONE)
		return 0;
	for (uint32_t i = 0; i < psr->config.queue_count && !err; i++) {
		/* Transport bpf has one socket for all, the first queue's. */
		if (psr->queues[i].fd >= 0)
			err = join(psr, psr->queues[i].fd);
	}
	psr->is_member = !err;
	return err;
}

void membership_close(struct psr *psr)
{
	if (psr->watch_fd >= 0)
		close(psr->watch_fd);
}

/*
 * What was told is of no interest, nor that more was than could be kept. What
 * is left of a flood is for the next call.
 */
static void watch_clear(int fd)
{
	char notification[1];

	for (int i = 0; i < CLEARED_MAX; i++)
		if (recv(fd, notification, sizeof(notification), MSG_DONTWAIT) <
		    0)
			return;
}

static void membership_lose(struct psr *psr)
{
	if (psr->is_member)
		counter_add(&psr->interruptions, 1);
	psr->is_member = false;
}

int psr_watch_fd(const struct psr *psr)
{
	return psr->watch_fd;
}

int psr_watch(struct psr *psr)
{
	struct family family;
	const char *cause;

	if (psr->watch_fd < 0)
		return 1;
	watch_clear(psr->watch_fd);
	for (int tries = 0; tries < TRIES_MAX; tries++) {
		int err = control_find_family(&family, &cause);

		if (err == -ENOENT) {
			membership_lose(psr);
			return 0;
		}
		if (err)
			return err;
		if (psr->is_member && family.id == psr->family.id)
			return 1;
		/* What is not asked for again could be gone already. */
		membership_lose(psr);
		psr->family = family;
		err = membership_gain(psr, &cause);
		/* EINVAL: there is no such group any more. */
		if (err && err != -EINVAL)
			return err;
	}
	return -EAGAIN;
}
