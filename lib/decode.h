/* SPDX-License-Identifier: MIT */
/*
 * From a datagram in its buffer to a view that points into it.
 */
#ifndef DECODE_H
#define DECODE_H

#include "psring.h"

#include <linux/netlink.h>
#include <stddef.h>

enum decode_verdict {
	DECODE_SAMPLE,
	DECODE_MALFORMED,
	DECODE_FOREIGN, /* netlink, but not a psample sample */
};

struct datagram {
	const uint8_t *bytes;
	size_t len;	 /* as sent */
	size_t capacity; /* of the buffer: bytes beyond it were cut off */
};

/* Of a usersock group, which has no family: every non-control type passes. */
#define FAMILY_ANY  0
/* Not known yet: none passes, as this is a control type. */
#define FAMILY_NONE NLMSG_NOOP

/*
 * Decodes the first message of @datagram. @families: the message type of
 * samples, and in the upper half a former one, or 0. *@ret_view is written in full for a
 * sample, and is without meaning otherwise; its private_id is left alone.
 * @ret_trailing: bytes of the datagram that belong to no message or attribute.
 */
enum decode_verdict decode(const struct datagram *datagram, uint32_t families,
			   struct psr_view *ret_view, size_t *ret_trailing);

/*
 * Finds an attribute of a message that decode() accepted; of any other bytes,
 * it reads no more than @capacity. Returns its payload, and the length of that
 * in *@ret_len; NULL if there is none.
 */
const uint8_t *decode_find(const uint8_t *message, size_t capacity,
			   uint16_t number, size_t *ret_len);

#endif /* DECODE_H */
