/* SPDX-License-Identifier: MIT */
/*
 * Which samples a thread sends, and when. A sample has a number. The threads
 * claim runs of numbers from one shared counter, and group and sequence number
 * follow from the number, so that a single atomic keeps the sequence exact
 * whatever the threads do.
 */
#include "synthetic_sender.h"

#include "clocks.h"

#define SECOND_NS 1000000000ULL

/* Waking more often than this costs more than the samples. */
#define WAKEUPS_PER_S_MAX 20000

/* How long a sleeping or refused thread takes to notice that it shall end. */
#define NAP_NS 20000000ULL

/*
 * How long after the start a sample is due, and how many are. Split into whole
 * seconds and the rest, so that nothing overflows: rate is at most
 * SYNTHETIC_RATE_MAX.
 */
uint64_t pace_due_ns(const struct synthetic *synthetic, uint64_t number)
{
	uint64_t rate = synthetic->config.rate;

	return number / rate * SECOND_NS + number % rate * SECOND_NS / rate;
}

static uint64_t due_count(const struct synthetic *synthetic)
{
	uint64_t now = clock_wall_ns();
	uint64_t elapsed = now - synthetic->start_ns;

	if (now < synthetic->start_ns)
		return 0;
	return elapsed / SECOND_NS * synthetic->config.rate +
	       elapsed % SECOND_NS * synthetic->config.rate / SECOND_NS + 1;
}

/* Samples to send at once: those that are due, or what a wake-up is worth. */
static uint32_t claim_size(struct synthetic *synthetic)
{
	uint64_t size = synthetic->config.rate / WAKEUPS_PER_S_MAX;
	uint64_t claimed, due;

	if (!synthetic->config.rate)
		return BATCH_MAX;
	if (synthetic->config.punctual)
		size = 1;
	claimed =
		atomic_load_explicit(&synthetic->claimed, memory_order_relaxed);
	due = due_count(synthetic);
	if (due > claimed && due - claimed > size)
		size = due - claimed;
	if (size < 1)
		size = 1;
	return size < BATCH_MAX ? (uint32_t)size : BATCH_MAX;
}

struct claim pace_claim(struct synthetic *synthetic)
{
	struct claim claim = { .count = claim_size(synthetic) };
	uint64_t end = synthetic->config.count;

	claim.first = atomic_fetch_add_explicit(
		&synthetic->claimed, claim.count, memory_order_relaxed);
	if (end && claim.first >= end)
		claim.count = 0;
	else if (end && end - claim.first < claim.count)
		claim.count = (uint32_t)(end - claim.first);
	return claim;
}

static void spin_once(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

/*
 * Open loop: the deadline follows from the number, not from the last send, so
 * that a late wake-up is caught up and the average rate is exact.
 */
void pace_wait(struct synthetic *synthetic, struct claim claim)
{
	uint64_t deadline, now;

	if (!synthetic->config.rate)
		return;
	deadline = synthetic->start_ns +
		   pace_due_ns(synthetic, claim.first + claim.count - 1);
	now = clock_wall_ns();
	while (now < deadline && !synthetic_is_stopping(synthetic)) {
		if (synthetic->config.punctual)
			spin_once();
		else
			clock_sleep_until((int64_t)(deadline - now < NAP_NS
							    ? deadline
							    : now + NAP_NS));
		now = clock_wall_ns();
	}
}
