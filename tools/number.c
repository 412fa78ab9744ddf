/* SPDX-License-Identifier: MIT */
/*
 * Numbers as people type them. All of them are read by one loop over digits,
 * number_scan, that knows where a number ends and when it does not fit.
 */
#include "number.h"

#include <stddef.h>
#include <string.h>

#define BILLION	  1000000000U
#define WHOLE_MAX 1000000000U /* 31 years */

/*
 * Read digits up to the first other character.
 * Return: that character's place; NULL if there is no digit or it overflows.
 */
static const char *number_scan(const char *text, uint64_t *ret_value)
{
	const char *here = text;
	uint64_t value = 0;

	for (; *here >= '0' && *here <= '9'; here++) {
		uint64_t digit = (uint64_t)(*here - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return NULL;
		value = value * 10 + digit;
	}
	if (here == text)
		return NULL;
	*ret_value = value;
	return here;
}

int number_parse(const char *text, uint64_t *ret_value)
{
	uint64_t value;
	const char *end = number_scan(text, &value);

	if (!end || *end)
		return -1;
	*ret_value = value;
	return 0;
}

int number_parse_bytes(const char *text, uint64_t *ret_value)
{
	unsigned int shift = 0;
	uint64_t value;
	const char *end = number_scan(text, &value);

	if (!end)
		return -1;
	if (*end == 'k' || *end == 'K')
		shift = 10;
	else if (*end == 'm' || *end == 'M')
		shift = 20;
	if (end[shift ? 1 : 0] || value > UINT64_MAX >> shift)
		return -1;
	*ret_value = value << shift;
	return 0;
}

int number_parse_decimal(const char *text, uint64_t *ret_billionths)
{
	uint64_t whole, decimals = 0;
	const char *end = number_scan(text, &whole);
	size_t digits = 0;

	if (!end || whole > WHOLE_MAX)
		return -1;
	if (*end == '.') {
		digits = strlen(end + 1);
		end = number_scan(end + 1, &decimals);
		if (!end || digits > 9)
			return -1;
	}
	if (*end)
		return -1;
	for (; digits && digits < 9; digits++)
		decimals *= 10;
	*ret_billionths = whole * BILLION + decimals;
	return 0;
}

int number_parse_seconds(const char *text, uint64_t *ret_ns)
{
	return number_parse_decimal(text, ret_ns) || !*ret_ns ? -1 : 0;
}

int number_parse_list(const char *text, uint64_t limit, uint32_t *ret_values,
		      uint32_t max)
{
	const char *here = text;
	uint32_t count = 0;
	uint64_t value;

	for (;;) {
		here = number_scan(here, &value);
		if (!here || value > limit || count == max)
			return -1;
		ret_values[count++] = (uint32_t)value;
		if (!*here)
			return (int)count;
		if (*here++ != ',')
			return -1;
	}
}
