/* SPDX-License-Identifier: MIT */
/*
 * The BPF ring buffer of one queue, mapped into this process: program.bpf.c
 * writes records, the consumer reads them where they are.
 *
 * Both positions only grow. Ordering, with kernel/bpf/ringbuf.c:
 *   (P) bpf_ringbuf_commit clears BUSY in the length with xchg -> (Q) the
 *       consumer loads the length: it sees the whole record.
 *   (R) the consumer stores its position -> (T) __bpf_ringbuf_reserve loads it:
 *       the last read precedes the reuse.
 * bpf_ringbuf_commit wakes only if it finds the consumer's position at this
 * very record: xchg, then load, as in bell.h. So the consumer's store and the
 * loads that follow before it sleeps are seq_cst as well.
 */
#ifndef RINGBUF_H
#define RINGBUF_H

#include "record.h"
#include "ring.h"

#include <linux/bpf.h>
#include <stdbool.h>

struct ringbuf {
	/* Constant after ringbuf_map. */
	_Atomic(uint64_t) *consumer_position;
	const _Atomic(uint64_t) *producer_position;
	uint8_t *data; /* twice in a row: no record is ever split; read only */
	uint64_t mask;
	void *mappings[2]; /* the consumer's page, and the rest */

	/* The consumer's. */
	uint64_t next;		/* the first record not yet taken */
	uint64_t producer_seen; /* last producer position loaded */
	uint64_t released;	/* what consumer_position holds */
};

/* Maps the ring of @bytes behind @fd. */
int ringbuf_map(struct ringbuf *ret_ringbuf, int fd, uint32_t bytes);
void ringbuf_unmap(struct ringbuf *ringbuf);

static inline bool ringbuf_is_empty(struct ringbuf *ringbuf)
{
	if (ringbuf->next == ringbuf->producer_seen)
		ringbuf->producer_seen = atomic_load_explicit(
			ringbuf->producer_position, memory_order_seq_cst);
	return ringbuf->next == ringbuf->producer_seen;
}

/*
 * Bytes of records not given back. Any thread: no order is promised, and what
 * it loads first cannot be ahead of the other.
 */
static inline uint64_t ringbuf_used(const struct ringbuf *ringbuf)
{
	uint64_t consumer = atomic_load_explicit(ringbuf->consumer_position,
						 memory_order_acquire);

	return atomic_load_explicit(ringbuf->producer_position,
				    memory_order_relaxed) -
	       consumer;
}

/*
 * Takes the next record: its place in the ring goes to *@ret_offset. NULL:
 * there is none, or a CPU is still writing it.
 */
static inline const struct record *ringbuf_take(struct ringbuf *ringbuf,
						uint32_t *ret_offset)
{
	uint32_t offset = (uint32_t)(ringbuf->next & ringbuf->mask);
	const uint8_t *header = ringbuf->data + offset;
	uint32_t len;

	if (ringbuf_is_empty(ringbuf))
		return NULL;
	/* (Q) pairs with (P). */
	len = atomic_load_explicit((const _Atomic(uint32_t) *)header,
				   memory_order_seq_cst);
	if (len & BPF_RINGBUF_BUSY_BIT)
		return NULL;
	ringbuf->next += (len + RECORD_KERNEL_BYTES + 7) / 8 * 8;
	*ret_offset = offset;
	return (const struct record *)(header + RECORD_KERNEL_BYTES);
}

/* Gives everything before @position back. */
static inline void ringbuf_release(struct ringbuf *ringbuf, uint64_t position)
{
	ringbuf->released = position;
	/* (R) pairs with (T), and with the load before a wake-up. */
	atomic_store_explicit(ringbuf->consumer_position, position,
			      memory_order_seq_cst);
}

/* Gives everything before the record at @offset back. */
static inline void ringbuf_release_before(struct ringbuf *ringbuf,
					  uint32_t offset)
{
	uint64_t released = ringbuf->released;

	ringbuf_release(ringbuf,
			released + ((offset - released) & ringbuf->mask));
}

/* Where the message of a record lies, from the place of the record. */
static inline uint8_t *ringbuf_messages(const struct ringbuf *ringbuf)
{
	return ringbuf->data + RECORD_KERNEL_BYTES + sizeof(struct record);
}

#endif /* RINGBUF_H */
