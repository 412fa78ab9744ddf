/* SPDX-License-Identifier: MIT */
/*
 * Memory of the receive buffers.
 *
 * Buffers are large, for the largest message, and samples are small: only the
 * pages that a sample touches become resident. Two things keep it so and
 * quick: the stride is no multiple of 4096, or the heads of all buffers would
 * share a few cache sets; MADV_NOHUGEPAGE, or one sample would make 2 MiB
 * resident. The first sample in each buffer pays a page fault: to touch them all
 * here would double the time until the first sample is heard.
 */
#include "buffers.h"

#include <errno.h>
#include <sys/mman.h>

#define CACHE_LINE 64
#define PAGE	   4096

static size_t buffers_stride(uint32_t bytes)
{
	size_t stride = (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;

	return stride % PAGE ? stride : stride + CACHE_LINE;
}

static void *map(size_t bytes, int flags)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static size_t ring_bytes(const struct buffers *buffers)
{
	return buffers->count * sizeof(struct io_uring_buf);
}

int buffers_init(struct buffers *ret_buffers, uint32_t count, uint32_t bytes,
		 uint32_t envelope_bytes)
{
	struct buffers buffers = {
		.stride = buffers_stride(envelope_bytes + bytes),
		.bytes = bytes,
		.envelope_bytes = envelope_bytes,
		.count = count,
	};
	uint8_t *memory = map(buffers_memory_bytes(&buffers), MAP_NORESERVE);

	if (!memory)
		return -ENOMEM;
	(void)madvise(memory, buffers_memory_bytes(&buffers), MADV_NOHUGEPAGE);
	buffers.memory = memory + envelope_bytes;

	/* Page-aligned, as io_uring wants it. */
	buffers.ring = map(ring_bytes(&buffers), 0);
	if (!buffers.ring) {
		buffers_fini(&buffers);
		return -ENOMEM;
	}

	for (uint32_t id = 0; id < count; id++)
		buffers_give(&buffers, id, id);
	buffers_publish(&buffers, count);
	*ret_buffers = buffers;
	return 0;
}

void buffers_fini(struct buffers *buffers)
{
	if (buffers->memory)
		munmap(buffers->memory - buffers->envelope_bytes,
		       buffers_memory_bytes(buffers));
	if (buffers->ring)
		munmap(buffers->ring, ring_bytes(buffers));
	buffers->memory = NULL;
	buffers->ring = NULL;
}
