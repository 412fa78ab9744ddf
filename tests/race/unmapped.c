/* SPDX-License-Identifier: MIT */
/*
 * For tests where several threads close and open engines. liburing maps and
 * unmaps its rings by system calls of its own, which ThreadSanitizer does not
 * see: to it, a ring that lies where another thread had one, or had buffers, is
 * a race with that thread. So it is told the order that the kernel makes: who
 * unmaps is before who maps there next, and nobody else.
 */
#include "test.h"

#include <sys/mman.h>

#define PAGE_SHIFT 12

/* By page; that two may share a place makes the order a little stronger. */
static _Atomic(uint32_t) unmapped[1 << 16];

static _Atomic(uint32_t) *place_of(uintptr_t page)
{
	return &unmapped[page % (sizeof(unmapped) / sizeof(unmapped[0]))];
}

static void note_unmapped(const void *at, size_t bytes)
{
	uintptr_t end = ((uintptr_t)at + bytes - 1) >> PAGE_SHIFT;

	for (uintptr_t page = (uintptr_t)at >> PAGE_SHIFT; page <= end; page++)
		atomic_fetch_add(place_of(page), 1);
}

static void note_mapped(const void *at, size_t bytes)
{
	uintptr_t end = ((uintptr_t)at + bytes - 1) >> PAGE_SHIFT;

	for (uintptr_t page = (uintptr_t)at >> PAGE_SHIFT; page <= end; page++)
		(void)atomic_load(place_of(page));
}

static void each_mapping(const struct io_uring *ring,
			 void (*note)(const void *at, size_t bytes))
{
	note(ring->sq.ring_ptr, ring->sq.ring_sz);
	note(ring->cq.ring_ptr, ring->cq.ring_sz);
	note(ring->sq.sqes, ring->sq.ring_entries * sizeof(*ring->sq.sqes));
}

int __real_munmap(void *at, size_t bytes);
int __wrap_munmap(void *at, size_t bytes);
void __real_io_uring_queue_exit(struct io_uring *ring);
void __wrap_io_uring_queue_exit(struct io_uring *ring);
int __real_io_uring_queue_init_params(unsigned int entries,
				      struct io_uring *ring,
				      struct io_uring_params *params);
int __wrap_io_uring_queue_init_params(unsigned int entries,
				      struct io_uring *ring,
				      struct io_uring_params *params);

int __wrap_munmap(void *at, size_t bytes)
{
	note_unmapped(at, bytes);
	return __real_munmap(at, bytes);
}

void __wrap_io_uring_queue_exit(struct io_uring *ring)
{
	each_mapping(ring, note_unmapped);
	__real_io_uring_queue_exit(ring);
}

int __wrap_io_uring_queue_init_params(unsigned int entries,
				      struct io_uring *ring,
				      struct io_uring_params *params)
{
	int err = __real_io_uring_queue_init_params(entries, ring, params);

	if (!err)
		each_mapping(ring, note_mapped);
	return err;
}
