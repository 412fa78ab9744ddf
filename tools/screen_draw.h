/* SPDX-License-Identifier: MIT */
/* A reading, drawn on the screen that is open. */
#ifndef SCREEN_DRAW_H
#define SCREEN_DRAW_H

#include "canvas.h"

void screen_draw(const struct screen_view *view, const struct reading *reading);

#endif /* SCREEN_DRAW_H */
