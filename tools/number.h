/* SPDX-License-Identifier: MIT */
/*
 * Numbers as people type them, read strictly: digits and nothing else. The C
 * library's readers take " -1" for a huge number, "12abc" for 12 and "" for 0.
 *
 * On failure each function returns -1; of its output, nothing is to be used.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdint.h>

/* Decimal digits. */
int number_parse(const char *text, uint64_t *ret_value);

/* The same, with k or M behind it for 1024 or 1024 * 1024. */
int number_parse_bytes(const char *text, uint64_t *ret_value);

/* Seconds with up to nine decimals, as nanoseconds; more than 0. */
int number_parse_seconds(const char *text, uint64_t *ret_ns);

/* Up to nine decimals, in units of 10^-9. */
int number_parse_decimal(const char *text, uint64_t *ret_billionths);

/*
 * Numbers with commas between them, each at most @limit, which is 32 bits.
 * Return: how many, at most @max; or -1.
 */
int number_parse_list(const char *text, uint64_t limit, uint32_t *ret_values,
		      uint32_t max);

#endif /* NUMBER_H */
