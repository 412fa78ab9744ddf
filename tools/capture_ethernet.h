/* SPDX-License-Identifier: MIT */
/*
 * Samples as a pcapng file of packets. An interface of the file is the one that
 * a packet came in at, or else the one that it went out of; the rest of what
 * the sample says is the comment of its packet. One consumer only: an interface
 * stands in the file before its packets.
 */
#ifndef CAPTURE_ETHERNET_H
#define CAPTURE_ETHERNET_H

#include "sample.h"

#include <stdbool.h>

struct ethernet;

/*
 * @is_local: the interfaces are this machine's, and have the names they have here
 * Return: NULL: no memory.
 */
struct ethernet *ethernet_open(bool is_local);

/* Of the queue, in all; told with the next packet. */
void ethernet_note_loss(struct ethernet *ethernet, uint32_t queue_index,
			uint64_t lost);

/* Return: the place behind the sample; no farther than SAMPLE_LINE_MAX. */
char *ethernet_put(struct ethernet *ethernet, char *out,
		   const struct sample *sample);

/* Write the count of each interface. Return: 0 or a negative errno. */
int ethernet_end(const struct ethernet *ethernet);

/* @ethernet: may be NULL */
void ethernet_close(struct ethernet *ethernet);

#endif /* CAPTURE_ETHERNET_H */
