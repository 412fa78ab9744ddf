/* SPDX-License-Identifier: MIT */
/*
 * How one side of a ring sleeps and the other wakes it, without a system call
 * while both are awake and without a lost wake-up.
 *
 *	sleeper				ringer
 *	(E) store armed			(F) store what it waits for
 *	(G) load what it waits for	(H) load armed
 *	sleep				if armed: wake
 *
 * This is Dekker's pattern: at least one side must see the other's store, or
 * the sleeper sleeps and nobody wakes it. Only seq_cst promises that, and all
 * four accesses have it; F and G are the ring's cursors (ring.h), or a state.
 *
 * Who sleeps on this bell alone does so on armed itself, a futex: one system
 * call on each side, and nothing to clear. Who sleeps on other things as well,
 * in poll or in io_uring, takes the descriptor.
 */
#ifndef BELL_H
#define BELL_H

#include "clock.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum bell_armed {
	BELL_SILENT,
	BELL_DESCRIPTOR, /* to be written */
	BELL_FUTEX,	 /* armed itself is slept on */
};

struct bell {
	_Atomic(uint32_t) armed; /* enum bell_armed */
	int fd; /* an eventfd; its reader chooses whether it blocks */
};

static inline void bell_arm(struct bell *bell, enum bell_armed how)
{
	/* (E) pairs with (H) in bell_ring. */
	atomic_store_explicit(&bell->armed, how, memory_order_seq_cst);
}

/*
 * Sleeps on a bell armed with BELL_FUTEX until it is rung. Returns 0, or
 * -ETIMEDOUT or -EINTR; a wake-up for nothing is possible.
 */
static inline int bell_sleep(struct bell *bell, int64_t deadline_ns)
{
	const struct timespec deadline = clock_timespec(deadline_ns);

	/*
	 * An absolute time of CLOCK_MONOTONIC, also where it is for ever: the
	 * kernel restarts a wait without a timeout after a signal whose handler
	 * has SA_RESTART, and the sleeper would not hear of it.
	 */
	if (syscall(SYS_futex, &bell->armed, FUTEX_WAIT_BITSET_PRIVATE,
		    BELL_FUTEX, &deadline, NULL, FUTEX_BITSET_MATCH_ANY) == 0 ||
	    errno == EAGAIN)
		return 0;
	return -errno;
}

/* The sleeper found what it waits for and does not sleep. */
static inline void bell_disarm(struct bell *bell)
{
	atomic_store_explicit(&bell->armed, BELL_SILENT, memory_order_relaxed);
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
	if (!bell_is_armed(bell))
		return 0;
	switch (atomic_exchange(&bell->armed, BELL_SILENT)) {
	case BELL_SILENT:
		return 0;
	case BELL_FUTEX:
		(void)syscall(SYS_futex, &bell->armed, FUTEX_WAKE_PRIVATE, 1);
		return 1;
	default:
		bell_strike(bell);
		return 1;
	}
}

/* Makes the descriptor unreadable again. */
static inline void bell_clear(const struct bell *bell)
{
	uint64_t count;

	(void)!read(bell->fd, &count, sizeof(count));
}

#endif /* BELL_H */
