/* SPDX-License-Identifier: MIT */
/*
 * Samples from a capture file of link type NETLINK.
 *
 * A message says that it is psample's by a number, which kernels give out as
 * they please. The kernel's CTRL_CMD_NEWFAMILY messages tell it: those that it
 * multicasts when the module is loaded, and its replies to whoever asks.
 */
#include "reader.h"

#include "attribute.h"
#include "capture_netlink.h"
#include "decode.h"
#include "psample.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>

/* Its struct bpf_insn is that of the kernel, which queue.h has. */
#define PCAP_DONT_INCLUDE_PCAP_BPF_H
#include <pcap/dlt.h>
#include <pcap/pcap.h>

#define SECOND_NS 1000000000ULL

static_assert(READER_CAUSE_MAX >= PCAP_ERRBUF_SIZE, "libpcap's line fits");

static int reader_fail(struct reader *reader, const char *format,
		       const char *word)
{
	snprintf(reader->cause, sizeof(reader->cause), format, word);
	return -EINVAL;
}

static int reader_check(struct reader *reader)
{
	int link_type = pcap_datalink(reader->pcap);
	const char *name = pcap_datalink_val_to_name(link_type);

	if (link_type != DLT_NETLINK)
		return reader_fail(reader,
				   "link type %s, where NETLINK is needed "
				   "(--link ethernet is for export only)",
				   name ? name : "unknown");
	if (pcap_is_swapped(reader->pcap))
		return reader_fail(reader, "%s",
				   "written on a machine of the other byte "
				   "order");
	return 0;
}

int reader_open(struct reader *reader, FILE *file, uint16_t family)
{
	int err;

	memset(reader, 0, offsetof(struct reader, message));
	reader->families = family ? family : FAMILY_NONE;
	reader->queue.buffers =
		(struct buffers){ .memory = reader->message, .count = 1 };
	ring_lend(&reader->queue.ring, &reader->view);
	reader->pcap = pcap_fopen_offline_with_tstamp_precision(
		file, PCAP_TSTAMP_PRECISION_NANO, reader->cause);
	if (!reader->pcap) {
		fclose(file);
		return -EINVAL;
	}
	err = reader_check(reader);
	if (err)
		reader_close(reader);
	return err;
}

/* From the attributes of a CTRL_CMD_NEWFAMILY message. */
static void take_family(struct reader *reader, struct attributes *attributes)
{
	struct attribute attribute;
	bool is_psample = false;
	uint16_t id = 0;

	while (attribute_next(attributes, &attribute) == ATTRIBUTE_OK) {
		if (attribute.type == CTRL_ATTR_FAMILY_ID &&
		    attribute.len == sizeof(id))
			id = attribute_u16(attribute.value);
		if (attribute.type == CTRL_ATTR_FAMILY_NAME)
			is_psample = attribute.len == sizeof(PSAMPLE_FAMILY) &&
				     !memcmp(attribute.value, PSAMPLE_FAMILY,
					     sizeof(PSAMPLE_FAMILY));
	}
	/* Samples of the former number may still follow. */
	if (is_psample && id > GENL_ID_CTRL && id != (uint16_t)reader->families)
		reader->families = reader->families << 16 | id;
}

/* A reply that lists all families has several messages. */
static void take_control(struct reader *reader, size_t left)
{
	const uint8_t *next = reader->message;
	struct psample_header header;

	while (left >= sizeof(header)) {
		memcpy(&header, next, sizeof(header));
		size_t len = header.netlink.nlmsg_len;
		size_t taken = NLMSG_ALIGN(len);

		if (len < sizeof(header) || len > left ||
		    header.netlink.nlmsg_type != GENL_ID_CTRL)
			return;
		if (header.generic.cmd == CTRL_CMD_NEWFAMILY)
			take_family(reader, &(struct attributes){
						    next + sizeof(header),
						    len - sizeof(header) });
		next += taken < left ? taken : left;
		left -= taken < left ? taken : left;
	}
}

static bool take_message(struct reader *reader, struct datagram *datagram)
{
	size_t trailing;

	/* The decoder knows buffers that hold the headers at least. */
	if (datagram->capacity < sizeof(struct psample_header))
		datagram->len = datagram->capacity;
	switch (decode(datagram, reader->families, &reader->view, &trailing)) {
	case DECODE_SAMPLE:
		reader->samples++;
		return true;
	case DECODE_MALFORMED:
		reader->malformed++;
		return false;
	default:
		reader->other++;
		take_control(reader, datagram->capacity);
		return false;
	}
}

/* Return: whether there is a sample. */
static bool take_record(struct reader *reader, const struct pcap_pkthdr *header,
			const uint8_t *bytes)
{
	const struct netlink_cooked *cooked = (const void *)bytes;
	size_t there = header->caplen, len = header->len;

	if (there < sizeof(*cooked) ||
	    cooked->protocol != htons(NETLINK_GENERIC)) {
		reader->other++;
		return false;
	}
	there -= sizeof(*cooked);
	if (there > sizeof(reader->message))
		there = sizeof(reader->message);
	len = len < sizeof(*cooked) + there ? there : len - sizeof(*cooked);
	memcpy(reader->message, bytes + sizeof(*cooked), there);
	reader->queue.buffers.bytes = (uint32_t)there;
	if (!take_message(reader,
			  &(struct datagram){ reader->message, len, there }))
		return false;
	/* What a message of before Linux 5.13 does not say, its record does. */
	if (!(reader->view.fields & PSR_FIELD_TIMESTAMP))
		reader->view.timestamp_ns =
			(uint64_t)header->ts.tv_sec * SECOND_NS +
			(uint64_t)header->ts.tv_usec;
	return true;
}

int reader_next(struct reader *reader)
{
	struct pcap_pkthdr *header;
	const uint8_t *bytes;
	int status;

	while ((status = pcap_next_ex(reader->pcap, &header, &bytes)) == 1) {
		if (take_record(reader, header, bytes))
			return 1;
	}
	if (status == PCAP_ERROR_BREAK)
		return 0;
	return reader_fail(reader, "%s", pcap_geterr(reader->pcap));
}

void reader_close(struct reader *reader)
{
	pcap_close(reader->pcap);
}
