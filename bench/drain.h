/* SPDX-License-Identifier: MIT */
/*
 * What it takes to empty a queue that is full already, in one thread: receive,
 * decode, read, release, and nothing to wait for.
 */
#ifndef DRAIN_H
#define DRAIN_H

#include "psring.h"

#include <stdint.h>

/* Fewer than half a receive buffer holds: above that the sender yields. */
#define DRAIN_SAMPLES 32768

/*
 * @ret_ns: wall time per sample of @transport, DRAIN_SAMPLES of 128 bytes
 * Return: 0; -EBADMSG: samples were lost or out of order; or what psr_open or
 * the sender said, with the cause.
 */
int drain_ns(enum psr_transport transport, double *ret_ns,
	     const char **reterr_cause);

#endif /* DRAIN_H */
