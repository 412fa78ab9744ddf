/* SPDX-License-Identifier: MIT */
/*
 * Numbers for people: with a unit where they are long, and thousands apart where
 * all digits count. Each function that takes @text returns it.
 */
#ifndef HUMAN_H
#define HUMAN_H

#include <stdint.h>
#include <stdio.h>

#define HUMAN_MAX 32 /* bytes that any of them takes */

/* 0, 7.3, 912, 45.6 k, 912.3 M; then G, T, P, E */
char *human_count(char text[HUMAN_MAX], double value);

/* 10 945 000. Not for the columns of a table: what parts them is blanks. */
char *human_digits(char text[HUMAN_MAX], uint64_t value);

/* 912 B, 63.9 MiB */
char *human_bytes(char text[HUMAN_MAX], double bytes);

/* 912.0 bit/s, 29.1 Gbit/s */
char *human_bit_rate(char text[HUMAN_MAX], double bits_per_s);

/* 531.0 us, 1.0 ms, 12.0 s */
char *human_duration(char text[HUMAN_MAX], double ns);

/* 1:02:03 */
char *human_clock(char text[HUMAN_MAX], uint64_t ns);

/* A line of an account. @remark: ""; or words behind the number */
void human_row(FILE *stream, const char *key, uint64_t value,
	       const char *remark);

#endif /* HUMAN_H */
