/* SPDX-License-Identifier: MIT */
/*
 * From a datagram in its buffer to a view that points into it: the fixed
 * attributes by value, the packet by reference, nests left for view.c.
 *
 * Strict where a lie could hurt, lenient where the format may grow: lengths
 * that contradict each other, and known attributes of a wrong length or twice,
 * make the message malformed; unknown attributes are skipped; bytes behind the last
 * one are counted.
 */
#include "decode.h"
#include "attribute.h"
#include "psample.h"

#include <assert.h>
#include <linux/genetlink.h>
#include <linux/psample.h>

#define SAME(ours, theirs) \
	static_assert((int)(ours) == (int)(theirs), "linux/psample.h differs")
SAME(PSAMPLE_IIFINDEX, PSAMPLE_ATTR_IIFINDEX);
SAME(PSAMPLE_OIFINDEX, PSAMPLE_ATTR_OIFINDEX);
SAME(PSAMPLE_ORIGSIZE, PSAMPLE_ATTR_ORIGSIZE);
SAME(PSAMPLE_SAMPLE_GROUP, PSAMPLE_ATTR_SAMPLE_GROUP);
SAME(PSAMPLE_GROUP_SEQ, PSAMPLE_ATTR_GROUP_SEQ);
SAME(PSAMPLE_SAMPLE_RATE, PSAMPLE_ATTR_SAMPLE_RATE);
SAME(PSAMPLE_DATA, PSAMPLE_ATTR_DATA);
SAME(PSAMPLE_GROUP_REFCOUNT, PSAMPLE_ATTR_GROUP_REFCOUNT);
SAME(PSAMPLE_TUNNEL, PSAMPLE_ATTR_TUNNEL);
SAME(PSAMPLE_PAD, PSAMPLE_ATTR_PAD);
SAME(PSAMPLE_OUT_TC, PSAMPLE_ATTR_OUT_TC);
SAME(PSAMPLE_OUT_TC_OCC, PSAMPLE_ATTR_OUT_TC_OCC);
SAME(PSAMPLE_LATENCY, PSAMPLE_ATTR_LATENCY);
SAME(PSAMPLE_TIMESTAMP, PSAMPLE_ATTR_TIMESTAMP);
SAME(PSAMPLE_PROTO, PSAMPLE_ATTR_PROTO);
SAME(PSAMPLE_VERB_SAMPLE, PSAMPLE_CMD_SAMPLE);
SAME(PSAMPLE_VERB_GET_GROUP, PSAMPLE_CMD_GET_GROUP);

#define FIELD_OF(attribute) (1u << (attribute))
SAME(PSR_FIELD_IIF, FIELD_OF(PSAMPLE_IIFINDEX));
SAME(PSR_FIELD_OIF, FIELD_OF(PSAMPLE_OIFINDEX));
SAME(PSR_FIELD_DATA, FIELD_OF(PSAMPLE_DATA));
SAME(PSR_FIELD_TUNNEL, FIELD_OF(PSAMPLE_TUNNEL));
SAME(PSR_FIELD_OUT_TC, FIELD_OF(PSAMPLE_OUT_TC));
SAME(PSR_FIELD_OUT_TC_OCC, FIELD_OF(PSAMPLE_OUT_TC_OCC));
SAME(PSR_FIELD_LATENCY, FIELD_OF(PSAMPLE_LATENCY));
SAME(PSR_FIELD_TIMESTAMP, FIELD_OF(PSAMPLE_TIMESTAMP));
SAME(PSR_FIELD_PROTO, FIELD_OF(PSAMPLE_PROTO));
SAME(PSR_FIELD_COOKIE, FIELD_OF(PSAMPLE_USER_COOKIE));

/* net/psample/psample.c puts these four into every sample. */
#define REQUIRED                                                       \
	(FIELD_OF(PSAMPLE_ORIGSIZE) | FIELD_OF(PSAMPLE_SAMPLE_GROUP) | \
	 FIELD_OF(PSAMPLE_GROUP_SEQ) | FIELD_OF(PSAMPLE_SAMPLE_RATE))

/* Attributes that are a field of the view under the same number. */
#define FIELDS                                                               \
	(PSR_FIELD_IIF | PSR_FIELD_OIF | PSR_FIELD_DATA | PSR_FIELD_TUNNEL | \
	 PSR_FIELD_OUT_TC | PSR_FIELD_OUT_TC_OCC | PSR_FIELD_LATENCY |       \
	 PSR_FIELD_TIMESTAMP | PSR_FIELD_PROTO | PSR_FIELD_COOKIE)

#define TUNNEL_BYTES_MIN 8 /* the TTL is always there */

static bool take_u16(const struct attribute *attribute, uint16_t *field)
{
	if (attribute->len != sizeof(*field))
		return false;
	*field = attribute_u16(attribute->value);
	return true;
}

static bool take_u32(const struct attribute *attribute, uint32_t *field)
{
	if (attribute->len != sizeof(*field))
		return false;
	*field = attribute_u32(attribute->value);
	return true;
}

static bool take_u64(const struct attribute *attribute, uint64_t *field)
{
	if (attribute->len != sizeof(*field))
		return false;
	*field = attribute_u64(attribute->value);
	return true;
}

/* The kernel writes 2 bytes, VPP and other user-space senders write 4. */
static bool take_ifindex(const struct attribute *attribute, uint32_t *field)
{
	uint16_t narrow;

	if (!take_u16(attribute, &narrow))
		return take_u32(attribute, field);
	*field = narrow;
	return true;
}

static bool take_data(const struct attribute *attribute, struct psr_view *view)
{
	view->data = attribute->value;
	view->data_len = (uint16_t)attribute->len;
	return true;
}

/*
 * The number of an attribute in today's numbering: psample.h tells why 7 and 8
 * need their length to be told apart.
 */
static uint16_t number_of(const struct attribute *attribute)
{
	if (attribute->type != PSAMPLE_GROUP_REFCOUNT &&
	    attribute->type != PSAMPLE_TUNNEL)
		return attribute->type;
	return attribute->len == sizeof(uint32_t) ? PSAMPLE_GROUP_REFCOUNT
						  : PSAMPLE_TUNNEL;
}

static bool take(const struct attribute *attribute, struct psr_view *view)
{
	uint64_t out_tc_occ_bytes;

	switch (attribute->type) {
	case PSAMPLE_IIFINDEX:
		return take_ifindex(attribute, &view->iif);
	case PSAMPLE_OIFINDEX:
		return take_ifindex(attribute, &view->oif);
	case PSAMPLE_ORIGSIZE:
		return take_u32(attribute, &view->orig_size);
	case PSAMPLE_SAMPLE_GROUP:
		return take_u32(attribute, &view->group);
	case PSAMPLE_GROUP_SEQ:
		return take_u32(attribute, &view->group_seq);
	case PSAMPLE_SAMPLE_RATE:
		return take_u32(attribute, &view->rate);
	case PSAMPLE_DATA:
		return take_data(attribute, view);
	case PSAMPLE_TUNNEL:
		return attribute->len >= TUNNEL_BYTES_MIN;
	case PSAMPLE_OUT_TC:
		return take_u16(attribute, &view->out_tc);
	case PSAMPLE_OUT_TC_OCC:
		return take_u64(attribute, &out_tc_occ_bytes);
	case PSAMPLE_LATENCY:
		return take_u64(attribute, &view->latency_ns);
	case PSAMPLE_TIMESTAMP:
		return take_u64(attribute, &view->timestamp_ns);
	case PSAMPLE_PROTO:
		return take_u16(attribute, &view->proto);
	case PSAMPLE_SAMPLE_PROBABILITY:
		return attribute->len == 0;
	default:
		return true;
	}
}

/*
 * Takes the next attribute if it is @number with @bytes of payload: one
 * comparison of its whole header. Returns its bit, or 0.
 */
static inline uint32_t take_expected(struct attributes *attributes,
				     uint16_t number, void *field, size_t bytes)
{
	const struct nlattr expected = {
		.nla_len = (uint16_t)(sizeof(expected) + bytes),
		.nla_type = number,
	};
	const size_t taken = sizeof(expected) + (bytes + 3) / 4 * 4;

	if (attributes->left < taken ||
	    memcmp(attributes->next, &expected, sizeof(expected)) != 0)
		return 0;
	memcpy(field, attributes->next + sizeof(expected), bytes);
	attributes->next += taken;
	attributes->left -= taken;
	return FIELD_OF(number);
}

static inline uint32_t take_expected_data(struct attributes *attributes,
					  struct psr_view *view)
{
	struct attributes rest = *attributes;
	struct attribute data;

	if (attribute_next(&rest, &data) != ATTRIBUTE_OK ||
	    data.type != PSAMPLE_DATA)
		return 0;
	(void)take_data(&data, view);
	*attributes = rest;
	return FIELD_OF(PSAMPLE_DATA);
}

/*
 * The kernel writes attributes in one order (net/psample/psample.c:
 * psample_sample_packet): asking for each in turn is a row of branches that
 * are predicted, where a loop with a switch jumps blindly for each. Measured
 * with psring-bench decode. What is left, or comes otherwise, is for take_all.
 */
static uint32_t take_in_order(struct attributes *attributes,
			      struct psr_view *view)
{
	uint16_t iif = 0, oif = 0;
	uint64_t out_tc_occ_bytes;
	uint32_t seen = 0;

#define TAKE(number, field) \
	(seen |= take_expected(attributes, number, &(field), sizeof(field)))
	TAKE(PSAMPLE_IIFINDEX, iif);
	TAKE(PSAMPLE_OIFINDEX, oif);
	TAKE(PSAMPLE_SAMPLE_RATE, view->rate);
	TAKE(PSAMPLE_ORIGSIZE, view->orig_size);
	TAKE(PSAMPLE_SAMPLE_GROUP, view->group);
	TAKE(PSAMPLE_GROUP_SEQ, view->group_seq);
	TAKE(PSAMPLE_OUT_TC, view->out_tc);
	TAKE(PSAMPLE_OUT_TC_OCC, out_tc_occ_bytes);
	TAKE(PSAMPLE_LATENCY, view->latency_ns);
	TAKE(PSAMPLE_TIMESTAMP, view->timestamp_ns);
	TAKE(PSAMPLE_PROTO, view->proto);
#undef TAKE
	view->iif = iif;
	view->oif = oif;
	return seen | take_expected_data(attributes, view);
}

/* Where the buffer ends inside the packet, the view gets what is there. */
static void take_cut(const struct attribute *attribute,
		     const struct attributes *rest, struct psr_view *view,
		     uint32_t *seen)
{
	struct attribute part = *attribute;

	if (attribute->type != PSAMPLE_DATA)
		return;
	part.len = rest->left - sizeof(struct nlattr);
	(void)take_data(&part, view);
	*seen |= FIELD_OF(PSAMPLE_DATA);
}

static bool take_all(struct attributes *attributes, bool truncated,
		     struct psr_view *view, uint32_t *ret_seen)
{
	struct attribute attribute;
	enum attribute_verdict verdict;
	uint32_t seen = take_in_order(attributes, view);

	while ((verdict = attribute_next(attributes, &attribute)) ==
	       ATTRIBUTE_OK) {
		attribute.type = number_of(&attribute);
		if (attribute.type > PSAMPLE_SAMPLE_PROBABILITY)
			continue;
		/* Twice: a filter would have seen the other one. */
		if (seen & FIELD_OF(attribute.type) & ~FIELD_OF(PSAMPLE_PAD))
			return false;
		if (!take(&attribute, view))
			return false;
		seen |= FIELD_OF(attribute.type);
	}
	if (verdict == ATTRIBUTE_BAD ||
	    (verdict == ATTRIBUTE_CUT && !truncated))
		return false;
	if (verdict == ATTRIBUTE_CUT)
		take_cut(&attribute, attributes, view, &seen);
	*ret_seen = seen;
	return (seen & REQUIRED) == REQUIRED;
}

static uint16_t view_fields(uint32_t seen, bool truncated, uint32_t sender)
{
	uint32_t fields = seen & FIELDS;

	if (seen & FIELD_OF(PSAMPLE_SAMPLE_PROBABILITY))
		fields |= PSR_FIELD_PROBABILITY;
	if (truncated)
		fields |= PSR_FIELD_TRUNCATED;
	if (sender != 0)
		fields |= PSR_FIELD_USERSPACE;
	return (uint16_t)fields;
}

static bool is_of_families(const struct nlmsghdr *netlink, uint32_t families)
{
	return netlink->nlmsg_type > GENL_ID_CTRL &&
	       (families == FAMILY_ANY ||
		netlink->nlmsg_type == (uint16_t)families ||
		netlink->nlmsg_type == families >> 16);
}

/* Too short for both headers: whose is it, if it is anybody's? */
static enum decode_verdict judge_short(const struct datagram *datagram,
				       uint32_t families)
{
	struct nlmsghdr netlink;

	if (datagram->len < sizeof(netlink))
		return DECODE_MALFORMED;
	memcpy(&netlink, datagram->bytes, sizeof(netlink));
	if (netlink.nlmsg_len < sizeof(netlink) ||
	    netlink.nlmsg_len > datagram->len)
		return DECODE_MALFORMED;
	return is_of_families(&netlink, families) ? DECODE_MALFORMED
						  : DECODE_FOREIGN;
}

/* Reads the headers; *@ret_len = bytes of the message that are there. */
static enum decode_verdict read_header(const struct datagram *datagram,
				       uint32_t families,
				       struct psample_header *ret_header,
				       size_t *ret_len)
{
	size_t len;

	/* A buffer holds them: it has PSR_BUFFER_BYTES_MIN at least. */
	if (datagram->len < sizeof(*ret_header))
		return judge_short(datagram, families);
	memcpy(ret_header, datagram->bytes, sizeof(*ret_header));
	len = ret_header->netlink.nlmsg_len;
	if (len < sizeof(*ret_header))
		return judge_short(datagram, families);
	if (len > datagram->len)
		return DECODE_MALFORMED;
	*ret_len = len < datagram->capacity ? len : datagram->capacity;
	return ret_header->generic.cmd == PSAMPLE_VERB_SAMPLE &&
			       is_of_families(&ret_header->netlink, families)
		       ? DECODE_SAMPLE
		       : DECODE_FOREIGN;
}

enum decode_verdict decode(const struct datagram *datagram, uint32_t families,
			   struct psr_view *ret_view, size_t *ret_trailing)
{
	struct psample_header header;
	struct attributes attributes;
	enum decode_verdict verdict;
	uint32_t seen;
	bool truncated;
	size_t len;

	verdict = read_header(datagram, families, &header, &len);
	if (verdict != DECODE_SAMPLE)
		return verdict;

	truncated = header.netlink.nlmsg_len > len;
	attributes.next = datagram->bytes + sizeof(header);
	attributes.left = len - sizeof(header);
	*ret_view = (struct psr_view){ .nsid = PSR_NSID_OWN,
				       .private_id = ret_view->private_id };
	if (!take_all(&attributes, truncated, ret_view, &seen))
		return DECODE_MALFORMED;
	ret_view->fields =
		view_fields(seen, truncated, header.netlink.nlmsg_pid);
	*ret_trailing = datagram->len - header.netlink.nlmsg_len;
	if (!truncated)
		*ret_trailing += attributes.left;
	return DECODE_SAMPLE;
}

const uint8_t *decode_find(const uint8_t *message, size_t capacity,
			   uint16_t number, size_t *ret_len)
{
	struct psample_header header;
	struct attributes attributes;
	struct attribute attribute;
	size_t len;

	memcpy(&header, message, sizeof(header));
	len = header.netlink.nlmsg_len;
	if (len < sizeof(header))
		return NULL;
	attributes.next = message + sizeof(header);
	attributes.left = (len < capacity ? len : capacity) - sizeof(header);
	while (attribute_next(&attributes, &attribute) == ATTRIBUTE_OK) {
		if (number_of(&attribute) != number)
			continue;
		*ret_len = attribute.len;
		return attribute.value;
	}
	return NULL;
}
