/* SPDX-License-Identifier: MIT */
/*
 * The message of a view, and what is found again in it when asked for: tunnel,
 * cookie, queue occupancy; and copies, of which nothing is. The queue is nothing
 * but one buffer, which ends at guarded memory.
 */
#include "corpus.h"
#include "guard.h"
#include "leaks.h"
#include "message.h"
#include "one_buffer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/psample.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEY(name)    PSAMPLE_TUNNEL_KEY_ATTR_##name

static struct message message;
static struct psr_queue queue;
static struct psr_view view;

static void place(const uint8_t *bytes, size_t len, size_t capacity)
{
	uint8_t *memory = guard_place(bytes, len < capacity ? len : capacity);

	cr_assert_eq(one_buffer_decode(&queue, &view, memory, len, capacity),
		     DECODE_SAMPLE);
}

static void place_message(void)
{
	place(message.bytes, message.len, message.len);
}

static void place_parts(const struct part *parts)
{
	message_make(&message, parts);
	place_message();
}

static const struct part required[] = { REQUIRED, END };

/* A sample with this tunnel, and the cookie that follows it on the wire. */
static void place_tunnel(const struct part *nest)
{
	message_make(&message, required);
	message_put_nest(&message, PSAMPLE_TUNNEL, nest);
	message_put(&message, PSAMPLE_USER_COOKIE, "cookie", 6);
	place_message();
}

TestSuite(view, .fini = leaks_assert_none);

Test(view, absent)
{
	static const struct part parts[] = { REQUIRED,
					     BYTES(PSAMPLE_DATA, "packet"),
					     END };
	struct psr_tunnel tunnel;
	const uint8_t *cookie;
	uint64_t bytes;

	place_parts(parts);
	cr_expect_eq(psr_view_tunnel(&queue, &view, &tunnel), -ENOENT);
	cr_expect_eq(psr_view_cookie(&queue, &view, &cookie), -ENOENT);
	cr_expect_eq(psr_view_out_tc_occ(&queue, &view, &bytes), -ENOENT);
}

/* Outputs stay untouched on failure. */
Test(view, failure_writes_nothing)
{
	static const struct part bad[] = { U32(KEY(TTL), 1), END };
	struct psr_tunnel tunnel, before;
	const uint8_t *cookie = (const uint8_t *)&tunnel;
	uint64_t bytes = 4711;

	memset(&tunnel, 0xa5, sizeof(tunnel));
	memcpy(&before, &tunnel, sizeof(tunnel));
	place_parts(required);
	(void)psr_view_tunnel(&queue, &view, &tunnel);
	(void)psr_view_cookie(&queue, &view, &cookie);
	(void)psr_view_out_tc_occ(&queue, &view, &bytes);
	place_tunnel(bad);
	cr_expect_eq(psr_view_tunnel(&queue, &view, &tunnel), -EBADMSG);
	cr_expect_arr_eq(&tunnel, &before, sizeof(tunnel));
	cr_expect_eq(cookie, (const uint8_t *)&tunnel);
	cr_expect_eq(bytes, 4711);
}

Test(view, out_tc_occ)
{
	static const struct {
		const char *name;
		struct part parts[8];
	} rows[] = {
		{ "in the kernel's order",
		  { REQUIRED, U64(PSAMPLE_OUT_TC_OCC, 0x123456789abcdef0),
		    BYTES(PSAMPLE_DATA, "packet") } },
		{ "without a packet",
		  { REQUIRED, U64(PSAMPLE_OUT_TC_OCC, 0x123456789abcdef0) } },
		{ "first",
		  { U64(PSAMPLE_OUT_TC_OCC, 0x123456789abcdef0), REQUIRED } },
		{ "behind padding and a flag in its type",
		  { REQUIRED, EMPTY(PSAMPLE_PAD),
		    U64(NLA_F_NET_BYTEORDER | PSAMPLE_OUT_TC_OCC,
			0x123456789abcdef0) } },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t bytes = 0;

		place_parts(rows[i].parts);
		cr_expect_eq(psr_view_out_tc_occ(&queue, &view, &bytes), 0,
			     "%s", rows[i].name);
		cr_expect_eq(bytes, 0x123456789abcdef0, "%s", rows[i].name);
	}
}

Test(view, cookie_of_any_length)
{
	static const uint8_t cookie[40] =
		"a cookie longer than the kernel's 16";

	for (size_t len = 0; len <= sizeof(cookie); len++) {
		const uint8_t *found = NULL;

		message_make(&message, required);
		message_put(&message, PSAMPLE_USER_COOKIE, cookie, len);
		place_message();
		cr_assert_eq(psr_view_cookie(&queue, &view, &found), (int)len);
		cr_assert_not_null(found);
		cr_expect(memcmp(found, cookie, len) == 0);
	}
}

#define IPV6_A "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
#define IPV6_B "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02"

Test(view, tunnel_members)
{
	static const struct {
		const char *name;
		struct part nest[8];
		struct psr_tunnel tunnel; /* but for options */
	} rows[] = {
		{ "the smallest: a TTL",
		  { BYTES(KEY(TTL), "\x40") },
		  { .fields = PSR_TUNNEL_TTL, .ttl = 64 } },
		{ "VXLAN over IPv4: numbers are big endian",
		  { BYTES(KEY(ID), "\0\0\0\0\0\0\0\x2a"),
		    BYTES(KEY(IPV4_SRC), "\x0a\x09\0\x01"),
		    BYTES(KEY(IPV4_DST), "\x0a\x09\0\x02"),
		    BYTES(KEY(TTL), "\x40"), BYTES(KEY(TP_SRC), "\xd2\xd1"),
		    BYTES(KEY(TP_DST), "\x12\xb5") },
		  { .fields = PSR_TUNNEL_ID | PSR_TUNNEL_IPV4_SRC |
			      PSR_TUNNEL_IPV4_DST | PSR_TUNNEL_TTL |
			      PSR_TUNNEL_TP_SRC | PSR_TUNNEL_TP_DST,
		    .id = 42,
		    .ipv4_src = { 10, 9, 0, 1 },
		    .ipv4_dst = { 10, 9, 0, 2 },
		    .ttl = 64,
		    .tp_src = 0xd2d1,
		    .tp_dst = 4789 } },
		{ "a key of all 64 bits",
		  { BYTES(KEY(ID), "\x01\x23\x45\x67\x89\xab\xcd\xef") },
		  { .fields = PSR_TUNNEL_ID, .id = 0x0123456789abcdef } },
		{ "IPv6",
		  { BYTES(KEY(IPV6_SRC), IPV6_A), BYTES(KEY(IPV6_DST), IPV6_B),
		    BYTES(KEY(TOS), "\xb8") },
		  { .fields = PSR_TUNNEL_IPV6_SRC | PSR_TUNNEL_IPV6_DST |
			      PSR_TUNNEL_TOS,
		    .ipv6_src = IPV6_A,
		    .ipv6_dst = IPV6_B,
		    .tos = 0xb8 } },
		{ "flags",
		  { EMPTY(KEY(DONT_FRAGMENT)), EMPTY(KEY(CSUM)),
		    EMPTY(KEY(OAM)), EMPTY(KEY(IPV4_INFO_BRIDGE)) },
		  { .fields = PSR_TUNNEL_DONT_FRAGMENT | PSR_TUNNEL_CSUM |
			      PSR_TUNNEL_OAM | PSR_TUNNEL_IPV4_INFO_BRIDGE } },
		{ "padding and members of later kernels say nothing",
		  { EMPTY(KEY(PAD)), BYTES(17, "unknown"), EMPTY(0x3fff),
		    BYTES(KEY(TTL), "\x01") },
		  { .fields = PSR_TUNNEL_TTL, .ttl = 1 } },
		{ "flags of a type are no part of it",
		  { BYTES(NLA_F_NET_BYTEORDER | KEY(TP_DST), "\x12\xb5"),
		    BYTES(NLA_F_NESTED | KEY(TTL), "\x01") },
		  { .fields = PSR_TUNNEL_TP_DST | PSR_TUNNEL_TTL,
		    .tp_dst = 4789,
		    .ttl = 1 } },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct psr_tunnel tunnel;

		memset(&tunnel, 0xa5, sizeof(tunnel));
		place_tunnel(rows[i].nest);
		cr_assert_eq(psr_view_tunnel(&queue, &view, &tunnel), 0, "%s",
			     rows[i].name);
		cr_expect_eq(tunnel.fields, rows[i].tunnel.fields, "%s: %#x",
			     rows[i].name, tunnel.fields);
		cr_expect_arr_eq(&tunnel, &rows[i].tunnel, sizeof(tunnel), "%s",
				 rows[i].name);
	}
}

static bool holds(const uint8_t *bytes, uint16_t len, const char *expected)
{
	return len == strlen(expected) && memcmp(bytes, expected, len) == 0;
}

Test(view, tunnel_options_are_bytes)
{
	static const struct part nest[] = {
		BYTES(KEY(GENEVE_OPTS), "geneve's"),
		BYTES(KEY(VXLAN_OPTS), "gbp"),
		BYTES(KEY(ERSPAN_OPTS), "erspan's two"),
		END,
	};
	struct psr_tunnel tunnel;

	place_tunnel(nest);
	cr_assert_eq(psr_view_tunnel(&queue, &view, &tunnel), 0);
	cr_expect_eq(tunnel.fields, PSR_TUNNEL_GENEVE_OPTS |
					    PSR_TUNNEL_VXLAN_OPTS |
					    PSR_TUNNEL_ERSPAN_OPTS);
	cr_expect(
		holds(tunnel.geneve_opts, tunnel.geneve_opts_len, "geneve's"));
	cr_expect(holds(tunnel.vxlan_opts, tunnel.vxlan_opts_len, "gbp"));
	cr_expect(holds(tunnel.erspan_opts, tunnel.erspan_opts_len,
			"erspan's two"));
}

Test(view, tunnel_numbered_as_7)
{
	static const struct part nest[] = { BYTES(KEY(TTL), "\x07"), END };
	struct psr_tunnel tunnel;

	message_make(&message, required);
	message_put_nest(&message, PSAMPLE_GROUP_REFCOUNT, nest);
	place_message();
	cr_assert_eq(psr_view_tunnel(&queue, &view, &tunnel), 0);
	cr_expect_eq(tunnel.ttl, 7);
}

#define ANY_LENGTH SIZE_MAX
#define LENGTHS	   21

Test(view, tunnel_member_of_each_length)
{
	static const struct {
		uint16_t type;
		size_t valid;
	} rows[] = {
		{ KEY(ID), 8 },
		{ KEY(IPV4_SRC), 4 },
		{ KEY(IPV4_DST), 4 },
		{ KEY(TOS), 1 },
		{ KEY(TTL), 1 },
		{ KEY(DONT_FRAGMENT), 0 },
		{ KEY(CSUM), 0 },
		{ KEY(OAM), 0 },
		{ KEY(GENEVE_OPTS), ANY_LENGTH },
		{ KEY(TP_SRC), 2 },
		{ KEY(TP_DST), 2 },
		{ KEY(VXLAN_OPTS), ANY_LENGTH },
		{ KEY(IPV6_SRC), 16 },
		{ KEY(IPV6_DST), 16 },
		{ KEY(PAD), ANY_LENGTH },
		{ KEY(ERSPAN_OPTS), ANY_LENGTH },
		{ KEY(IPV4_INFO_BRIDGE), 0 },
		{ 17, ANY_LENGTH },
	};

	for (size_t i = 0; i < COUNT(rows) * LENGTHS; i++) {
		size_t valid = rows[i / LENGTHS].valid;
		struct part nest[] = {
			{ PART_BYTES, rows[i / LENGTHS].type,
			  (uint16_t)(i % LENGTHS), 0, "twenty bytes of value" },
			EMPTY(KEY(PAD)), /* at least 8 bytes of nest */
			END,
		};
		bool is_valid = valid == ANY_LENGTH || valid == i % LENGTHS;
		struct psr_tunnel tunnel;

		place_tunnel(nest);
		cr_expect_eq(psr_view_tunnel(&queue, &view, &tunnel),
			     is_valid ? 0 : -EBADMSG, "member %u of %zu bytes",
			     nest[0].type, i % LENGTHS);
	}
}

/* Nests whose inside does not add up; outside, the message is sound. */
Test(view, tunnel_that_lies)
{
	static const struct {
		const char *name;
		struct part parts[2];
		int expected;
	} rows[] = {
		{ "a member beyond the nest",
		  { BYTES(PSAMPLE_TUNNEL, "\x09\0\4\0\x40\0\0\0") },
		  -EBADMSG },
		{ "a member far beyond the message",
		  { BYTES(PSAMPLE_TUNNEL, "\xff\xff\x08\0\x40\0\0\0") },
		  -EBADMSG },
		{ "a member of length 0",
		  { BYTES(PSAMPLE_TUNNEL, "\0\0\4\0\x40\0\0\0") },
		  -EBADMSG },
		{ "a member of length 3",
		  { BYTES(PSAMPLE_TUNNEL, "\3\0\4\0\x40\0\0\0") },
		  -EBADMSG },
		{ "a second member beyond the nest",
		  { BYTES(PSAMPLE_TUNNEL,
			  "\5\0\4\0\x40\0\0\0\x0c\0\0\0\0\0\0\0") },
		  -EBADMSG },
		{ "a last member without its padding",
		  { BYTES(PSAMPLE_TUNNEL, "\4\0\5\0\5\0\4\0\x40") },
		  0 },
		{ "less than a header behind the last member",
		  { BYTES(PSAMPLE_TUNNEL, "\5\0\4\0\x40\0\0\0\1\2\3") },
		  0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct psr_tunnel tunnel;

		message_make(&message, required);
		message_put_parts(&message, rows[i].parts);
		place_message();
		cr_expect_eq(psr_view_tunnel(&queue, &view, &tunnel),
			     rows[i].expected, "%s", rows[i].name);
	}
}

static void expect_message(size_t len, const char *name)
{
	const uint8_t *found = NULL;

	cr_assert_eq(psr_view_message(&queue, &view, &found), (int)len, "%s",
		     name);
	cr_expect_arr_eq(found, message.bytes, len, "%s", name);
}

/* The buffer may hold more than the message, or less. */
Test(view, message)
{
	size_t len;

	place_parts(required);
	len = message.len;
	expect_message(len, "alone");
	message_append(&message, "trailing", 8);
	place_message();
	expect_message(len, "bytes behind it");
	place(message.bytes, message.len, MESSAGE_BYTES_MAX);
	expect_message(len, "in a larger buffer");
	message_make(&message, required);
	message_put(&message, PSAMPLE_DATA, "a packet that is cut", 20);
	place(message.bytes, message.len, message.len - 7);
	expect_message(message.len - 7, "cut");
}

/* A message cut by its buffer still says what is whole. */
Test(view, truncated_message)
{
	static const struct part parts[] = {
		REQUIRED,
		U64(PSAMPLE_OUT_TC_OCC, 9),
		BYTES(PSAMPLE_USER_COOKIE, "cookie"),
		BYTES(PSAMPLE_TUNNEL, "\5\0\4\0\x40\0\0\0"),
		BYTES(PSAMPLE_DATA, "a packet that is cut"),
		END
	};
	struct psr_tunnel tunnel;
	const uint8_t *cookie;
	uint64_t bytes;

	message_make(&message, parts);
	place(message.bytes, message.len, message.len - 7);
	cr_expect(view.fields & PSR_FIELD_TRUNCATED);
	cr_expect_eq(psr_view_tunnel(&queue, &view, &tunnel), 0);
	cr_expect_eq(psr_view_cookie(&queue, &view, &cookie), 6);
	cr_expect_eq(psr_view_out_tc_occ(&queue, &view, &bytes), 0);
}

/* The outer header of the captures, and the ports that differ. */
Test(view, captured_vxlan)
{
	static const uint16_t tp_srcs[] = { 0xd2d1, 0x9ff3, 0xbde0,
					    0xbc20, 0xd9be, 0xafd8 };
	const struct corpus_record *record = corpus_load();
	struct psr_tunnel expected = {
		.id = 42,
		.fields = PSR_TUNNEL_ID | PSR_TUNNEL_IPV4_SRC |
			  PSR_TUNNEL_IPV4_DST | PSR_TUNNEL_TTL |
			  PSR_TUNNEL_CSUM | PSR_TUNNEL_TP_SRC |
			  PSR_TUNNEL_TP_DST,
		.ipv4_src = { 10, 9, 0, 1 },
		.ipv4_dst = { 10, 9, 0, 2 },
		.ttl = 64,
		.tp_dst = 4789,
	};
	size_t count = 0;

	for (uint32_t i = 0; i < CORPUS_RECORDS; i++, record++) {
		struct psr_tunnel tunnel;

		if (!strstr(record->text, "TUNNEL"))
			continue;
		cr_assert_lt(count, COUNT(tp_srcs));
		expected.tp_src = tp_srcs[count++];
		place(record->bytes, record->len, record->len);
		cr_assert_eq(psr_view_tunnel(&queue, &view, &tunnel), 0);
		cr_expect_arr_eq(&tunnel, &expected, sizeof(tunnel), "%s[%u]",
				 record->file, record->index);
	}
	cr_assert_eq(count, COUNT(tp_srcs));
}

/* Whatever decode() accepts, what is asked for later stays inside. */
static void ask_everything(size_t len)
{
	uint8_t *start = queue.buffers.memory;
	struct psr_tunnel tunnel;
	const uint8_t *cookie;
	uint64_t bytes;
	int cookie_len;

	if (one_buffer_decode(&queue, &view, start, len, len) != DECODE_SAMPLE)
		return;
	(void)psr_view_tunnel(&queue, &view, &tunnel);
	(void)psr_view_out_tc_occ(&queue, &view, &bytes);
	cookie_len = psr_view_cookie(&queue, &view, &cookie);
	if (cookie_len >= 0)
		cr_assert(cookie >= start &&
			  cookie + cookie_len <= start + len);
}

Test(view, damaged_byte_never_leads_outside)
{
	static const struct part parts[] = { REQUIRED,
					     U64(PSAMPLE_OUT_TC_OCC, 9),
					     BYTES(PSAMPLE_USER_COOKIE, "cook"),
					     END };
	static const struct part nest[] = {
		BYTES(KEY(GENEVE_OPTS), "geneve's"),
		BYTES(KEY(IPV6_SRC), IPV6_A),
		BYTES(KEY(TTL), "\x40"),
		END,
	};
	uint8_t *bytes;

	message_make(&message, parts);
	message_put_nest(&message, PSAMPLE_TUNNEL, nest);
	place_message();
	bytes = queue.buffers.memory;
	for (size_t at = 0; at < message.len * 256; at++) {
		bytes[at / 256] ^= (uint8_t)at;
		ask_everything(message.len);
		bytes[at / 256] ^= (uint8_t)at;
	}
}

static const struct part everything[] = {
	REQUIRED,
	U64(PSAMPLE_OUT_TC_OCC, 9),
	BYTES(PSAMPLE_USER_COOKIE, "cookie"),
	BYTES(PSAMPLE_TUNNEL, "\5\0\4\0\x40\0\0\0"),
	BYTES(PSAMPLE_DATA, "packet"),
	END,
};

static void expect_no_attribute(const struct psr_view *stranger)
{
	const uint8_t *cookie = NULL;
	struct psr_tunnel tunnel;
	uint64_t bytes;

	cr_expect_eq(psr_view_tunnel(&queue, stranger, &tunnel), -EINVAL);
	cr_expect_eq(psr_view_cookie(&queue, stranger, &cookie), -EINVAL);
	cr_expect_eq(psr_view_out_tc_occ(&queue, stranger, &bytes), -EINVAL);
	cr_expect_null(cookie);
}

static void expect_no_message(const struct psr_view *stranger)
{
	const uint8_t *found = NULL;

	expect_no_attribute(stranger);
	cr_expect_eq(psr_view_message(&queue, stranger, &found), -EINVAL);
	cr_expect_null(found);
}

Test(view, copy_outlives_the_buffer)
{
	uint8_t storage[8] = "........";
	struct psr_view copy, same;

	place_parts(everything);
	cr_assert_eq(psr_view_copy(&view, storage, sizeof(storage), &copy), 6);
	memset(queue.buffers.memory, 0xa5, message.len);

	cr_expect_eq(copy.data, storage);
	cr_expect_arr_eq(storage, "packet..", sizeof(storage));
	same = copy;
	same.data = view.data;
	same.private_id = view.private_id;
	cr_expect_arr_eq(&same, &view, sizeof(view));
	expect_no_message(&copy);
}

Test(view, copy_of_each_size)
{
	for (uint32_t size = 0; size < 9; size++) {
		uint8_t storage[9] = ".........";
		uint16_t len = size < 6 ? (uint16_t)size : 6;
		struct psr_view copy;

		place_parts(everything);
		cr_expect_eq(psr_view_copy(&view, storage, size, &copy), 6);
		cr_expect_eq(copy.data_len, len);
		cr_expect(memcmp(storage, "packet", len) == 0);
		cr_expect_eq(storage[len], '.', "%u bytes", size);
	}
}

Test(view, copy_without_storage)
{
	struct psr_view copy;

	place_parts(everything);
	cr_expect_eq(psr_view_copy(&view, NULL, 0, &copy), 6);
	cr_expect_null(copy.data);
	cr_expect_eq(copy.data_len, 0);
	cr_expect(copy.fields & PSR_FIELD_DATA);
	cr_expect_eq(copy.group, REQUIRED_GROUP);
	expect_no_message(&copy);
}

/* A field whose bit is not set is 0, in a copy too. */
Test(view, copy_without_packet)
{
	uint8_t storage[1] = { '.' };
	struct psr_view copy;

	place_parts(required);
	cr_expect_eq(psr_view_copy(&view, storage, 1, &copy), 0);
	cr_expect_null(copy.data);
	cr_expect_eq(copy.data_len, 0);
	cr_expect_eq(storage[0], '.');
}

/* Cut in place: what is returned is what there was. */
Test(view, copy_of_a_copy)
{
	uint8_t storage[6];
	struct psr_view copy;

	place_parts(everything);
	psr_view_copy(&view, storage, sizeof(storage), &copy);
	cr_expect_eq(psr_view_copy(&copy, storage, 2, &copy), 6);
	cr_expect_eq(copy.data_len, 2);
}

/* Alike in all but its place. */
Test(view, of_another_queue)
{
	static struct psr_view around[3];

	place_parts(everything);
	around[0] = around[1] = around[2] = view;
	queue.ring.slots = &around[1];
	expect_no_message(&around[0]);
	expect_no_message(&around[2]);
}

Test(view, released)
{
	place_parts(everything);
	ring_release(&queue.ring, 1);
	expect_no_message(&view);
}

/* Of four slots the last and the first are lent. */
Test(view, lent_around_the_end)
{
	struct psr_view slots[4];
	const uint8_t *found;

	place_parts(everything);
	ring_init(&queue.ring, slots, 4);
	queue.ring.head = 7;
	queue.ring.lent = 9;
	for (uint32_t i = 0; i < 4; i++) {
		slots[i] = view;
		cr_expect_eq(psr_view_message(&queue, &slots[i], &found) > 0,
			     i == 3 || i == 0, "slot %u", i);
	}
}
