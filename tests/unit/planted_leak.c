/* SPDX-License-Identifier: MIT */
/*
 * A suite that leaks, built like the others: ctest expects it to fail. Several
 * leaks, for a stale copy of the last pointer may survive on the stack.
 */
#include "leaks.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void *volatile leaked;

TestSuite(planted_leak, .fini = leaks_assert_none);

Test(planted_leak, passes_and_leaks)
{
	for (size_t i = 0; i < 64; i++)
		leaked = malloc(i + 1);
	leaked = NULL;
}
