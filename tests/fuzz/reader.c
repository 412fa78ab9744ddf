/* SPDX-License-Identifier: MIT */
/*
 * The reader of capture files under libFuzzer: the input as a file, and, in the
 * format of tests/corpus, as the datagrams of one: lengths of 4 bytes, each
 * with a datagram behind it. Each sample is written as a line of each kind, for
 * which every accessor is asked, and into either kind of capture file.
 */
#include "reader.h"
#include "capture_netlink.h"
#include "capture_packets.h"
#include "psample_line.h"

#include <arpa/inet.h>
#include <assert.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1 << 20) /* inputs are shorter */

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void tell(const struct sample *sample)
{
	static char line[SAMPLE_LINE_MAX];
	static struct psample_second second;
	struct sample_writer writer = { .with_link = true,
					.verbose = true,
					.hex = true };

	check(sample_json(line, sample, &writer) <= line + SAMPLE_LINE_MAX);
	check(sample_text(line, sample, &writer) <= line + SAMPLE_LINE_MAX);
	static_assert(PSAMPLE_LINE_MAX <= sizeof(line), "room for its line");
	check(psample_line(line, sample, &second, 1) <=
	      line + PSAMPLE_LINE_MAX);
}

static void read_file(void *bytes, size_t count)
{
	static struct reader reader;
	static char record[SAMPLE_LINE_MAX];
	struct sample sample = { &reader.queue, &reader.view, 0 };
	FILE *file = fmemopen(bytes, count, "r");
	struct packets *packets = packets_open(false);
	uint16_t family = 0;

	check(packets);
	if (!file || reader_open(&reader, file, 0)) {
		packets_close(packets);
		return;
	}
	while (reader_next(&reader) == 1) {
		tell(&sample);
		check(netlink_put(record, &sample, true, &family) <=
		      record + sizeof(record));
		check(packets_put(packets, record, &sample) <=
		      record + sizeof(record));
	}
	packets_close(packets);
	reader_close(&reader);
}

/* @length: as the record has it, which may lie */
static char *put_record(char *out, const uint8_t *bytes, uint32_t captured,
			uint32_t length)
{
	const struct netlink_cooked cooked = { .protocol =
						       htons(NETLINK_GENERIC) };
	const uint32_t header[] = { 1, 2, captured + (uint32_t)sizeof(cooked),
				    length + (uint32_t)sizeof(cooked) };

	out = mempcpy(out, header, sizeof(header));
	out = mempcpy(out, &cooked, sizeof(cooked));
	return (char *)mempcpy(out, bytes, captured);
}

/* NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static const uint8_t family[] = /* psample has number 26 */
		"\x28\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\1\2\0\0"
		"\6\0\1\0\x1a\0\0\0\x0c\0\2\0psample\0";
	static char file[FILE_MAX];
	char *end;
	uint32_t length, there;

	if (count > sizeof(file) / 2)
		return 0;
	memcpy(file, bytes, count);
	read_file(file, count);
	end = put_record(netlink_begin(file), family, 40, 40);
	while (count > sizeof(length)) {
		memcpy(&length, bytes, sizeof(length));
		bytes += sizeof(length);
		count -= sizeof(length);
		there = length < count ? length : (uint32_t)count;
		if (there > (size_t)(file + sizeof(file) - end) - 64)
			break;
		end = put_record(end, bytes, there, length);
		bytes += there;
		count -= there;
	}
	read_file(file, (size_t)(end - file));
	return 0;
}
