/* SPDX-License-Identifier: MIT */
/*
 * Samples as a pcap file of link type NETLINK: each message as it came, behind
 * the header that Linux puts before messages on an nlmon interface.
 *
 * Which number the family psample has differs from machine to machine, so that
 * a reader must be told: a message of the kernel's, CTRL_CMD_NEWFAMILY, stands
 * before the first sample of a number.
 */
#ifndef CAPTURE_NETLINK_H
#define CAPTURE_NETLINK_H

#include "sample.h"

/* libpcap reads no more of a packet; the rest is cut off, and the cut told. */
#define NETLINK_SNAPLEN 262144

/* What an nlmon interface puts before a message; numbers in big endian. */
struct netlink_cooked {
	uint16_t packet_type; /* PACKET_USER */
	uint16_t hardware;    /* ARPHRD_NETLINK */
	uint8_t unused[10];
	uint16_t protocol; /* NETLINK_GENERIC */
};

/* What the file begins with. */
char *netlink_begin(char *out);

/*
 * @is_thinned: the view's rate is not the message's, and takes its place
 * @family: the number last told in this consumer's records, 0 at first
 * Return: the place behind the sample; no farther than SAMPLE_LINE_MAX.
 */
char *netlink_put(char *out, const struct sample *sample, bool is_thinned,
		  uint16_t *family);

#endif /* CAPTURE_NETLINK_H */
