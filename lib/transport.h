/* SPDX-License-Identifier: MIT */
/*
 * What a transport reports: a datagram in a buffer, or that it has stopped.
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

#define NO_BUFFER UINT16_MAX /* buffer ids end at PSR_BUFFERS_MAX - 1 */

struct completion {
	int32_t result;	    /* length of the datagram, or a negative errno */
	uint16_t queue;	    /* index within the ingest, or of none: a wake-up */
	uint16_t buffer_id; /* or NO_BUFFER */
	bool disarmed;	    /* nothing more comes until it is armed again */
};

#define COMPLETION_OF_BELL UINT16_MAX

#endif /* TRANSPORT_H */
