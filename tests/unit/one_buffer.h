/* SPDX-License-Identifier: MIT */
/* A queue that is nothing but one buffer, and the view of what is in it. */
#ifndef ONE_BUFFER_H
#define ONE_BUFFER_H

#include "decode.h"
#include "queue.h"

/* @memory: the buffer, of @capacity bytes; the datagram had @len */
static inline enum decode_verdict one_buffer_decode(struct psr_queue *queue,
						    struct psr_view *ret_view,
						    uint8_t *memory, size_t len,
						    size_t capacity)
{
	size_t trailing;

	queue->buffers.memory = memory;
	queue->buffers.bytes = (uint32_t)capacity;
	*ret_view = (struct psr_view){ 0 };
	ring_lend(&queue->ring, ret_view);
	return decode(&(struct datagram){ memory, len, capacity }, FAMILY_ANY,
		      ret_view, &trailing);
}

#endif /* ONE_BUFFER_H */
