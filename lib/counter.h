/* SPDX-License-Identifier: MIT */
/*
 * A counter that one thread writes and any may read: no lock, no bus cycle,
 * no order with anything else. On x86-64 counter_add is a plain add.
 */
#ifndef COUNTER_H
#define COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

typedef _Atomic(uint64_t) counter;

static inline uint64_t counter_read(const counter *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

static inline void counter_add(counter *c, uint64_t amount)
{
	atomic_store_explicit(c, counter_read(c) + amount,
			      memory_order_relaxed);
}

#endif /* COUNTER_H */
