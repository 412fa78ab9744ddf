/* SPDX-License-Identifier: MIT */
/*
 * What psring dump -w writes, in one of two formats:
 *
 *	netlink		pcap of link type NETLINK: the messages as they came, so
 *			that nothing of a sample is missing; psring and Wireshark
 *			read it
 *	ethernet	pcapng: the sampled packets, as of the interfaces that
 *			they were seen on, for whatever reads packets
 *
 *	capture_open -> [open the engine, drop privileges] -> capture_begin
 *	-> capture_put for each sample -> capture_end -> capture_close
 *
 * The file takes the place of standard output, and records are appended to a
 * consumer's page as lines of text are: so that whole records share a system
 * call, and reach the file in the order of each queue. The orders of several
 * queues, though, are not the order of time.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "options.h"
#include "sample.h"

struct capture;

/*
 * Open the file, while there is still the privilege that whoever asked for it
 * may need for it. What was in it stays until capture_begin.
 * Return: 0 or a negative errno.
 */
int capture_open(const struct options *options, struct capture **ret_capture);

/* Write what the file begins with. Return: 0 or a negative errno. */
int capture_begin(struct capture *capture);

/* @queue is about to hand samples over: what has it lost before them? */
void capture_note_loss(struct capture *capture, struct psr_queue *queue,
		       uint32_t queue_index);

/*
 * Append a sample for consumer @consumer, at @out, where SAMPLE_LINE_MAX bytes
 * are free.
 * Return: the place behind it.
 */
char *capture_put(struct capture *capture, uint32_t consumer, char *out,
		  const struct sample *sample);

/*
 * Write what the file ends with.
 * @lost: samples, in all
 * Return: 0 or a negative errno.
 */
int capture_end(struct capture *capture, uint64_t lost);

/* A file that was made for it goes if nothing began. @capture: may be NULL */
void capture_close(struct capture *capture);

#endif /* CAPTURE_H */
