/* SPDX-License-Identifier: MIT */
/*
 * The same hand-over through Concurrency Kit's ck_ring, one producer and one
 * consumer: with the views in the ring, and with pointers to them. It knows no
 * batches: each view is a look at the other side's cursor, and a store to one's
 * own. Nor does it wake anybody: its stores are not ordered for that (bell.h).
 */
#include "handover.h"

#include <ck_ring.h>
#include <stdalign.h>

CK_RING_PROTOTYPE(view, psr_view)

/* A pointer leaves its ring before its view is read: the ring twice over. */
#define POOL (2 * HANDOVER_SLOTS)

alignas(CK_MD_CACHELINE) static struct psr_view pool[POOL];
static ck_ring_buffer_t pointers[HANDOVER_SLOTS];
alignas(CK_MD_CACHELINE) static ck_ring_t ring;

static void produce(uint32_t batch, uint32_t views)
{
	struct psr_view *slot;

	(void)batch;
	for (uint32_t sent = 0; sent < views; sent++) {
		do
			slot = ck_ring_enqueue_reserve_spsc_view(&ring, pool);
		while (!slot);
		handover_write(slot, sent);
		ck_ring_enqueue_commit_spsc(&ring);
	}
}

static bool consume(uint32_t batch, uint32_t views)
{
	struct psr_view view;
	uint32_t expected = 0;
	bool whole = true;

	(void)batch;
	while (expected < views)
		if (ck_ring_dequeue_spsc_view(&ring, pool, &view))
			whole &= handover_read(&view, &expected);
	return whole && ck_ring_size(&ring) == 0;
}

int handover_ck(uint32_t batch, uint32_t views, double *ret_ns)
{
	static const struct handover ck = { produce, consume };

	ck_ring_init(&ring, HANDOVER_SLOTS);
	return handover_run(&ck, batch, views, ret_ns);
}

static void produce_pointers(uint32_t batch, uint32_t views)
{
	(void)batch;
	for (uint32_t sent = 0; sent < views; sent++) {
		struct psr_view *view = &pool[sent % POOL];

		handover_write(view, sent);
		while (!ck_ring_enqueue_spsc(&ring, pointers, view))
			;
	}
}

static bool consume_pointers(uint32_t batch, uint32_t views)
{
	const struct psr_view *view;
	uint32_t expected = 0;
	bool whole = true;

	(void)batch;
	while (expected < views)
		if (ck_ring_dequeue_spsc(&ring, pointers, &view))
			whole &= handover_read(view, &expected);
	return whole && ck_ring_size(&ring) == 0;
}

int handover_ck_pointers(uint32_t batch, uint32_t views, double *ret_ns)
{
	static const struct handover ck = { produce_pointers,
					    consume_pointers };

	ck_ring_init(&ring, HANDOVER_SLOTS);
	return handover_run(&ck, batch, views, ret_ns);
}
