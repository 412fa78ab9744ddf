// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The socket filter of transport bpf: it takes each sample out of the
 * multicast, in the sender's context, and writes it into the ring of its
 * queue. It returns 0, so that nothing is queued in the socket.
 *
 * What decides is what the generated filters of the sockets decide (filter.c):
 * is it wanted, whose is it, does chance pass it on; what cannot be classified
 * goes to queue 0. A load beyond the end of the datagram fails and is never a
 * reason to lose one.
 */
#include "attribute.bpf.h"
#include "flow.bpf.h"
#include "psample.h"
#include "record.h"

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <stdbool.h>
#include <stddef.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile struct program_settings settings;

/* psr_start clears it, psr_stop sets it: no privilege is needed for that. */
uint32_t stopped = 1;

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 17);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, PSR_QUEUES_MAX);
	__type(key, uint32_t);
	__array(values, struct ring);
} rings SEC(".maps");

/*
 * A map of its own, for a look-up in it is checked by the kernel: without
 * CAP_PERFMON the verifier refuses an index into a variable.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PSR_QUEUES_MAX);
	__type(key, uint32_t);
	__type(value, struct program_counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PSR_WANTED_MAX);
	__type(key, uint32_t);
	__type(value, uint8_t);
} wanted SEC(".maps");

/* A datagram too short to name its sender is not that sender's. */
static __always_inline bool is_from(struct __sk_buff *skb, uint32_t portid)
{
	const struct range pid = { offsetof(struct nlmsghdr, nlmsg_pid),
				   sizeof(struct nlmsghdr) };
	uint32_t from;

	return load(skb, &pid, &from, sizeof(from)) && from == portid;
}

/* No group at all, or one of another length, is not unwanted. */
static __always_inline bool is_wanted(struct __sk_buff *skb,
				      const struct slots *slots)
{
	uint32_t group;

	return find_value(skb, slots, PSAMPLE_SAMPLE_GROUP, &group) !=
		       sizeof(group) ||
	       bpf_map_lookup_elem(&wanted, &group) != NULL;
}

/* False: it is not an IP packet, or too little of it is there. */
static __always_inline bool find_flow(struct __sk_buff *skb,
				      const struct slots *slots,
				      uint32_t *ret_number)
{
	struct range packet;
	struct slot slot;
	uint32_t offset;
	uint64_t flow;

	if (find_slot(slots, PSAMPLE_DATA, &slot, &offset) ||
	    !find_from(skb, offset, PSAMPLE_DATA, &packet) ||
	    !flow_of(skb, slots, packet, &flow))
		return false;
	*ret_number = (uint32_t)flow;
	return true;
}

static __always_inline uint16_t shard_attribute(void)
{
	switch (settings.shard) {
	case PSR_SHARD_GROUP:
		return PSAMPLE_SAMPLE_GROUP;
	case PSR_SHARD_IIF:
		return PSAMPLE_IIFINDEX;
	default:
		return PSAMPLE_GROUP_SEQ;
	}
}

static __always_inline uint32_t queue_of(struct __sk_buff *skb,
					 const struct slots *slots)
{
	uint32_t number = 0;

	if (settings.shard == PSR_SHARD_CPU)
		number = bpf_get_smp_processor_id();
	else if (settings.shard == PSR_SHARD_FLOW)
		(void)find_flow(skb, slots, &number);
	else
		(void)find_value(skb, slots, shard_attribute(), &number);
	number %= settings.queue_count;
	return number < PSR_QUEUES_MAX ? number : 0;
}

/*
 * A reservation takes a constant, so each size class has its own. A wake-up
 * comes only when the consumer has reached this very record
 * (kernel/bpf/ringbuf.c: bpf_ringbuf_commit).
 *
 * The verifiers of 6.1 and 6.12 learn nothing from a comparison with 0. So that
 * they see the bounds they get the last byte's index, and here and now.
 */
#define STORE(bytes)                                                          \
	do {                                                                  \
		record = bpf_ringbuf_reserve(ring,                            \
					     (bytes)-RECORD_KERNEL_BYTES, 0); \
		if (!record)                                                  \
			goto full;                                            \
		record->len = skb->len;                                       \
		/* Before it can be read: received is never more. */          \
		__sync_fetch_and_add(&counter->passed, 1);                    \
		last = count - 1;                                             \
		barrier_var(last);                                            \
		if (last < RECORD_CAPACITY(bytes))                            \
			bpf_skb_load_bytes(skb, 0, record->message,           \
					   (uint32_t)last + 1);               \
		bpf_ringbuf_submit(record, 0);                                \
	} while (0)

static __always_inline void store(struct __sk_buff *skb, void *ring,
				  struct program_counters *counter)
{
	uint64_t count = skb->len;
	uint64_t last; /* of nothing: out of bounds */
	struct record *record;

	if (count > settings.buffer_bytes)
		count = settings.buffer_bytes;
	if (count > RECORD_CAPACITY(RECORD_BYTES_MAX))
		count = RECORD_CAPACITY(RECORD_BYTES_MAX);
	if (count <= RECORD_CAPACITY(256))
		STORE(256);
	else if (count <= RECORD_CAPACITY(512))
		STORE(512);
	else if (count <= RECORD_CAPACITY(1024))
		STORE(1024);
	else if (count <= RECORD_CAPACITY(2048))
		STORE(2048);
	else if (count <= RECORD_CAPACITY(4096))
		STORE(4096);
	else if (count <= RECORD_CAPACITY(8192))
		STORE(8192);
	else if (count <= RECORD_CAPACITY(16384))
		STORE(16384);
	else if (count <= RECORD_CAPACITY(32768))
		STORE(32768);
	else
		STORE(RECORD_BYTES_MAX);
	return;
full:
	__sync_fetch_and_add(&counter->lost_ring, 1);
}

SEC("socket")
int take_sample(struct __sk_buff *skb)
{
	struct slots slots;
	uint32_t queue;
	struct program_counters *counter;
	void *ring;

	if (stopped || (settings.portid && !is_from(skb, settings.portid)))
		return 0;
	if (settings.thin > 1 && bpf_get_prandom_u32() % settings.thin)
		return 0;
	if (settings.group_count || settings.queue_count > 1)
		load_slots(skb, &slots);
	if (settings.group_count && !is_wanted(skb, &slots))
		return 0;
	queue = settings.queue_count > 1 ? queue_of(skb, &slots) : 0;
	ring = bpf_map_lookup_elem(&rings, &queue);
	counter = bpf_map_lookup_elem(&counters, &queue);
	if (ring && counter)
		store(skb, ring, counter);
	return 0;
}
