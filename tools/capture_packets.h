/* SPDX-License-Identifier: MIT */
/*
 * Samples as a pcapng file of packets, of Ethernet or from the IP header on. An
 * interface of the file is the one that a packet came in at, or else the one that
 * it went out of; the rest of what the sample says is the comment of its packet.
 * One consumer only: an interface stands in the file before its packets.
 */
#ifndef CAPTURE_PACKETS_H
#define CAPTURE_PACKETS_H

#include "sample.h"

#include <stdbool.h>

struct packets;

/*
 * @is_local: the interfaces are this machine's, and have the names they have here
 * Return: NULL: no memory.
 */
struct packets *packets_open(bool is_local);

/* @lost: of the queue, in all; told with the next packet */
void packets_note_loss(struct packets *packets, uint32_t queue_index,
		       uint64_t lost);

/* Return: the place behind the sample; no farther than SAMPLE_LINE_MAX. */
char *packets_put(struct packets *packets, char *out,
		  const struct sample *sample);

/*
 * Write the counts of each interface.
 * @lost: in all; what no packet has told yet counts for the last one's interface
 * Return: 0 or a negative errno.
 */
int packets_end(struct packets *packets, uint64_t lost);

/* @packets: may be NULL */
void packets_close(struct packets *packets);

#endif /* CAPTURE_PACKETS_H */
