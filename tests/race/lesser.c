/* SPDX-License-Identifier: MIT */
#include "lesser.h"

#include <errno.h>
#include <liburing.h>

static unsigned int refused_flags; /* -EINVAL for these */
static int refusal;		   /* the answer to everything, if not 0 */
static unsigned int hidden_features;
uint32_t lesser_rings;

int __real_io_uring_queue_init_params(unsigned int entries,
				      struct io_uring *ring,
				      struct io_uring_params *params);
int __wrap_io_uring_queue_init_params(unsigned int entries,
				      struct io_uring *ring,
				      struct io_uring_params *params);

int __wrap_io_uring_queue_init_params(unsigned int entries,
				      struct io_uring *ring,
				      struct io_uring_params *params)
{
	int err;

	if (refusal)
		return refusal;
	if (params->flags & refused_flags)
		return -EINVAL;
	err = __real_io_uring_queue_init_params(entries, ring, params);
	ring->features &= ~hidden_features;
	lesser_rings += err == 0;
	return err;
}

void lesser_pretend(unsigned int flags, int err, unsigned int features)
{
	refused_flags = flags;
	refusal = err;
	hidden_features = features;
	lesser_rings = 0;
}
