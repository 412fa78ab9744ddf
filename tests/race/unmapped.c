/* SPDX-License-Identifier: MIT */
/*
 * For tests where several threads close and open engines. liburing maps and
 * unmaps its rings by system calls of its own, which ThreadSanitizer does not
 * see: to it, a ring that lies where another thread had one, or had buffers, is
 * a race with that thread. So it is told the order that the kernel makes: who
 * unmaps is before who maps there next.
 */
#include "test.h"

#include <sys/mman.h>

static _Atomic(uint32_t) unmapped;

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
	atomic_fetch_add(&unmapped, 1);
	return __real_munmap(at, bytes);
}

void __wrap_io_uring_queue_exit(struct io_uring *ring)
{
	atomic_fetch_add(&unmapped, 1);
	__real_io_uring_queue_exit(ring);
}

int __wrap_io_uring_queue_init_params(unsigned int entries,
				      struct io_uring *ring,
				      struct io_uring_params *params)
{
	int err = __real_io_uring_queue_init_params(entries, ring, params);

	(void)atomic_load(&unmapped);
	return err;
}
