/* SPDX-License-Identifier: MIT */
/*
 * A reader: one way to receive the samples of a synthetic sender, run once per
 * round. Every reader decodes each sample and reads a byte of its packet.
 */
#ifndef READER_H
#define READER_H

#include "psring.h"
#include "synthetic.h"

#include <stdint.h>

struct reader_result {
	uint64_t received;
	uint64_t lost;
	uint64_t elapsed_ns; /* from the start of the sender to the end */
	uint64_t cpu_ns;     /* of all that receives */
	uint64_t wakeups;    /* of the thread that receives */
};

struct reader {
	const char *name;
	const char *does;
	/*
	 * Starts @synthetic, which was opened and is alone in its group,
	 * receives all that it sends, and tells. 0, or a negative errno with
	 * the step that failed.
	 */
	int (*run)(struct synthetic *synthetic, uint32_t usersock_group,
		   uint32_t queue_count, struct reader_result *ret_result,
		   const char **reterr_cause);
};

/* What a consumer does at least: it reads a byte of the packet. */
static inline void reader_touch(const struct psr_view *view)
{
	(void)*(const volatile uint8_t *)view->data;
}

extern const struct reader reader_recv;
extern const struct reader reader_uring;

#endif /* READER_H */
