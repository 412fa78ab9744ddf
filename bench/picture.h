/* SPDX-License-Identifier: MIT */
/*
 * The pictures that results can fill, as a script and data for gnuplot, and
 * drawn by it.
 */
#ifndef PICTURE_H
#define PICTURE_H

#include "results.h"

#include <stdio.h>

#define PICTURES_MAX   64
#define PICTURE_SCRIPT "pictures.gnuplot"
#define PICTURE_DATA   "pictures.data"

struct picture {
	const char *scenario;
	const char *caption; /* what is measured, in a sentence */
	char title[TEXT_BYTES];
	char file[TEXT_BYTES]; /* that gnuplot will make */
};

struct pictures {
	uint32_t count;
	struct picture list[PICTURES_MAX];
};

/*
 * Fill @script and @data, which will be PICTURE_SCRIPT and PICTURE_DATA of one
 * directory. Whether that worked, the caller sees when it closes them.
 */
void pictures_write(const struct results *results, FILE *script, FILE *data,
		    struct pictures *ret_pictures);

/*
 * Run gnuplot in @dir.
 * Return: 0, or a negative errno; @ret_cause then says in one line what helps.
 */
int pictures_draw(const char *dir, char ret_cause[TEXT_BYTES]);

#endif /* PICTURE_H */
