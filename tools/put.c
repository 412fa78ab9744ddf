/* SPDX-License-Identifier: MIT */
/*
 * Write text into a buffer that is known to be large enough. printf would cost
 * more per sample than all the rest of its way: no format is read here, and
 * bytes become hexadecimal two digits at a time, by a table.
 */
#include "put.h"

#include <arpa/inet.h>

char *put_number(char *out, uint64_t value)
{
	char digits[20]; /* of UINT64_MAX */
	size_t first = sizeof(digits);

	do {
		digits[--first] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	memcpy(out, digits + first, sizeof(digits) - first);
	return out + sizeof(digits) - first;
}

char *put_padded(char *out, uint32_t value, uint32_t width)
{
	for (uint32_t i = width; i; i--) {
		out[i - 1] = (char)('0' + value % 10);
		value /= 10;
	}
	return out + width;
}

char *put_probability(char *out, uint32_t share)
{
	const uint64_t unit = 1000000000;
	uint64_t decimals = (share * unit + UINT32_MAX / 2) / UINT32_MAX;

	out = put_number(out, decimals / unit);
	*out++ = '.';
	return put_padded(out, (uint32_t)(decimals % unit), 9);
}

char *put_hex(char *out, const uint8_t *bytes, size_t count)
{
	/* "000102...ff": the two digits of byte b at 2 * b. */
#define ROW(high)                                                           \
	high "0" high "1" high "2" high "3" high "4" high "5" high "6" high \
	     "7" high "8" high "9" high "a" high "b" high "c" high "d" high \
	     "e" high "f"
	static const char pairs[] = ROW("0") ROW("1") ROW("2") ROW("3") ROW("4")
		ROW("5") ROW("6") ROW("7") ROW("8") ROW("9") ROW("a") ROW("b")
			ROW("c") ROW("d") ROW("e") ROW("f");
#undef ROW

	for (size_t i = 0; i < count; i++)
		memcpy(out + 2 * i, pairs + 2 * (size_t)bytes[i], 2);
	return out + 2 * count;
}

char *put_ipv4(char *out, const uint8_t address[4])
{
	for (int i = 0; i < 4; i++) {
		if (i)
			*out++ = '.';
		out = put_number(out, address[i]);
	}
	return out;
}

char *put_ipv6(char *out, const uint8_t address[16])
{
	char text[INET6_ADDRSTRLEN];

	/* Cannot fail: the family is known and the buffer large enough. */
	if (!inet_ntop(AF_INET6, address, text, sizeof(text)))
		return out;
	return put_text(out, text);
}
