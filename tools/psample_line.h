/* SPDX-License-Identifier: MIT */
/*
 * One sample as libpsample's tool prints it, which scripts look for words in:
 * key and value, each only if the sample says it, a space behind each.
 *
 *	group 1 in-ifindex 2 origsize 98 sample-rate 100 seq 7 timestamp Thu Nov
 *	26 10:15:00 2026 012345678 nsec protocol 0x800
 *
 * It is appended to a buffer of the caller, with room for PSAMPLE_LINE_MAX.
 */
#ifndef PSAMPLE_LINE_H
#define PSAMPLE_LINE_H

#include "sample.h"

/* All keys; then the bytes of a packet, 16 a line of their dump. */
#define PSAMPLE_DUMP_LINE 80
#define PSAMPLE_LINE_MAX  (1024 + (UINT16_MAX / 16 + 1) * PSAMPLE_DUMP_LINE)

/* The calendar's text of one second, which its samples share. Zero at first. */
struct psample_second {
	uint64_t second;
	char text[sizeof("Thu Nov 26 10:15:00 18446744073709551615")];
};

/* @verbose: with a dump of the packet. Return: the place behind it. */
char *psample_line(char *out, const struct sample *sample,
		   struct psample_second *second, int verbose);

#endif /* PSAMPLE_LINE_H */
