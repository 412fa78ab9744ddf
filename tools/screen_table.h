/* SPDX-License-Identifier: MIT */
/* The table of groups or interfaces: the traffic that their samples stand for. */
#ifndef SCREEN_TABLE_H
#define SCREEN_TABLE_H

#include "canvas.h"

/* From canvas->row down to the foot. */
void screen_table_draw(const struct canvas *canvas);

#endif /* SCREEN_TABLE_H */
