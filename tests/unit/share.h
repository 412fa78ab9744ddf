/* SPDX-License-Identifier: MIT */
/*
 * The queues of an engine as far as the filter goes: real sockets with their
 * filters, or one with the BPF program and its rings. A multicast is over when
 * the sender's call returns, so who got a datagram is known at once.
 */
#ifndef SHARE_H
#define SHARE_H

#include "program.h"
#include "psring.h"
#include "ringbuf.h"

#include <stdbool.h>
#include <stddef.h>

#define SHARE_QUEUES_MAX 7

/* Who got a datagram. */
#define NOBODY	(-1)
#define SEVERAL (-2)

struct share {
	int sender;
	uint32_t count;
	int fds[SHARE_QUEUES_MAX]; /* transport bpf: one */
	bool bpf;
	struct program program;
	struct ringbuf ringbufs[SHARE_QUEUES_MAX];
};

/* The queues of @config, which asks for transport bpf or another. */
void share_open(struct share *ret_share, const struct psr_config *config);
void share_close(struct share *share);

/* As psr_stop does. */
void share_reject_all(struct share *share);

/* Multicasts a datagram; returns the queue that got it, byte for byte. */
int share_send(struct share *share, const void *bytes, size_t len);

#endif /* SHARE_H */
