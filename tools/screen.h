/* SPDX-License-Identifier: MIT */
/*
 * The terminal of psring stat: opened, asked for keys, and given back as it was,
 * whatever ends the program. screen_draw.h puts a reading on it.
 *
 * What is written to standard error meanwhile would tear the picture: where that
 * is the terminal as well, it is kept, its last line shown, and all of it
 * written in the end.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include "options.h"
#include "reading.h"

#include <stdbool.h>

struct screen;

/* Whether standard output is something that can be drawn on. */
bool screen_is_possible(void);

/*
 * One at a time, for the main thread. Return: 0, -ENOMEM, or -ENOTTY: it is not
 * possible.
 */
int screen_open(const struct options *options, struct screen **ret_screen);

/* Show @reading from now on; while it is paused, what was shown stays. */
void screen_show(struct screen *screen, const struct reading *reading);

/*
 * Do what was typed, and follow the size of the terminal. Return: 0, or -EIO:
 * the terminal is gone.
 */
int screen_listen(struct screen *screen);

/* The terminal as it was. @screen: may be NULL */
void screen_close(struct screen *screen);

#endif /* SCREEN_H */
