/* SPDX-License-Identifier: MIT */
/*
 * The lines of libpsample's tool, letter by letter: scripts look for words in
 * them.
 */
#include "message.h"
#include "one_buffer.h"
#include "psample_line.h"

#include <criterion/criterion.h>
#include <linux/psample.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct message message;
static struct psr_queue queue;
static struct psr_view view;
static const struct sample sample = { &queue, &view, 0 };
static struct psample_second second;
static char line[PSAMPLE_LINE_MAX + 1];

static void decode_message(void)
{
	cr_assert_eq(one_buffer_decode(&queue, &view, message.bytes,
				       message.len, message.len),
		     DECODE_SAMPLE);
}

static const char *written(int verbose)
{
	char *end = psample_line(line, &sample, &second, verbose);

	cr_assert_leq(end - line, PSAMPLE_LINE_MAX);
	*end = '\0';
	return line;
}

static void be_in_utc(void)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread yet */
	setenv("TZ", "UTC", 1);
	tzset();
}

Test(psample_line, says_no_more_than_the_message)
{
	static const struct part parts[] = { REQUIRED, END };

	message_make(&message, parts);
	decode_message();
	cr_assert_str_eq(written(0),
			 "group 5 origsize 1500 sample-rate 100 seq 9 \n");
	cr_assert_str_eq(written(1), written(0));
}

Test(psample_line, every_key)
{
	static const struct part parts[] = {
		U16(PSAMPLE_ATTR_IIFINDEX, 2),
		U16(PSAMPLE_ATTR_OIFINDEX, 3),
		REQUIRED,
		U16(PSAMPLE_ATTR_OUT_TC, 7),
		U64(PSAMPLE_ATTR_OUT_TC_OCC, 123456789012),
		U64(PSAMPLE_ATTR_LATENCY, 987),
		U64(PSAMPLE_ATTR_TIMESTAMP, 1795435508027102177),
		U16(PSAMPLE_ATTR_PROTO, 0x800),
		BYTES(PSAMPLE_ATTR_DATA, "0123456789abcdef\n~\x7f\xff"),
		END
	};
	static const char text[] =
		"group 5 in-ifindex 2 out-ifindex 3 origsize 1500 "
		"sample-rate 100 seq 9 out-tc 7 out-tc-occ 123456789012 "
		"latency 987 timestamp Mon Nov 23 12:05:08 2026 027102177 nsec "
		"protocol 0x800 ";
	static const char data[] =
		"data len 20\n"
		"0x0000:  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  "
		"0123456789abcdef\n"
		"0x0010:  0a 7e 7f ff                                      "
		".~..\n"
		"\n";
	char expected[sizeof(text) + sizeof(data)];

	be_in_utc();
	message_make(&message, parts);
	decode_message();
	snprintf(expected, sizeof(expected), "%s\n", text);
	cr_assert_str_eq(written(0), expected);
	snprintf(expected, sizeof(expected), "%s%s", text, data);
	cr_assert_str_eq(written(1), expected);
}

/* A day has one digit, and a second is asked for again. */
Test(psample_line, time)
{
	static const struct part parts[] = {
		REQUIRED, U64(PSAMPLE_ATTR_TIMESTAMP, 1793923200000000001), END
	};

	be_in_utc();
	message_make(&message, parts);
	decode_message();
	cr_assert_not_null(strstr(written(0),
				  "timestamp Fri Nov  6 00:00:00 2026 "
				  "000000001 nsec "),
			   "%s", line);
	view.timestamp_ns += 1999999998;
	cr_assert_not_null(strstr(written(0), "00:00:01 2026 999999999 nsec"),
			   "%s", line);
}

Test(psample_line, longest)
{
	static uint8_t bytes[UINT16_MAX - 4];

	message_make(&message, (const struct part[]){ REQUIRED, END });
	message_put(&message, PSAMPLE_ATTR_DATA, bytes, sizeof(bytes));
	decode_message();
	/* The last of 4096 lines. */
	cr_assert_not_null(strstr(written(1), "0xfff0:  00 00 "));
}
