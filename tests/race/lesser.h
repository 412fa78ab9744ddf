/* SPDX-License-Identifier: MIT */
/*
 * A kernel that offers less: io_uring_queue_init_params is wrapped, and refuses
 * what an older or a locked kernel refuses.
 */
#ifndef LESSER_H
#define LESSER_H

#include <stdint.h>

/*
 * From here on, @flags are -EINVAL, each ring is refused with @err, if that is
 * not 0, and @features are hidden.
 */
void lesser_pretend(unsigned int flags, int err, unsigned int features);

/* Rings that were made since. */
extern uint32_t lesser_rings;

#endif /* LESSER_H */
