/* SPDX-License-Identifier: MIT */
/*
 * What the BPF program and the library agree on: the records of a ring, what
 * the program is told, what it counts. Both compile this file.
 */
#ifndef RECORD_H
#define RECORD_H

#include "psring.h"

/*
 * A datagram in a BPF ring. In front of it the kernel has 8 bytes of its own,
 * so that the message is aligned as in a receive buffer.
 */
struct record {
	uint32_t len; /* of the datagram, of which the record may hold less */
	uint32_t unused;
	uint8_t message[];
};

#define RECORD_KERNEL_BYTES 8 /* BPF_RINGBUF_HDR_SZ */

/* Bytes of ring; the largest message of psample fits the last (config.c). */
#define RECORD_BYTES_MAX 65616

/* How much of a datagram a record of @bytes of ring holds. */
#define RECORD_CAPACITY(bytes) \
	((bytes)-RECORD_KERNEL_BYTES - (uint32_t)sizeof(struct record))

/* Constant once the program is loaded: what is not asked for costs nothing. */
struct program_settings {
	uint32_t shard; /* enum psr_shard */
	uint32_t queue_count;
	uint32_t buffer_bytes; /* longer messages are cut */
	uint32_t portid;       /* only what says it is from it; 0: all */
	uint32_t group_count;  /* 0: every sample group is wanted */
	uint32_t thin;	       /* one in so many passes; 0 or 1: all */
};

/* Of one queue, in lines of its own: several CPUs add to them. */
struct program_counters {
	uint64_t passed;    /* records in the ring */
	uint64_t lost_ring; /* the ring was full */
	uint64_t unused[6];
};

#endif /* RECORD_H */
