/* SPDX-License-Identifier: MIT */
/*
 * Samples from a capture file of link type NETLINK, by libpcap: what dump -w
 * wrote, what was captured on an nlmon interface, what other tools for psample
 * wrote. Each is decoded as if it had been received, into a view of a queue
 * that is nothing but one buffer: so all that takes a view and its queue can be
 * used.
 */
#ifndef READER_H
#define READER_H

#include "queue.h"

#include <stdio.h>

/* libpcap's own limit for a record. */
#define READER_MESSAGE_MAX 262144
#define READER_CAUSE_MAX   256

struct reader {
	struct pcap *pcap;
	uint32_t families; /* decode.h */
	uint64_t samples;
	uint64_t malformed;
	uint64_t other; /* no samples, or of a family that is not known */
	struct psr_queue queue;
	struct psr_view view;
	char cause[READER_CAUSE_MAX]; /* of the last failure */
	alignas(8) uint8_t message[READER_MESSAGE_MAX];
};

/*
 * @file: closed by reader_close, and in case of failure
 * @family: the number of psample's family where the file does not tell; or 0
 * Return: 0 or -EINVAL: see cause.
 */
int reader_open(struct reader *reader, FILE *file, uint16_t family);

/*
 * Read on to the next sample, which is in view until the next call.
 * Return: 1, 0 at the end, or -EINVAL: see cause.
 */
int reader_next(struct reader *reader);

void reader_close(struct reader *reader);

#endif /* READER_H */
