/* SPDX-License-Identifier: MIT */
/*
 * How one side of a ring sleeps and the other wakes it, without a system call
 * while both are awake and without a lost wake-up.
 *
 *	sleeper				ringer
 *	(E) store armed = 1		(F) store what it waits for
 *	(G) load what it waits for	(H) load armed
 *	sleep on the descriptor		if armed: write the descriptor
 *
 * This is Dekker's pattern: at least one side must see the other's store, or
 * the sleeper sleeps and nobody wakes it. Only seq_cst promises that, and all
 * four accesses have it; F and G are the ring's cursors (ring.h), or a state.
 */
#ifndef BELL_H
#define BELL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

struct bell {
	_Atomic(uint32_t) armed;
	int fd; /* an eventfd; its reader chooses whether it blocks */
};

static inline void bell_arm(struct bell *bell)
{
	/* (E) pairs with (H) in bell_ring. */
	atomic_store_explicit(&bell->armed, 1, memory_order_seq_cst);
}

/* The sleeper found what it waits for and does not sleep. */
static inline void bell_disarm(struct bell *bell)
{
	atomic_store_explicit(&bell->armed, 0, memory_order_relaxed);
}

static inline bool bell_is_armed(struct bell *bell)
{
	/* (H) pairs with (E) in bell_arm. */
	return atomic_load_explicit(&bell->armed, memory_order_seq_cst);
}

/* An eventfd write fails only at 2^64 - 2 unread ones: it is readable then. */
static inline void bell_strike(const struct bell *bell)
{
	const uint64_t one = 1;

	(void)!write(bell->fd, &one, sizeof(one));
}

/* Wakes the sleeper if there is one. Returns the system calls made. */
static inline uint32_t bell_ring(struct bell *bell)
{
	if (!bell_is_armed(bell) || !atomic_exchange(&bell->armed, 0))
		return 0;
	bell_strike(bell);
	return 1;
}

/* Makes the descriptor unreadable again. */
static inline void bell_clear(const struct bell *bell)
{
	uint64_t count;

	(void)!read(bell->fd, &count, sizeof(count));
}

#endif /* BELL_H */
