/* SPDX-License-Identifier: MIT */
/*
 * The readers that others would write: a blocking loop over one socket, in one
 * thread, which are its lane. They differ in what one turn of the loop does.
 */
#ifndef BASELINE_H
#define BASELINE_H

#include "reader.h"

/*
 * One turn: blocks for the first datagram, for a moment at most, and takes
 * what one call gives. Return: samples taken, or a negative errno: -EAGAIN if
 * nothing came.
 */
int baseline_recv(struct lane *lane);
int baseline_peek_recv(struct lane *lane);
int baseline_mnl(struct lane *lane);
int baseline_bare(struct lane *lane);

/* Opens a lane's socket, the one that psring's queue @index would have. */
int baseline_open(struct lane *lane, uint32_t index, const char **reterr_cause);

/* The thread: turns until nothing more is sent and nothing is left. */
int baseline_run(struct lane *lane);

/* @lane: may be half-built */
void baseline_close(struct lane *lane);

#endif /* BASELINE_H */
