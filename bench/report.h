/* SPDX-License-Identifier: MIT */
/* A page that shows results: pictures first, then every figure. */
#ifndef REPORT_H
#define REPORT_H

#include "results.h"

/*
 * Make @dir, unless it is there, and in it index.html, its pictures, and what
 * gnuplot drew them from.
 *
 * Return: 0, or a negative errno; @ret_cause then tells what is wrong in one
 * line without the directory's name. Without gnuplot all but the pictures is
 * there.
 */
int report_write(const struct results *results, const char *dir,
		 char ret_cause[TEXT_BYTES]);

#endif /* REPORT_H */
