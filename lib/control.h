/* SPDX-License-Identifier: MIT */
/*
 * The control path: what is asked of the kernel once, by libmnl, on a socket
 * of its own. A socket that had joined would mix samples into the replies, and
 * a filter would reject them.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "psring.h"

#include <stdint.h>

struct family {
	uint16_t id;
	uint32_t mcgroup; /* id of the multicast group that carries samples */
	uint32_t config_mcgroup; /* of that which tells of sample groups */
};

int control_find_family(struct family *ret_family, const char **reterr_cause);

#endif /* CONTROL_H */
