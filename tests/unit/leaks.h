/* SPDX-License-Identifier: MIT */
/*
 * Leaks fail. Criterion leaves a test's process without running the exit
 * handlers whose status LeakSanitizer would change, so each suite asks for the
 * check itself:
 *
 *	TestSuite(decode, .fini = leaks_assert_none);
 */
#ifndef LEAKS_H
#define LEAKS_H

#include <stdbool.h>

#if defined(__SANITIZE_ADDRESS__)
#define LEAKS_CHECKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAKS_CHECKED 1
#endif
#endif
#ifndef LEAKS_CHECKED
#define LEAKS_CHECKED 0
#endif

/* False in a tree without AddressSanitizer. */
bool leaks_found(void);

void leaks_assert_none(void);

#endif /* LEAKS_H */
