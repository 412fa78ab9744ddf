/* SPDX-License-Identifier: MIT */
/*
 * psring's decoder against libmnl's mnl_attr_parse with a callback that keeps
 * every attribute. libmnl is spared what decode() does besides: it looks at no
 * header, and takes the length and the presence of an attribute on trust.
 */
#include "decoding.h"
#include "clock.h"
#include "decode.h"
#include "synthetic_message.h"

#include <assert.h>
#include <libmnl/libmnl.h>
#include <stdbool.h>

#define MESSAGES     64
#define PACKET_BYTES 128

static uint8_t messages[MESSAGES][256] __attribute__((aligned(64)));

static void make_messages(void)
{
	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct synthetic_message *message = (void *)messages[i];
		const struct synthetic_stamp stamp = {
			.group = 1, .group_seq = i, .iif = 1, .timestamp_ns = i
		};

		synthetic_message_init(message, PACKET_BYTES, 1);
		synthetic_message_stamp(message, &stamp);
	}
}

/* Has the compiler believe that every field is needed. */
static void keep(const struct psr_view *view)
{
	__asm__ volatile("" : : "r"(view) : "memory");
}

double decoding_psring_ns(uint32_t decodes)
{
	const uint32_t message_bytes = synthetic_message_bytes(PACKET_BYTES);
	struct psr_view view = { 0 };
	bool whole = true;
	size_t trailing;
	int64_t elapsed_ns;
	int64_t start_ns;

	make_messages();
	start_ns = clock_now_ns();
	for (uint32_t i = 0; i < decodes; i++) {
		const struct datagram datagram = {
			.bytes = messages[i % MESSAGES],
			.len = message_bytes,
			.capacity = message_bytes,
		};

		whole &= decode(&datagram, FAMILY_ANY, &view, &trailing) ==
			 DECODE_SAMPLE;
		keep(&view);
	}
	elapsed_ns = clock_now_ns() - start_ns;
	/* To refuse is quicker. */
	assert(whole);
	return (double)elapsed_ns / decodes;
}

static int keep_attribute(const struct nlattr *attribute, void *data)
{
	const struct nlattr **table = data;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type <= PSAMPLE_SAMPLE_PROBABILITY)
		table[type] = attribute;
	return MNL_CB_OK;
}

static void decode_mnl(const void *message, struct psr_view *ret_view)
{
	const struct nlattr *table[PSAMPLE_SAMPLE_PROBABILITY + 1] = { 0 };

	mnl_attr_parse(message, sizeof(struct genlmsghdr), keep_attribute,
		       table);
	*ret_view = (struct psr_view){
		.data = mnl_attr_get_payload(table[PSAMPLE_DATA]),
		.data_len = mnl_attr_get_payload_len(table[PSAMPLE_DATA]),
		.timestamp_ns = mnl_attr_get_u64(table[PSAMPLE_TIMESTAMP]),
		.orig_size = mnl_attr_get_u32(table[PSAMPLE_ORIGSIZE]),
		.group = mnl_attr_get_u32(table[PSAMPLE_SAMPLE_GROUP]),
		.group_seq = mnl_attr_get_u32(table[PSAMPLE_GROUP_SEQ]),
		.rate = mnl_attr_get_u32(table[PSAMPLE_SAMPLE_RATE]),
		.iif = mnl_attr_get_u16(table[PSAMPLE_IIFINDEX]),
		.proto = mnl_attr_get_u16(table[PSAMPLE_PROTO]),
	};
}

double decoding_mnl_ns(uint32_t decodes)
{
	struct psr_view view;
	int64_t start_ns;

	make_messages();
	start_ns = clock_now_ns();
	for (uint32_t i = 0; i < decodes; i++) {
		decode_mnl(messages[i % MESSAGES], &view);
		keep(&view);
	}
	return (double)(clock_now_ns() - start_ns) / decodes;
}
