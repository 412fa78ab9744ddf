/* SPDX-License-Identifier: MIT */
/* Numbers as people read them. */
#include "human.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define SECOND_NS 1000000000ULL

/* @units: from the least, each of them @step of the one before */
static char *scale(char text[HUMAN_MAX], double value, double step,
		   const char *const *units)
{
	/* What is rounded up to a step is the next unit's 1.0. */
	while (units[1] && value >= step - 0.05) {
		value /= step;
		units++;
	}
	if (value > 9999)
		snprintf(text, HUMAN_MAX, ">9999%s", *units);
	else
		snprintf(text, HUMAN_MAX, "%.1f%s", value, *units);
	return text;
}

char *human_count(char text[HUMAN_MAX], double value)
{
	static const char *const units[] = { "",   " k", " M", " G",
					     " T", " P", " E", NULL };

	if (value < 999.5 && (value >= 100 || value == floor(value)))
		snprintf(text, HUMAN_MAX, "%.0f", value);
	else
		scale(text, value < 100 ? value : fmax(value, 1000), 1000,
		      units);
	return text;
}

char *human_digits(char text[HUMAN_MAX], uint64_t value)
{
	char digits[HUMAN_MAX];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, value);
	char *out = text;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*out++ = ' ';
		*out++ = digits[i];
	}
	*out = '\0';
	return text;
}

char *human_bytes(char text[HUMAN_MAX], double bytes)
{
	static const char *const units[] = { " B",   " KiB", " MiB",
					     " GiB", " TiB", NULL };

	if (bytes < 1023.5)
		snprintf(text, HUMAN_MAX, "%.0f B", bytes);
	else
		scale(text, fmax(bytes, 1024), 1024, units);
	return text;
}

char *human_bit_rate(char text[HUMAN_MAX], double bits_per_s)
{
	static const char *const units[] = { " bit/s",	" kbit/s", " Mbit/s",
					     " Gbit/s", " Tbit/s", " Pbit/s",
					     NULL };

	return scale(text, bits_per_s, 1000, units);
}

char *human_duration(char text[HUMAN_MAX], double ns)
{
	static const char *const units[] = { " ns", " us", " ms", " s", NULL };

	return scale(text, ns, 1000, units);
}

char *human_clock(char text[HUMAN_MAX], uint64_t ns)
{
	uint64_t seconds = ns / SECOND_NS;

	snprintf(text, HUMAN_MAX, "%" PRIu64 ":%02u:%02u", seconds / 3600,
		 (unsigned int)(seconds / 60 % 60),
		 (unsigned int)(seconds % 60));
	return text;
}

void human_row(FILE *stream, const char *key, uint64_t value,
	       const char *remark)
{
	char digits[HUMAN_MAX];

	fprintf(stream, "  %-16s%14s%s%s\n", key, human_digits(digits, value),
		*remark ? "  " : "", remark);
}
