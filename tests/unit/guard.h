/* SPDX-License-Identifier: MIT */
/*
 * Memory that ends where reading ends: behind the last byte is a page that
 * nobody may touch, so that a read beyond it ends the test.
 */
#ifndef GUARD_H
#define GUARD_H

#include <stddef.h>
#include <stdint.h>

/*
 * Copies @bytes to the end of the guarded memory, which the next call uses
 * again.
 */
uint8_t *guard_place(const void *bytes, size_t len);

#endif /* GUARD_H */
