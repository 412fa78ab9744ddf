/* SPDX-License-Identifier: MIT */
/*
 * Samples as a pcap file of link type NETLINK.
 *
 * Not by libpcap's pcap_dump, which tells no errors, writes through one stream
 * that the consumers would have to share, and loses bytes where the reader of
 * a pipe has made it non-blocking.
 *
 * The message of a new family is made here, not asked for: the kernel may give
 * psample another number whenever the module is loaded, and a message that is
 * made of the sample behind it is never late, nor early.
 */
#include "capture_netlink.h"

#include "decode.h"
#include "psample.h"

#include <arpa/inet.h>
#include <assert.h>
#include <libmnl/libmnl.h>
#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <stdalign.h>
#include <string.h>

#define SECOND_NS	 1000000000U
#define LINKTYPE_NETLINK 253
#define FAMILY_BYTES	 128 /* of a message that describes a family */
#define CTRL_VERSION	 2   /* net/netlink/genetlink.c: genl_ctrl */

/* In this machine's byte order, which the magic number tells. */
struct file_header {
	uint32_t magic;
	uint16_t version_major;
	uint16_t version_minor;
	uint32_t unused[2];
	uint32_t snaplen;
	uint32_t link_type;
};

struct record_header {
	uint32_t seconds;
	uint32_t nanoseconds;
	uint32_t captured; /* bytes that follow */
	uint32_t length;   /* bytes that there were */
	struct netlink_cooked cooked;
};

static_assert(sizeof(struct netlink_cooked) == 16, "no gap");
static_assert(2 * sizeof(struct record_header) + FAMILY_BYTES +
			      NETLINK_SNAPLEN <=
		      SAMPLE_LINE_MAX,
	      "a family and a sample fit where a line does");

char *netlink_begin(char *out)
{
	const struct file_header header = {
		.magic = 0xa1b23c4d, /* times in nanoseconds */
		.version_major = 2,
		.version_minor = 4,
		.snaplen = NETLINK_SNAPLEN,
		.link_type = LINKTYPE_NETLINK,
	};

	return (char *)mempcpy(out, &header, sizeof(header));
}

/* @captured: bytes at @message, of the @length that it has */
static char *put_record(char *out, uint64_t timestamp_ns, const void *message,
			uint32_t captured, uint32_t length)
{
	struct record_header header = {
		.seconds = (uint32_t)(timestamp_ns / SECOND_NS),
		.nanoseconds = (uint32_t)(timestamp_ns % SECOND_NS),
		.length = length + (uint32_t)sizeof(header.cooked),
		.cooked.packet_type = htons(PACKET_USER),
		.cooked.hardware = htons(ARPHRD_NETLINK),
		.cooked.protocol = htons(NETLINK_GENERIC),
	};

	if (captured > NETLINK_SNAPLEN - sizeof(header.cooked))
		captured = NETLINK_SNAPLEN - sizeof(header.cooked);
	header.captured = captured + (uint32_t)sizeof(header.cooked);
	out = mempcpy(out, &header, sizeof(header));
	return (char *)mempcpy(out, message, captured);
}

static char *put_family(char *out, uint64_t timestamp_ns, uint16_t family)
{
	alignas(struct nlmsghdr) char bytes[FAMILY_BYTES] = { 0 };
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct genlmsghdr *generic;

	message->nlmsg_type = GENL_ID_CTRL;
	generic = mnl_nlmsg_put_extra_header(message, sizeof(*generic));
	generic->cmd = CTRL_CMD_NEWFAMILY;
	generic->version = CTRL_VERSION;
	mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, PSAMPLE_FAMILY);
	mnl_attr_put_u16(message, CTRL_ATTR_FAMILY_ID, family);
	mnl_attr_put_u32(message, CTRL_ATTR_VERSION, 1);
	mnl_attr_put_u32(message, CTRL_ATTR_HDRSIZE, 0);
	mnl_attr_put_u32(message, CTRL_ATTR_MAXATTR,
			 PSAMPLE_SAMPLE_PROBABILITY);
	return put_record(out, timestamp_ns, bytes, message->nlmsg_len,
			  message->nlmsg_len);
}

/* The view's rate has counted in what --thin held back: so shall the file's. */
static void correct_rate(char *message, uint32_t captured, uint32_t rate)
{
	size_t length;
	const uint8_t *found = decode_find((const uint8_t *)message, captured,
					   PSAMPLE_SAMPLE_RATE, &length);

	if (found)
		memcpy(message + (found - (const uint8_t *)message), &rate,
		       sizeof(rate));
}

char *netlink_put(char *out, const struct sample *sample, bool is_thinned,
		  uint16_t *family)
{
	const struct psr_view *view = sample->view;
	const uint8_t *message;
	struct nlmsghdr header;
	int captured = psr_view_message(sample->queue, view, &message);
	uint64_t time_ns = sample_time_ns(view);
	char *record;

	assert(captured >= (int)sizeof(header));
	memcpy(&header, message, sizeof(header));
	if (header.nlmsg_type != *family) {
		*family = header.nlmsg_type;
		out = put_family(out, time_ns, *family);
	}
	record = out;
	out = put_record(out, time_ns, message, (uint32_t)captured,
			 header.nlmsg_len);
	record += sizeof(struct record_header);
	if (is_thinned)
		correct_rate(record, (uint32_t)(out - record), view->rate);
	return out;
}
