/* SPDX-License-Identifier: MIT */
/* What differs between two views, by name. */
#ifndef DIFFERENCE_H
#define DIFFERENCE_H

#include "psring.h"

/* The first field that differs, the pointer to the data aside; or NULL. */
const char *view_difference(const struct psr_view *a, const struct psr_view *b);

#endif /* DIFFERENCE_H */
