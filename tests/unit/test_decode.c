/* SPDX-License-Identifier: MIT */
/*
 * The decoder, by tables of made messages: what each attribute becomes, which
 * lengths it may have, which lies are malformed and what is foreign. Every
 * message ends where its memory does (guard.h).
 */
#include "decode.h"
#include "difference.h"
#include "guard.h"
#include "leaks.h"
#include "message.h"

#include <criterion/criterion.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define BUFFER_ID 77 /* decode() must leave it alone */

struct decoded {
	enum decode_verdict verdict;
	struct psr_view view;
	size_t trailing;
	const uint8_t *bytes;
};

static struct message message;

/* Everything that decode() shall write is 0xa5 before. */
static struct decoded decode_as(size_t len, uint16_t family)
{
	struct datagram datagram = { .len = len,
				     .capacity = PSR_BUFFER_BYTES_MAX };
	struct decoded decoded;

	memset(&decoded, 0xa5, sizeof(decoded));
	decoded.view.private_id = BUFFER_ID;
	datagram.bytes = guard_place(message.bytes, len);
	decoded.bytes = datagram.bytes;
	decoded.verdict =
		decode(&datagram, family, &decoded.view, &decoded.trailing);
	return decoded;
}

static struct decoded decode_message(void)
{
	return decode_as(message.len, FAMILY_ANY);
}

#define EXPECT_REQUIRED                                                 \
	.rate = REQUIRED_RATE, .orig_size = REQUIRED_ORIG_SIZE,         \
	.group = REQUIRED_GROUP, .group_seq = REQUIRED_SEQ, .nsid = -1, \
	.private_id = BUFFER_ID

struct shape {
	const char *name;
	struct part parts[16];
	struct psr_view view;
	const char *data;
};

static const struct shape shapes[] = {
	{ "the required four", { REQUIRED }, { EXPECT_REQUIRED }, NULL },
	{ "ifindex of 2 bytes, the kernel's",
	  { U16(PSAMPLE_IIFINDEX, 101), U16(PSAMPLE_OIFINDEX, 0xffff),
	    REQUIRED },
	  { EXPECT_REQUIRED, .iif = 101, .oif = 0xffff,
	    .fields = PSR_FIELD_IIF | PSR_FIELD_OIF },
	  NULL },
	{ "ifindex of 4 bytes, VPP's",
	  { U32(PSAMPLE_IIFINDEX, 70000), U32(PSAMPLE_OIFINDEX, 0xfffffffe),
	    REQUIRED },
	  { EXPECT_REQUIRED, .iif = 70000, .oif = 0xfffffffe,
	    .fields = PSR_FIELD_IIF | PSR_FIELD_OIF },
	  NULL },
	{ "one ifindex of each length, at the end",
	  { REQUIRED, U32(PSAMPLE_OIFINDEX, 70000), U16(PSAMPLE_IIFINDEX, 3) },
	  { EXPECT_REQUIRED, .iif = 3, .oif = 70000,
	    .fields = PSR_FIELD_IIF | PSR_FIELD_OIF },
	  NULL },
	{ "an output ifindex of 65536, cut to 0 by the kernel, is there",
	  { U16(PSAMPLE_OIFINDEX, 0), REQUIRED },
	  { EXPECT_REQUIRED, .fields = PSR_FIELD_OIF },
	  NULL },
	{ "everything that a switch tells",
	  { REQUIRED, U16(PSAMPLE_OUT_TC, 7), U64(PSAMPLE_OUT_TC_OCC, 10000),
	    U64(PSAMPLE_LATENCY, 0x123456789), U64(PSAMPLE_TIMESTAMP, ~0ull),
	    U16(PSAMPLE_PROTO, 0x86dd) },
	  { EXPECT_REQUIRED, .out_tc = 7, .latency_ns = 0x123456789,
	    .timestamp_ns = ~0ull, .proto = 0x86dd,
	    .fields = PSR_FIELD_OUT_TC | PSR_FIELD_OUT_TC_OCC |
		      PSR_FIELD_LATENCY | PSR_FIELD_TIMESTAMP |
		      PSR_FIELD_PROTO },
	  NULL },
	{ "the same in no order",
	  { U16(PSAMPLE_PROTO, 0x86dd), U64(PSAMPLE_LATENCY, 0x123456789),
	    BYTES(PSAMPLE_DATA, "packet"), U64(PSAMPLE_TIMESTAMP, ~0ull),
	    U32(PSAMPLE_GROUP_SEQ, REQUIRED_SEQ),
	    U32(PSAMPLE_ORIGSIZE, REQUIRED_ORIG_SIZE), U16(PSAMPLE_OUT_TC, 7),
	    U32(PSAMPLE_SAMPLE_GROUP, REQUIRED_GROUP),
	    U64(PSAMPLE_OUT_TC_OCC, 10000),
	    U32(PSAMPLE_SAMPLE_RATE, REQUIRED_RATE) },
	  { EXPECT_REQUIRED, .out_tc = 7, .latency_ns = 0x123456789,
	    .timestamp_ns = ~0ull, .proto = 0x86dd, .data_len = 6,
	    .fields = PSR_FIELD_OUT_TC | PSR_FIELD_OUT_TC_OCC |
		      PSR_FIELD_LATENCY | PSR_FIELD_TIMESTAMP |
		      PSR_FIELD_PROTO | PSR_FIELD_DATA },
	  "packet" },
	{ "a packet, and padding behind it",
	  { REQUIRED, BYTES(PSAMPLE_DATA, "packe") },
	  { EXPECT_REQUIRED, .data_len = 5, .fields = PSR_FIELD_DATA },
	  "packe" },
	{ "a packet before all else",
	  { BYTES(PSAMPLE_DATA, "p"), REQUIRED },
	  { EXPECT_REQUIRED, .data_len = 1, .fields = PSR_FIELD_DATA },
	  "p" },
	{ "an empty packet is there",
	  { REQUIRED, EMPTY(PSAMPLE_DATA) },
	  { EXPECT_REQUIRED, .fields = PSR_FIELD_DATA },
	  "" },
	{ "padding attributes anywhere",
	  { EMPTY(PSAMPLE_PAD), REQUIRED, EMPTY(PSAMPLE_PAD),
	    U64(PSAMPLE_TIMESTAMP, 5), EMPTY(PSAMPLE_PAD) },
	  { EXPECT_REQUIRED, .timestamp_ns = 5, .fields = PSR_FIELD_TIMESTAMP },
	  NULL },
	{ "a tunnel as numbered today: 8",
	  { REQUIRED, BYTES(PSAMPLE_TUNNEL, "\x05\0\4\0\x40\0\0\0") },
	  { EXPECT_REQUIRED, .fields = PSR_FIELD_TUNNEL },
	  NULL },
	{ "a tunnel as numbered by Linux 5.7 to 5.11: 7",
	  { REQUIRED, BYTES(PSAMPLE_GROUP_REFCOUNT, "\x05\0\4\0\x40\0\0\0") },
	  { EXPECT_REQUIRED, .fields = PSR_FIELD_TUNNEL },
	  NULL },
	{ "a reference count is no tunnel, as numbered today: 7",
	  { REQUIRED, U32(PSAMPLE_GROUP_REFCOUNT, 1) },
	  { EXPECT_REQUIRED },
	  NULL },
	{ "nor as numbered by Linux 5.7 to 5.11: 8",
	  { REQUIRED, U32(PSAMPLE_TUNNEL, 1) },
	  { EXPECT_REQUIRED },
	  NULL },
	{ "Open vSwitch: cookie, rate as a probability",
	  { REQUIRED, BYTES(PSAMPLE_USER_COOKIE, "\xde\xad\xbe\xef"),
	    EMPTY(PSAMPLE_SAMPLE_PROBABILITY) },
	  { EXPECT_REQUIRED,
	    .fields = PSR_FIELD_COOKIE | PSR_FIELD_PROBABILITY },
	  NULL },
	{ "unknown attributes of any length are skipped",
	  { EMPTY(17), U16(18, 1), REQUIRED, U64(31, 1), U32(32, 1),
	    BYTES(100, "unknown"), U32(0x3fff, 1) },
	  { EXPECT_REQUIRED },
	  NULL },
	{ "the flags of a type are no part of it",
	  { U16(NLA_F_NESTED | PSAMPLE_IIFINDEX, 101),
	    U32(NLA_F_NET_BYTEORDER | PSAMPLE_SAMPLE_RATE, REQUIRED_RATE),
	    U32(NLA_F_NESTED | NLA_F_NET_BYTEORDER | PSAMPLE_ORIGSIZE,
		REQUIRED_ORIG_SIZE),
	    U32(PSAMPLE_SAMPLE_GROUP, REQUIRED_GROUP),
	    U32(PSAMPLE_GROUP_SEQ, REQUIRED_SEQ),
	    BYTES(NLA_F_NET_BYTEORDER | PSAMPLE_DATA, "packet"),
	    BYTES(NLA_F_NESTED | PSAMPLE_TUNNEL, "\x05\0\4\0\x40\0\0\0") },
	  { EXPECT_REQUIRED, .iif = 101, .data_len = 6,
	    .fields = PSR_FIELD_IIF | PSR_FIELD_DATA | PSR_FIELD_TUNNEL },
	  "packet" },
	{ "the greatest of all numbers",
	  { U32(PSAMPLE_SAMPLE_RATE, UINT32_MAX),
	    U32(PSAMPLE_ORIGSIZE, UINT32_MAX),
	    U32(PSAMPLE_SAMPLE_GROUP, UINT32_MAX),
	    U32(PSAMPLE_GROUP_SEQ, UINT32_MAX) },
	  { .rate = UINT32_MAX,
	    .orig_size = UINT32_MAX,
	    .group = UINT32_MAX,
	    .group_seq = UINT32_MAX,
	    .nsid = -1,
	    .private_id = BUFFER_ID },
	  NULL },
};

static void expect_shape(const struct shape *shape)
{
	struct decoded decoded;
	const char *difference;

	message_make(&message, shape->parts);
	decoded = decode_message();
	cr_expect_eq(decoded.verdict, DECODE_SAMPLE, "%s", shape->name);
	difference = view_difference(&decoded.view, &shape->view);
	cr_expect_null(difference, "%s: %s", shape->name, difference);
	cr_expect_eq(decoded.trailing, 0, "%s", shape->name);
	if (!shape->data)
		cr_expect_null(decoded.view.data, "%s", shape->name);
	else
		cr_expect(decoded.view.data >= decoded.bytes &&
				  !memcmp(decoded.view.data, shape->data,
					  strlen(shape->data)),
			  "%s", shape->name);
}

TestSuite(decode, .fini = leaks_assert_none);

Test(decode, shapes)
{
	for (size_t i = 0; i < COUNT(shapes); i++)
		expect_shape(&shapes[i]);
}

Test(decode, largest_packet)
{
	static const uint8_t packet[UINT16_MAX - 4] = { [65530] = 0x5a };
	static const struct part parts[] = { REQUIRED, END };
	struct decoded decoded;

	message_make(&message, parts);
	message_put(&message, PSAMPLE_DATA, packet, sizeof(packet));
	decoded = decode_message();
	cr_assert_eq(decoded.verdict, DECODE_SAMPLE);
	cr_assert_eq(decoded.view.data_len, sizeof(packet));
	cr_expect_eq(decoded.view.data[65530], 0x5a);
}

Test(decode, each_required_attribute_missing)
{
	static const struct part required[] = { REQUIRED };

	for (size_t missing = 0; missing < COUNT(required); missing++) {
		message_begin(&message);
		for (size_t i = 0; i < COUNT(required); i++)
			if (i != missing)
				message_put(&message, required[i].type,
					    &required[i].number, 4);
		cr_expect_eq(decode_message().verdict, DECODE_MALFORMED,
			     "without attribute %u", required[missing].type);
	}
	message_begin(&message);
	cr_expect_eq(decode_message().verdict, DECODE_MALFORMED, "without all");
}

/* Lengths of payload that an attribute may have, as bits: 1 << length. */
#define LENGTH(bytes) (1u << (bytes))
#define LENGTHS_TRIED 13
#define ANY_LENGTH    (LENGTH(LENGTHS_TRIED) - 1)
#define FROM(bytes)   (ANY_LENGTH & ~(LENGTH(bytes) - 1))

/* What a sample needs beside @type, which the test puts itself. */
static void put_required_but(uint16_t type)
{
	static const struct part required[] = { REQUIRED, END };

	for (size_t i = 0; i < COUNT(required); i++)
		if (required[i].kind != PART_END && required[i].type != type)
			message_put(&message, required[i].type,
				    &required[i].number, 4);
}

Test(decode, each_attribute_of_each_length)
{
	static const struct {
		uint16_t type;
		uint32_t valid;
	} rows[] = {
		{ PSAMPLE_IIFINDEX, LENGTH(2) | LENGTH(4) },
		{ PSAMPLE_OIFINDEX, LENGTH(2) | LENGTH(4) },
		{ PSAMPLE_ORIGSIZE, LENGTH(4) },
		{ PSAMPLE_SAMPLE_GROUP, LENGTH(4) },
		{ PSAMPLE_GROUP_SEQ, LENGTH(4) },
		{ PSAMPLE_SAMPLE_RATE, LENGTH(4) },
		{ PSAMPLE_DATA, ANY_LENGTH },
		/* A reference count, or a tunnel with at least a TTL. */
		{ PSAMPLE_GROUP_REFCOUNT, LENGTH(4) | FROM(8) },
		{ PSAMPLE_TUNNEL, LENGTH(4) | FROM(8) },
		{ PSAMPLE_PAD, ANY_LENGTH },
		{ PSAMPLE_OUT_TC, LENGTH(2) },
		{ PSAMPLE_OUT_TC_OCC, LENGTH(8) },
		{ PSAMPLE_LATENCY, LENGTH(8) },
		{ PSAMPLE_TIMESTAMP, LENGTH(8) },
		{ PSAMPLE_PROTO, LENGTH(2) },
		{ PSAMPLE_USER_COOKIE, ANY_LENGTH },
		{ 17, ANY_LENGTH },
	};
	static const uint8_t zeros[LENGTHS_TRIED];

	for (size_t i = 0; i < COUNT(rows) * LENGTHS_TRIED; i++) {
		uint16_t type = rows[i / LENGTHS_TRIED].type;
		size_t len = i % LENGTHS_TRIED;
		bool valid = rows[i / LENGTHS_TRIED].valid & LENGTH(len);

		message_begin(&message);
		put_required_but(type);
		message_put(&message, type, zeros, len);
		cr_expect_eq(decode_message().verdict,
			     valid ? DECODE_SAMPLE : DECODE_MALFORMED,
			     "attribute %u of %zu bytes", type, len);
		/* In the kernel's place, where the decoder expects it. */
		message_begin(&message);
		message_put(&message, type, zeros, len);
		put_required_but(type);
		cr_expect_eq(decode_message().verdict,
			     valid ? DECODE_SAMPLE : DECODE_MALFORMED,
			     "attribute %u of %zu bytes first", type, len);
	}
}

/* The filter finds the first of two, so the decoder must not take the other. */
Test(decode, attribute_twice_is_malformed)
{
	static const struct part parts[] = {
		REQUIRED, U32(PSAMPLE_SAMPLE_GROUP, REQUIRED_GROUP + 1), END
	};
	static const struct part pads[] = { EMPTY(PSAMPLE_PAD), REQUIRED,
					    EMPTY(PSAMPLE_PAD), END };

	message_make(&message, parts);
	cr_expect_eq(decode_message().verdict, DECODE_MALFORMED);
	message_make(&message, pads);
	cr_expect_eq(decode_message().verdict, DECODE_SAMPLE);
}

/* The flag of Open vSwitch: a known attribute, so its length is known too. */
Test(decode, probability_with_payload_is_malformed)
{
	static const struct part parts[] = { REQUIRED,
					     U32(PSAMPLE_SAMPLE_PROBABILITY, 1),
					     END };

	message_make(&message, parts);
	cr_expect_eq(decode_message().verdict, DECODE_MALFORMED);
}

/* An attribute whose own length lies, at the end of a good message. */
Test(decode, attribute_length_lies)
{
	static const struct {
		uint16_t nla_len;
		enum decode_verdict verdict;
	} rows[] = {
		{ 0, DECODE_MALFORMED },
		{ 1, DECODE_MALFORMED },
		{ 3, DECODE_MALFORMED },
		{ 8, DECODE_SAMPLE },
		/* The 4 zeros are then an attribute, of length 0. */
		{ 4, DECODE_MALFORMED },
		{ 9, DECODE_MALFORMED },
		{ 12, DECODE_MALFORMED },
		{ 0x7fff, DECODE_MALFORMED },
		{ 0xffff, DECODE_MALFORMED },
	};
	static const uint16_t types[] = { PSAMPLE_DATA, 99 };
	static const struct part parts[] = { REQUIRED, END };

	for (size_t i = 0; i < COUNT(rows) * COUNT(types); i++) {
		const struct nlattr header = {
			.nla_len = rows[i / COUNT(types)].nla_len,
			.nla_type = types[i % COUNT(types)],
		};

		message_make(&message, parts);
		message_append(&message, &header, sizeof(header));
		message_append(&message, "\0\0\0\0", 4);
		message_seal(&message);
		cr_expect_eq(decode_message().verdict,
			     rows[i / COUNT(types)].verdict, "nla_len %u",
			     header.nla_len);
	}
}

/* What the required four take: 20 + 4 * 8. */
#define GOOD 52u

Test(decode, message_length_against_datagram)
{
	static const struct {
		const char *name;
		uint32_t nlmsg_len;
		size_t len;
		enum decode_verdict verdict;
		size_t trailing;
	} rows[] = {
		{ "as long as it says", GOOD, GOOD, DECODE_SAMPLE, 0 },
		{ "a byte behind it", GOOD, GOOD + 1, DECODE_SAMPLE, 1 },
		{ "1000 bytes behind it", GOOD, 1052, DECODE_SAMPLE, 1000 },
		{ "3 bytes behind its last attribute", GOOD + 3, GOOD + 3,
		  DECODE_SAMPLE, 3 },
		{ "3 in it, 5 behind it", GOOD + 3, GOOD + 8, DECODE_SAMPLE,
		  8 },
		{ "a byte more than there is", GOOD + 1, GOOD, DECODE_MALFORMED,
		  0 },
		{ "far more than there is", UINT32_MAX, GOOD, DECODE_MALFORMED,
		  0 },
		{ "nothing", 0, GOOD, DECODE_MALFORMED, 0 },
		{ "a byte less than a netlink header", 15, GOOD,
		  DECODE_MALFORMED, 0 },
		{ "a netlink header", 16, GOOD, DECODE_MALFORMED, 0 },
		{ "a byte less than both headers", 19, GOOD, DECODE_MALFORMED,
		  0 },
		{ "both headers", 20, GOOD, DECODE_MALFORMED, 0 },
		{ "up to the last attribute", GOOD - 8, GOOD, DECODE_MALFORMED,
		  0 },
		{ "into the last attribute", GOOD - 1, GOOD, DECODE_MALFORMED,
		  0 },
		{ "no byte", GOOD, 0, DECODE_MALFORMED, 0 },
		{ "one byte", GOOD, 1, DECODE_MALFORMED, 0 },
		{ "15 bytes", 15, 15, DECODE_MALFORMED, 0 },
		{ "16 bytes", 16, 16, DECODE_MALFORMED, 0 },
		{ "19 bytes", 19, 19, DECODE_MALFORMED, 0 },
		{ "20 bytes", 20, 20, DECODE_MALFORMED, 0 },
	};
	static const struct part parts[] = { REQUIRED, END };
	static const uint8_t behind[1000];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct decoded decoded;

		message_make(&message, parts);
		message_append(&message, behind, sizeof(behind));
		message_header(&message)->netlink.nlmsg_len = rows[i].nlmsg_len;
		decoded = decode_as(rows[i].len, FAMILY_ANY);
		cr_expect_eq(decoded.verdict, rows[i].verdict, "%s",
			     rows[i].name);
		if (decoded.verdict == DECODE_SAMPLE)
			cr_expect_eq(decoded.trailing, rows[i].trailing, "%s",
				     rows[i].name);
	}
}

/* psample never sends two at once; whoever does gets the first delivered. */
Test(decode, second_message_is_trailing)
{
	static const struct part parts[] = { REQUIRED, END };
	uint8_t copy[GOOD];
	struct decoded decoded;

	message_make(&message, parts);
	memcpy(copy, message.bytes, sizeof(copy));
	message_append(&message, copy, sizeof(copy));
	decoded = decode_message();
	cr_expect_eq(decoded.verdict, DECODE_SAMPLE);
	cr_expect_eq(decoded.trailing, GOOD);
}

Test(decode, message_types)
{
	static const struct {
		const char *name;
		uint16_t family; /* that is asked for */
		uint16_t type;
		uint8_t cmd;
		enum decode_verdict verdict;
	} rows[] = {
		{ "the family", 32, 32, 0, DECODE_SAMPLE },
		{ "another family", 32, 33, 0, DECODE_FOREIGN },
		{ "nlctrl", 32, GENL_ID_CTRL, 0, DECODE_FOREIGN },
		{ "GET_GROUP", 32, 32, 1, DECODE_FOREIGN },
		{ "NEW_GROUP", 32, 32, 2, DECODE_FOREIGN },
		{ "an unknown command", 32, 32, 255, DECODE_FOREIGN },
		{ "NLMSG_NOOP", 32, NLMSG_NOOP, 0, DECODE_FOREIGN },
		{ "NLMSG_ERROR", 32, NLMSG_ERROR, 0, DECODE_FOREIGN },
		{ "NLMSG_DONE", 32, NLMSG_DONE, 0, DECODE_FOREIGN },
		{ "NLMSG_OVERRUN", 32, NLMSG_OVERRUN, 0, DECODE_FOREIGN },
		{ "any family", FAMILY_ANY, 33, 0, DECODE_SAMPLE },
		{ "nlctrl of any", FAMILY_ANY, GENL_ID_CTRL, 0,
		  DECODE_FOREIGN },
		{ "the least of any", FAMILY_ANY, 17, 0, DECODE_SAMPLE },
		{ "the last of any", FAMILY_ANY, 0xffff, 0, DECODE_SAMPLE },
		{ "a command of any", FAMILY_ANY, 33, 1, DECODE_FOREIGN },
		{ "type 0 of any", FAMILY_ANY, 0, 0, DECODE_FOREIGN },
		{ "NLMSG_ERROR of any", FAMILY_ANY, NLMSG_ERROR, 0,
		  DECODE_FOREIGN },
		{ "type 15 of any", FAMILY_ANY, 15, 0, DECODE_FOREIGN },
	};
	static const struct part parts[] = { REQUIRED, END };

	message_make(&message, parts);
	for (size_t i = 0; i < COUNT(rows); i++) {
		message_header(&message)->netlink.nlmsg_type = rows[i].type;
		message_header(&message)->generic.cmd = rows[i].cmd;
		cr_expect_eq(decode_as(message.len, rows[i].family).verdict,
			     rows[i].verdict, "%s", rows[i].name);
	}
}

/* Whose a message is, is known before how much of it there is. */
Test(decode, short_messages_of_others_are_foreign)
{
	static const struct {
		uint16_t type;
		uint32_t nlmsg_len;
		size_t len;
		enum decode_verdict verdict;
	} rows[] = {
		{ 32, 16, 16, DECODE_MALFORMED },
		{ 32, 19, 19, DECODE_MALFORMED },
		{ 33, 16, 16, DECODE_FOREIGN },
		{ 33, 19, 19, DECODE_FOREIGN },
		{ 33, 16, 40, DECODE_FOREIGN },
		{ NLMSG_DONE, 16, 16, DECODE_FOREIGN },
		{ NLMSG_DONE, 20, 20, DECODE_FOREIGN },
		{ NLMSG_NOOP, 16, 16, DECODE_FOREIGN },
		/* Broken is broken, whosesoever it is. */
		{ 33, 15, 15, DECODE_MALFORMED },
		{ 33, 15, 16, DECODE_MALFORMED },
		{ 33, 17, 16, DECODE_MALFORMED },
		{ 33, 21, 20, DECODE_MALFORMED },
		{ NLMSG_DONE, 17, 16, DECODE_MALFORMED },
	};

	message_begin(&message);
	message_append(&message, "behind it there are 20", 20);
	for (size_t i = 0; i < COUNT(rows); i++) {
		message_header(&message)->netlink.nlmsg_type = rows[i].type;
		message_header(&message)->netlink.nlmsg_len = rows[i].nlmsg_len;
		cr_expect_eq(decode_as(rows[i].len, 32).verdict,
			     rows[i].verdict, "type %u, %u of %zu bytes",
			     rows[i].type, rows[i].nlmsg_len, rows[i].len);
	}
}

Test(decode, sender_is_a_hint)
{
	static const struct part parts[] = { REQUIRED, END };

	message_make(&message, parts);
	message_header(&message)->netlink.nlmsg_pid = 4711;
	cr_expect_eq(decode_message().view.fields, PSR_FIELD_USERSPACE);
	message_header(&message)->netlink.nlmsg_pid = 0;
	message_header(&message)->netlink.nlmsg_seq = 4711;
	message_header(&message)->netlink.nlmsg_flags = NLM_F_MULTI;
	cr_expect_eq(decode_message().view.fields, 0);
}

/* With everything behind the packet that can be cut off, too. */
Test(decode, truncated_behind_the_packet)
{
	static const struct part parts[] = {
		REQUIRED,
		BYTES(PSAMPLE_DATA, "packet"),
		BYTES(PSAMPLE_TUNNEL, "\x05\0\4\0\x40\0\0\0"),
		BYTES(PSAMPLE_USER_COOKIE, "cookie"),
		END,
	};

	message_make(&message, parts);
	for (size_t capacity = GOOD; capacity < message.len; capacity++) {
		struct psr_view view = { 0 };
		size_t trailing = 1;
		const struct datagram datagram = { guard_place(message.bytes,
							       capacity),
						   message.len, capacity };
		uint16_t fields = PSR_FIELD_TRUNCATED;

		if (capacity >= GOOD + 4)
			fields |= PSR_FIELD_DATA;
		if (capacity >= GOOD + 12 + 12)
			fields |= PSR_FIELD_TUNNEL;
		if (capacity >= GOOD + 12 + 12 + 10) /* its padding is not */
			fields |= PSR_FIELD_COOKIE;
		cr_assert_eq(decode(&datagram, FAMILY_ANY, &view, &trailing),
			     DECODE_SAMPLE);
		cr_expect_eq(view.fields, fields, "%zu bytes: %#x", capacity,
			     view.fields);
		cr_expect_eq(trailing, 0);
	}
}

/* The datagram is longer than the buffer, its first message is not. */
Test(decode, trailing_bytes_beyond_the_buffer)
{
	static const struct part parts[] = { REQUIRED, END };
	struct psr_view view = { 0 };
	size_t trailing = 0;
	struct datagram datagram = { .len = 5000, .capacity = 300 };

	message_make(&message, parts);
	memset(message.bytes + message.len, 0, 300 - message.len);
	datagram.bytes = guard_place(message.bytes, 300);
	cr_assert_eq(decode(&datagram, FAMILY_ANY, &view, &trailing),
		     DECODE_SAMPLE);
	cr_expect_eq(view.fields, 0);
	cr_expect_eq(trailing, 5000 - GOOD);
}
