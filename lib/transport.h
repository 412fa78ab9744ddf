/* SPDX-License-Identifier: MIT */
/*
 * What a transport reports: a datagram in a buffer, or that it has stopped.
 *
 * And of whom: nlmsg_pid in a message is what its sender wrote there, the
 * address that comes with a datagram is the kernel's word for who sent it
 * (net/netlink/af_netlink.c: netlink_recvmsg). A transport asks for it only
 * where it is to be verified, for it costs. So does the namespace of a datagram,
 * which comes as a control message (netlink_cmsg_listen_all_nsid).
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include "psring.h"

#include <assert.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define NO_BUFFER UINT16_MAX /* buffer ids end at PSR_BUFFERS_MAX - 1 */

struct completion {
	int32_t result;	    /* length of the datagram, or a negative errno */
	uint16_t queue;	    /* index within the ingest, or of none: a wake-up */
	uint16_t buffer_id; /* or NO_BUFFER */
	bool disarmed;	    /* nothing more comes until it is armed again */
	bool forged;	    /* not from the sender */
	int32_t nsid;	    /* as in psr_view */
};

#define COMPLETION_OF_BELL UINT16_MAX

/* Whose datagrams are wanted. */
struct sender {
	bool verified;	 /* or anybody's */
	bool all_netns;	 /* each comes with its namespace */
	uint32_t portid; /* 0: the kernel */
};

static inline bool sender_is(const struct sender *sender,
			     const struct sockaddr_nl *address,
			     uint32_t address_bytes)
{
	return !sender->verified || (address_bytes == sizeof(*address) &&
				     address->nl_pid == sender->portid);
}

/* Whether anything comes beside a datagram. */
static inline bool sender_is_told(const struct sender *sender)
{
	return sender->verified || sender->all_netns;
}

/* The only control message that is asked for: a struct cmsghdr and its data. */
struct control {
	size_t len; /* of all these */
	int level;
	int type;
	int32_t nsid;
};

static_assert(offsetof(struct control, level) ==
			      offsetof(struct cmsghdr, cmsg_level) &&
		      offsetof(struct control, type) ==
			      offsetof(struct cmsghdr, cmsg_type) &&
		      offsetof(struct control, nsid) == CMSG_LEN(0) &&
		      sizeof(struct control) == CMSG_SPACE(sizeof(int32_t)),
	      "the kernel's layout");

/*
 * @len: bytes that the kernel wrote, none for the socket's own namespace. Or the
 * number -1, where a socket elsewhere got the datagram first.
 */
static inline int32_t control_nsid(const struct control *control, size_t len)
{
	const size_t told = CMSG_LEN(sizeof(control->nsid));

	return len >= told && control->len == told &&
			       control->level == SOL_NETLINK &&
			       control->type == NETLINK_LISTEN_ALL_NSID
		       ? control->nsid
		       : PSR_NSID_OWN;
}

#endif /* TRANSPORT_H */
