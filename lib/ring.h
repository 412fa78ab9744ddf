/* SPDX-License-Identifier: MIT */
/*
 * Single-producer single-consumer ring of views.
 *
 * Path: queue.c pushes what decode.c made; the consumer peeks and releases;
 * queue.c reaps what was released and gives its buffers back to buffers.h. So
 * one ring serves both directions.
 *
 *   reaped <= head <= tail <= reaped + slots
 *
 * Each slot owns the buffer that its view points into. There are as many slots
 * as buffers, so a push always finds a free slot: the ring cannot overflow.
 * The cursors run freely through 2^32 and are masked on access.
 *
 * Ordering, two pairs:
 *   (A) push stores tail -> (B) peek loads tail: the consumer sees the slot
 *       and the packet's bytes before it counts them.
 *   (C) release stores head -> (D) released loads head: the consumer's last read
 *       precedes the reuse of slot and buffer.
 * Release and acquire would do for the ring alone. The stores are seq_cst
 * because whoever stores next reads whether the other side sleeps: bell.h.
 */
#ifndef RING_H
#define RING_H

#include "psring.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_LINE	64
#define SLOTS_ASKED_FOR 16

static_assert(sizeof(struct psr_view) == CACHE_LINE, "one view, one line");

/*
 * A cursor has its line for itself: whoever polls it takes the line away from
 * its writer, and what else were in it with it.
 */
struct ring {
	/* Written by the producer, read by both. */
	alignas(CACHE_LINE) _Atomic(uint32_t) tail; /* next slot to fill */
	/* Written by the consumer, read by both. */
	alignas(CACHE_LINE) _Atomic(uint32_t) head; /* next slot to drain */
	/* The producer's. */
	alignas(CACHE_LINE) uint32_t reaped; /* next slot to recycle */
	/* The consumer's. */
	alignas(CACHE_LINE) uint32_t tail_seen; /* last tail loaded */
	uint32_t lent; /* behind the last slot that a peek returned */
	/* Constant after ring_init. */
	alignas(CACHE_LINE) struct psr_view *slots;
	uint32_t mask;
};

static inline void ring_init(struct ring *ret_ring, struct psr_view *slots,
			     uint32_t count)
{
	assert(count > 0 && (count & (count - 1)) == 0);
	*ret_ring = (struct ring){ .slots = slots, .mask = count - 1 };
}

/* A ring of @view alone, which is lent: for what has been received elsewhere. */
static inline void ring_lend(struct ring *ret_ring, struct psr_view *view)
{
	ring_init(ret_ring, view, 1);
	ret_ring->lent = 1;
}

/*
 * Producer: the slot @ahead of the tail. The caller holds a free buffer. The
 * lines of slots are with the consumer, who read them last: one that will be
 * needed soon is asked for now (psring-bench ring).
 */
static inline struct psr_view *ring_next(struct ring *ring, uint32_t ahead)
{
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	assert(tail + ahead - ring->reaped <= ring->mask);
	__builtin_prefetch(
		&ring->slots[(tail + ahead + SLOTS_ASKED_FOR) & ring->mask], 1);
	return &ring->slots[(tail + ahead) & ring->mask];
}

/* Producer: publish @count slots filled since the last push. */
static inline void ring_push(struct ring *ring, uint32_t count)
{
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	/* (A) pairs with (B) in ring_peek. */
	atomic_store_explicit(&ring->tail, tail + count, memory_order_seq_cst);
}

/* Consumer: number of views that wait, borrowed ones included. */
static inline uint32_t ring_count(struct ring *ring)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

	/* (B) pairs with (A) in ring_push. */
	ring->tail_seen =
		atomic_load_explicit(&ring->tail, memory_order_seq_cst);
	return ring->tail_seen - head;
}

/*
 * Consumer: the contiguous run of views at the head of the ring. The tail is
 * loaded only when the last one loaded has been used up: its line stays with
 * the producer.
 */
static inline uint32_t ring_peek(struct ring *ring,
				 const struct psr_view **ret_views)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	uint32_t index = head & ring->mask;
	uint32_t count, to_wrap;

	if (head == ring->tail_seen)
		/* (B) pairs with (A) in ring_push. */
		ring->tail_seen =
			atomic_load_explicit(&ring->tail, memory_order_acquire);
	count = ring->tail_seen - head;
	to_wrap = ring->mask + 1 - index;
	if (count > to_wrap)
		count = to_wrap;
	ring->lent = head + count;
	*ret_views = &ring->slots[index];
	return count;
}

/*
 * Consumer: give back the @count oldest views. Returns the new head. More than
 * were lent would be samples that nobody saw, or slots that are being filled.
 */
static inline uint32_t ring_release(struct ring *ring, uint32_t count)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

	assert(count <= ring->lent - head && "more than was lent");
	/* (C) pairs with (D) in ring_released. */
	atomic_store_explicit(&ring->head, head + count, memory_order_seq_cst);
	return head + count;
}

/*
 * Consumer: is @view itself lent now? Neither a copy of it is, nor what was
 * released, nor a view of another ring.
 */
static inline bool ring_lends(const struct ring *ring,
			      const struct psr_view *view)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	uintptr_t place = (uintptr_t)view - (uintptr_t)ring->slots;
	uint32_t index = (uint32_t)(place / sizeof(*view));

	return place <= (uintptr_t)ring->mask * sizeof(*view) &&
	       ((index - head) & ring->mask) < ring->lent - head;
}

/* Producer: number of slots that were released and not yet reaped. */
static inline uint32_t ring_released(struct ring *ring)
{
	/* (D) pairs with (C) in ring_release. */
	return atomic_load_explicit(&ring->head, memory_order_seq_cst) -
	       ring->reaped;
}

/* Producer: take the @count oldest released slots back. */
static inline void ring_reap_all(struct ring *ring, uint32_t count)
{
	ring->reaped += count;
}

/* Producer: take the oldest released slot back; its buffer is free again. */
static inline const struct psr_view *ring_reap(struct ring *ring)
{
	return &ring->slots[ring->reaped++ & ring->mask];
}

#endif /* RING_H */
