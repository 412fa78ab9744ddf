/* SPDX-License-Identifier: MIT */
/*
 * What a view says of its rate once it was thinned: exact as long as 32 bits
 * hold it, else the nearest, and marked.
 */
#include "leaks.h"
#include "thin.h"

#include <criterion/criterion.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct row {
	uint32_t rate, thin, expected;
	uint16_t marks;
};

#define MARKED PSR_FIELD_RATE_SATURATED

TestSuite(thin, .fini = leaks_assert_none);

/* @fields stay. */
static void expect_rows(const struct row *rows, size_t count, uint16_t fields)
{
	for (size_t i = 0; i < count; i++) {
		struct psr_view view = { .rate = rows[i].rate,
					 .fields = fields };

		thin_view(&view, rows[i].thin);
		cr_expect_eq(view.rate, rows[i].expected, "%u by %u: %u",
			     rows[i].rate, rows[i].thin, view.rate);
		cr_expect_eq(view.fields, fields | rows[i].marks,
			     "%u by %u: %#x", rows[i].rate, rows[i].thin,
			     view.fields);
	}
}

Test(thin, rate)
{
	static const struct row rows[] = {
		{ 0, 10, 0, 0 },
		{ 1, 2, 2, 0 },
		{ 400, 10, 4000, 0 },
		{ 1, UINT32_MAX, UINT32_MAX, 0 },
		{ UINT32_MAX / 3, 3, UINT32_MAX, 0 },
		{ UINT32_MAX / 3 + 1, 3, UINT32_MAX, MARKED },
		{ 65536, 65536, UINT32_MAX, MARKED },
		{ UINT32_MAX, UINT32_MAX, UINT32_MAX, MARKED },
	};

	expect_rows(rows, COUNT(rows), PSR_FIELD_IIF);
}

Test(thin, probability)
{
	static const struct row rows[] = {
		{ 0, 10, 0, 0 },
		{ UINT32_MAX, 5, UINT32_MAX / 5, 0 },
		{ 10, 10, 1, 0 },
		{ 9, 10, 1, MARKED },
		{ 1, UINT32_MAX, 1, MARKED },
		{ UINT32_MAX, UINT32_MAX, 1, 0 },
	};

	expect_rows(rows, COUNT(rows), PSR_FIELD_PROBABILITY | PSR_FIELD_IIF);
}
