/* SPDX-License-Identifier: MIT */
/*
 * Dekker's pattern of bell.h alone, without a system call, so often that the
 * processor's store buffers show: both sides begin each round at the same
 * time, one arms its bell and looks, the other stores and looks at the bell.
 * At least one of them must see what the other did, or somebody sleeps for
 * ever. Both uses: push against the consumer, release against the stall.
 */
#include "test.h"

#include <stdio.h>

#define ROUNDS	   (UNDER_TSAN ? 30000u : 500000u)
#define SPINS	   500u
#define OFFSET_MAX 24u

struct handshake {
	struct ring ring;
	struct psr_view slots[2];
	struct bell bell;
	bool stalls; /* the producer sleeps, until a release */
	uint64_t seeds[2];
	alignas(CACHE_LINE) _Atomic(uint32_t) begun[2];
	alignas(CACHE_LINE) bool noticed[2];
};

static void await_round(_Atomic(uint32_t) *other, uint32_t round)
{
	uint32_t spins = 0;

	while (atomic_load_explicit(other, memory_order_acquire) < round)
		if (++spins % SPINS == 0)
			test_yield();
}

/* Meets the other side; both leave at about the same time. */
static void meet(struct handshake *shake, uint32_t side, uint32_t round)
{
	atomic_store_explicit(&shake->begun[side], round, memory_order_release);
	await_round(&shake->begun[!side], round);
}

/* Side 0: the one that goes to sleep. */
static bool sleeper(struct handshake *shake)
{
	bell_arm(&shake->bell, BELL_FUTEX);
	return shake->stalls ? ring_released(&shake->ring) > 0
			     : ring_count(&shake->ring) > 0;
}

/* Side 1: the one that should wake it. */
static bool ringer(struct handshake *shake)
{
	if (shake->stalls)
		(void)ring_release(&shake->ring, 1);
	else
		ring_push(&shake->ring, 1);
	return bell_is_armed(&shake->bell);
}

static void run_side(struct handshake *shake, uint32_t side, uint32_t round)
{
	meet(shake, side, 2 * round + 1);
	test_dawdle(&shake->seeds[side], OFFSET_MAX);
	shake->noticed[side] = side ? ringer(shake) : sleeper(shake);
	meet(shake, side, 2 * round + 2);
}

static void *ring_rounds(void *arg)
{
	struct handshake *shake = arg;

	for (uint32_t round = 0; round < ROUNDS; round++)
		run_side(shake, 1, round);
	return NULL;
}

/* Alone between two rounds: the ring is empty, or full, again. */
static void reset(struct handshake *shake)
{
	const struct psr_view *views;

	bell_disarm(&shake->bell);
	if (shake->stalls) {
		(void)ring_reap(&shake->ring);
		ring_push(&shake->ring, 1);
		(void)ring_peek(&shake->ring, &views);
	} else {
		(void)ring_peek(&shake->ring, &views);
		(void)ring_release(&shake->ring, 1);
		(void)ring_reap(&shake->ring);
	}
}

static void run(bool stalls, uint64_t seed)
{
	static struct handshake shake;
	const struct psr_view *views;
	pthread_t thread;

	shake = (struct handshake){ .stalls = stalls,
				    .seeds = { seed, seed + 1 } };
	ring_init(&shake.ring, shake.slots, 2);
	if (stalls) {
		ring_push(&shake.ring, 1);
		(void)ring_peek(&shake.ring, &views);
	}
	CHECK(pthread_create(&thread, NULL, ring_rounds, &shake) == 0,
	      "thread");
	for (uint32_t round = 0; round < ROUNDS; round++) {
		run_side(&shake, 0, round);
		CHECK(shake.noticed[0] || shake.noticed[1],
		      "round %u of %s: neither saw the other", round,
		      stalls ? "stall and release" : "wait and push");
		reset(&shake);
		test_progress(round);
	}
	pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	uint64_t seed = test_seed(argc, argv);

	test_watch("handshake: round");
	run(false, seed);
	run(true, seed);
	printf("%u rounds each: nobody was overlooked\n", ROUNDS);
	return 0;
}
