/* SPDX-License-Identifier: MIT */
/*
 * What a transport reports: a datagram in a buffer, or that it has stopped.
 *
 * And of whom: nlmsg_pid in a message is what its sender wrote there, the
 * address that comes with a datagram is the kernel's word for who sent it
 * (net/netlink/af_netlink.c: netlink_recvmsg). A transport asks for it only
 * where it is to be verified, for it costs.
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#define NO_BUFFER UINT16_MAX /* buffer ids end at PSR_BUFFERS_MAX - 1 */

struct completion {
	int32_t result;	    /* length of the datagram, or a negative errno */
	uint16_t queue;	    /* index within the ingest, or of none: a wake-up */
	uint16_t buffer_id; /* or NO_BUFFER */
	bool disarmed;	    /* nothing more comes until it is armed again */
	bool forged;	    /* not from the sender */
};

#define COMPLETION_OF_BELL UINT16_MAX

/* Whose datagrams are wanted. */
struct sender {
	bool verified;	 /* or anybody's */
	uint32_t portid; /* 0: the kernel */
};

static inline bool sender_is(const struct sender *sender,
			     const struct sockaddr_nl *address,
			     uint32_t address_bytes)
{
	return address_bytes == sizeof(*address) &&
	       address->nl_pid == sender->portid;
}

#endif /* TRANSPORT_H */
