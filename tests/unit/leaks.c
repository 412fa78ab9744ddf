/* SPDX-License-Identifier: MIT */
/*
 * Leaks fail.
 *
 * An assertion that fails in a .fini changes nothing in Criterion 2.4.1, and
 * neither does an exit status. A signal does: the test is reported as crashed
 * in its teardown, and the program's status is 1.
 */
#include "leaks.h"

#include <stdlib.h>

#if LEAKS_CHECKED
#include <sanitizer/lsan_interface.h>

bool leaks_found(void)
{
	return __lsan_do_recoverable_leak_check() != 0;
}
#else
bool leaks_found(void)
{
	return false;
}
#endif

void leaks_assert_none(void)
{
	if (leaks_found())
		abort();
}
