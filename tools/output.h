/* SPDX-License-Identifier: MIT */
/*
 * Standard output: written by several threads in whole lines, and checked at
 * the end, for output that got lost must not look like success.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stddef.h>

/*
 * Write all of it before any other thread's; waits for a slow reader.
 * Return: 0, or a negative errno; -EPIPE: nobody reads any more.
 */
int output_write(const char *bytes, size_t count);

/*
 * Tell on standard error what output failed of, unless that was told before. For
 * the main thread. @error: an errno
 */
void output_complain(int error);

/*
 * The end of what was printed to stdout by stdio.
 * Return: an exit status; EXIT_FAILED, with a line on standard error, if not
 * all of it could be written.
 */
int output_end(void);

#endif /* OUTPUT_H */
