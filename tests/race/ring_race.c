/* SPDX-License-Identifier: MIT */
/*
 * Two threads and ring.h alone, over the wrap of the 32-bit cursors: each view
 * arrives once, in order, with its bytes, and no buffer is used again before
 * it was released. The bytes are checked twice, last thing before the release.
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#define BUFFERS	     64u
#define BUFFER_BYTES 64u
#define SAMPLES	     (UNDER_TSAN ? 300000u : 3000000u)
#define BEFORE_WRAP  (SAMPLES / 2)

struct race {
	struct ring ring;
	struct psr_view slots[BUFFERS];
	uint8_t memory[BUFFERS][BUFFER_BYTES];
	uint32_t push_max;
	uint32_t release_max;
	uint64_t seed;
};

static void fill(struct race *race, struct psr_view *slot, uint32_t number)
{
	uint8_t *bytes = race->memory[slot->private_id];

	memset(bytes, (uint8_t)(number * 31 + 7), BUFFER_BYTES);
	slot->data = bytes;
	slot->group_seq = number;
}

/* The free buffers are a stack, so that their order gets mixed up. */
static void *produce(void *arg)
{
	struct race *race = arg;
	uint32_t free_ids[BUFFERS];
	uint32_t free_count = BUFFERS;
	uint32_t sent = 0;

	for (uint32_t i = 0; i < BUFFERS; i++)
		free_ids[i] = i;
	while (sent < SAMPLES) {
		uint32_t filled = 0;

		for (uint32_t i = ring_released(&race->ring); i > 0; i--)
			free_ids[free_count++] =
				ring_reap(&race->ring)->private_id;
		for (; free_count > 0 && filled < race->push_max &&
		       sent < SAMPLES;
		     filled++) {
			struct psr_view *slot = ring_next(&race->ring, filled);

			slot->private_id = free_ids[--free_count];
			fill(race, slot, sent++);
		}
		ring_push(&race->ring, filled);
		if (filled == 0)
			test_yield();
	}
	return NULL;
}

static void check(const struct race *race, const struct psr_view *view,
		  uint32_t number)
{
	const uint8_t byte = (uint8_t)(number * 31 + 7);

	CHECK(view->group_seq == number, "%u is not %u, batches %u and %u",
	      view->group_seq, number, race->push_max, race->release_max);
	for (uint32_t i = 0; i < BUFFER_BYTES; i++)
		CHECK(view->data[i] == byte,
		      "sample %u, byte %u is %u, not %u, batches %u and %u",
		      number, i, view->data[i], byte, race->push_max,
		      race->release_max);
}

static void consume(struct race *race)
{
	const struct psr_view *views;
	uint32_t expected = 0;
	uint32_t count;

	while (expected < SAMPLES) {
		count = ring_peek(&race->ring, &views);
		if (count == 0)
			test_yield();
		if (count > race->release_max)
			count = race->release_max;
		for (uint32_t i = 0; i < count; i++)
			check(race, &views[i], expected + i);
		test_dawdle(&race->seed, 64);
		for (uint32_t i = 0; i < count; i++)
			check(race, &views[i], expected + i);
		ring_release(&race->ring, count);
		expected += count;
		test_progress(expected);
	}
	CHECK(ring_count(&race->ring) == 0, "%u views too many",
	      ring_count(&race->ring));
}

static void run(uint32_t push_max, uint32_t release_max, uint64_t seed)
{
	static struct race race;
	pthread_t producer;

	ring_init(&race.ring, race.slots, BUFFERS);
	atomic_store(&race.ring.tail, 0u - BEFORE_WRAP);
	atomic_store(&race.ring.head, 0u - BEFORE_WRAP);
	race.ring.reaped = race.ring.tail_seen = 0u - BEFORE_WRAP;
	race.push_max = push_max;
	race.release_max = release_max;
	race.seed = seed;

	CHECK(pthread_create(&producer, NULL, produce, &race) == 0, "thread");
	consume(&race);
	pthread_join(producer, NULL);
}

int main(int argc, char **argv)
{
	static const uint32_t batches[][2] = {
		{ 1, 1 }, { 32, 32 }, { 7, 13 }, { BUFFERS, 1 }, { 1, BUFFERS },
	};
	uint64_t seed = test_seed(argc, argv);

	test_watch("ring_race: samples");
	for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++)
		run(batches[i][0], batches[i][1], seed);
	puts("every view once, in order, intact");
	return 0;
}
