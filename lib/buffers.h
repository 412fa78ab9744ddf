/* SPDX-License-Identifier: MIT */
/*
 * The receive buffers of one queue, and the ring that offers them to whoever
 * fills them: io_uring, or mmsg.c in its place.
 *
 * The ring is a FIFO of buffer ids in the format of io_uring's provided
 * buffers. It holds exactly the buffers that are neither in the view ring nor
 * in a completion: it can be empty, it cannot overflow. Its tail is written
 * here, with release, so that whoever takes a buffer sees the entry; its head
 * belongs to the taker.
 *
 * Who fills a buffer may put an envelope before the message (envelope.h). All
 * else knows messages only: it is they that are a stride apart.
 *
 * Transport bpf has records in the place of buffers, and no ring, for nobody
 * asks for them: a record's id is its offset, with a stride of 1, and count is
 * how many offsets there are.
 */
#ifndef BUFFERS_H
#define BUFFERS_H

#include <assert.h>
#include <liburing.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

struct buffers {
	struct io_uring_buf_ring *ring; /* NULL: see below */
	uint8_t *memory;		/* the message of id 0 */
	size_t stride;			/* from one id to the next */
	uint32_t bytes;			/* of a message, in each */
	uint32_t envelope_bytes;	/* before it */
	uint32_t count;
	uint16_t head; /* next to take, where the taker is mmsg.c */
};

static_assert(sizeof(size_t) == 8, "room for many large buffers");

int buffers_init(struct buffers *ret_buffers, uint32_t count, uint32_t bytes,
		 uint32_t envelope_bytes);
void buffers_fini(struct buffers *buffers);

static inline size_t buffers_memory_bytes(const struct buffers *buffers)
{
	return buffers->stride * buffers->count;
}

/* What is resident of each buffer once it had a small message: a page, or all. */
static inline uint64_t buffers_touched_bytes(uint32_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return bytes < page ? bytes : page;
}

static inline uint8_t *buffers_at(const struct buffers *buffers,
				  uint32_t buffer_id)
{
	return buffers->memory + buffer_id * buffers->stride;
}

/* Puts a buffer behind the @ahead ones that were given since the publish. */
static inline void buffers_give(const struct buffers *buffers,
				uint32_t buffer_id, uint32_t ahead)
{
	io_uring_buf_ring_add(buffers->ring,
			      buffers_at(buffers, buffer_id) -
				      buffers->envelope_bytes,
			      buffers->envelope_bytes + buffers->bytes,
			      (unsigned short)buffer_id,
			      (int)(buffers->count - 1), (int)ahead);
}

static inline void buffers_publish(const struct buffers *buffers,
				   uint32_t count)
{
	io_uring_buf_ring_advance(buffers->ring, (int)count);
}

#endif /* BUFFERS_H */
