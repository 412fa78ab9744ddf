/* SPDX-License-Identifier: MIT */
/*
 * Scenario decode: psring's decoder against libmnl's mnl_attr_parse with a
 * callback that keeps every attribute, over the same messages in memory.
 */
#include "bench.h"
#include "clocks.h"
#include "decode.h"
#include "figures.h"
#include "psample.h"
#include "synthetic_message.h"

#include <libmnl/libmnl.h>
#include <stdio.h>
#include <string.h>

#define MESSAGES 64
#define DECODES	 2000000

static uint8_t messages[MESSAGES][256] __attribute__((aligned(64)));
static uint32_t message_bytes;

static void make_messages(void)
{
	message_bytes = synthetic_message_bytes(128);
	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct synthetic_message *message = (void *)messages[i];
		const struct synthetic_stamp stamp = {
			.group = 1, .group_seq = i, .iif = 1, .timestamp_ns = i
		};

		synthetic_message_init(message, 128, 1);
		synthetic_message_stamp(message, &stamp);
	}
}

/* Has the compiler believe that the result is needed. */
static void keep(uint32_t result)
{
	__asm__ volatile("" : : "r"(result) : "memory");
}

static double time_decode(void)
{
	uint64_t start_ns = clock_wall_ns();
	struct psr_view view;
	size_t trailing;

	for (uint32_t i = 0; i < DECODES; i++) {
		const struct datagram datagram = {
			.bytes = messages[i % MESSAGES],
			.len = message_bytes,
			.capacity = message_bytes,
		};

		(void)decode(&datagram, FAMILY_ANY, &view, &trailing);
		keep(view.group_seq);
	}
	return (double)(clock_wall_ns() - start_ns) / DECODES;
}

static int keep_attribute(const struct nlattr *attribute, void *data)
{
	const struct nlattr **table = data;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type <= PSAMPLE_SAMPLE_PROBABILITY)
		table[type] = attribute;
	return MNL_CB_OK;
}

static double time_mnl(void)
{
	uint64_t start_ns = clock_wall_ns();

	for (uint32_t i = 0; i < DECODES; i++) {
		const struct nlmsghdr *message =
			(const void *)messages[i % MESSAGES];
		const struct nlattr *table[PSAMPLE_SAMPLE_PROBABILITY + 1] = {
			0
		};

		mnl_attr_parse(message, sizeof(struct genlmsghdr),
			       keep_attribute, table);
		keep(mnl_attr_get_u32(table[PSAMPLE_GROUP_SEQ]));
	}
	return (double)(clock_wall_ns() - start_ns) / DECODES;
}

int bench_decode(const struct bench *bench)
{
	struct figures ours = { 0 }, theirs = { 0 }, ratio = { 0 };
	char text[FIGURES_TEXT];

	make_messages();
	for (uint32_t round = 0; round < bench->rounds; round++) {
		figures_add(&theirs, time_mnl());
		figures_add(&ours, time_decode());
		figures_add(&ratio, ours.values[round] / theirs.values[round]);
	}
	printf("decode: a 128-byte sample in memory; %u rounds of %u\n",
	       bench->rounds, DECODES);
	printf("%-16s %s ns/sample\n", "psring", figures_text(&ours, 1, text));
	printf("%-16s %s ns/sample\n", "mnl_attr_parse",
	       figures_text(&theirs, 1, text));
	printf("psring took %.2f times the time of mnl_attr_parse\n",
	       figures_median(&ratio));
	return 0;
}
