/* SPDX-License-Identifier: MIT */
/*
 * Write text into a buffer that is known to be large enough.
 *
 * Each function writes at @out and returns the place behind what it wrote,
 * where there may be a terminator or not. sample.h shows that the buffer is
 * large enough: a check per piece would cost more than the piece.
 */
#ifndef PUT_H
#define PUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline char *put_text(char *out, const char *text)
{
	return stpcpy(out, text);
}

char *put_number(char *out, uint64_t value);

static inline char *put_keyed(char *out, const char *key, uint64_t value)
{
	return put_number(put_text(out, key), value);
}

/* With leading zeros up to @width digits, of which it has at most 9. */
char *put_padded(char *out, uint32_t value, uint32_t width);

/* A share of UINT32_MAX, as a number from 0 to 1 with nine decimals. */
char *put_probability(char *out, uint32_t share);

/* Two digits a byte. */
char *put_hex(char *out, const uint8_t *bytes, size_t count);

char *put_ipv4(char *out, const uint8_t address[4]);
char *put_ipv6(char *out, const uint8_t address[16]);

#endif /* PUT_H */
