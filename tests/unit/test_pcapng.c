/* SPDX-License-Identifier: MIT */
/*
 * The blocks of a pcapng file, byte for byte as the specification has them.
 */
#include "pcapng.h"

#include <criterion/criterion.h>
#include <string.h>

#define BYTES(literal) (const uint8_t *)(literal), sizeof(literal) - 1

static char block[PCAPNG_BLOCK_MAX];

static void expect(const char *end, const uint8_t *bytes, size_t count)
{
	cr_assert_eq((size_t)(end - block), count, "%zu bytes, expected %zu",
		     (size_t)(end - block), count);
	cr_expect_arr_eq(block, bytes, count);
}

Test(pcapng, section)
{
	memset(block, 0xa5, sizeof(block));
	expect(pcapng_section(block),
	       BYTES("\x0a\x0d\x0d\x0a\x30\0\0\0\x4d\x3c\x2b\x1a\1\0\0\0"
		     "\xff\xff\xff\xff\xff\xff\xff\xff"
		     "\4\0\x0c\0psring 1.2.3\0\0\0\0\x30\0\0\0"));
}

Test(pcapng, interface)
{
	memset(block, 0xa5, sizeof(block));
	expect(pcapng_interface(block, PCAPNG_RAW_IP, "tun10"),
	       BYTES("\1\0\0\0\x2c\0\0\0\x65\0\0\0\0\0\0\0"
		     "\2\0\5\0tun10\0\0\0\x09\0\1\0\x09\0\0\0"
		     "\0\0\0\0\x2c\0\0\0"));
}

Test(pcapng, packet)
{
	const struct pcapng_packet packet = {
		.interface = 7,
		.direction = PCAPNG_OUTBOUND,
		.timestamp_ns = 0x0102030405060708,
		.dropped = 258,
		.data = (const uint8_t *)"packet",
		.data_len = 6,
		.orig_size = 1500,
		.comment = "seq 9",
	};

	memset(block, 0xa5, sizeof(block));
	expect(pcapng_packet(block, &packet),
	       BYTES("\6\0\0\0\x4c\0\0\0\7\0\0\0\4\3\2\1\x08\7\6\5"
		     "\6\0\0\0\xdc\5\0\0packet\0\0"
		     "\2\0\4\0\2\0\0\0\4\0\x08\0\2\1\0\0\0\0\0\0"
		     "\1\0\5\0seq 9\0\0\0\0\0\0\0\x4c\0\0\0"));
}

/* What a packet does not say, no option says. */
Test(pcapng, packet_without_data)
{
	const struct pcapng_packet packet = { .orig_size = 60, .comment = "" };

	memset(block, 0xa5, sizeof(block));
	expect(pcapng_packet(block, &packet),
	       BYTES("\6\0\0\0\x28\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		     "\0\0\0\0\x3c\0\0\0\1\0\0\0\0\0\0\0\x28\0\0\0"));
}

Test(pcapng, statistics)
{
	memset(block, 0xa5, sizeof(block));
	expect(pcapng_statistics(block, 3, 0x0102030405060708, 258, 515),
	       BYTES("\5\0\0\0\x34\0\0\0\3\0\0\0\4\3\2\1\x08\7\6\5"
		     "\7\0\x08\0\2\1\0\0\0\0\0\0"
		     "\x08\0\x08\0\3\2\0\0\0\0\0\0\0\0\0\0\x34\0\0\0"));
}

/* However long its text, a block ends where room is promised. */
Test(pcapng, long_text)
{
	static char text[2 * PCAPNG_BLOCK_MAX];

	memset(text, 'x', sizeof(text) - 1);
	cr_expect_leq(pcapng_interface(block, 1, text) - block,
		      PCAPNG_BLOCK_MAX);
	cr_expect_leq(
		pcapng_packet(block,
			      &(struct pcapng_packet){ .direction = 1,
						       .dropped = 1,
						       .comment = text }) -
			block,
		PCAPNG_BLOCK_MAX);
}
