/* SPDX-License-Identifier: MIT */
/*
 * What not to ask the kernel for: it hands out memory that it has not, and where
 * there is none when it is touched it kills a process, maybe another one.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

/* More than half of this machine's. */
static inline bool memory_is_too_much(uint64_t bytes)
{
	return bytes / (uint64_t)sysconf(_SC_PAGESIZE) >
	       (uint64_t)sysconf(_SC_PHYS_PAGES) / 2;
}

#endif /* MEMORY_H */
