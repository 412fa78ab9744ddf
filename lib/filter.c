/* SPDX-License-Identifier: MIT */
/*
 * Generates the socket filter of a queue: who sent it, is its group wanted,
 * is it this queue's share, does chance pass it on.
 *
 * Classic BPF drops the packet when a load goes beyond its end, and the
 * attribute search answers 0 for "not found", which is the offset of the
 * netlink header (net/core/filter.c: bpf_skb_get_nlattr). Therefore every load
 * here is covered by a length, either of the datagram or of the attribute that
 * the kernel's nla_find has already checked against the datagram. What cannot
 * be classified goes to queue 0, so that each datagram has exactly one queue.
 *
 * The one exception: with usersock_portid set, a datagram too short to name
 * its sender is not that sender's, and is rejected by all.
 */
#include "filter.h"
#include "psample.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stddef.h>

/* BPF loads big endian; psample writes host order: bytes are put together. */
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	      "the filter's byte loads are written for little endian");

#define ATTRIBUTES	 sizeof(struct psample_header)
#define ATTRIBUTE_HEADER sizeof(struct nlattr)
#define ACCEPT_ALL	 UINT32_MAX

static void emit(struct filter *filter, struct sock_filter instruction)
{
	assert(filter->length < FILTER_LENGTH_MAX);
	filter->code[filter->length++] = instruction;
}

static void emit_load(struct filter *filter, uint16_t size_and_mode, uint32_t k)
{
	emit(filter, (struct sock_filter)BPF_STMT(
			     (uint16_t)(BPF_LD | size_and_mode), k));
}

static void emit_alu(struct filter *filter, uint16_t operation, uint32_t k)
{
	emit(filter,
	     (struct sock_filter)BPF_STMT((uint16_t)(BPF_ALU | operation), k));
}

static void emit_return(struct filter *filter, uint32_t verdict)
{
	emit(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict));
}

/* Goes on with the next instruction if A == @k, else skips @skip of them. */
static void emit_unless_equal(struct filter *filter, uint32_t k, uint8_t skip)
{
	emit(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k,
						  0, skip));
}

/* Goes on if A == @k, else rejects. */
static void emit_require(struct filter *filter, uint32_t k)
{
	emit(filter,
	     (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 1, 0));
	emit_return(filter, 0);
}

/*
 * A jump whose target is not known yet: returns its place, for land() to fill
 * in the distance once the target is reached.
 */
static uint16_t emit_jump(struct filter *filter)
{
	emit(filter, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
	return (uint16_t)(filter->length - 1);
}

static void land(struct filter *filter, uint16_t jump)
{
	filter->code[jump].k = (uint32_t)(filter->length - jump - 1);
}

static void emit_sender(struct filter *filter, uint32_t portid)
{
	const uint32_t offset = offsetof(struct nlmsghdr, nlmsg_pid);

	emit_load(filter, BPF_W | BPF_LEN, 0);
	emit(filter,
	     (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K,
					  offset + sizeof(portid), 0, 2));
	emit_load(filter, BPF_W | BPF_ABS, offset);
	emit_require(filter, htonl(portid));
}

/*
 * X = offset of the attribute, A = its length field, big endian. Returns the
 * jump that is taken when there is no such attribute.
 */
static uint16_t emit_find(struct filter *filter, uint32_t attribute)
{
	uint16_t absent;

	emit_load(filter, BPF_W | BPF_IMM, ATTRIBUTES);
	emit(filter, (struct sock_filter)BPF_STMT(BPF_LDX | BPF_W | BPF_IMM,
						  attribute));
	emit_load(filter, BPF_W | BPF_ABS,
		  (uint32_t)(SKF_AD_OFF + SKF_AD_NLATTR));
	emit_unless_equal(filter, 0, 1);
	absent = emit_jump(filter);
	emit(filter, (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0));
	emit_load(filter, BPF_H | BPF_IND, 0);
	return absent;
}

static uint32_t length_field(uint32_t payload_bytes)
{
	return htons((uint16_t)(ATTRIBUTE_HEADER + payload_bytes));
}

/* A = A with its bytes in the other order; X and one scratch word are lost. */
static void emit_byte_swap(struct filter *filter)
{
	static const struct sock_filter swap[] = {
		BPF_STMT(BPF_ST, 0),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 24),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_MEM, 0),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 8),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff00),
		BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_MEM, 0),
		BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 8),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff0000),
		BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_MEM, 0),
		BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 24),
		BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
	};

	for (size_t i = 0; i < sizeof(swap) / sizeof(swap[0]); i++)
		emit(filter, swap[i]);
}

/*
 * A = value of the attribute at X with length field A: 4 bytes, or 2 as the
 * kernel sends interfaces. Returns the jump that any other length takes.
 */
static uint16_t emit_value(struct filter *filter)
{
	uint16_t other, loaded;

	emit_unless_equal(filter, length_field(sizeof(uint32_t)), 2);
	emit_load(filter, BPF_W | BPF_IND, ATTRIBUTE_HEADER);
	loaded = emit_jump(filter);
	emit_unless_equal(filter, length_field(sizeof(uint16_t)), 3);
	emit_load(filter, BPF_H | BPF_IND, ATTRIBUTE_HEADER);
	emit_alu(filter, BPF_LSH | BPF_K, 16);
	emit(filter, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 1));
	other = emit_jump(filter);
	land(filter, loaded);
	emit_byte_swap(filter);
	return other;
}

/* Rejects every sample group but the wanted; no group at all is passed on. */
static void emit_wanted(struct filter *filter, const uint32_t *groups,
			uint32_t count)
{
	uint16_t absent = emit_find(filter, PSAMPLE_SAMPLE_GROUP);
	uint16_t other;

	emit_unless_equal(filter, length_field(sizeof(uint32_t)), 1);
	emit(filter, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 1));
	other = emit_jump(filter);
	emit_load(filter, BPF_W | BPF_IND, ATTRIBUTE_HEADER);
	for (uint32_t i = 0; i < count; i++)
		emit(filter,
		     (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						  htonl(groups[i]),
						  (uint8_t)(count - i), 0));
	emit_return(filter, 0);
	land(filter, absent);
	land(filter, other);
}

static uint32_t shard_attribute(enum psr_shard shard)
{
	switch (shard) {
	case PSR_SHARD_GROUP:
		return PSAMPLE_SAMPLE_GROUP;
	case PSR_SHARD_IIF:
		return PSAMPLE_IIFINDEX;
	default:
		return PSAMPLE_GROUP_SEQ;
	}
}

/* A = the queue of this sample by one of its attributes. */
static void emit_queue_by_attribute(struct filter *filter, uint32_t attribute,
				    uint32_t queue_count)
{
	uint16_t absent = emit_find(filter, attribute);
	uint16_t other = emit_value(filter);
	uint16_t known;

	emit_alu(filter, BPF_MOD | BPF_K, queue_count);
	known = emit_jump(filter);
	land(filter, absent);
	land(filter, other);
	emit_load(filter, BPF_W | BPF_IMM, 0);
	land(filter, known);
}

static void emit_share(struct filter *filter, const struct psr_config *config,
		       uint32_t index)
{
	if (config->shard == PSR_SHARD_CPU) {
		emit_load(filter, BPF_W | BPF_ABS,
			  (uint32_t)(SKF_AD_OFF + SKF_AD_CPU));
		emit_alu(filter, BPF_MOD | BPF_K, config->queue_count);
	} else {
		emit_queue_by_attribute(filter, shard_attribute(config->shard),
					config->queue_count);
	}
	emit_require(filter, index);
}

/*
 * By chance and not by number: two CPUs give one number twice, and Open vSwitch
 * gives none. 2^32 is no multiple of @thin, so what passes is too much by less
 * than thin / 2^32 of it. First, for the sampling CPU pays for what is looked up
 * in samples that are then held back.
 */
static void emit_thin(struct filter *filter, uint32_t thin)
{
	emit_load(filter, BPF_W | BPF_ABS,
		  (uint32_t)(SKF_AD_OFF + SKF_AD_RANDOM));
	emit_alu(filter, BPF_MOD | BPF_K, thin);
	emit_require(filter, 0);
}

void filter_build(struct filter *ret_filter, const struct psr_config *config,
		  uint32_t index)
{
	ret_filter->length = 0;
	if (config->usersock_portid != 0)
		emit_sender(ret_filter, config->usersock_portid);
	if (config->thin > 1)
		emit_thin(ret_filter, config->thin);
	if (config->group_count > 0)
		emit_wanted(ret_filter, config->groups, config->group_count);
	if (config->queue_count > 1)
		emit_share(ret_filter, config, index);
	emit_return(ret_filter, ACCEPT_ALL);
}
