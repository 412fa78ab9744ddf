/* SPDX-License-Identifier: MIT */
/*
 * How the kernel lays a BPF ring buffer out for mmap (kernel/bpf/ringbuf.c:
 * ringbuf_map_mmap_kern): the consumer's page, which is writable, the
 * producer's page, and the data twice.
 */
#include "ringbuf.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

int ringbuf_map(struct ringbuf *ret_ringbuf, int fd, uint32_t bytes)
{
	size_t page = page_bytes();
	uint8_t *produced;
	void *consumer;

	consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	produced = mmap(NULL, page + 2 * (size_t)bytes, PROT_READ, MAP_SHARED,
			fd, (off_t)page);
	if (produced == MAP_FAILED) {
		int err = -errno;

		munmap(consumer, page);
		return err;
	}
	*ret_ringbuf = (struct ringbuf){
		.consumer_position = consumer,
		.producer_position = (void *)produced,
		.data = produced + page,
		.mask = bytes - 1,
		.mappings = { consumer, produced },
	};
	return 0;
}

void ringbuf_unmap(struct ringbuf *ringbuf)
{
	size_t page = page_bytes();

	if (!ringbuf->data)
		return;
	munmap(ringbuf->mappings[0], page);
	munmap(ringbuf->mappings[1], page + 2 * (ringbuf->mask + 1));
}
