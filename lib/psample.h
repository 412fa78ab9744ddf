/* SPDX-License-Identifier: MIT */
/*
 * The psample family on the wire: numbers of linux/psample.h.
 *
 * They stand here because Debian 12's header ends before the numbers 15 and
 * 16 (Linux 6.11). decode.c checks them against the system's header.
 *
 * Linux 5.7 to 5.11 had TUNNEL and GROUP_REFCOUNT the other way round
 * (d8bed686ab96, mended by e43accba9b07), and so have programs that copied
 * that header. Their lengths tell them apart: a reference count has 4 bytes of
 * payload, a tunnel at least the 8 bytes of its TTL.
 */
#ifndef PSAMPLE_H
#define PSAMPLE_H

#include <linux/genetlink.h>
#include <linux/netlink.h>

#define PSAMPLE_FAMILY		"psample"
#define PSAMPLE_MCGROUP_PACKETS "packets"
#define PSAMPLE_MCGROUP_CONFIG	"config"

enum psample_verb {
	PSAMPLE_VERB_SAMPLE = 0,
	PSAMPLE_VERB_GET_GROUP = 1,
	PSAMPLE_VERB_NEW_GROUP = 2, /* to the group "config" */
	PSAMPLE_VERB_DEL_GROUP = 3, /* likewise */
};

/* In the order of the kernel's enum psample_attr; 0 is a valid type. */
enum psample_attribute {
	PSAMPLE_IIFINDEX = 0,
	PSAMPLE_OIFINDEX = 1,
	PSAMPLE_ORIGSIZE = 2,
	PSAMPLE_SAMPLE_GROUP = 3,
	PSAMPLE_GROUP_SEQ = 4,
	PSAMPLE_SAMPLE_RATE = 5,
	PSAMPLE_DATA = 6,
	PSAMPLE_GROUP_REFCOUNT = 7,
	PSAMPLE_TUNNEL = 8,
	PSAMPLE_PAD = 9,
	PSAMPLE_OUT_TC = 10,
	PSAMPLE_OUT_TC_OCC = 11,
	PSAMPLE_LATENCY = 12,
	PSAMPLE_TIMESTAMP = 13,
	PSAMPLE_PROTO = 14,
	PSAMPLE_USER_COOKIE = 15,
	PSAMPLE_SAMPLE_PROBABILITY = 16,
};

/* What every message begins with; attributes follow at offset 20. */
struct psample_header {
	struct nlmsghdr netlink;
	struct genlmsghdr generic;
};

#endif /* PSAMPLE_H */
