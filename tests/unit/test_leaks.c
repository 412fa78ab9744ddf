/* SPDX-License-Identifier: MIT */
/*
 * The leak check of every other suite is proven by planted leaks: here that it
 * finds them, in planted_leak.c that a program with one fails.
 */
#include "leaks.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>

#define PLANTED 64

/* Inverted, so that nothing in memory looks like a pointer to the leak. */
static uintptr_t hidden[PLANTED];

/* Several, for a stale copy of the last pointer may survive on the stack. */
static __attribute__((noinline)) void plant(void)
{
	for (size_t i = 0; i < PLANTED; i++)
		hidden[i] = ~(uintptr_t)malloc(i + 1);
}

static __attribute__((noinline)) void dig_up(void)
{
	for (size_t i = 0; i < PLANTED; i++)
		/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
		free((void *)~hidden[i]);
}

TestSuite(leaks, .fini = leaks_assert_none);

Test(leaks, clean_process_has_none)
{
	cr_assert_not(leaks_found());
}

Test(leaks, planted_leak_is_found)
{
	plant();
	cr_expect_eq(leaks_found(), LEAKS_CHECKED);
	dig_up();
}
