/* SPDX-License-Identifier: MIT */
/*
 * How an ingest sleeps and receives: a file for each transport.
 *
 * receive_uring, receive_mmsg, receive_bpf: sleep for at most @timeout_ns, 0 not
 * at all, until there are datagrams, or the bell is struck; accept and publish
 * them. Return 0, or a negative errno, and what came before it was accepted.
 * After a signal, ingest->interrupted is set. Context: the thread that drives.
 */
#ifndef RECEIVE_H
#define RECEIVE_H

#include "ingest.h"

int receive_open_uring(struct ingest *ingest, const char **reterr_cause);
int receive_open_mmsg(struct ingest *ingest, const char **reterr_cause);
int receive_open_bpf(struct ingest *ingest, int ring_fd,
		     const char **reterr_cause);

int receive_uring(struct ingest *ingest, int64_t timeout_ns);
int receive_mmsg(struct ingest *ingest, int64_t timeout_ns);
int receive_bpf(struct ingest *ingest, int64_t timeout_ns);

/* Undoes receive_open_uring, whole or half. */
void receive_close_uring(struct ingest *ingest);

#endif /* RECEIVE_H */
