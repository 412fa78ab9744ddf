/* SPDX-License-Identifier: MIT */
/* Numbers as people read them: never misread, and never too long for a column. */
#include "human.h"
#include "leaks.h"

#include <criterion/criterion.h>
#include <math.h>

TestSuite(human, .fini = leaks_assert_none);

static char text[HUMAN_MAX];

Test(human, counts_in_thousands)
{
	cr_expect_str_eq(human_count(text, 0), "0");
	cr_expect_str_eq(human_count(text, 7.3), "7.3");
	cr_expect_str_eq(human_count(text, 42), "42");
	cr_expect_str_eq(human_count(text, 912.4), "912");
	cr_expect_str_eq(human_count(text, 999.4), "999");
	cr_expect_str_eq(human_count(text, 1000), "1.0 k");
	cr_expect_str_eq(human_count(text, 45649), "45.6 k");
	cr_expect_str_eq(human_count(text, 2.5e18), "2.5 E");
}

/* No value is rounded to 1000.0 of a unit where the next has 1.0. */
Test(human, rounds_into_the_next_unit)
{
	cr_expect_str_eq(human_count(text, 999.7), "1.0 k");
	cr_expect_str_eq(human_count(text, 999960), "1.0 M");
	cr_expect_str_eq(human_count(text, 999940), "999.9 k");
	cr_expect_str_eq(human_bytes(text, 1023.7), "1.0 KiB");
	cr_expect_str_eq(human_bytes(text, 1048575), "1.0 MiB");
	cr_expect_str_eq(human_duration(text, 999980), "1.0 ms");
}

Test(human, sets_thousands_apart)
{
	cr_expect_str_eq(human_digits(text, 0), "0");
	cr_expect_str_eq(human_digits(text, 999), "999");
	cr_expect_str_eq(human_digits(text, 1000), "1 000");
	cr_expect_str_eq(human_digits(text, 10945000), "10 945 000");
	cr_expect_str_eq(human_digits(text, UINT64_MAX),
			 "18 446 744 073 709 551 615");
}

Test(human, has_units)
{
	cr_expect_str_eq(human_bytes(text, 912), "912 B");
	cr_expect_str_eq(human_bytes(text, 67108864), "64.0 MiB");
	cr_expect_str_eq(human_duration(text, 531000), "531.0 us");
	cr_expect_str_eq(human_duration(text, 12e9), "12.0 s");
	cr_expect_str_eq(human_bit_rate(text, 29.1e9), "29.1 Gbit/s");
	cr_expect_str_eq(human_clock(text, 3723000000000), "1:02:03");
}

Test(human, row_of_an_account)
{
	char *lines = NULL;
	size_t length;
	FILE *stream = open_memstream(&lines, &length);

	human_row(stream, "received", 1234567, "");
	human_row(stream, "stalls", 2, "times");
	fclose(stream);
	cr_expect_str_eq(lines, "  received             1 234 567\n"
				"  stalls                       2  times\n");
	free(lines);
}

/* Hostile sizes times hostile rates. */
Test(human, has_an_end)
{
	cr_expect_str_eq(human_count(text, 1e300), ">9999 E");
	cr_expect_str_eq(human_bytes(text, INFINITY), ">9999 TiB");
	cr_expect_str_eq(human_bit_rate(text, 1e300), ">9999 Pbit/s");
}
